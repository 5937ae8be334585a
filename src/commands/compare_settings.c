/* SPDX-License-Identifier: MIT */
/* compare_settings.c: makes a variant of each backend and each number of workers. */
#include "commands/compare_settings.h"

#include "base/number.h"
#include "base/text.h"
#include "engine/registry.h"
#include "machine/machine.h"

#include <stdio.h>
#include <string.h>

static const dpk_choice scopes[] = {
    { "compute", DPK_SCOPE_COMPUTE, "from starting workers to their end; inputs are in memory" },
    { "run", DPK_SCOPE_RUN, "the whole command, file to file" },
    { NULL, 0, NULL },
};

/* Options of both commands, which differ in the default of the budget. */
#define COMMON_PARAMS(default_budget)                                                              \
    DPK_PARAM(dpk_compare_settings, backends, .optional = true,                                    \
              .help =                                                                              \
                  "which backends, by commas; the first is what the others are compared "          \
                  "with (default: all)"),                                                          \
        DPK_PARAM(dpk_compare_settings, jobs, .letter = 'j', .optional = true,                     \
                  .help =                                                                          \
                      "numbers of workers, by commas; 4x: four for each processor (default: 1x)"), \
        DPK_PARAM(dpk_compare_settings, neighbours, .def = "0",                                    \
                  .help = "busy processes beside it; 1x: one for each processor"),                 \
        DPK_PARAM(dpk_compare_settings, quota, .optional = true,                                   \
                  .help =                                                                          \
                      "limit of processor time, in per cent of one processor: measure in a "       \
                      "cgroup that has it"),                                                       \
        DPK_PARAM(dpk_compare_settings, scope, .choices = scopes, .def = "compute",                \
                  .help = "what is timed"),                                                        \
        DPK_PARAM(dpk_compare_settings, size, .def = "0", .max = 1 << 30,                          \
                  .help =                                                                          \
                      "in place of input files: side of made-up images and matrices, length "      \
                      "of vectors"),                                                               \
        DPK_PARAM(dpk_compare_settings, rounds, .def = "0", .max = DPK_ROUNDS_MAX,                 \
                  .help =                                                                          \
                      "exactly so many; 0: until the intervals are narrow or the budget is "       \
                      "spent"),                                                                    \
        DPK_PARAM(dpk_compare_settings, precision, .def = "1%",                                    \
                  .help = "half-width of a ratio's interval that is narrow enough"),               \
        DPK_PARAM(dpk_compare_settings, budget, .def = default_budget, .min = 0.01, .max = 1e6,    \
                  .unit = "s",                                                                     \
                  .help = "longest time to measure for; a first round is done in any case"),       \
        DPK_PARAM(dpk_compare_settings, min_time, .def = "0", .max = 1e6, .unit = "s",             \
                  .help = "shortest time to measure for")

