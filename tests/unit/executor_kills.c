/* SPDX-License-Identifier: MIT */
/* executor_kills.c: workers that are killed from outside, at whatever instruction they are: all
 * results are there and right, each once, and nothing is left behind in the end. */
#include "executors.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ----------------------------------------------------------------------------- who kills them */

/* Starting a process takes sanitizers ten times as long. */
#ifdef DPK_SANITIZED
enum { KILLS = 100 };
#else
enum { KILLS = 1000 };
#endif
enum { WORKERS = 3, ENOUGH_RETRIES = 1000 };

/* In memory in common: where workers say which processes they are. */
struct board {
    _Atomic pid_t processes[WORKERS];
};

struct killer {
    struct board *board;
    unsigned seed;
    int number;        /* of the signal */
    atomic_uint kills; /* sent */
    pthread_t thread;
    atomic_bool stop;
};

static int enter(const void *argument, void *result, dpk_task *task)
{
    struct board *board = *(struct board *const *)argument;
    (void)result;
    atomic_store(&board->processes[dpk_task_worker(task)], getpid());
    return 0;
}

/* Waits for a random while, which shifts what it hits, and kills a random worker. Each process is
 * killed once: its number may be another's later. */
static void *kill_at_random(void *context)
{
    struct killer *killer = context;
    while (!atomic_load(&killer->stop)) {
        unsigned w = (unsigned)rand_r(&killer->seed) % WORKERS;
        for (int i = rand_r(&killer->seed) % 300; i > 0; i--)
            sched_yield();
        pid_t process = atomic_exchange(&killer->board->processes[w], 0);
        if (process > 0 && kill(process, killer->number) == 0)
            atomic_fetch_add(&killer->kills, 1);
    }
    return NULL;
}

static dpk_executor open_for(struct killer *killer, const char *backend, struct board **board)
{
    dpk_executor_options options = options_for(backend);
    /* Workers enter their numbers when they begin: the memory for that is there before them. */
    *board = mmap(NULL, sizeof **board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    options.workers = WORKERS;
    options.retries = ENOUGH_RETRIES;
    options.begin = enter;
    options.begin_argument = board;
    options.in_flight = 50;
    killer->board = *board;
    if (killer->number == SIGSTOP)
        options.timeout = 0.02;
    dpk_executor executor = open_with(&options);
    pthread_create(&killer->thread, NULL, kill_at_random, killer);
    return executor;
}

static void stop(struct killer *killer)
{
    atomic_store(&killer->stop, true);
    pthread_join(killer->thread, NULL);
}

/* -------------------------------------------------------------------------------- what they do */

static int cube(const void *argument, void *result, dpk_task *task)
{
    int64_t x = *(const int64_t *)argument, y = 0;
    if (x % 97 == 13)
        return dpk_task_fail(task, "%d is unlucky", (int)x);
    for (volatile int64_t i = 0; i < x % 50; i++)
        y += x * x;
    *(int64_t *)result = y + x * x * (x - x % 50);
    return 0;
}

static int64_t cubed(int64_t x)
{
    return x * x * x;
}

static void check_outcome(const dpk_outcome *outcome, int64_t x)
{
    char text[64];
    snprintf(text, sizeof text, "%d is unlucky", (int)x);
    cr_assert_eq(outcome->state, DPK_TASK_FAILED, "task %d: %s", (int)x, outcome->text);
    cr_assert_str_eq(outcome->text, text);
}

static void map_once(dpk_executor executor, int64_t *in, int64_t *out, size_t count)
{
    dpk_error err;
    dpk_outcome outcome = dpk_outcome_default();
    for (size_t i = 0; i < count; i++) {
        in[i] = (int64_t)i;
        out[i] = -1;
    }
    dpk_status status =
        dpk_executor_map(executor, cube, count, in, sizeof *in, out, sizeof *out, &err);
    cr_assert_eq(status, DPK_FAILED, "%s", err.text);
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        if (i % 97 != 13) {
            cr_assert_eq(out[i], cubed((int64_t)i));
            continue;
        }
        cr_assert(dpk_executor_failed(executor, failed++, &outcome));
        cr_assert_eq(outcome.task, i);
        check_outcome(&outcome, (int64_t)i);
    }
    cr_assert_not(dpk_executor_failed(executor, failed, &outcome));
}

