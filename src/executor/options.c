/* SPDX-License-Identifier: MIT */
/* options.c: every option that cannot be is refused before anything is started. */
#include "executor/options.h"

#include "base/text.h"
#include "machine/machine.h"

#include <string.h>

enum {
    BYTES_MOST = 1 << 16,
    IN_FLIGHT_MOST = 1 << 20,
    RETRIES_MOST = 1000,
    SECONDS_MOST = 1000000000
};

static const dpk_kind *find_kind(const char *name)
{
    static const dpk_kind *const kinds[] = { &dpk_kind_seq, &dpk_kind_threads, &dpk_kind_fork,
                                             &dpk_kind_pool };
    if (strcmp(name, "omp") == 0)
        return &dpk_kind_threads;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i]->name) == 0)
            return kinds[i];
    return NULL;
}

static dpk_status choose_kind(const char *name, const dpk_kind **kind, dpk_error *err)
{
    char safe[64];
    *kind = find_kind(name != NULL ? name : "pool");
    if (*kind != NULL)
        return DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "no backend '%s' for executors: there are seq, threads (or omp), fork and pool",
                    dpk_text_safe(name, safe, sizeof safe));
}

static dpk_status check_workers(dpk_executor_options *options, dpk_error *err)
{
    if (options->workers == DPK_WORKERS_AUTOMATIC)
        options->workers = (int)dpk_machine_cpus().jobs;
    if (options->workers < 1 || options->workers > DPK_JOBS_MAX)
        return dpk_fail(err, DPK_USAGE,
                        "an executor cannot have %d workers: it may have 1 to %d, or "
                        "DPK_WORKERS_AUTOMATIC for as many as this process may use",
                        options->workers, DPK_JOBS_MAX);
    return DPK_OK;
}

/* What only processes can do. */
static dpk_status check_processes(const dpk_executor_options *options, const dpk_kind *kind,
                                  dpk_error *err)
{
    if (options->timeout > 0 && !kind->processes)
        return dpk_fail(err, DPK_USAGE,
                        "backend %s cannot keep a time-out of %g s: only processes can be ended in "
                        "the midst of a task; use fork or pool",
                        kind->name, options->timeout);
    if (options->renew_after > 0 && !kind->processes)
        return dpk_fail(err, DPK_USAGE,
                        "backend %s cannot renew workers: only processes, fork or pool, begin with "
                        "memory of their own",
                        kind->name);
    return DPK_OK;
}

static dpk_status check_numbers(const dpk_executor_options *options, dpk_error *err)
{
    if (!(options->timeout >= 0 && options->timeout <= SECONDS_MOST))
        return dpk_fail(err, DPK_USAGE,
                        "a time-out of %g s cannot be: it is a number of seconds, "
                        "0 for none",
                        options->timeout);
    if (options->in_flight < 1 || options->in_flight > IN_FLIGHT_MOST)
        return dpk_fail(err, DPK_USAGE, "%zu tasks cannot be in flight: 1 to %d can",
                        options->in_flight, IN_FLIGHT_MOST);
    if (options->retries > RETRIES_MOST)
        return dpk_fail(err, DPK_USAGE, "%u retries are too many: at most %d can be",
                        options->retries, RETRIES_MOST);
    if (options->argument_bytes > BYTES_MOST || options->result_bytes > BYTES_MOST)
        return dpk_fail(err, DPK_USAGE,
                        "a submitted task has at most %d bytes of argument and of result, not %zu "
                        "and %zu: put more into memory of dpk_executor_alloc, and pass its address",
                        BYTES_MOST, options->argument_bytes, options->result_bytes);
    return DPK_OK;
}

dpk_status dpk_executor_options_check(const dpk_executor_options *asked,
                                      dpk_executor_options *known, const dpk_kind **kind,
                                      dpk_error *err)
{
    *known = dpk_executor_options_default();
    size_t least = offsetof(dpk_executor_options, result_bytes) + sizeof known->result_bytes;
    if (asked != NULL && asked->size < least)
        return dpk_fail(err, DPK_USAGE,
                        "dpk_executor_options must be made by dpk_executor_options_default");
    if (asked != NULL)
        memcpy(known, asked, asked->size < sizeof *known ? asked->size : sizeof *known);
    dpk_status status = choose_kind(known->backend, kind, err);
    if (status == DPK_OK)
        status = check_workers(known, err);
    if (status == DPK_OK)
        status = check_numbers(known, err);
    if (status == DPK_OK)
        status = check_processes(known, *kind, err);
    return status;
}
