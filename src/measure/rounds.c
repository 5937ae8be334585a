/* SPDX-License-Identifier: MIT */
/* rounds.c: runs generations of hosts and rounds of executions, and decides when to stop. */
#include "measure/rounds.h"

#include "base/data.h"
#include "engine/registry.h"
#include "measure/host.h"
#include "measure/whole.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rounds of one generation. If rounds within a generation vary as much as generations do, a given
 * time yields most when their number is the square root of the cost of starting hosts, in rounds
 * (the optimum of cluster sampling). */
enum { ROUNDS_LEAST = 1, ROUNDS_MOST = 8 };

/* With fewer generations an interval may be narrow by chance, so measuring goes on. */
enum { GENERATIONS_LEAST = 6 };

/* Other variants have evicted a variant's data from the caches in between. Where executions are so
 * short that this matters, each is preceded by an untimed one, so that all find the caches as they
 * would if they ran alone. */
#define SHORT_EXECUTION 0.1 /* seconds */

struct measurement {
    dpk_comparison *comparison;
    const dpk_measuring *measuring;
    dpk_host hosts[DPK_VARIANTS_MAX];
    uint64_t begin;
    uint64_t random;
    bool interrupted;
    bool warm; /* executions are short */
    unsigned generation;
    size_t in_generation;    /* rounds of this generation so far */
    double starting, timing; /* seconds spent on hosts and on rounds */
};

static double seconds_since(uint64_t begin)
{
    return (double)(dpk_now() - begin) * 1e-9;
}

static bool wanted(struct measurement *measurement)
{
    const dpk_comparison *comparison = measurement->comparison;
    double part =
        comparison->budget > 0 ? seconds_since(measurement->begin) / comparison->budget : -1;
    if (measurement->measuring->rounds > 0)
        part = (double)comparison->rounds / (double)measurement->measuring->rounds;
    measurement->interrupted |=
        measurement->measuring->go_on != NULL && !measurement->measuring->go_on(comparison, part);
    return !measurement->interrupted;
}

/* ------------------------------------------------------------------------------- one execution */

/* Returns the command line of a variant's host, or of the whole command. The caller frees it. */
static const char **command_line(const struct measurement *measurement, const dpk_variant *variant,
                                 char *backend, char *jobs, size_t size)
{
    const dpk_comparison *comparison = measurement->comparison;
    const char *const *files = measurement->measuring->files, *const *words =
                                                                  measurement->measuring->words;
    bool whole = comparison->scope == DPK_SCOPE_RUN;
    size_t count = 7;
    for (size_t i = 0; words[i] != NULL; i++)
        count++;
    for (size_t i = 0; whole && files[i] != NULL; i++)
        count++;
    const char **line = calloc(count, sizeof *line);
    if (line == NULL)
        return NULL;
    snprintf(backend, size, "--backend=%s", variant->backend->name);
    snprintf(jobs, size, "--jobs=%u", variant->jobs);
    size_t n = 0;
    line[n++] = "dpk";
    line[n++] = "compare";
    line[n++] = whole ? DPK_COMMAND_WORD : DPK_HOST_WORD;
    line[n++] = comparison->kernel->name;
    for (size_t i = 0; whole && files[i] != NULL; i++)
        line[n++] = files[i];
    line[n++] = backend;
    line[n++] = jobs;
    for (size_t i = 0; words[i] != NULL; i++)
        line[n++] = words[i];
    return line;
}

static const char *output_file(const struct measurement *measurement)
{
    const char *const *files = measurement->measuring->files;
    while (files[1] != NULL)
        files++;
    return *files;
}

enum action { START, CHECK, SAMPLE, KEEP_GOING };

