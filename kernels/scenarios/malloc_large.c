/* SPDX-License-Identifier: MIT */
/* malloc_large: allocates and frees blocks so large that the C library maps each of them. */
#include "scenario.h"

#include <stdlib.h>

/* Above glibc's highest threshold (DEFAULT_MMAP_THRESHOLD_MAX): below it, the first block given
 * back raises the threshold, and those that follow come from the heap. */
static const size_t block_bytes = 4 * 1024 * 1024 * sizeof(long) + 1;

/* The write is volatile, or a compiler sees that nobody needs the block. */
static uint64_t allocate_and_free(uint64_t x, void *kept)
{
    (void)x;
    (void)kept;
    unsigned char *block = malloc(block_bytes);
    if (block != NULL)
        *(volatile unsigned char *)block = 1;
    free(block);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, allocate_and_free, NULL);
}

/* Fewer operations than SCENARIO_CHECKS has: sanitizers take milliseconds for such a block. */
static const char *const checks[] = {
    "--items=0",
    "--items=1 --operations=1",
    "--items=67 --operations=3 --share=0",
    "--items=9 --operations=5 --share=40",
    "--items=5 --operations=3",
    NULL,
};

static const dpk_param params[] = {
    SCENARIO_PARAMS("512", "10"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "malloc() maps a block of this size and free() unmaps it: both take the one lock of the "
        "address space to write, and unmapping interrupts every processor that runs it. Processes "
        "have an address space each.",
    .history =
        "Since glibc 2.5 the size from which blocks are mapped grows with the blocks freed, to 32 "
        "MiB at most: smaller large blocks soon come from the heap.",
    .literature =
        "mallopt(3), M_MMAP_THRESHOLD; A. Clements, M. F. Kaashoek, N. Zeldovich, RadixVM: "
        "scalable address spaces for multithreaded applications, EuroSys 2013",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "Large blocks allocated and freed all the time: keep them for the next use, or take "
        "processes.",
};

DPK_KERNEL(
    malloc_large, .summary = "blocks so large that each is mapped and unmapped",
    .group = "scenario",
    .details =
        "Each operation allocates a block of 32 MiB, writes to it once and frees it; what comes "
        "out is arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare malloc-large --backends=omp,fork --budget=2",
                                       "dpk sweep malloc-large --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference, .checks = checks, .lesson = &lesson);
