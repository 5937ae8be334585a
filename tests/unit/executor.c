/* SPDX-License-Identifier: MIT */
/* executor.c: the same expectations of executors on every backend. */
#include "executors.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* ---------------------------------------------------------------------------------------- maps */

static void check_map(dpk_executor executor, const char *backend, size_t count, int64_t *in,
                      int64_t *out)
{
    dpk_error err;
    for (size_t i = 0; i < count; i++) {
        in[i] = (int64_t)i;
        out[i] = -1;
    }
    cr_assert_eq(dpk_executor_map(executor, square, count, in, sizeof *in, out, sizeof *out, &err),
                 DPK_OK, "%s: %s", backend, err.text);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(out[i], (int64_t)i * (int64_t)i, "%s: %zu of %zu", backend, i, count);
}

Test(executor, maps_any_number_of_elements)
{
    EACH(backend, every_backend)
    {
        static const size_t counts[] = { 0, 1, 2, 3, 7, 100, 1000 };
        int64_t in[1000], out[1000];
        dpk_executor executor = open_executor(backend);
        size_t most = strcmp(backend, "fork") == 0 ? 6 : 7;
        for (size_t i = 0; i < most; i++)
            check_map(executor, backend, counts[i], in, out);
        close_executor(executor);
    }
}

Test(executor, maps_in_memory_in_common_and_in_chunks)
{
    EACH(backend, every_backend)
    {
        for (size_t chunk = 0; chunk < 40; chunk += 13) {
            dpk_executor_options options = options_for(backend);
            options.chunk = chunk;
            dpk_executor executor = open_with(&options);
            int64_t *in = alloc(executor, 100 * sizeof *in);
            int64_t *out = alloc(executor, 100 * sizeof *out);
            check_map(executor, backend, 100, in, out);
            close_executor(executor);
        }
    }
}

Test(executor, maps_more_than_a_part)
{
    static const char *const backends[] = { "threads", "pool", NULL };
    EACH(backend, backends)
    {
        size_t count = ((size_t)1 << 22) + 12345;
        int64_t *in = malloc(count * sizeof *in), *out = malloc(count * sizeof *out);
        dpk_executor executor = open_executor(backend);
        check_map(executor, backend, count, in, out);
        close_executor(executor);
        free(in);
        free(out);
    }
}

static int touch(const void *argument, void *result, dpk_task *task)
{
    cr_assert_null(result);
    atomic_int *const *counters = argument;
    if (counters != NULL)
        atomic_fetch_add(*counters, 1);
    return task == NULL;
}

Test(executor, maps_without_arguments_and_results)
{
    EACH(backend, every_backend)
    {
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        atomic_int *counter = alloc(executor, sizeof *counter);
        atomic_int *counters[50];
        for (int i = 0; i < 50; i++)
            counters[i] = counter;
        cr_assert_eq(dpk_executor_map(executor, touch, 50, NULL, 0, NULL, 0, &err), DPK_OK);
        cr_assert_eq(
            dpk_executor_map(executor, touch, 50, counters, sizeof *counters, NULL, 0, &err),
            DPK_OK);
        cr_assert_eq(atomic_load(counter), 50, "%s: %d", backend, atomic_load(counter));
        close_executor(executor);
    }
}

