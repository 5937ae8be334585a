/* SPDX-License-Identifier: MIT */
/* executors.h: what the programs that bench/executors.sh compares have in common: the tasks, and
 * how long they are timed. */
#ifndef BENCH_EXECUTORS_H
#define BENCH_EXECUTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The tasks that keep a worker busy do so for that long; and tasks of one chunk, where the caller
 * says how many. */
enum { BUSY_NS = 10000, CHUNK = 1000 };

/* Tasks of a run at least, so that beginning and ending it hardly count. */
enum { FEWEST = 4000 };

/* A run is long enough from then on. */
#define ENOUGH_NS 1e8

static inline uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The result of task i. */
static inline size_t task_empty(size_t i)
{
    return i + 1;
}

static inline size_t task_busy(size_t i)
{
    uint64_t end = now_ns() + BUSY_NS;
    while (now_ns() < end)
        continue;
    return i + 1;
}

/* Executes so many tasks. Returns whether all of their results were right. */
typedef bool run_function(void *context, size_t count);

static inline void check(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "%s: wrong results\n", what);
        exit(1);
    }
}

/* Executes more and more tasks until that takes long enough, and prints microseconds per task. */
static inline void print_per_task(run_function *run, void *context, const char *what)
{
    double ns = 0;
    size_t count = FEWEST / 4;
    while (ns < ENOUGH_NS) {
        count *= 4;
        uint64_t begin = now_ns();
        bool right = run(context, count);
        ns = (double)(now_ns() - begin);
        check(right, what);
    }
    printf("%.4f\n", ns / 1e3 / (double)count);
}

#endif
