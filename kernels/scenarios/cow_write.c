/* SPDX-License-Identifier: MIT */
/* cow_write: workers write to memory that the program had before they started. Threads write to it
 * directly. Processes inherited the pages read-only: the first one to write to a page, child or
 * parent, takes a page fault and gets a copy. What a process writes there stays its own and is no
 * part of the output. */
#define _DEFAULT_SOURCE /* mmap(), sysconf() */
#include "own_memory.h"
#include "scenario.h"

struct cow_write {
    struct scenario base;
    size_t own, page;      /* operations of an item that write a page; bytes of one */
    unsigned char *memory; /* a page for each of them, in the order of items; NULL for none */
};

/* An operation makes as many numbers as a page of 4 KiB has cache lines. */
enum { NUMBERS = 64 };

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct cow_write *scenario = self;
    (void)arena;
    scenario->page = (size_t)sysconf(_SC_PAGESIZE);
    scenario->own = scenario->base.operations * scenario->base.share / 100;
    if (scenario->base.items == 0 || scenario->own == 0)
        return DPK_OK;
    if (scenario->own > SIZE_MAX / scenario->page / scenario->base.items)
        return dpk_fail(err, DPK_LIMIT,
                        "%zu pages for each of %zu numbers are more than any memory", scenario->own,
                        scenario->base.items);
    scenario->memory = scenario_own_memory(scenario->base.items * scenario->own * scenario->page,
                                           SCENARIO_SMALL_PAGES, err);
    return scenario->memory != NULL ? DPK_OK : DPK_LIMIT;
}

/* Makes the numbers after x, and puts one at each of as many places of the page. Returns the last.
 */
static uint64_t write_page(uint64_t x, unsigned char *page, size_t bytes)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        x = scenario_mix(x);
        *(volatile uint64_t *)(void *)(page + i * (bytes / NUMBERS)) = x;
    }
    return x;
}

static uint64_t only_count(uint64_t x)
{
    for (size_t i = 0; i < NUMBERS; i++)
        x = scenario_mix(x);
    return x;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct cow_write *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        size_t place = item * scenario->own * scenario->page;
        uint64_t x = item;
        for (size_t i = 0; i < scenario->base.operations; i++) {
            if (scenario_is_own(i, scenario->base.share)) {
                x = write_page(x, scenario->memory + place, scenario->page);
                place += scenario->page;
            } else {
                x = only_count(x);
            }
        }
        out[item] = x;
    }
}

/* Where numbers are put makes no difference to them. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct cow_write *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->base.items; item++) {
        out[item] = item;
        for (size_t i = 0; i < scenario->base.operations * NUMBERS; i++)
            out[item] = scenario_mix(out[item]);
    }
    return true;
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "16"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--share=100",
    .mechanism =
        "After a fork, parent and child share their pages read-only: the first write to each is "
        "a page fault that copies it. Threads write to the pages that are there.",
    .history =
        "Linux has copied on write from the start, Unix since System V and SunOS 4; since "
        "5.19, Linux knows which pages are no longer shared and copies no more of them than "
        "need be.",
    .literature =
        "D. Bobrow et al., TENEX, a paged time sharing system for the PDP-10, Communications "
        "of the ACM 15(3), 1972, has the first copy on write",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_FAULTS,
    .rule =
        "Workers that change much of what was there before them: take threads, or memory "
        "that is shared.",
};

DPK_KERNEL(cow_write, .summary = "writes to memory the program had before", .group = "scenario",
           .details =
               "Each operation makes 64 numbers and puts them into a page of its own, of "
               "memory that is private and has been touched before the workers start.",
           .examples = (const char *const[]){ "dpk compare cow-write --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep cow-write --share=0,10,100 --budget=1",
                                              NULL },
           .size = sizeof(struct cow_write), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .prepare = prepare, .passes = SCENARIO_PASSES(work),
           .reference = reference, .checks = (const char *const[]){ SCENARIO_CHECKS, NULL },
           .lesson = &lesson, .not_on_pool = SCENARIO_NOT_ON_POOL);
