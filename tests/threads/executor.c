/* SPDX-License-Identifier: MIT */
/* executor.c: executors of threads under the thread sanitizer or helgrind: tasks that are
 * submitted, asked for in any order, cancelled, mapped, and fail, by several programs' threads with
 * an executor each, and memory in common that tasks share without other means than being tasks. */
#include <dpk/executor.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLERS = 3, WORKERS = 3, TASKS = 300 };

static int rounds = 100;

static int square(const void *argument, void *result, dpk_task *task)
{
    long x = *(const long *)argument;
    if (x % 50 == 49)
        return dpk_task_fail(task, "%ld", x);
    *(long *)result = x * x;
    return 0;
}

static void must(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void map(dpk_executor executor)
{
    long in[TASKS], out[TASKS];
    dpk_error err;
    dpk_outcome outcome = dpk_outcome_default();
    for (long i = 0; i < TASKS; i++)
        in[i] = i;
    must(dpk_executor_map(executor, square, TASKS, in, sizeof *in, out, sizeof *out, &err) ==
             DPK_FAILED,
         "a map of tasks that fail is to fail");
    for (long i = 0; i < TASKS; i++)
        must(i % 50 == 49 || out[i] == i * i, "wrong results of a map");
    must(dpk_executor_failed(executor, TASKS / 50 - 1, &outcome),
         "a task that failed is not listed");
    must(!dpk_executor_failed(executor, TASKS / 50, &outcome), "too many tasks are listed");
}

/* Asks for every third by its future, for the others as they are completed. */
static void submit(dpk_executor executor)
{
    dpk_future futures[TASKS], future;
    dpk_error err;
    dpk_outcome outcome = dpk_outcome_default();
    long result, ended = 0;
    for (long i = 0; i < TASKS; i++)
        must(dpk_executor_submit(executor, &futures[i], square, &i, sizeof i, &err) == DPK_OK,
             err.text);
    for (long i = 0; i < TASKS; i += 3) {
        bool cancelled =
            i % 2 == 0 && dpk_executor_cancel(executor, futures[i], false, &err) == DPK_OK;
        must(dpk_executor_wait(executor, futures[i], -1, &result, sizeof result, &outcome, &err) ==
                 DPK_OK,
             err.text);
        must(cancelled == (outcome.state == DPK_TASK_CANCELLED), "a wrong state");
        must(outcome.state != DPK_TASK_DONE || result == i * i, "a wrong result");
        ended++;
    }
    while (dpk_executor_next(executor, &future, -1, &result, sizeof result, &outcome, &err) ==
               DPK_OK &&
           future != 0)
        ended++;
    must(ended == TASKS, "not all tasks have ended");
}

static void *call(void *unused)
{
    dpk_executor executor;
    dpk_error err;
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = "threads";
    options.workers = WORKERS;
    options.in_flight = 40;
    options.shared_bytes = 1 << 20;
    must(dpk_executor_open(&executor, &options, &err) == DPK_OK, err.text);
    for (int round = 0; round < rounds; round++) {
        map(executor);
        submit(executor);
    }
    for (long i = 0; i < 10; i++) {
        dpk_future future;
        must(dpk_executor_submit(executor, &future, square, &i, sizeof i, &err) == DPK_OK,
             err.text);
    }
    must(dpk_executor_close(executor, &err) == DPK_OK, err.text);
    return unused;
}

/* Fewer rounds may be asked for, as helgrind is slow. */
int main(int count, char **words)
{
    pthread_t threads[CALLERS];
    if (count > 1)
        rounds = atoi(words[1]);
    for (int i = 0; i < CALLERS; i++)
        must(pthread_create(&threads[i], NULL, call, NULL) == 0, "no thread");
    for (int i = 0; i < CALLERS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
