/* SPDX-License-Identifier: MIT */
/* executor_options.c: what cannot be is refused in a sentence, before anything starts. */
#include "executors.h"

#include <limits.h>
#include <math.h>

static void refuse(const dpk_executor_options *options, dpk_status status, const char *words)
{
    dpk_executor executor = 1;
    assert_refused(dpk_executor_open(&executor, options, &refusal), status, words);
    cr_assert_eq(executor, 0);
}

Test(executor_options, refuses_workers_that_cannot_be)
{
    EACH(backend, every_backend)
    {
        static const int wrong[] = { 0, -2, INT_MIN, 1025, INT_MAX };
        dpk_executor_options options = options_for(backend);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            options.workers = wrong[i];
            refuse(&options, DPK_USAGE, "it may have 1 to 1024");
        }
        options.workers = DPK_WORKERS_AUTOMATIC;
        dpk_executor executor = open_with(&options);
        cr_assert_geq(dpk_executor_workers(executor), 1);
        close_executor(executor);
        cr_assert_eq(dpk_executor_workers(executor), 0);
    }
}

Test(executor_options, refuses_backends_that_are_none)
{
    dpk_executor_options options = options_for("thread");
    refuse(&options, DPK_USAGE,
           "no backend 'thread' for executors: there are seq, threads (or omp), fork and pool");
    options.backend = "\033[1m";
    refuse(&options, DPK_USAGE, "\\x1b[1m");
    options.backend = NULL;
    close_executor(open_with(&options));
    options.backend = "omp";
    close_executor(open_with(&options));
    dpk_error err;
    dpk_executor executor;
    cr_assert_eq(dpk_executor_open(&executor, NULL, &err), DPK_OK, "%s", err.text);
    close_executor(executor);
}

Test(executor_options, refuses_what_threads_cannot_do)
{
    static const char *const backends[] = { "seq", "threads", NULL };
    EACH(backend, backends)
    {
        dpk_executor_options options = options_for(backend);
        options.timeout = 1;
        refuse(&options, DPK_USAGE, "cannot keep a time-out of 1 s: only processes can be ended");
        options = options_for(backend);
        options.renew_after = 10;
        refuse(&options, DPK_USAGE, "cannot renew workers");
    }
}

Test(executor_options, refuses_numbers_that_cannot_be)
{
    EACH(backend, with_processes)
    {
        static const double wrong[] = { -1, (double)NAN, (double)INFINITY };
        dpk_executor_options options = options_for(backend);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            options.timeout = wrong[i];
            refuse(&options, DPK_USAGE, "it is a number of seconds");
        }
        options = options_for(backend);
        options.in_flight = 0;
        refuse(&options, DPK_USAGE, "0 tasks cannot be in flight");
        options.in_flight = SIZE_MAX;
        refuse(&options, DPK_USAGE, "cannot be in flight");
        options = options_for(backend);
        options.retries = UINT_MAX;
        refuse(&options, DPK_USAGE, "retries are too many");
        options = options_for(backend);
        options.result_bytes = 1 << 17;
        refuse(&options, DPK_USAGE, "put more into memory of dpk_executor_alloc");
        options = options_for(backend);
        options.size = 3;
        refuse(&options, DPK_USAGE, "must be made by dpk_executor_options_default");
    }
}

Test(executor_options, refuses_more_memory_than_there_is)
{
    EACH(backend, every_backend)
    {
        dpk_executor_options options = options_for(backend);
        options.shared_bytes = SIZE_MAX / 2;
        refuse(&options, DPK_LIMIT, "cannot share");
        options.shared_bytes = 10000;
        dpk_executor executor = open_with(&options);
        dpk_error err;
        cr_assert_not_null(dpk_executor_alloc(executor, 9000, &err), "%s", err.text);
        cr_assert_null(dpk_executor_alloc(executor, 2000, &err));
        cr_assert(strstr(err.text, "not enough memory: 2 kB more needed"), "%s", err.text);
        close_executor(executor);
    }
}

/* What is not in memory in common is copied there, for processes. */
Test(executor_options, refuses_copies_that_do_not_fit)
{
    EACH(backend, with_processes)
    {
        static int64_t in[1000], out[1000];
        dpk_error err;
        dpk_executor_options options = options_for(backend);
        options.shared_bytes = 4096;
        dpk_executor executor = open_with(&options);
        assert_refused(
            dpk_executor_map(executor, square, 1000, in, sizeof *in, out, sizeof *out, &refusal),
            DPK_LIMIT, "not enough memory");
        for (int i = 0; i < 20; i++) /* copies are given back */
            cr_assert_eq(
                dpk_executor_map(executor, square, 100, in, sizeof *in, out, sizeof *out, &err),
                DPK_OK, "%s: %s", backend, err.text);
        close_executor(executor);
    }
}

static int ignore(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    return 0;
}

