/* SPDX-License-Identifier: MIT */
/* executor_callers.c: who may call executors: no task, one thread at a time, the process that has
 * opened them; and no process for workers after OpenMP. */
#include "executors.h"

#include <dpk/run.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_map(dpk_executor executor, const char *backend)
{
    int64_t in[40], out[40];
    dpk_error err;
    for (int i = 0; i < 40; i++)
        in[i] = i;
    cr_assert_eq(dpk_executor_map(executor, square, 40, in, sizeof *in, out, sizeof *out, &err),
                 DPK_OK, "%s: %s", backend, err.text);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(out[i], i * i, "%s", backend);
}

static int touch(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    return 0;
}

static int use_executors(const void *argument, void *result, dpk_task *task)
{
    dpk_executor executor = *(const dpk_executor *)argument, own;
    dpk_future future;
    dpk_error err;
    (void)result;
    if (dpk_executor_submit(executor, &future, square, NULL, 0, &err) != DPK_USAGE ||
        dpk_executor_map(executor, touch, 1, NULL, 0, NULL, 0, &err) != DPK_USAGE ||
        dpk_executor_alloc(executor, 1, &err) != NULL ||
        dpk_executor_wait(executor, 1, -1, NULL, 0, NULL, &err) != DPK_USAGE ||
        dpk_executor_close(executor, &err) != DPK_USAGE ||
        dpk_executor_open(&own, NULL, &err) != DPK_USAGE)
        return 2;
    return dpk_task_fail(task, "%s", err.text);
}

Test(executor_callers, refuses_tasks_that_use_executors)
{
    EACH(backend, every_backend)
    {
        dpk_executor executor = open_executor(backend);
        dpk_outcome outcome = wait_for(
            executor, submit(executor, use_executors, &executor, sizeof executor), NULL, 0);
        cr_assert_eq(outcome.value, 1, "%s", backend);
        cr_assert(strstr(outcome.text, "a task can neither open nor use an executor"), "%s",
                  outcome.text);
        close_executor(executor);
    }
}

static void *use_from_elsewhere(void *argument)
{
    static dpk_error err;
    const dpk_executor *executor = argument;
    return dpk_executor_map(*executor, touch, 1, NULL, 0, NULL, 0, &err) == DPK_USAGE ? &err : NULL;
}

static dpk_executor shared_executor;

/* On the caller's thread while it is inside. */
static int use_in_another_thread(const void *argument, void *result, dpk_task *task)
{
    pthread_t thread;
    void *err;
    (void)argument, (void)result;
    pthread_create(&thread, NULL, use_from_elsewhere, &shared_executor);
    pthread_join(thread, &err);
    return err != NULL ? dpk_task_fail(task, "%s", ((dpk_error *)err)->text) : 2;
}

Test(executor_callers, refuses_a_second_thread)
{
    shared_executor = open_executor("seq");
    dpk_outcome outcome =
        wait_for(shared_executor, submit(shared_executor, use_in_another_thread, NULL, 0), NULL, 0);
    cr_assert_eq(outcome.value, 1);
    cr_assert(strstr(outcome.text, "another thread is using executor"), "%s", outcome.text);
    close_executor(shared_executor);
}

Test(executor_callers, refuses_a_process_that_has_inherited_it)
{
    EACH(backend, every_backend)
    {
        dpk_executor executor = open_executor(backend);
        pid_t child = fork();
        int status;
        dpk_error err;
        if (child == 0)
            _exit(dpk_executor_close(executor, &err) == DPK_USAGE &&
                          strstr(err.text, "belongs to process") != NULL
                      ? 0
                      : 1);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "%s", backend);
        check_map(executor, backend);
        close_executor(executor);
    }
}

Test(executor_callers, has_several_at_once)
{
    EACH(backend, every_backend)
    {
        int64_t x = 4;
        dpk_executor first = open_executor(backend);
        EACH(other, every_backend)
        {
            dpk_executor second = open_executor(other);
            dpk_future future = submit(first, square, &x, sizeof x);
            check_map(second, other);
            check_map(first, backend);
            assert_refused(dpk_executor_wait(second, future, -1, NULL, 0, NULL, &refusal),
                           DPK_USAGE, "none of this executor's");
            cr_assert_eq(wait_for(first, future, NULL, 0).state, DPK_TASK_DONE);
            close_executor(second);
        }
        close_executor(first);
    }
}

Test(executor_callers, refuses_processes_after_openmp)
{
    static float pixels[8 * 8];
    const size_t shape[DPK_MAX_RANK] = { 8, 8 };
    dpk_array in = dpk_array_over(pixels, DPK_F32, 2, shape);
    dpk_options options = dpk_options_default();
    dpk_library *library;
    dpk_job *job;
    dpk_error err;
    options.backend = "omp";
    options.jobs = 2;
    cr_assert_eq(dpk_library_open(&library, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_open(&job, library, "invert", NULL, &options, &err), DPK_OK, "%s",
                 err.text);
    cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    dpk_job_close(job);
    dpk_library_close(library);
    EACH(backend, with_processes)
    {
        dpk_executor executor = 1;
        dpk_executor_options asked = options_for(backend);
        assert_refused(dpk_executor_open(&executor, &asked, &refusal), DPK_FAILED,
                       "this process has already used OpenMP's threads");
        cr_assert_eq(executor, 0);
    }
    dpk_executor threads = open_executor("threads");
    check_map(threads, "threads");
    close_executor(threads);
}
