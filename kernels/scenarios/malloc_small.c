/* SPDX-License-Identifier: MIT */
/* malloc_small: allocates and frees small blocks, a few at a time, like programs with lists, trees
 * and strings. */
#include "scenario.h"

#include <stdlib.h>

/* Blocks held at a time, and their sizes: all within glibc's caches of a thread (up to 1032 bytes,
 * seven blocks of each size), which need no lock. */
enum { BLOCKS = 6, SMALLEST = 24, STEP = 48 };

/* The writes are volatile, or a compiler sees that nobody needs the blocks. */
static uint64_t allocate_and_free(uint64_t x, void *kept)
{
    (void)x;
    (void)kept;
    unsigned char *blocks[BLOCKS];
    for (size_t b = 0; b < BLOCKS; b++) {
        blocks[b] = malloc(SMALLEST + b * STEP);
        if (blocks[b] != NULL)
            *(volatile unsigned char *)blocks[b] = 1;
    }
    for (size_t b = 0; b < BLOCKS; b++)
        free(blocks[b]);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, allocate_and_free, NULL);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "3000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--share=100",
    .mechanism =
        "The allocator keeps freed blocks in a cache of each thread, and threads that miss it have "
        "heaps of their own: no lock is shared, and the system is not asked.",
    .history =
        "glibc has caches of threads since 2.26, and several heaps since long before; an allocator "
        "with one heap behind one lock lets processes win.",
    .literature =
        "E. Berger, K. McKinley, R. Blumofe, P. Wilson, Hoard: a scalable memory allocator for "
        "multithreaded applications, ASPLOS 2000",
    .rule = "Small blocks: threads and processes allocate equally fast.",
};

DPK_KERNEL(
    malloc_small, .summary = "small blocks, each allocated and freed by the same worker",
    .group = "scenario",
    .details =
        "Each operation allocates six blocks of 24 to 264 bytes, writes to each and frees them; "
        "what comes out is arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare malloc-small --backends=omp,fork --budget=2",
                                       "dpk sweep malloc-small --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