static int all_zero(const void *argument, void *result, dpk_task *task)
{
    const unsigned char *bytes = *(unsigned char *const *)argument;
    (void)result;
    for (size_t i = 0; i < 3000000; i++)
        if (bytes[i] != 0)
            return dpk_task_fail(task, "byte %zu is %d", i, bytes[i]);
    return 0;
}

Test(executor_options, gives_zeroed_memory_where_copies_were)
{
    EACH(backend, every_backend)
    {
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        static unsigned char in[20 * 150000], out[sizeof in];
        for (int round = 0; round < 3; round++) {
            memset(in, 1 + round, sizeof in);
            cr_assert_eq(dpk_executor_map(executor, ignore, 20, in, 150000, out, 150000, &err),
                         DPK_OK, "%s: %s", backend, err.text);
            unsigned char *memory = dpk_executor_alloc(executor, 3000000, &err);
            cr_assert_not_null(memory, "%s", err.text);
            cr_assert_eq((uintptr_t)memory % 64, 0);
            dpk_future future = submit(executor, all_zero, &memory, sizeof memory);
            dpk_outcome outcome = wait_for(executor, future, NULL, 0);
            cr_assert_eq(outcome.state, DPK_TASK_DONE, "%s: %s", backend, outcome.text);
        }
        close_executor(executor);
    }
}

Test(executor_options, refuses_wrong_calls)
{
    EACH(backend, every_backend)
    {
        char bytes[100] = { 0 };
        dpk_future future = 1;
        dpk_error err;
        dpk_outcome none = { .size = 0 };
        dpk_executor executor = open_executor(backend);
        assert_refused(dpk_executor_submit(executor, &future, square, bytes, 65, &refusal),
                       DPK_USAGE, "argument_bytes of this executor is 64");
        cr_assert_eq(future, 0);
        assert_refused(dpk_executor_submit(executor, &future, square, NULL, 1, &refusal), DPK_USAGE,
                       "needs an address");
        assert_refused(dpk_executor_submit(executor, &future, NULL, NULL, 0, &refusal), DPK_USAGE,
                       "needs a function");
        assert_refused(dpk_executor_map(executor, NULL, 1, NULL, 0, NULL, 0, &refusal), DPK_USAGE,
                       "needs a function");
        assert_refused(dpk_executor_map(executor, square, 1, NULL, 8, bytes, 8, &refusal),
                       DPK_USAGE, "needs their array");
        assert_refused(dpk_executor_map(executor, square, SIZE_MAX, bytes, 8, bytes, 8, &refusal),
                       DPK_USAGE, "no array has");
        assert_refused(dpk_executor_next(executor, &future, -1, bytes, 65, NULL, &refusal),
                       DPK_USAGE, "a result of 65 bytes is asked for");
        assert_refused(dpk_executor_next(executor, &future, (double)NAN, NULL, 0, NULL, &refusal),
                       DPK_USAGE, "must be a number of seconds");
        assert_refused(dpk_executor_next(executor, &future, -1, NULL, 0, &none, &refusal),
                       DPK_USAGE, "must be made by dpk_outcome_default");
        assert_refused(dpk_executor_wait(executor, 12345, -1, NULL, 0, NULL, &refusal), DPK_USAGE,
                       "none of this executor's");
        cr_assert_eq(dpk_executor_next(executor, &future, -1, NULL, 0, NULL, &err), DPK_OK);
        cr_assert_eq(future, 0);
        close_executor(executor);
    }
}

Test(executor_options, refuses_what_is_closed)
{
    EACH(backend, every_backend)
    {
        dpk_error err;
        dpk_future future;
        dpk_outcome outcome = dpk_outcome_default();
        dpk_executor executor = open_executor(backend);
        close_executor(executor);
        dpk_executor later = open_executor(backend);
        cr_assert_neq(later, executor);
        assert_refused(dpk_executor_close(executor, &refusal), DPK_USAGE, "is not open");
        assert_refused(dpk_executor_map(executor, square, 0, NULL, 0, NULL, 0, &refusal), DPK_USAGE,
                       "is not open");
        assert_refused(dpk_executor_submit(executor, &future, square, NULL, 0, &refusal), DPK_USAGE,
                       "is not open");
        assert_refused(dpk_executor_next(executor, &future, -1, NULL, 0, NULL, &refusal), DPK_USAGE,
                       "is not open");
        assert_refused(dpk_executor_cancel(executor, 1, false, &refusal), DPK_USAGE, "is not open");
        cr_assert_null(dpk_executor_alloc(executor, 1, &err));
        cr_assert_null(dpk_executor_note(executor, 0));
        cr_assert_not(dpk_executor_failed(executor, 0, &outcome));
        assert_refused(dpk_executor_close(0, &refusal), DPK_USAGE, "is not open");
        close_executor(later);
    }
}
