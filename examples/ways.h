/* SPDX-License-Identifier: MIT */
/* ways.h: what the programs that show ways to execute items have in common: their options, an item
 * that computes or waits, and the report of where the time went. python/ways.py is the same for the
 * programs in Python.
 *
 *     PROGRAM [BACKEND] [-jWORKERS] [--items=N] [--work=MS] [--sleep=MS] */
#ifndef WAYS_H
#define WAYS_H

#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L /* clock_gettime() */
#endif

#include <dpk/executor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What an item is to do, in milliseconds; and when it began and ended, in seconds. Plain memory,
 * which workers of any kind can be given. */
struct ways_item {
    double work, sleep;
};

struct ways_times {
    double begin, end;
};

struct ways {
    const char *program, *backend;
    unsigned workers;
    size_t count;
    struct ways_item *items;
    struct ways_times *times; /* of each item */
    double begin;
};

/* Seconds. CLOCK_MONOTONIC is the same in all processes. */
static inline double ways_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Takes so much of a processor's time, however long it has to wait for the processor. */
static inline void ways_compute(double seconds)
{
    double end = ways_clock(CLOCK_THREAD_CPUTIME_ID) + seconds;
    while (ways_clock(CLOCK_THREAD_CPUTIME_ID) < end)
        continue;
}

static inline void ways_wait(double seconds)
{
    struct timespec left;
    left.tv_sec = (time_t)seconds;
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0)
        continue;
}

/* One item, in whatever worker: a dpk_task_function. */
static inline int ways_do(const void *argument, void *result, dpk_task *task)
{
    const struct ways_item *item = (const struct ways_item *)argument;
    struct ways_times *times = (struct ways_times *)result;
    (void)task;
    times->begin = ways_clock(CLOCK_MONOTONIC);
    if (item->work > 0)
        ways_compute(item->work * 1e-3);
    if (item->sleep > 0)
        ways_wait(item->sleep * 1e-3);
    times->end = ways_clock(CLOCK_MONOTONIC);
    return 0;
}

static inline void ways_stop(const struct ways *ways, const char *why)
{
    fprintf(stderr, "%s: %s\n", ways->program, why);
    exit(1);
}

/* Reads the options, makes the items, and starts the clock. */
static inline struct ways ways_begin(int count, char **words, const char *backend)
{
    const char *slash = strrchr(words[0], '/');
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct ways ways = { slash != NULL ? slash + 1 : words[0], backend, 1, 40, NULL, NULL, 0 };
    struct ways_item item = { -1, 0 };
    if (processors > 0)
        ways.workers = (unsigned)processors;
    for (int i = 1; i < count; i++) {
        if (words[i][0] != '-')
            ways.backend = words[i];
        else if (sscanf(words[i], "-j%u", &ways.workers) != 1 &&
                 sscanf(words[i], "--items=%zu", &ways.count) != 1 &&
                 sscanf(words[i], "--work=%lf", &item.work) != 1 &&
                 sscanf(words[i], "--sleep=%lf", &item.sleep) != 1)
            ways_stop(&ways, "its options are [BACKEND] -jWORKERS --items=N --work=MS --sleep=MS");
    }
    if (item.work < 0)
        item.work = item.sleep > 0 ? 0 : 5;
    ways.items = (struct ways_item *)calloc(ways.count, sizeof *ways.items);
    ways.times = (struct ways_times *)calloc(ways.count, sizeof *ways.times);
    if (ways.count == 0 || ways.items == NULL || ways.times == NULL)
        ways_stop(&ways, "there must be at least one item, and memory for all");
    for (size_t i = 0; i < ways.count; i++)
        ways.items[i] = item;
    ways.begin = ways_clock(CLOCK_MONOTONIC);
    return ways;
}

/* Prints what the executor has to say, such as that a worker has died, and its task is done again.
 * Returns how many workers it has. */
static inline unsigned ways_notes(const struct ways *ways, dpk_executor executor)
{
    for (size_t i = 0; dpk_executor_note(executor, i) != NULL; i++)
        fprintf(stderr, "%s: %s\n", ways->program, dpk_executor_note(executor, i));
    return dpk_executor_workers(executor);
}

/* Prints where the time went: all workers have ended now. Frees the items. */
static inline void ways_end(struct ways *ways, unsigned workers)
{
    double end = ways_clock(CLOCK_MONOTONIC), sum = 0, most = 0;
    double first = ways->times[0].begin, last = ways->times[0].end;
    for (size_t i = 0; i < ways->count; i++) {
        const struct ways_times *times = &ways->times[i];
        double took = times->end - times->begin;
        first = times->begin < first ? times->begin : first;
        last = times->end > last ? times->end : last;
        most = took > most ? took : most;
        sum += took;
    }
    printf("%s: %zu items that compute for %g ms and wait for %g ms; workers: %u, %s\n",
           ways->program, ways->count, ways->items[0].work, ways->items[0].sleep, workers,
           ways->backend);
    printf("  starting %10.2f ms  until the first item began\n", 1e3 * (first - ways->begin));
    printf("  items    %10.2f ms  %.2f each, %.2f at most\n", 1e3 * (last - first),
           1e3 * sum / (double)ways->count, 1e3 * most);
    printf("  ending   %10.2f ms  until the last worker was gone\n", 1e3 * (end - last));
    printf("  in all   %10.2f ms\n", 1e3 * (end - ways->begin));
    free(ways->items);
    free(ways->times);
}

#endif
