/* SPDX-License-Identifier: MIT */
/* compare_session.c: checks the command line, loads the inputs and measures. It refuses whatever
 * can be refused before it starts a process. */
#include "commands/compare_session.h"

#include "base/clock.h"
#include "commands/compare_inputs.h"
#include "measure/neighbours.h"
#include "measure/quota.h"
#include "measure/rounds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------- progress */

static bool shows_progress(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static uint64_t begun, shown;

/* Renews the line of progress a few times a second, which is as often as it can be read. */
static bool go_on(const dpk_comparison *comparison, double part)
{
    uint64_t now = dpk_now();
    if (shows_progress() && now - shown > 250000000u) {
        shown = now;
        fprintf(stderr, "\rdpk: %s: round %zu", comparison->command, comparison->rounds + 1);
        if (part > 0.01 && part < 1)
            fprintf(stderr, ", at most %.0f s left",
                    (double)(now - begun) * 1e-9 * (1 / part - 1) + 0.5);
        fputs("\033[K", stderr);
    }
    return dpk_session_signal() == 0;
}

/* ------------------------------------------------------------------------------- what is asked */

/* How many processes hold the inputs besides this one: one for each variant, and one for the
 * sequential variant whose result is the reference. Whole commands read their inputs themselves. */
static size_t hosts_of(const dpk_session *session)
{
    const dpk_comparison *comparison = session->comparison;
    bool sequential = false;
    for (size_t v = 0; v < comparison->variant_count; v++)
        sequential |= comparison->variants[v].backend->sequential;
    return session->settings.scope == DPK_SCOPE_RUN ? 0 : comparison->variant_count + !sequential;
}

dpk_status dpk_session_parse(dpk_session *session, const dpk_param *options, int count,
                             char *const *words, dpk_error *err)
{
    const dpk_kernel *kernel = session->row->variants[DPK_ISA_BASE];
    dpk_compare_settings *settings = &session->settings;
    dpk_compare_settings_init(settings);
    session->operands.words = calloc((size_t)count + 2, sizeof *session->operands.words);
    session->parameters = calloc(1, kernel->size + 1);
    session->comparison = calloc(1, sizeof *session->comparison);
    if (session->operands.words == NULL || session->parameters == NULL ||
        session->comparison == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");
    const dpk_param_set sets[] = { { "Parameters", kernel->params, session->parameters },
                                   { "Options", options, settings },
                                   { "Options", settings->run_params, &settings->run },
                                   { NULL, NULL, NULL } };
    dpk_status status = dpk_param_parse(sets, count, words, &session->operands, err);
    if (settings->help)
        return DPK_OK;
    if (status == DPK_OK)
        status = dpk_isa_find(settings->run.isa_name, &settings->run.isa, err);
    if (status == DPK_OK)
        status = dpk_compare_settings_resolve(settings, kernel, session->comparison, err);
    if (status == DPK_OK && session->operands.count == 0 && settings->size > 0)
        status = dpk_compare_check_size(kernel, settings->size, hosts_of(session), err);
    return status;
}

/* Standard output and virtual formats leave nothing whose bytes could be compared. */
static bool is_virtual(const char *target)
{
    size_t length = strlen(target);
    return strcmp(target, "-") == 0 || length == 0 || target[length - 1] == ':';
}

/* Whether the path leads to something other than a file, such as a pipe or a device, which cannot
 * be read twice. A path that leads to nothing may become a file. */
static bool is_special(const char *path)
{
    struct stat of;
    return stat(path, &of) == 0 && !S_ISREG(of.st_mode) && !S_ISDIR(of.st_mode);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

/* A whole command is executed many times, and must find its inputs unchanged each time. */
static dpk_status check_repeatable(const dpk_session *session, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(session->run->kernel);
    const char *const *words = session->operands.words;
    const char *output = session->operands.count > inputs ? words[inputs] : NULL;
    for (size_t i = 0; i < inputs; i++) {
        if (strcmp(words[i], "-") == 0 || is_special(words[i]))
            return dpk_fail(
                err, DPK_USAGE,
                "'%s': every command of --scope=run reads its input anew, so it must be "
                "a file",
                words[i]);
        if (output != NULL && is_same_file(words[i], output))
            return dpk_fail(err, DPK_USAGE,
                            "'%s': is an input, which the next command must find as it was",
                            output);
    }
    return DPK_OK;
}

/* Accepts files for all inputs and perhaps an output, or no files but a size. */
static dpk_status check_operands(const dpk_session *session, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(session->run->kernel), given = session->operands.count;
    bool whole = session->settings.scope == DPK_SCOPE_RUN;
    const char *name = session->run->kernel->name;
    if (given == inputs + 1 && !whole)
        return dpk_fail(err, DPK_USAGE,
                        "'%s': nothing is written but with --scope=run, where the whole command is "
                        "measured",
                        session->operands.words[inputs]);
    const char *output = given == inputs + 1 ? session->operands.words[inputs] : NULL;
    if (output != NULL && (is_virtual(output) || is_special(output)))
        return dpk_fail(err, DPK_USAGE, "'%s': --scope=run compares what is written: name a file",
                        output);
    if (inputs == 0 && session->settings.size > 0)
        return dpk_fail(err, DPK_USAGE, "--size: %s has no inputs to be made up", name);
    if (given == 0 && inputs > 0 && session->settings.size > 0)
        return whole ? dpk_fail(err, DPK_USAGE, "--scope=run needs input files, not --size")
                     : DPK_OK;
    if (given == inputs || given == inputs + 1)
        return whole ? check_repeatable(session, err) : DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "%s takes %zu input%s, not %zu (or none, with --size=N: they are made up)",
                    name, inputs, inputs == 1 ? "" : "s", given);
}

static dpk_status load(dpk_session *session, dpk_error *err)
{
    const dpk_compare_settings *settings = &session->settings;
    dpk_run *run = session->run;
    dpk_status status;
    if (session->operands.count == 0)
        status =
            dpk_compare_make_up(run, settings->size, hosts_of(session), &session->payload, err);
    else
        status = dpk_compare_read(run, session->operands.words, settings->run.in_format,
                                  settings->run.limit_pixels, settings->run.isa, hosts_of(session),
                                  &session->payload, err);
    return status == DPK_OK ? dpk_run_shape(run, err) : status;
}

/* -------------------------------------------------------------------------------- whole commands
 */

static bool can_hold(const char *suffix, const dpk_array *array)
{
    dpk_error ignored;
    const dpk_format *format = dpk_format_find(suffix);
    return format != NULL && format->begin != NULL &&
           (format->accepts == NULL || format->accepts(array, suffix, &ignored) == DPK_OK);
}

/* Makes a folder and a name for their output, in the format of the first input. */
static dpk_status name_output(dpk_session *session, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(session->run->kernel);
    if (session->operands.count > inputs)
        return DPK_OK;
    const char *temporary = getenv("TMPDIR");
    char folder[sizeof session->folder];
    snprintf(folder, sizeof folder, "%s/dpk-compare-XXXXXX",
             temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL)
        return dpk_fail(err, DPK_OUTPUT_FAILED, "cannot make a folder '%s': %s", folder,
                        strerror(errno));
    memcpy(session->folder, folder, sizeof folder);
    const char *suffix = inputs > 0 ? dpk_suffix(session->operands.words[0]) : "png";
    if (!can_hold(suffix, dpk_run_output(session->run, 0)))
        suffix = "npy";
    snprintf(session->output, sizeof session->output, "%s/out.%s", folder, suffix);
    session->operands.words[session->operands.count++] = session->output;
    return DPK_OK;
}

/* Removes the folder with its contents: a killed command may have left a part of its output. */
static void remove_output(dpk_session *session)
{
    if (session->folder[0] == '\0')
        return;
    DIR *folder = opendir(session->folder);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), entry->d_name, 0); /* fails for . and .. */
    if (folder != NULL)
        closedir(folder);
    rmdir(session->folder);
    session->folder[0] = '\0';
}

