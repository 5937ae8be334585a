/* SPDX-License-Identifier: MIT */
/* executor_deaths.c: workers that crash, are killed, hang or end: only their tasks are done again.
 */
#include "executors.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a task does to its process, in so many attempts. */
enum fault { NONE, SEGV, KILLED, EXITS, STOPS, ABORTS };

struct order {
    enum fault fault;
    unsigned attempts;
};

static void no_core_file(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
}

static int obey(const void *argument, void *result, dpk_task *task)
{
    const struct order *order = argument;
    *(size_t *)result = dpk_task_index(task) * 10 + dpk_task_attempt(task);
    if (dpk_task_attempt(task) > order->attempts)
        return 0;
    no_core_file();
    signal(SIGSEGV, SIG_DFL); /* sanitizers and libraries have handlers */
    signal(SIGABRT, SIG_DFL);
    switch (order->fault) {
    case SEGV:
        raise(SIGSEGV);
        break;
    case KILLED:
        raise(SIGKILL);
        break;
    case ABORTS:
        raise(SIGABRT);
        break;
    case STOPS:
        raise(SIGSTOP);
        break;
    case EXITS:
        _exit(3);
    case NONE:
        break;
    }
    return 0;
}

static const struct {
    enum fault fault;
    int signal, exit_code;
    const char *words;
} faults[] = {
    { SEGV, SIGSEGV, 0, "died of SIGSEGV in task 7" },
    { KILLED, SIGKILL, 0, "died of SIGKILL" },
    { ABORTS, SIGABRT, 0, "died of SIGABRT in task 7" },
    { EXITS, 0, 3, "ended with exit code 3 in task 7" },
};

enum { FAULTS = sizeof faults / sizeof *faults, TASKS = 30 };

static void check_death(const dpk_outcome *outcome, int fault, unsigned attempts)
{
    cr_assert_eq(outcome->state, DPK_TASK_DIED);
    cr_assert_eq(outcome->task, 7);
    cr_assert_eq(outcome->signal, faults[fault].signal);
    cr_assert_eq(outcome->exit_code, faults[fault].exit_code);
    cr_assert_eq(outcome->attempts, attempts);
    cr_assert_gt(outcome->process, 0);
    char who[64];
    snprintf(who, sizeof who, "worker %u (process %ld) ", outcome->worker, outcome->process);
    cr_assert(strstr(outcome->text, who) != NULL, "%s", outcome->text);
    cr_assert(strstr(outcome->text, faults[fault].words) != NULL, "%s", outcome->text);
}

Test(executor_deaths, does_tasks_of_a_map_again)
{
    EACH(backend, with_processes)
    {
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        for (int fault = 0; fault < FAULTS; fault++) {
            struct order orders[TASKS] = { [7] = { faults[fault].fault, 2 } };
            size_t results[TASKS];
            cr_assert_eq(dpk_executor_map(executor, obey, TASKS, orders, sizeof *orders, results,
                                          sizeof *results, &err),
                         DPK_OK, "%s: %s", backend, err.text);
            for (size_t i = 0; i < TASKS; i++)
                cr_assert_eq(results[i], i * 10 + (i == 7 ? 3 : 1), "%s: %zu of task %zu", backend,
                             results[i], i);
            cr_assert_not_null(dpk_executor_note(executor, (size_t)fault * 2 + 1));
            const char *note = dpk_executor_note(executor, (size_t)fault * 2);
            cr_assert(strstr(note, "task 7; the task is done again"), "%s", note);
        }
        cr_assert_eq(dpk_executor_workers(executor), 2);
        close_executor(executor);
    }
}

