/* SPDX-License-Identifier: MIT */
/* executor_limits.c: executors where the system gives fewer workers than are asked for, or none. */
#include "executors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void check_map(dpk_executor executor, const char *backend)
{
    int64_t in[100], out[100];
    dpk_error err;
    for (int i = 0; i < 100; i++)
        in[i] = i;
    cr_assert_eq(dpk_executor_map(executor, square, 100, in, sizeof *in, out, sizeof *out, &err),
                 DPK_OK, "%s: %s", backend, err.text);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(out[i], i * i, "%s", backend);
}

static void check_submit(dpk_executor executor)
{
    dpk_future futures[20];
    for (int64_t i = 0; i < 20; i++)
        futures[i] = submit(executor, square, &i, sizeof i);
    for (int64_t i = 0; i < 20; i++) {
        int64_t result;
        dpk_outcome outcome = wait_for(executor, futures[i], &result, sizeof result);
        cr_assert_eq(outcome.state, DPK_TASK_DONE, "%s", outcome.text);
        cr_assert_eq(result, i * i);
    }
}

/* Each worker needs a descriptor. */
static void allow_more_descriptors(int more)
{
    int lowest = dup(0);
    cr_assert_geq(lowest, 0);
    close(lowest);
    rlim_t most = (rlim_t)(lowest + more);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ most, most }), 0);
}

static bool notes_say(dpk_executor executor, const char *words)
{
    const char *note;
    for (size_t i = 0; (note = dpk_executor_note(executor, i)) != NULL; i++)
        if (strstr(note, words) != NULL)
            return true;
    return false;
}

Test(executor_limits, has_fewer_workers_if_there_can_be_no_more)
{
    EACH(backend, with_processes)
    {
        dpk_executor_options options = options_for(backend);
        options.workers = 40;
        allow_more_descriptors(7);
        dpk_executor executor = open_with(&options);
        check_map(executor, backend);
        check_submit(executor);
        if (strcmp(backend, "pool") == 0) {
            unsigned workers = dpk_executor_workers(executor);
            cr_assert(workers > 0 && workers < 8, "%u workers", workers);
            cr_assert(notes_say(executor, "of 40 workers can be started"));
        } else {
            cr_assert(notes_say(executor, "processes can be started at a time: "));
        }
        close_executor(executor);
    }
}

static struct rlimit processes;

/* Of processes and threads. Root may have any number, others no more. */
static void allow_no_processes(void)
{
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        cr_skip_test("root may have any number of processes, and cannot become another user here");
    prctl(PR_SET_DUMPABLE, 1); /* who changes users cannot be looked at by leak detectors */
    cr_assert_eq(getrlimit(RLIMIT_NPROC, &processes), 0);
    cr_assert_eq(setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, processes.rlim_max }), 0);
}

static void allow_processes(void)
{
    cr_assert_eq(setrlimit(RLIMIT_NPROC, &processes), 0);
}

Test(executor_limits, lets_the_caller_do_it_alone)
{
    allow_no_processes();
    EACH(backend, with_workers)
    {
        dpk_executor executor = open_executor(backend);
        check_map(executor, backend);
        check_submit(executor);
        cr_assert(notes_say(executor, "can be started"), "%s", backend);
        close_executor(executor);
    }
    allow_processes();
}

Test(executor_limits, keeps_no_time_out_without_processes)
{
    allow_no_processes();
    dpk_executor executor;
    dpk_executor_options options = options_for("pool");
    options.timeout = 10;
    assert_refused(dpk_executor_open(&executor, &options, &refusal), DPK_LIMIT,
                   "no worker can be started, and a time-out needs one");
    options.backend = "fork";
    executor = open_with(&options);
    assert_refused(
        dpk_executor_map(executor, square, 1, (int64_t[]){ 2 }, 8, (int64_t[1]){ 0 }, 8, &refusal),
        DPK_WORKER_LOST, "no process can be started for it");
    close_executor(executor);
    allow_processes();
}

Test(executor_limits, reserves_what_a_limit_of_addresses_allows)
{
#ifdef DPK_SANITIZED
    cr_skip_test("sanitizers need addresses without a limit");
#endif
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){ (rlim_t)1 << 30, (rlim_t)1 << 30 }), 0);
    EACH(backend, every_backend)
    {
        dpk_executor executor = open_executor(backend);
        check_map(executor, backend);
        close_executor(executor);
        dpk_executor_options options = options_for(backend);
        options.shared_bytes = (size_t)2 << 30;
        assert_refused(dpk_executor_open(&executor, &options, &refusal), DPK_LIMIT, "");
    }
}

Test(executor_limits, has_many_more_workers_than_processors)
{
    EACH(backend, with_workers)
    {
        dpk_executor_options options = options_for(backend);
        options.workers = 150;
        dpk_executor executor = open_with(&options);
        check_map(executor, backend);
        check_submit(executor);
        check_map(executor, backend);
        close_executor(executor);
    }
}