Test(executor, lists_every_task_that_failed)
{
    EACH(backend, every_backend)
    {
        int64_t in[400], out[400];
        dpk_error err;
        dpk_outcome outcome = dpk_outcome_default();
        size_t count = strcmp(backend, "fork") == 0 ? 40 : 400;
        dpk_executor executor = open_executor(backend);
        for (size_t every = 1; every < 50; every += 6) {
            for (size_t i = 0; i < count; i++)
                in[i] = i % every == 0 ? -(int64_t)i - 1 : (int64_t)i;
            cr_assert_eq(
                dpk_executor_map(executor, square, count, in, sizeof *in, out, sizeof *out, &err),
                DPK_FAILED);
            cr_assert(strstr(err.text, "task 0 has failed: -1 is negative"), "%s: %s", backend,
                      err.text);
            size_t failed = 0;
            for (; dpk_executor_failed(executor, failed, &outcome); failed++) {
                char text[64];
                snprintf(text, sizeof text, "-%zu is negative", failed * every + 1);
                cr_assert_eq(outcome.task, failed * every);
                cr_assert_eq(outcome.state, DPK_TASK_FAILED);
                cr_assert_eq(outcome.value, 1);
                cr_assert_eq(outcome.attempts, 1);
                cr_assert_str_eq(outcome.text, text);
            }
            cr_assert_eq(failed, (count + every - 1) / every, "%s: %zu", backend, failed);
            for (size_t i = 0; i < count; i++)
                cr_assert(i % every == 0 || out[i] == (int64_t)(i * i));
        }
        cr_assert_eq(dpk_executor_map(executor, touch, 1, NULL, 0, NULL, 0, &err), DPK_OK);
        cr_assert_not(dpk_executor_failed(executor, 0, &outcome));
        close_executor(executor);
    }
}

/* ---------------------------------------------------------------------------------- task by task
 */

Test(executor, gives_tasks_as_they_are_completed)
{
    EACH(backend, every_backend)
    {
        dpk_error err;
        dpk_future future;
        dpk_outcome outcome = dpk_outcome_default();
        dpk_executor executor = open_executor(backend);
        int64_t sum = 0, result;
        int done = 0, failed = 0;
        for (int64_t i = -1; i < 100; i++)
            submit(executor, square, &i, sizeof i);
        while (dpk_executor_next(executor, &future, -1, &result, sizeof result, &outcome, &err) ==
                   DPK_OK &&
               future != 0) {
            done += outcome.state == DPK_TASK_DONE;
            failed += outcome.state == DPK_TASK_FAILED;
            sum += outcome.state == DPK_TASK_DONE ? result : 0;
            if (outcome.state == DPK_TASK_FAILED)
                cr_assert_str_eq(outcome.text, "-1 is negative");
            cr_assert_eq(outcome.attempts, 1);
            cr_assert_lt(outcome.worker, 2);
            cr_assert(outcome.queued <= outcome.started && outcome.started <= outcome.ended);
        }
        cr_assert_eq(outcome.state, DPK_TASK_NONE);
        cr_assert_eq(done, 100);
        cr_assert_eq(failed, 1);
        cr_assert_eq(sum, 328350);
        close_executor(executor);
    }
}

Test(executor, keeps_results_until_they_are_asked_for)
{
    EACH(backend, every_backend)
    {
        dpk_executor_options options = options_for(backend);
        options.in_flight = 3;
        dpk_executor executor = open_with(&options);
        dpk_future futures[60];
        for (int64_t i = 0; i < 60; i++)
            futures[i] = submit(executor, square, &i, sizeof i);
        for (int64_t i = 59; i >= 0; i--) {
            int64_t result = -1;
            dpk_outcome outcome = wait_for(executor, futures[i], &result, sizeof result);
            cr_assert_eq(outcome.state, DPK_TASK_DONE);
            cr_assert_eq(outcome.task, (uint64_t)i);
            cr_assert_eq(result, i * i);
        }
        assert_refused(dpk_executor_wait(executor, futures[7], -1, NULL, 0, NULL, &refusal),
                       DPK_USAGE, "none of this executor's");
        close_executor(executor);
    }
}

Test(executor, fails_with_the_sentence_if_no_outcome_is_asked_for)
{
    EACH(backend, every_backend)
    {
        int64_t x = -5, result;
        dpk_future next;
        dpk_executor executor = open_executor(backend);
        dpk_future future = submit(executor, square, &x, sizeof x);
        assert_refused(
            dpk_executor_wait(executor, future, -1, &result, sizeof result, NULL, &refusal),
            DPK_FAILED, "task 0 has failed: -5 is negative");
        submit(executor, square, &x, sizeof x);
        assert_refused(
            dpk_executor_next(executor, &next, -1, &result, sizeof result, NULL, &refusal),
            DPK_FAILED, "task 1 has failed: -5 is negative");
        close_executor(executor);
    }
}