/* ----------------------------------------------------------------------------------- measuring */

static dpk_status prepare(dpk_session *session, dpk_error *err)
{
    static const dpk_run_options options = { .jobs = 1 };
    const dpk_kernel *kernel = dpk_kernel_variant(session->row, session->settings.run.isa);
    dpk_status status = dpk_arena_open(&session->arena, DPK_MEMORY_PRIVATE, false, err);
    if (status == DPK_OK)
        status = dpk_run_begin(&session->run, kernel, &options, &session->arena, err);
    if (status == DPK_OK) {
        memcpy(session->run->self, session->parameters, kernel->size);
        status = check_operands(session, err);
    }
    if (status == DPK_OK)
        status = load(session, err);
    if (status == DPK_OK)
        status = dpk_session_make_words(session, err);
    return status == DPK_OK ? dpk_session_describe(session, err) : status;
}

static void fill_in(dpk_session *session)
{
    dpk_comparison *comparison = session->comparison;
    comparison->kernel = session->run->kernel;
    comparison->isa = session->settings.run.isa;
    comparison->self = session->run->self;
    comparison->command = session->command;
    comparison->inputs = session->inputs;
    comparison->scope = (dpk_scope)session->settings.scope;
    comparison->width = session->settings.precision_share;
    comparison->budget = session->settings.budget;
    if (session->run->kernel->cost != NULL)
        comparison->cost = session->run->kernel->cost(session->run->self);
    bool has_cost = comparison->cost.bytes > 0 || comparison->cost.operations > 0;
    dpk_error ignored;
    comparison->roof_known = has_cost && (dpk_roof_cached(&comparison->roof) ||
                                          dpk_roof_probe(&comparison->roof, &ignored) == DPK_OK);
}

