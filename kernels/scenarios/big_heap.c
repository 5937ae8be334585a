/* SPDX-License-Identifier: MIT */
/* big_heap: arithmetic in a program that has much memory of its own. A fork shares the pages but
 * copies the page table, one entry for each page, and makes the entries of both sides read-only;
 * when the child ends, the system frees the copy. A thread uses the existing table. */
#define _DEFAULT_SOURCE /* mmap() */
#include "own_memory.h"
#include "scenario.h"

struct big_heap {
    struct scenario base;
    size_t megabytes;
};

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    const struct big_heap *scenario = self;
    (void)arena;
    if (scenario->megabytes > SIZE_MAX / 1000000)
        return dpk_fail(err, DPK_LIMIT, "%zu MB are more than any memory", scenario->megabytes);
    if (scenario->megabytes == 0)
        return DPK_OK;
    size_t bytes = scenario->megabytes * 1000000;
    return scenario_own_memory(bytes, SCENARIO_SMALL_PAGES, err) != NULL ? DPK_OK : DPK_LIMIT;
}

static const dpk_param params[] = {
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("1000"),
    DPK_PARAM(struct big_heap, megabytes, .def = "500", .max = 1 << 24, .unit = "MB",
              .help = "memory the program has when its workers start"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--megabytes=500",
    .mechanism =
        "Forking copies the page table, an entry for each page the parent has, and the child's "
        "end takes the copy down. A thread uses the table that exists.",
    .history =
        "Huge pages (Linux 2.6.38) have one entry for 512 small ones; memory that is shared "
        "or a file's is not copied, but mapped again by page faults.",
    .literature =
        "K. Zhao, S. Gong, P. Fonseca, On-demand-fork: a microsecond fork for memory-intensive "
        "and latency-sensitive applications, EuroSys 2021",
    .signs = DPK_SIGN_START | DPK_SIGN_STOP | DPK_SIGN_SYSTEM,
    .rule = "A program that holds much memory: take threads, or fork before it is filled.",
};

DPK_KERNEL(big_heap, .summary = "arithmetic in a program that has much memory", .group = "scenario",
           .details =
               "The memory is private, in small pages, and touched before anything is "
               "measured; no item uses it.",
           .examples = (const char *const[]){ "dpk compare big-heap --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep big-heap --megabytes=0,100,500 "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct big_heap), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .prepare = prepare,
           .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0 --megabytes=1",
                                            "--items=1 --operations=1 --megabytes=0",
                                            "--items=67 --operations=20 --megabytes=2",
                                            "--items=129 --operations=5 --megabytes=1", NULL },
           .lesson = &lesson, .not_on_pool = SCENARIO_NOT_ON_POOL);