const dpk_param dpk_compare_params[] = {
    COMMON_PARAMS("20"),
    DPK_PARAM(dpk_compare_settings, json, .optional = true,
              .help = "write everything there as JSON; -: print it"),
    DPK_PARAM(dpk_compare_settings, csv, .optional = true,
              .help = "write every sample there; -: print it"),
    DPK_PARAM(dpk_compare_settings, markdown, .optional = true,
              .help = "write tables there; -: print them"),
    DPK_PARAM(dpk_compare_settings, html, .optional = true,
              .help = "write a page with charts there"),
    DPK_PARAM(dpk_compare_settings, plot, .optional = true,
              .help = "draw it there (.svg, .png, .pdf; needs gnuplot)"),
    DPK_PARAM(dpk_compare_settings, baseline, .optional = true,
              .help = "JSON of an earlier comparison to compare this one with"),
    DPK_PARAM(dpk_compare_settings, fail_if_slower, .def = "5%",
              .help =
                  "with --baseline: end with exit code 8 if a variant is proven to be slower by "
                  "more, with 9 if it is, but the load may be why"),
    DPK_PARAM(dpk_compare_settings, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

const dpk_param dpk_sweep_params[] = {
    COMMON_PARAMS("3"),
    DPK_PARAM(dpk_compare_settings, map, .def = "no",
              .help = "also print who wins, over values and numbers of workers"),
    DPK_PARAM(dpk_compare_settings, passes, .def = "no",
              .help = "also print what starting, each pass and ending take, and page faults"),
    DPK_PARAM(dpk_compare_settings, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

bool dpk_compare_shares(const dpk_param *run_option)
{
    static const size_t others[] = {
        offsetof(dpk_job_settings, backend_name),    offsetof(dpk_job_settings, jobs),
        offsetof(dpk_job_settings, keep_going),      offsetof(dpk_job_settings, retries),
        offsetof(dpk_job_settings, timeout),         offsetof(dpk_job_settings, worker_memory),
        offsetof(dpk_job_settings, worker_cpu_time), offsetof(dpk_job_settings, out_format),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (run_option->offset == others[i])
            return false;
    return true;
}

void dpk_compare_settings_init(dpk_compare_settings *settings)
{
    *settings = (dpk_compare_settings){ 0 };
    dpk_job_settings_init(&settings->run);
    size_t count = 0;
    for (const dpk_param *param = settings->run.params; param->name != NULL; param++)
        if (dpk_compare_shares(param))
            settings->run_params[count++] = *param;
    settings->run_params[count] = (dpk_param){ .name = NULL };
}

static dpk_status parse_percent(const char *option, const char *text, double least, double most,
                                double *share, dpk_error *err)
{
    if (!dpk_percent_parse(text, share) || !(*share >= least / 100 && *share <= most / 100))
        return dpk_fail(err, DPK_USAGE,
                        "%s '%s': must be a percentage between %.6g%% and %.6g%%, such as 5%%",
                        option, text, least, most);
    return DPK_OK;
}

/* "4", or "4x": for each processor. */
static bool parse_count(const char *word, unsigned least, unsigned *count)
{
    dpk_number number;
    size_t length = dpk_number_read(word, &number);
    bool each = length > 0 && word[length] == 'x';
    if (length == 0 || word[length + each] != '\0' || !number.is_whole)
        return false;
    double value = number.value * (each ? dpk_machine_cpus().jobs : 1);
    if (value < least || value > DPK_JOBS_MAX)
        return false;
    *count = (unsigned)value;
    return true;
}

static dpk_status parse_jobs(const char *list, unsigned *jobs, size_t *count, dpk_error *err)
{
    char word[32];
    for (*count = 0; list != NULL; (*count)++) {
        if (*count == DPK_VARIANTS_MAX)
            return dpk_fail(err, DPK_USAGE, "--jobs: at most %d numbers", DPK_VARIANTS_MAX);
        dpk_text_item(&list, word, sizeof word);
        if (!parse_count(word, 1, &jobs[*count]))
            return dpk_fail(err, DPK_USAGE,
                            "--jobs '%s': must be numbers between 1 and %d, or such as 2x, for "
                            "each processor",
                            word, DPK_JOBS_MAX);
    }
    return DPK_OK;
}

/* The least quota that cgroups accept is a millisecond per second. 1 % is more than that, and less
 * than any quota of practical use. */
static dpk_status parse_conditions(const dpk_compare_settings *settings, dpk_conditions *conditions,
                                   dpk_error *err)
{
    if (!parse_count(settings->neighbours, 0, &conditions->neighbours))
        return dpk_fail(err, DPK_USAGE,
                        "--neighbours '%s': must be a number between 0 and %d, or such as 1x, for "
                        "each processor",
                        settings->neighbours, DPK_JOBS_MAX);
    if (settings->quota == NULL)
        return DPK_OK;
    return parse_percent("--quota", settings->quota, 1, 100 * DPK_JOBS_MAX, &conditions->quota,
                         err);
}

static dpk_status add_variant(dpk_comparison *comparison, const dpk_backend *backend, unsigned jobs,
                              dpk_error *err)
{
    if (comparison->variant_count == DPK_VARIANTS_MAX)
        return dpk_fail(err, DPK_USAGE, "more than %d variants are too many to compare",
                        DPK_VARIANTS_MAX);
    dpk_variant *variant = &comparison->variants[comparison->variant_count];
    *variant = (dpk_variant){ .backend = backend, .jobs = jobs };
    /* A backend may be compared with itself. */
    unsigned same = 1;
    for (size_t v = 0; v < comparison->variant_count; v++)
        same += comparison->variants[v].backend == backend && comparison->variants[v].jobs == jobs;
    comparison->variant_count++;
    dpk_text name = dpk_text_begin(variant->name, sizeof variant->name);
    dpk_text_add(&name, "%s", backend->name);
    if (!backend->sequential)
        dpk_text_add(&name, " -j%u", jobs);
    if (same > 1)
        dpk_text_add(&name, " #%u", same);
    return DPK_OK;
}

/* Adds a backend with each number of workers, or once if it has one worker only. */
static dpk_status add_backend(dpk_comparison *comparison, const dpk_backend *backend,
                              const unsigned *jobs, size_t count, dpk_error *err)
{
    if (backend->sequential)
        return add_variant(comparison, backend, 1, err);
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < count && status == DPK_OK; i++)
        status = add_variant(comparison, backend, jobs[i], err);
    return status;
}

/* Adds all usable backends, the sequential one first. */
static dpk_status add_all_backends(dpk_comparison *comparison, const dpk_kernel *kernel,
                                   const unsigned *jobs, size_t count, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (int processes = 0; processes <= 1; processes++)
        for (int threads = 0; threads <= 1; threads++)
            for (size_t i = 0; dpk_backends[i] != NULL && status == DPK_OK; i++) {
                const dpk_backend *backend = dpk_backends[i];
                bool usable = dpk_backend_why_not(backend, kernel) == NULL;
                if (usable && backend->processes == processes && backend->threads == threads)
                    status = add_backend(comparison, backend, jobs, count, err);
            }
    return status;
}

dpk_status dpk_compare_settings_resolve(dpk_compare_settings *settings, const dpk_kernel *kernel,
                                        dpk_comparison *comparison, dpk_error *err)
{
    unsigned jobs[DPK_VARIANTS_MAX] = { dpk_machine_cpus().jobs };
    size_t count = 1;
    dpk_status status = parse_percent("--precision", settings->precision, 0.0001, 1000,
                                      &settings->precision_share, err);
    if (status == DPK_OK && settings->fail_if_slower != NULL)
        status = parse_percent("--fail-if-slower", settings->fail_if_slower, 0.0001, 1000,
                               &settings->slower_share, err);
    if (status == DPK_OK)
        status = parse_conditions(settings, &comparison->conditions, err);
    if (status == DPK_OK && settings->jobs != NULL)
        status = parse_jobs(settings->jobs, jobs, &count, err);
    if (status == DPK_OK && settings->backends == NULL)
        return add_all_backends(comparison, kernel, jobs, count, err);
    char word[32], name[64];
    const char *list = settings->backends;
    while (list != NULL && status == DPK_OK) {
        const dpk_backend *backend = NULL;
        dpk_text_item(&list, word, sizeof word);
        status = dpk_backend_choose(word, &backend, err);
        const char *why = status == DPK_OK ? dpk_backend_why_not(backend, kernel) : NULL;
        if (why != NULL)
            status = dpk_fail(err, DPK_USAGE, "%s cannot run on backend %s: %s",
                              dpk_typed_name(kernel->name, name, sizeof name), backend->name, why);
        if (status == DPK_OK)
            status = add_backend(comparison, backend, jobs, count, err);
    }
    return status;
}
