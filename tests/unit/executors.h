/* SPDX-License-Identifier: MIT */
/* executors.h: opening executors and executing tasks in tests, where nothing may fail. */
#ifndef DPK_TEST_EXECUTORS_H
#define DPK_TEST_EXECUTORS_H

#include <criterion/criterion.h>
#include <dpk/executor.h>
#include <string.h>

static const char *const every_backend[] = { "seq", "threads", "fork", "pool", NULL };
static const char *const with_workers[] = { "threads", "fork", "pool", NULL };
static const char *const with_processes[] = { "fork", "pool", NULL };

#define EACH(backend, list)                                                                        \
    for (const char *const *backend##_at = (list), *backend = *backend##_at; backend != NULL;      \
         backend = *++backend##_at)

static inline dpk_executor_options options_for(const char *backend)
{
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = backend;
    options.workers = 2;
    return options;
}

static inline dpk_executor open_with(const dpk_executor_options *options)
{
    dpk_executor executor;
    dpk_error err;
    dpk_status status = dpk_executor_open(&executor, options, &err);
    cr_assert_eq(status, DPK_OK, "%s: %s", options->backend, err.text);
    return executor;
}

static inline dpk_executor open_executor(const char *backend)
{
    dpk_executor_options options = options_for(backend);
    return open_with(&options);
}

static inline void close_executor(dpk_executor executor)
{
    dpk_error err;
    cr_assert_eq(dpk_executor_close(executor, &err), DPK_OK, "%s", err.text);
}

static inline void *alloc(dpk_executor executor, size_t bytes)
{
    dpk_error err;
    void *memory = dpk_executor_alloc(executor, bytes, &err);
    cr_assert_not_null(memory, "%s", err.text);
    return memory;
}

static inline dpk_future submit(dpk_executor executor, dpk_task_function *function,
                                const void *argument, size_t bytes)
{
    dpk_future future;
    dpk_error err;
    dpk_status status = dpk_executor_submit(executor, &future, function, argument, bytes, &err);
    cr_assert_eq(status, DPK_OK, "%s", err.text);
    cr_assert_neq(future, 0);
    return future;
}

/* Waits for as long as it takes. */
static inline dpk_outcome wait_for(dpk_executor executor, dpk_future future, void *result,
                                   size_t bytes)
{
    dpk_outcome outcome = dpk_outcome_default();
    dpk_error err;
    dpk_status status = dpk_executor_wait(executor, future, -1, result, bytes, &outcome, &err);
    cr_assert_eq(status, DPK_OK, "%s", err.text);
    cr_assert_geq(outcome.state, DPK_TASK_DONE);
    return outcome;
}

#define assert_refused(call, status, words)                                                        \
    do {                                                                                           \
        dpk_error refusal;                                                                         \
        cr_assert_eq((call), status);                                                              \
        cr_assert(strstr(refusal.text, words) != NULL, "'%s' does not say '%s'", refusal.text,     \
                  words);                                                                          \
    } while (0)

/* Element i of a map, or a submitted number, squared; a negative one fails. */
static inline int square(const void *argument, void *result, dpk_task *task)
{
    int64_t x = *(const int64_t *)argument;
    if (x < 0)
        return dpk_task_fail(task, "%d is negative", (int)x);
    *(int64_t *)result = x * x;
    return 0;
}

#endif