Test(executor_deaths, gives_up_a_task_of_a_map_that_kills)
{
    EACH(backend, with_processes)
    {
        for (unsigned retries = 0; retries < 3; retries += 2) {
            dpk_executor_options options = options_for(backend);
            options.retries = retries;
            dpk_executor executor = open_with(&options);
            for (int fault = 0; fault < FAULTS; fault++) {
                struct order orders[TASKS] = { [7] = { faults[fault].fault, 100 } };
                size_t results[TASKS];
                dpk_outcome outcome = dpk_outcome_default();
                assert_refused(dpk_executor_map(executor, obey, TASKS, orders, sizeof *orders,
                                                results, sizeof *results, &refusal),
                               DPK_WORKER_LOST, faults[fault].words);
                cr_assert(dpk_executor_failed(executor, 0, &outcome));
                check_death(&outcome, fault, retries + 1);
                cr_assert_not(dpk_executor_failed(executor, 1, &outcome));
                for (size_t i = 0; i < TASKS; i++)
                    cr_assert(i == 7 || results[i] == i * 10 + 1, "%s", backend);
            }
            close_executor(executor);
        }
    }
}

Test(executor_deaths, does_submitted_tasks_again_or_gives_them_up)
{
    EACH(backend, with_processes)
    {
        for (int fault = 0; fault < FAULTS; fault++) {
            dpk_executor executor = open_executor(backend);
            dpk_future futures[TASKS];
            for (int i = 0; i < TASKS; i++) {
                struct order order = { i == 7 || i == 20 ? faults[fault].fault : NONE,
                                       i == 7 ? 100 : 1 };
                futures[i] = submit(executor, obey, &order, sizeof order);
            }
            for (size_t i = 0; i < TASKS; i++) {
                size_t result = 0;
                dpk_outcome outcome = wait_for(executor, futures[i], &result, sizeof result);
                unsigned attempts = i == 20 ? 2 : 1;
                if (i == 7) {
                    check_death(&outcome, fault, 3);
                    continue;
                }
                cr_assert_eq(outcome.state, DPK_TASK_DONE, "%s: %s", backend, outcome.text);
                cr_assert_eq(outcome.attempts, attempts);
                cr_assert_eq(result, i * 10 + attempts);
            }
            close_executor(executor);
        }
    }
}

static int wait_for_ever(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    while (pause() != 0)
        continue;
    return 0;
}

Test(executor_deaths, ends_what_takes_too_long)
{
    EACH(backend, with_processes)
    {
        dpk_executor_options options = options_for(backend);
        options.timeout = 0.05;
        options.retries = 0;
        dpk_executor executor = open_with(&options);
        struct order stop = { STOPS, 100 };
        dpk_future sleeps = submit(executor, wait_for_ever, NULL, 0);
        dpk_future stops = submit(executor, obey, &stop, sizeof stop);
        dpk_outcome outcome = wait_for(executor, sleeps, NULL, 0);
        cr_assert_eq(outcome.state, DPK_TASK_TIMED_OUT, "%s: %s", backend, outcome.text);
        cr_assert(strstr(outcome.text, "took longer than 0.05 s: worker"), "%s", outcome.text);
        cr_assert_eq(outcome.signal, SIGKILL);
        cr_assert_eq(wait_for(executor, stops, NULL, 0).state, DPK_TASK_TIMED_OUT);
        assert_refused(dpk_executor_map(executor, wait_for_ever, 3, NULL, 0, NULL, 0, &refusal),
                       DPK_WORKER_LOST, "3 of 3 tasks have no result");
        close_executor(executor);
    }
}

Test(executor_deaths, does_again_what_was_stopped)
{
    EACH(backend, with_processes)
    {
        dpk_error err;
        dpk_executor_options options = options_for(backend);
        options.timeout = 0.1;
        options.retries = 5; /* a slow machine may take longer for other tasks, too */
        dpk_executor executor = open_with(&options);
        struct order orders[TASKS] = { [3] = { STOPS, 1 }, [20] = { STOPS, 1 } };
        size_t results[TASKS];
        cr_assert_eq(dpk_executor_map(executor, obey, TASKS, orders, sizeof *orders, results,
                                      sizeof *results, &err),
                     DPK_OK, "%s: %s", backend, err.text);
        for (size_t i = 0; i < TASKS; i++)
            cr_assert_eq(results[i] / 10, i, "%s", backend);
        close_executor(executor);
    }
}