/* Performs the action in the variant's host, or by whole commands, which need no START. */
static dpk_status attempt(struct measurement *measurement, dpk_variant *variant, dpk_host *host,
                          enum action action, dpk_sample *sample, dpk_error *err)
{
    bool whole = measurement->comparison->scope == DPK_SCOPE_RUN;
    if (!whole && action == CHECK)
        return dpk_host_check(host, variant, err);
    if (!whole && action == SAMPLE)
        return dpk_host_sample(host, measurement->warm, sample, err);
    if (!whole && action == KEEP_GOING)
        return dpk_host_keep_going(host, variant, err);
    if (whole && action == START)
        return DPK_OK;

    char backend[64], jobs[64];
    const char **line = command_line(measurement, variant, backend, jobs, sizeof backend);
    dpk_status status;
    if (line == NULL)
        status = dpk_fail(err, DPK_LIMIT, "not enough memory for a command line");
    else if (action == START)
        status = dpk_host_start(host, line, measurement->measuring->inputs, err);
    else if (action == CHECK)
        status = dpk_whole_check(line, output_file(measurement), variant, err);
    else
        status = dpk_whole_sample(line, sample, err);
    free(line);
    return status;
}

/* The same, with the variant's name before the sentence of an error: another may not fail. */
static dpk_status act(struct measurement *measurement, dpk_variant *variant, dpk_host *host,
                      enum action action, dpk_sample *sample, dpk_error *err)
{
    dpk_error why = { DPK_OK, "" };
    dpk_status status = attempt(measurement, variant, host, action, sample, &why);
    return status == DPK_OK ? DPK_OK : dpk_fail(err, status, "%s: %s", variant->name, why.text);
}

/* ------------------------------------------------------------------------------- the same bytes */

static dpk_status differ(const dpk_variant *reference, const dpk_variant *variant, dpk_error *err)
{
    return dpk_fail(err, DPK_MISMATCH,
                    "%s does not give what %s gives (digests %016llx and %016llx): not measured",
                    variant->name, reference->name, (unsigned long long)variant->digest,
                    (unsigned long long)reference->digest);
}

/* Executes the sequential variant for its result alone, unless it is one of those measured. */
static dpk_status check_reference(struct measurement *measurement, dpk_variant *reference,
                                  dpk_error *err)
{
    const dpk_comparison *comparison = measurement->comparison;
    for (size_t v = 0; v < comparison->variant_count; v++) {
        if (comparison->variants[v].backend->sequential) {
            *reference = comparison->variants[v];
            return DPK_OK;
        }
    }
    *reference = (dpk_variant){ .backend = dpk_backend_of(false, false), .jobs = 1 };
    snprintf(reference->name, sizeof reference->name, "%s", reference->backend->name);
    dpk_host host = { 0 };
    dpk_status status = act(measurement, reference, &host, START, NULL, err);
    if (status == DPK_OK)
        status = act(measurement, reference, &host, CHECK, NULL, err);
    dpk_host_stop(&host);
    free(reference->timeline.marks);
    reference->timeline = (dpk_timeline){ 0 };
    return status;
}

/* Fills in the failure of a variant that has died. Where a scenario is about dying, processes are
 * run again with --keep-going, to show what they deliver. Other kernels are not: somebody may have
 * killed them during long work. */
static void tell_failure(struct measurement *measurement, dpk_variant *variant, dpk_host *host,
                         const char *sentence)
{
    const dpk_lesson *lesson = measurement->comparison->kernel->lesson;
    bool shows = lesson != NULL && (lesson->signs & DPK_SIGN_DEATH) &&
                 measurement->comparison->scope == DPK_SCOPE_COMPUTE && variant->backend->processes;
    dpk_error ignored;
    dpk_host_stop(host);
    if (shows && attempt(measurement, variant, host, START, NULL, &ignored) == DPK_OK)
        (void)attempt(measurement, variant, host, KEEP_GOING, NULL, &ignored);
    if (variant->failure.text[0] == '\0')
        snprintf(variant->failure.text, sizeof variant->failure.text, "%s", sentence);
}