static int result_is_zero(const void *argument, void *result, dpk_task *task)
{
    const unsigned char *bytes = result;
    (void)argument;
    for (int i = 0; i < 100; i++)
        if (bytes[i] != 0)
            return dpk_task_fail(task, "byte %d is %d", i, bytes[i]);
    memset(result, 7, 100);
    return 0;
}

Test(executor, begins_with_zeros_in_results_of_any_size)
{
    EACH(backend, every_backend)
    {
        unsigned char result[100];
        dpk_executor_options options = options_for(backend);
        options.result_bytes = sizeof result;
        options.argument_bytes = 0;
        options.in_flight = 2;
        dpk_executor executor = open_with(&options);
        for (int i = 0; i < 10; i++) {
            dpk_future future = submit(executor, result_is_zero, NULL, 0);
            dpk_outcome outcome = wait_for(executor, future, result, sizeof result);
            cr_assert_eq(outcome.state, DPK_TASK_DONE, "%s: %s", backend, outcome.text);
            cr_assert_eq(result[99], 7);
        }
        close_executor(executor);
    }
}

static int long_sentence(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result;
    return dpk_task_fail(task, "%01000d", 7);
}

Test(executor, cuts_long_sentences)
{
    EACH(backend, every_backend)
    {
        dpk_executor executor = open_executor(backend);
        dpk_outcome outcome = wait_for(executor, submit(executor, long_sentence, NULL, 0), NULL, 0);
        cr_assert_eq(outcome.state, DPK_TASK_FAILED);
        cr_assert_gt(strlen(outcome.text), 200);
        close_executor(executor);
    }
}

/* ------------------------------------------------------------------------- what waits, what runs
 */

/* Runs until it is let go. */
struct gate {
    atomic_bool begun, open;
};

static int wait_at_gate(const void *argument, void *result, dpk_task *task)
{
    struct gate *gate = *(struct gate *const *)argument;
    (void)result, (void)task;
    atomic_store(&gate->begun, true);
    while (!atomic_load(&gate->open))
        sched_yield();
    return 0;
}

Test(executor, waits_no_longer_than_it_is_told_to)
{
    EACH(backend, with_workers)
    {
        dpk_error err;
        dpk_outcome outcome = dpk_outcome_default();
        dpk_executor_options options = options_for(backend);
        options.workers = 1;
        dpk_executor executor = open_with(&options);
        struct gate *gate = alloc(executor, sizeof *gate);
        dpk_future first = submit(executor, wait_at_gate, &gate, sizeof gate), next;
        dpk_future second = submit(executor, wait_at_gate, &gate, sizeof gate);
        while (!atomic_load(&gate->begun))
            sched_yield();
        cr_assert_eq(dpk_executor_wait(executor, first, 0, NULL, 0, &outcome, &err), DPK_OK);
        cr_assert_eq(outcome.state, DPK_TASK_RUNNING, "%s", backend);
        cr_assert_eq(dpk_executor_wait(executor, second, 0.001, NULL, 0, &outcome, &err), DPK_OK);
        cr_assert_eq(outcome.state, DPK_TASK_WAITING, "%s", backend);
        cr_assert_eq(dpk_executor_next(executor, &next, 0.001, NULL, 0, &outcome, &err), DPK_OK);
        cr_assert_eq(next, 0);
        cr_assert_eq(outcome.state, DPK_TASK_RUNNING);
        assert_refused(dpk_executor_wait(executor, first, 0.001, NULL, 0, NULL, &refusal),
                       DPK_LIMIT, "has not ended in time");
        atomic_store(&gate->open, true);
        wait_for(executor, second, NULL, 0);
        wait_for(executor, first, NULL, 0);
        close_executor(executor);
    }
}