static int begin_to_run(const void *argument, void *result, dpk_task *task)
{
    atomic_bool *begun = *(atomic_bool *const *)argument;
    atomic_store(begun, true);
    return wait_for_ever(argument, result, task);
}

Test(executor_deaths, cancels_what_runs)
{
    EACH(backend, with_processes)
    {
        dpk_error err;
        dpk_executor executor = open_executor(backend);
        atomic_bool *begun = alloc(executor, sizeof *begun);
        for (int i = 0; i < 10; i++) {
            int64_t x = i, result;
            dpk_future future = submit(executor, begin_to_run, &begun, sizeof begun);
            dpk_future other = submit(executor, square, &x, sizeof x);
            while (!atomic_exchange(begun, false))
                sched_yield();
            cr_assert_eq(dpk_executor_cancel(executor, future, true, &err), DPK_OK, "%s: %s",
                         backend, err.text);
            dpk_outcome outcome = wait_for(executor, future, NULL, 0);
            cr_assert_eq(outcome.state, DPK_TASK_CANCELLED);
            cr_assert_eq(outcome.attempts, 1);
            cr_assert_eq(wait_for(executor, other, &result, sizeof result).state, DPK_TASK_DONE);
            cr_assert_eq(result, x * x);
        }
        cr_assert_null(dpk_executor_note(executor, 0), "%s", dpk_executor_note(executor, 0));
        close_executor(executor);
    }
}

static int pid_of(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)task;
    *(pid_t *)result = getpid();
    return 0;
}

Test(executor_deaths, replaces_workers_that_die_without_a_task)
{
    dpk_executor executor = open_executor("pool");
    for (int i = 0; i < 20; i++) {
        pid_t process;
        dpk_future future = submit(executor, pid_of, NULL, 0);
        wait_for(executor, future, &process, sizeof process);
        kill(process, i % 2 == 0 ? SIGKILL : SIGTERM);
        int64_t x = i, result;
        dpk_outcome outcome =
            wait_for(executor, submit(executor, square, &x, sizeof x), &result, sizeof result);
        cr_assert_eq(outcome.state, DPK_TASK_DONE, "%s", outcome.text);
        cr_assert_eq(result, x * x);
    }
    close_executor(executor);
}

Test(executor_deaths, renews_workers_after_so_many_tasks)
{
    EACH(backend, with_processes)
    {
        dpk_error err;
        dpk_executor_options options = options_for(backend);
        options.renew_after = 5;
        dpk_executor executor = open_with(&options);
        pid_t processes[103];
        cr_assert_eq(
            dpk_executor_map(executor, pid_of, 60, NULL, 0, processes, sizeof(pid_t), &err), DPK_OK,
            "%s: %s", backend, err.text);
        for (int i = 60; i < 103; i++) {
            dpk_future future = submit(executor, pid_of, NULL, 0);
            wait_for(executor, future, &processes[i], sizeof(pid_t));
        }
        for (int i = 0; i < 103; i++) {
            int same = 0;
            for (int j = 0; j < 103; j++)
                same += processes[j] == processes[i];
            cr_assert_leq(same, 5, "%s: %d", backend, same);
        }
        cr_assert_null(dpk_executor_note(executor, 0), "%s", dpk_executor_note(executor, 0));
        close_executor(executor);
    }
}

/* ---------------------------------------------------------------------------------- beginning */

static _Thread_local int begun_with;

static int begin_well(const void *argument, void *result, dpk_task *task)
{
    (void)result, (void)task;
    begun_with = *(const int *)argument;
    return 0;
}

static int tell_beginning(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)task;
    *(int *)result = begun_with;
    return 0;
}

Test(executor_deaths, begins_every_worker)
{
    EACH(backend, every_backend)
    {
        static const int with = 42;
        int results[20];
        dpk_error err;
        dpk_executor_options options = options_for(backend);
        options.begin = begin_well;
        options.begin_argument = &with;
        if (strcmp(backend, "pool") == 0)
            options.renew_after = 3;
        dpk_executor executor = open_with(&options);
        cr_assert_eq(
            dpk_executor_map(executor, tell_beginning, 20, NULL, 0, results, sizeof(int), &err),
            DPK_OK, "%s: %s", backend, err.text);
        for (int i = 0; i < 20; i++)
            cr_assert_eq(results[i], 42, "%s", backend);
        close_executor(executor);
    }
}

