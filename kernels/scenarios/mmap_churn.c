/* SPDX-License-Identifier: MIT */
/* mmap_churn: maps memory, uses it once and unmaps it, like programs that map a buffer for each
 * request. */
#include "pages.h"

/* So few that mapping and unmapping them cost more than their first use. */
enum { PAGES = 2 };

static uint64_t map_and_back(uint64_t x, void *kept)
{
    (void)x;
    (void)kept;
    unsigned char *pages = pages_map(PAGES);
    pages_touch(pages, PAGES);
    pages_unmap(pages, PAGES);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, map_and_back, NULL);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("512", "10"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Mapping and unmapping take the one lock of the address space to write, and unmapping "
        "interrupts every processor that runs this address space to clear its TLB. Processes have "
        "an address space each.",
    .history =
        "Linux 4.20 made munmap() give back pages under a read lock, and 6.4 let page faults go "
        "without the lock; mapping still takes it.",
    .literature =
        "A. Clements, M. F. Kaashoek, N. Zeldovich, RadixVM: scalable address spaces for "
        "multithreaded applications, EuroSys 2013",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "Memory mapped and unmapped all the time: keep the mappings for the next use, or "
        "take processes.",
};

DPK_KERNEL(
    mmap_churn, .summary = "small mappings, each made, touched and unmapped", .group = "scenario",
    .details =
        "Each operation maps a few pages, writes to them and unmaps them; what comes out is "
        "arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare mmap-churn --backends=omp,fork --budget=2",
                                       "dpk sweep mmap-churn --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