static void submit_once(dpk_executor executor, bool *seen, size_t count)
{
    dpk_error err;
    dpk_future future;
    dpk_outcome outcome = dpk_outcome_default();
    int64_t result;
    uint64_t base = UINT64_MAX;
    memset(seen, 0, count);
    for (int64_t i = 0; i < (int64_t)count; i++)
        submit(executor, cube, &i, sizeof i);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(
            dpk_executor_next(executor, &future, -1, &result, sizeof result, &outcome, &err),
            DPK_OK);
        cr_assert_neq(future, 0);
        if (base == UINT64_MAX)
            base = outcome.task - outcome.task % count;
        int64_t x = (int64_t)(outcome.task - base);
        cr_assert(x >= 0 && x < (int64_t)count && !seen[x]);
        seen[x] = true;
        if (x % 97 == 13)
            check_outcome(&outcome, x);
        else
            cr_assert(outcome.state == DPK_TASK_DONE && result == cubed(x), "task %d: %s", (int)x,
                      outcome.text);
    }
    cr_assert_eq(dpk_executor_next(executor, &future, 0, NULL, 0, &outcome, &err), DPK_OK);
    cr_assert_eq(future, 0);
}

static void survive(const char *backend, int number, unsigned kills, size_t count)
{
    struct killer killer = { .seed = 42, .number = number };
    struct board *board;
    int64_t *in = malloc(count * sizeof *in), *out = malloc(count * sizeof *out);
    bool *seen = malloc(count);
    dpk_executor executor = open_for(&killer, backend, &board);
    while (atomic_load(&killer.kills) < kills) {
        map_once(executor, in, out, count);
        submit_once(executor, seen, count);
    }
    stop(&killer);
    map_once(executor, in, out, count);
    cr_assert_eq(dpk_executor_workers(executor), WORKERS);
    close_executor(executor);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a process is left");
    munmap(board, sizeof *board);
    free(in);
    free(out);
    free(seen);
}

Test(executor_kills, pool_survives_kills)
{
    survive("pool", SIGKILL, KILLS, 5000);
}

Test(executor_kills, pool_survives_faults)
{
    survive("pool", SIGTERM, KILLS / 2, 500);
}

Test(executor_kills, pool_survives_stops)
{
    survive("pool", SIGSTOP, KILLS / 50, 500);
}

Test(executor_kills, fork_survives_kills)
{
    survive("fork", SIGKILL, KILLS / 20, 60);
}

/* ------------------------------------------------------------------------------ what is left */

static size_t descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        cr_skip_test("this system does not list descriptors");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Memory that is this process's own, in pages. */
static size_t pages(void)
{
    size_t total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%zu %zu", &total, &resident) != 2)
        cr_skip_test("this system does not tell about memory");
    fclose(file);
    return resident;
}

static void do_many(dpk_executor executor, size_t tasks)
{
    dpk_error err;
    dpk_future future;
    for (size_t i = 0; i < tasks; i++) {
        int64_t x = (int64_t)(i % 1000), result;
        submit(executor, square, &x, sizeof x);
        if (i % 100 != 99)
            continue;
        for (int k = 0; k < 100; k++) {
            cr_assert_eq(
                dpk_executor_next(executor, &future, -1, &result, sizeof result, NULL, &err),
                DPK_OK);
            cr_assert_neq(future, 0);
        }
    }
    int64_t in[500], out[500];
    for (int64_t i = 0; i < 500; i++)
        in[i] = i;
    for (size_t i = 0; i < tasks; i += 500)
        cr_assert_eq(
            dpk_executor_map(executor, square, 500, in, sizeof *in, out, sizeof *out, &err),
            DPK_OK);
}

Test(executor_kills, many_tasks_leave_nothing_behind)
{
    EACH(backend, every_backend)
    {
        size_t tasks = strcmp(backend, "fork") == 0 ? 500 : 100000, before = descriptors();
        dpk_executor executor = open_executor(backend);
        do_many(executor, tasks / 10);
        size_t open = descriptors(), memory = pages();
        do_many(executor, tasks);
        cr_assert_eq(descriptors(), open, "%s", backend);
#ifndef DPK_SANITIZED
        cr_assert_leq(pages(), memory + 256, "%s: %zu pages more", backend, pages() - memory);
#else
        (void)memory;
#endif
        close_executor(executor);
        cr_assert_eq(descriptors(), before, "%s", backend);
        cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "%s", backend);
    }
}