/* Starts neighbours before the quota's guardian, which would otherwise wait for them to end. The
 * environment describes the measured processes, so it names their quota instead of this process's.
 */
static dpk_status measure(dpk_comparison *comparison, const dpk_measuring *measuring,
                          dpk_error *err)
{
    const dpk_conditions *conditions = &comparison->conditions;
    dpk_neighbours neighbours = { .count = 0 };
    dpk_quota quota = { .guardian = 0 };
    dpk_status status = DPK_OK;
    double *least = &comparison->before.cpus.quota;
    if (conditions->quota > 0 && (*least == 0 || conditions->quota < *least))
        *least = conditions->quota;
    if (conditions->neighbours > 0)
        status = dpk_neighbours_begin(&neighbours, conditions->neighbours, err);
    if (status == DPK_OK && conditions->quota > 0)
        status = dpk_quota_begin(&quota, conditions->quota, err);
    if (status == DPK_OK)
        status = dpk_measure(comparison, measuring, err);
    dpk_throttling throttling = dpk_quota_end(&quota);
    unsigned lost;
    double busy = dpk_neighbours_end(&neighbours, &lost);
    if (status == DPK_OK && lost > 0)
        status = dpk_fail(err, DPK_WORKER_LOST,
                          "%u of %u neighbours ended before the measurement did: what it was "
                          "beside is not known",
                          lost, conditions->neighbours);
    dpk_environment *after = &comparison->after;
    dpk_environment_read(after, "", DPK_COMPILER);
    after->neighbours = busy;
    if (conditions->quota > 0 && isnan(after->throttling.times))
        after->throttling =
            (dpk_throttling){ 0, 0 }; /* the measured cgroup counts it, if no other does */
    after->throttling.times += throttling.times;
    after->throttling.seconds += throttling.seconds;
    return status;
}

/* Makes what has to be removed afterwards, measures, and removes it. */
static dpk_status measure_and_clean_up(dpk_session *session, dpk_error *err)
{
    dpk_comparison *comparison = session->comparison;
    dpk_status status = DPK_OK;
    if (session->settings.scope == DPK_SCOPE_RUN)
        status = name_output(session, err);
    if (status != DPK_OK)
        return status;
    fill_in(session);
    const dpk_measuring measuring = { .words = session->words,
                                      .inputs = session->payload.descriptor,
                                      .files = session->operands.words,
                                      .rounds = session->settings.rounds,
                                      .min_time = session->settings.min_time,
                                      .go_on = go_on };
    begun = shown = dpk_now();
    dpk_environment_read(&comparison->before, "", DPK_COMPILER);
    status = measure(comparison, &measuring, err);
    if (shows_progress())
        fputs("\r\033[K", stderr);
    remove_output(session);
    return status;
}

dpk_status dpk_session_measure(dpk_session *session, dpk_error *err)
{
    dpk_status status = prepare(session, err);
    if (status != DPK_OK)
        return status;
    dpk_session_listen(true);
    status = measure_and_clean_up(session, err);
    dpk_session_listen(false);
    if (status == DPK_OK)
        dpk_summarise(session->comparison);
    return status;
}

void dpk_session_close(dpk_session *session)
{
    if (session->comparison != NULL)
        dpk_comparison_free(session->comparison);
    if (session->payload.base != NULL)
        dpk_payload_close(&session->payload);
    dpk_arena_close(&session->arena);
    free(session->comparison);
    free(session->words);
    free(session->word_text);
    free(session->command);
    free(session->inputs);
    free(session->operands.words);
    free(session->parameters);
}