static int cannot_begin(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result;
    return dpk_task_fail(task, "there is no licence");
}

static int dies_early(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    raise(SIGKILL);
    return 0;
}

Test(executor_deaths, says_that_workers_cannot_begin)
{
    EACH(backend, every_backend)
    {
        dpk_executor executor;
        dpk_executor_options options = options_for(backend);
        options.begin = cannot_begin;
        if (strcmp(backend, "fork") == 0) {
            executor = open_with(&options);
            assert_refused(dpk_executor_map(executor, pid_of, 1, NULL, 0, NULL, 0, &refusal),
                           DPK_FAILED, "there is no licence");
            close_executor(executor);
        } else {
            assert_refused(dpk_executor_open(&executor, &options, &refusal), DPK_FAILED,
                           "cannot begin: there is no licence");
        }
    }
    dpk_executor executor;
    dpk_executor_options options = options_for("pool");
    options.begin = dies_early;
    assert_refused(dpk_executor_open(&executor, &options, &refusal), DPK_FAILED,
                   "died of SIGKILL while it began");
}

/* The first `worth` workers begin, no others. */
static int begin_seldom(const void *argument, void *result, dpk_task *task)
{
    atomic_int *worth = *(atomic_int *const *)argument;
    (void)result;
    return atomic_fetch_sub(worth, 1) > 0 ? 0 : dpk_task_fail(task, "enough");
}

Test(executor_deaths, ends_all_tasks_when_no_worker_is_left)
{
    static atomic_int *worth;
    worth = mmap(NULL, sizeof *worth, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    atomic_store(worth, 4);
    dpk_executor_options options = options_for("pool");
    options.begin = begin_seldom;
    options.begin_argument = &worth;
    options.renew_after = 1;
    dpk_executor executor = open_with(&options);
    int done = 0;
    dpk_future futures[10];
    dpk_error err;
    for (int i = 0; i < 10; i++) {
        dpk_status status =
            dpk_executor_submit(executor, &futures[i], tell_beginning, NULL, 0, &err);
        cr_assert(status == DPK_OK || status == DPK_WORKER_LOST);
    }
    for (int i = 0; i < 10; i++) {
        if (futures[i] == 0)
            continue;
        dpk_outcome outcome = wait_for(executor, futures[i], NULL, 0);
        done += outcome.state == DPK_TASK_DONE;
        if (outcome.state != DPK_TASK_DONE)
            cr_assert(strstr(outcome.text, "no worker is left: worker"), "%s", outcome.text);
    }
    cr_assert_eq(done, 4);
    cr_assert_eq(dpk_executor_workers(executor), 0);
    assert_refused(dpk_executor_submit(executor, futures, tell_beginning, NULL, 0, &refusal),
                   DPK_WORKER_LOST, "cannot begin: enough");
    assert_refused(dpk_executor_map(executor, pid_of, 3, NULL, 0, NULL, 0, &refusal),
                   DPK_WORKER_LOST, "cannot begin: enough");
    close_executor(executor);
}

/* ----------------------------------------------------------------------------------- the parent */

Test(executor_deaths, leaves_no_worker_when_the_caller_is_killed)
{
    EACH(backend, with_processes)
    {
        int ends[2];
        char byte;
        cr_assert_eq(pipe(ends), 0);
        pid_t caller = fork();
        if (caller == 0) {
            dpk_executor executor = open_executor(backend);
            atomic_bool *begun = alloc(executor, sizeof *begun);
            submit(executor, begin_to_run, &begun, sizeof begun);
            while (!atomic_load(begun))
                sched_yield();
            raise(SIGKILL);
        }
        close(ends[1]);
        cr_assert_eq(waitpid(caller, NULL, 0), caller);
        cr_assert_eq(read(ends[0], &byte, 1), 0); /* ends when nobody holds the other end */
        close(ends[0]);
    }
}