Test(executor, cancels_what_waits)
{
    EACH(backend, with_workers)
    {
        dpk_error err;
        dpk_executor_options options = options_for(backend);
        options.workers = 1;
        options.in_flight = 4;
        dpk_executor executor = open_with(&options);
        struct gate *gate = alloc(executor, sizeof *gate);
        dpk_future running = submit(executor, wait_at_gate, &gate, sizeof gate);
        while (!atomic_load(&gate->begun))
            sched_yield();
        for (int i = 0; i < 3; i++) {
            dpk_future future = submit(executor, wait_at_gate, &gate, sizeof gate);
            cr_assert_eq(dpk_executor_cancel(executor, future, false, &err), DPK_OK, "%s: %s",
                         backend, err.text);
            dpk_outcome outcome = wait_for(executor, future, NULL, 0);
            cr_assert_eq(outcome.state, DPK_TASK_CANCELLED);
            cr_assert_eq(outcome.attempts, 0);
            cr_assert_str_eq(outcome.text, "was cancelled");
        }
        atomic_store(&gate->open, true);
        wait_for(executor, running, NULL, 0);
        for (int i = 0; i < 20; i++) { /* cancelled before or after they have begun */
            dpk_future future = submit(executor, wait_at_gate, &gate, sizeof gate);
            dpk_status status = dpk_executor_cancel(executor, future, false, &err);
            dpk_outcome outcome = wait_for(executor, future, NULL, 0);
            cr_assert_eq(outcome.state, status == DPK_OK ? DPK_TASK_CANCELLED : DPK_TASK_DONE);
        }
        running = submit(executor, wait_at_gate, &gate, sizeof gate);
        cr_assert_eq(wait_for(executor, running, NULL, 0).state, DPK_TASK_DONE);
        close_executor(executor);
    }
}

Test(executor, does_not_cancel_what_runs_unless_it_may_kill)
{
    EACH(backend, with_workers)
    {
        dpk_executor executor = open_executor(backend);
        struct gate *gate = alloc(executor, sizeof *gate);
        dpk_future future = submit(executor, wait_at_gate, &gate, sizeof gate);
        while (!atomic_load(&gate->begun))
            sched_yield();
        assert_refused(dpk_executor_cancel(executor, future, false, &refusal), DPK_FAILED,
                       "task 0 has begun");
        if (strcmp(backend, "threads") == 0)
            assert_refused(dpk_executor_cancel(executor, future, true, &refusal), DPK_FAILED,
                           "a thread cannot be ended");
        atomic_store(&gate->open, true);
        cr_assert_eq(wait_for(executor, future, NULL, 0).state, DPK_TASK_DONE);
        assert_refused(dpk_executor_cancel(executor, future, true, &refusal), DPK_USAGE,
                       "none of this executor's");
        close_executor(executor);
    }
}

Test(executor, cannot_cancel_what_has_ended)
{
    EACH(backend, every_backend)
    {
        dpk_executor_options options = options_for(backend);
        options.workers = 1;
        dpk_executor executor = open_with(&options);
        int64_t x = 3;
        dpk_future first = submit(executor, square, &x, sizeof x);
        dpk_future second = submit(executor, square, &x, sizeof x);
        wait_for(executor, second, NULL, 0);
        assert_refused(dpk_executor_cancel(executor, first, true, &refusal), DPK_FAILED,
                       "task 0 has ended already");
        close_executor(executor);
    }
}

Test(executor, closes_with_tasks_in_flight)
{
    static const char *const processes[] = { "fork", "pool", NULL };
    EACH(backend, processes)
    {
        dpk_executor executor = open_executor(backend);
        struct gate *gate = alloc(executor, sizeof *gate);
        for (int i = 0; i < 10; i++)
            submit(executor, wait_at_gate, &gate, sizeof gate);
        close_executor(executor); /* nobody opens the gate */
        cr_assert_eq(waitpid(-1, NULL, 0), -1, "%s leaves a process", backend);
    }
    dpk_executor executor = open_executor("threads");
    for (int64_t i = 0; i < 100; i++)
        submit(executor, square, &i, sizeof i);
    close_executor(executor);
}