/* Checks all variants even if one dies. The error is that of the first to fail. */
static dpk_status check_variants(struct measurement *measurement, dpk_error *err)
{
    dpk_comparison *comparison = measurement->comparison;
    dpk_status result = DPK_OK;
    for (size_t v = 0; v < comparison->variant_count && wanted(measurement); v++) {
        dpk_variant *variant = &comparison->variants[v];
        dpk_error why;
        dpk_status status =
            attempt(measurement, variant, &measurement->hosts[v], CHECK, NULL, &why);
        if (status == DPK_WORKER_LOST && wanted(measurement))
            tell_failure(measurement, variant, &measurement->hosts[v], why.text);
        if (status != DPK_OK && result == DPK_OK)
            result = dpk_fail(err, status, "%s: %s", variant->name, why.text);
        if (status != DPK_OK && status != DPK_WORKER_LOST)
            break;
    }
    return result;
}

static dpk_status check_all(struct measurement *measurement, dpk_error *err)
{
    dpk_comparison *comparison = measurement->comparison;
    dpk_status status = check_variants(measurement, err);
    if (status != DPK_OK || measurement->interrupted)
        return status;
    dpk_variant reference;
    status = check_reference(measurement, &reference, err);
    for (size_t v = 0; v < comparison->variant_count && status == DPK_OK; v++)
        if (comparison->variants[v].digest != reference.digest)
            status = differ(&reference, &comparison->variants[v], err);
    return status;
}

/* --------------------------------------------------------------------------------------- rounds */

static void stop_hosts(struct measurement *measurement)
{
    for (size_t v = 0; v < measurement->comparison->variant_count; v++)
        dpk_host_stop(&measurement->hosts[v]);
}

/* Starts new hosts. Each executes once untimed, because a first execution is slower. */
static dpk_status begin_generation(struct measurement *measurement, bool first, dpk_error *err)
{
    dpk_comparison *comparison = measurement->comparison;
    uint32_t order[DPK_VARIANTS_MAX];
    uint64_t begin = dpk_now();
    dpk_sample ignored;
    dpk_status status = DPK_OK;
    stop_hosts(measurement);
    dpk_shuffle(order, comparison->variant_count, &measurement->random);
    for (size_t i = 0; i < comparison->variant_count && status == DPK_OK && wanted(measurement);
         i++) {
        size_t v = order[i];
        dpk_variant *variant = &comparison->variants[v];
        status = act(measurement, variant, &measurement->hosts[v], START, NULL, err);
        if (status == DPK_OK && !first && comparison->scope == DPK_SCOPE_COMPUTE)
            status = act(measurement, variant, &measurement->hosts[v], SAMPLE, &ignored, err);
    }
    if (status == DPK_OK && first)
        status = check_all(measurement, err);
    measurement->starting += seconds_since(begin);
    if (first) /* so far each host has started and executed twice */
        measurement->warm =
            measurement->starting / 2 < SHORT_EXECUTION * (double)comparison->variant_count;
    measurement->generation += !first;
    measurement->in_generation = 0;
    return status;
}

/* Executes every variant once. Only a complete round counts. */
static dpk_status one_round(struct measurement *measurement, dpk_error *err)
{
    dpk_comparison *comparison = measurement->comparison;
    uint32_t order[DPK_VARIANTS_MAX];
    uint64_t begin = dpk_now();
    dpk_status status = DPK_OK;
    dpk_shuffle(order, comparison->variant_count, &measurement->random);
    for (size_t i = 0; i < comparison->variant_count && status == DPK_OK; i++) {
        dpk_variant *variant = &comparison->variants[order[i]];
        if (!wanted(measurement))
            return DPK_OK;
        status = act(measurement, variant, &measurement->hosts[order[i]], SAMPLE,
                     &variant->samples[comparison->rounds], err);
    }
    if (status != DPK_OK)
        return status;
    comparison->generation[comparison->rounds++] = measurement->generation;
    measurement->in_generation++;
    measurement->timing += seconds_since(begin);
    return DPK_OK;
}

