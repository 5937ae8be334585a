/* SPDX-License-Identifier: MIT */
/* libc_rand: random numbers from the C library's rand(), whose state has one lock. Which worker
 * draws which number depends on timing, so the numbers are discarded, and the item only counts
 * them. */
#include "scenario.h"

#include <stdlib.h>

static uint64_t draw(uint64_t x, void *kept)
{
    (void)x;
    (void)kept;
    return rand() >= 0;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, draw, NULL);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("1024", "1000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "rand() takes one lock of the whole process for each number. Threads hand that lock and "
        "the state behind it from processor to processor; every process has its own.",
    .history =
        "glibc has locked rand() since it has threads; random_r() and the C++ generators "
        "keep their state with the caller.",
    .literature =
        "POSIX.1-2017, rand(): need not be thread-safe; U. Drepper, Futexes are tricky, "
        "2011, on what a contended lock costs",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "Random numbers: give each worker a generator of its own (random_r()), or take "
        "processes for rand().",
};

DPK_KERNEL(
    libc_rand, .summary = "random numbers from a library that has one lock", .group = "scenario",
    .details =
        "Each operation draws a number with rand() and throws it away; what comes out "
        "is arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare libc-rand --backends=omp,fork --budget=2",
                                       "dpk sweep libc-rand --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
