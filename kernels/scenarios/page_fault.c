/* SPDX-License-Identifier: MIT */
/* page_fault: fresh pages touched for the first time, for each of which the processor stops in the
 * system, as in programs that fill new memory faster than they use it. */
#include "pages.h"

/* As many pages as one page of a page table knows on most machines; then they are given back. */
enum { PAGES = 512 };

/* Of the usual size: a huge page would be one fault for all. */
static unsigned char *map_small_pages(void)
{
    unsigned char *pages = pages_map(PAGES);
#ifdef MADV_NOHUGEPAGE
    if (pages != NULL)
        madvise(pages, pages_bytes(PAGES), MADV_NOHUGEPAGE);
#endif
    return pages;
}

/* Counts pages in `next`. Once all have been touched, they are given back and are fresh again. */
static void touch_next(unsigned char *pages, size_t *next)
{
    if (pages == NULL)
        return;
    if (*next == PAGES) {
        madvise(pages, pages_bytes(PAGES), MADV_DONTNEED);
        *next = 0;
    }
    pages_touch(pages + pages_bytes(*next), 1);
    ++*next;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    unsigned char *pages = map_small_pages();
    size_t next = 0;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++) {
            if (scenario_is_own(i, scenario->share)) {
                touch_next(pages, &next);
                x++;
            }
            x = scenario_mix(x);
        }
        out[item] = x;
    }
    pages_unmap(pages, PAGES);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("1024", "30"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "A fault changes page tables and counters of the address space; threads of one hand these "
        "and their locks from processor to processor, and giving pages back interrupts all of "
        "them. Processes have an address space each.",
    .history =
        "Until Linux 6.4 each fault took the one lock of the address space to read; since then it "
        "takes that of an area, which neighbouring mappings of threads may share.",
    .literature =
        "A. Clements, M. F. Kaashoek, N. Zeldovich, Scalable address spaces using RCU balanced "
        "trees, ASPLOS 2012",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM,
    .rule = "Fresh memory touched all the time: touch it once and keep it, or take processes.",
};

DPK_KERNEL(
    page_fault, .summary = "fresh memory touched page by page", .group = "scenario",
    .details =
        "Each operation touches a page of new memory; what comes out is arithmetic on the item's "
        "number.",
    .examples = (const char *const[]){ "dpk compare page-fault --backends=omp,fork --budget=2",
                                       "dpk sweep page-fault --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
