/* SPDX-License-Identifier: MIT */
/* executor.c: the same expectations of executors on every backend. */
#include <criterion/criterion.h>
#include <dpk/executor.h>

static const char *const backends[] = { "seq", "threads", "pool" };

#define EACH_BACKEND(backend)                                                                      \
    for (size_t b_ = 0; b_ < sizeof backends / sizeof *backends; b_++)                             \
        for (const char *backend = backends[b_]; backend != NULL; backend = NULL)

static dpk_executor open_executor(const char *backend)
{
    dpk_executor executor;
    dpk_error err;
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = backend;
    options.workers = 2;
    cr_assert_eq(dpk_executor_open(&executor, &options, &err), DPK_OK, "%s: %s", backend, err.text);
    return executor;
}

static void close_executor(dpk_executor executor)
{
    dpk_error err;
    cr_assert_eq(dpk_executor_close(executor, &err), DPK_OK, "%s", err.text);
}

static int square(const void *argument, void *result, dpk_task *task)
{
    int64_t x = *(const int64_t *)argument;
    if (x < 0)
        return dpk_task_fail(task, "%d is negative", (int)x);
    *(int64_t *)result = x * x;
    return 0;
}

Test(executor, maps)
{
    EACH_BACKEND(backend)
    {
        int64_t in[1000], out[1000];
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        for (int i = 0; i < 1000; i++)
            in[i] = i;
        cr_assert_eq(
            dpk_executor_map(executor, square, 1000, in, sizeof *in, out, sizeof *out, &err),
            DPK_OK, "%s: %s", backend, err.text);
        for (int i = 0; i < 1000; i++)
            cr_assert_eq(out[i], (int64_t)i * i, "%s", backend);
        close_executor(executor);
    }
}

Test(executor, submits)
{
    EACH_BACKEND(backend)
    {
        dpk_error err;
        dpk_future future;
        dpk_outcome outcome = dpk_outcome_default();
        dpk_executor executor = open_executor(backend);
        int64_t sum = 0, result;
        for (int64_t i = -1; i < 100; i++)
            cr_assert_eq(dpk_executor_submit(executor, &future, square, &i, sizeof i, &err), DPK_OK,
                         "%s: %s", backend, err.text);
        int done = 0, failed = 0;
        while (dpk_executor_next(executor, &future, -1, &result, sizeof result, &outcome, &err) ==
                   DPK_OK &&
               future != 0) {
            done += outcome.state == DPK_TASK_DONE;
            failed += outcome.state == DPK_TASK_FAILED;
            sum += outcome.state == DPK_TASK_DONE ? result : 0;
            if (outcome.state == DPK_TASK_FAILED)
                cr_assert_str_eq(outcome.text, "-1 is negative");
        }
        cr_assert_eq(done, 100);
        cr_assert_eq(failed, 1);
        cr_assert_eq(sum, 328350);
        close_executor(executor);
    }
}

Test(executor, refuses_what_is_closed)
{
    EACH_BACKEND(backend)
    {
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        close_executor(executor);
        cr_assert_eq(dpk_executor_close(executor, &err), DPK_USAGE);
        cr_assert(strstr(err.text, "is not open"), "%s", err.text);
        cr_assert_eq(dpk_executor_map(executor, square, 0, NULL, 0, NULL, 0, &err), DPK_USAGE);
    }
}
