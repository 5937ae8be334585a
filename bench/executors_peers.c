/* SPDX-License-Identifier: MIT */
/* executors_peers.c PEER WHAT JOBS: other ways to execute tasks in C, for bench/executors.sh. Peers
 * are `pthread`, a pool of threads as one writes it by hand (a list of tasks, a lock, two condition
 * variables), and `taskloop` of OpenMP. Prints microseconds per task, of opening or of closing. */
#define _POSIX_C_SOURCE 200809L
#include "executors.h"

#include <pthread.h>

/* ------------------------------------------------------------------- a pool of threads, by hand */

struct task {
    struct task *next;
    size_t (*function)(size_t i);
    size_t begin, end; /* items, which are one chunk */
    size_t *results;
};

struct list {
    struct task *head, **tail;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t filled, done;
    struct list waiting, completed;
    bool ends;
    unsigned jobs;
    pthread_t threads[64];
};

static void list_clear(struct list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void list_append(struct list *list, struct task *task)
{
    task->next = NULL;
    *list->tail = task;
    list->tail = &task->next;
}

static struct task *list_take(struct list *list)
{
    struct task *task = list->head;
    list->head = task->next;
    if (list->head == NULL)
        list->tail = &list->head;
    return task;
}

static void *serve(void *argument)
{
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->waiting.head == NULL && !pool->ends)
            pthread_cond_wait(&pool->filled, &pool->lock);
        if (pool->waiting.head == NULL)
            break;
        struct task *task = list_take(&pool->waiting);
        pthread_mutex_unlock(&pool->lock);
        for (size_t i = task->begin; i < task->end; i++)
            task->results[i] = task->function(i);
        pthread_mutex_lock(&pool->lock);
        list_append(&pool->completed, task);
        pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void pool_open(struct pool *pool, unsigned jobs)
{
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->filled, NULL);
    pthread_cond_init(&pool->done, NULL);
    list_clear(&pool->waiting);
    list_clear(&pool->completed);
    pool->ends = false;
    for (pool->jobs = 0; pool->jobs < jobs; pool->jobs++)
        if (pthread_create(&pool->threads[pool->jobs], NULL, serve, pool) != 0)
            exit(1);
}

static void pool_submit(struct pool *pool, struct task *task)
{
    pthread_mutex_lock(&pool->lock);
    list_append(&pool->waiting, task);
    pthread_cond_signal(&pool->filled);
    pthread_mutex_unlock(&pool->lock);
}

/* As completed. */
static struct task *pool_next(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->completed.head == NULL)
        pthread_cond_wait(&pool->done, &pool->lock);
    struct task *task = list_take(&pool->completed);
    pthread_mutex_unlock(&pool->lock);
    return task;
}

static void pool_close(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ends = true;
    pthread_cond_broadcast(&pool->filled);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned w = 0; w < pool->jobs; w++)
        pthread_join(pool->threads[w], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->filled);
    pthread_mutex_destroy(&pool->lock);
}

/* --------------------------------------------------------------------------- what is timed */

struct plan {
    struct pool *pool;
    size_t (*function)(size_t i);
    size_t chunk;
};

static bool are_right(const size_t *results, size_t count)
{
    size_t i = 0;
    while (i < count && results[i] == i + 1)
        i++;
    return i == count;
}

/* Submits all chunks, then takes them as they are completed: of one task each, that is submit + as
 * completed; a map does no less. */
static bool run_on_pool(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t chunks = (count + plan->chunk - 1) / plan->chunk;
    struct task *tasks = calloc(chunks, sizeof *tasks);
    size_t *results = calloc(count, sizeof *results);
    if (tasks == NULL || results == NULL)
        exit(1);
    for (size_t c = 0; c < chunks; c++) {
        size_t begin = c * plan->chunk;
        size_t end = begin + plan->chunk < count ? begin + plan->chunk : count;
        tasks[c] = (struct task){ NULL, plan->function, begin, end, results };
        pool_submit(plan->pool, &tasks[c]);
    }
    for (size_t c = 0; c < chunks; c++)
        pool_next(plan->pool);
    bool right = are_right(results, count);
    free(results);
    free(tasks);
    return right;
}

/* One after the other. */
static bool run_trips(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t right = 0, result;
    for (size_t i = 0; i < count; i++) {
        struct task task = { NULL, plan->function, 0, 1, &result };
        pool_submit(plan->pool, &task);
        right += pool_next(plan->pool) == &task && result == 1;
    }
    return right == count;
}

static bool run_taskloop(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t *results = calloc(count, sizeof *results);
    if (results == NULL)
        exit(1);
#pragma omp parallel
#pragma omp single
    if (plan->chunk > 0) {
#pragma omp taskloop grainsize(plan->chunk)
        for (size_t i = 0; i < count; i++)
            results[i] = plan->function(i);
    } else {
#pragma omp taskloop
        for (size_t i = 0; i < count; i++)
            results[i] = plan->function(i);
    }
    bool right = are_right(results, count);
    free(results);
    return right;
}

/* Prints how long it took until a task for each worker was done, or to end the workers then. */
static void time_pool(bool closing, unsigned jobs)
{
    struct pool pool;
    struct plan plan = { &pool, task_empty, 1 };
    uint64_t begin = now_ns();
    pool_open(&pool, jobs);
    check(run_on_pool(&plan, jobs), "pthread");
    uint64_t opened = now_ns();
    pool_close(&pool);
    uint64_t closed = now_ns();
    printf("%.1f\n", (double)(closing ? closed - opened : opened - begin) / 1e3);
}

static void measure_pool(const char *what, unsigned jobs)
{
    struct pool pool;
    struct plan plan = { &pool, strstr(what, "busy") ? task_busy : task_empty,
                         strcmp(what, "chunked") == 0 ? CHUNK : 1 };
    pool_open(&pool, jobs);
    print_per_task(strcmp(what, "trip") == 0 ? run_trips : run_on_pool, &plan, what);
    pool_close(&pool);
}

/* The runtime's threads are there from the first parallel region on until the program ends. */
static void measure_taskloop(const char *what)
{
    struct plan plan = { NULL, strstr(what, "busy") ? task_busy : task_empty, 0 };
    uint64_t begin = now_ns();
    check(run_taskloop(&plan, 2), what);
    if (strcmp(what, "open") == 0) {
        printf("%.1f\n", (double)(now_ns() - begin) / 1e3);
        return;
    }
    if (strcmp(what, "map") == 0)
        plan.chunk = 1;
    print_per_task(run_taskloop, &plan, what);
}

int main(int count, char **words)
{
    if (count != 4) {
        fprintf(stderr, "usage: executors_peers pthread|taskloop WHAT JOBS\n");
        return 2;
    }
    const char *what = words[2];
    unsigned jobs = (unsigned)atoi(words[3]);
    if (jobs < 1 || jobs > 64)
        return 2;
    if (strcmp(words[1], "taskloop") == 0)
        measure_taskloop(what);
    else if (strcmp(what, "open") == 0 || strcmp(what, "close") == 0)
        time_pool(what[0] == 'c', jobs);
    else
        measure_pool(what, jobs);
    return 0;
}