static bool generation_is_complete(const struct measurement *measurement)
{
    const dpk_comparison *comparison = measurement->comparison;
    if (comparison->scope == DPK_SCOPE_RUN)
        return true; /* every command is a process of its own */
    size_t rounds = ROUNDS_LEAST;
    if (measurement->measuring->rounds > 0) {
        rounds = measurement->measuring->rounds / ROUNDS_MOST;
    } else if (measurement->timing > 0) {
        double start = measurement->starting / (measurement->generation + 1);
        double round = measurement->timing / (double)comparison->rounds;
        double fair = sqrt(start / round) + 0.5;
        rounds = fair < ROUNDS_MOST ? (size_t)fair : ROUNDS_MOST;
    }
    return measurement->in_generation >= (rounds > ROUNDS_LEAST ? rounds : ROUNDS_LEAST);
}

static bool is_narrow(const struct measurement *measurement)
{
    dpk_comparison *comparison = measurement->comparison;
    if (comparison->variant_count < 2 || measurement->generation + 1 < GENERATIONS_LEAST ||
        seconds_since(measurement->begin) < measurement->measuring->min_time)
        return false;
    dpk_summarise(comparison);
    return comparison->reached <= comparison->width;
}

/* Decides after each round, and notes the reason for ending. */
static bool is_enough(const struct measurement *measurement)
{
    dpk_comparison *comparison = measurement->comparison;
    size_t most = measurement->measuring->rounds;
    if (comparison->rounds >= (most > 0 && most < DPK_ROUNDS_MAX ? most : DPK_ROUNDS_MAX)) {
        comparison->ending = DPK_ENDED_ROUNDS;
        return true;
    }
    if (most > 0)
        return false;
    comparison->ending = DPK_ENDED_NARROW;
    if (generation_is_complete(measurement) && is_narrow(measurement))
        return true;
    comparison->ending = DPK_ENDED_BUDGET;
    double spent = seconds_since(measurement->begin);
    return spent >= comparison->budget && spent >= measurement->measuring->min_time;
}

static dpk_status measure(struct measurement *measurement, dpk_error *err)
{
    dpk_comparison *comparison = measurement->comparison;
    dpk_status status = begin_generation(measurement, true, err);
    while (status == DPK_OK && !measurement->interrupted) {
        status = one_round(measurement, err);
        if (status != DPK_OK || measurement->interrupted || is_enough(measurement))
            break;
        if (generation_is_complete(measurement))
            status = begin_generation(measurement, false, err);
    }
    stop_hosts(measurement);
    /* The signal may have ended what was being executed, too: that is no failure. */
    if (wanted(measurement))
        return status;
    comparison->ending = DPK_ENDED_INTERRUPTED;
    return comparison->rounds > 0
               ? DPK_OK
               : dpk_fail(err, DPK_FAILED, "interrupted before anything was measured");
}

dpk_status dpk_measure(dpk_comparison *comparison, const dpk_measuring *measuring, dpk_error *err)
{
    struct measurement measurement = { .comparison = comparison, .measuring = measuring };
    measurement.begin = dpk_now();
    measurement.random = measurement.begin;
    comparison->rounds = 0;
    for (size_t v = 0; v < comparison->variant_count; v++) {
        dpk_variant *variant = &comparison->variants[v];
        variant->samples = calloc(DPK_ROUNDS_MAX, sizeof *variant->samples);
        if (variant->samples == NULL)
            return dpk_fail(err, DPK_LIMIT, "not enough memory for the samples");
    }
    dpk_status status = measure(&measurement, err);
    comparison->seconds = seconds_since(measurement.begin);
    return status;
}

bool dpk_comparison_is_fatal(const dpk_comparison *comparison)
{
    for (size_t v = 0; v < comparison->variant_count; v++)
        if (comparison->variants[v].failure.text[0] != '\0')
            return true;
    return false;
}

void dpk_comparison_free(dpk_comparison *comparison)
{
    for (size_t v = 0; v < comparison->variant_count; v++) {
        free(comparison->variants[v].samples);
        free(comparison->variants[v].timeline.marks);
    }
}
