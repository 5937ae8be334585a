/* SPDX-License-Identifier: MIT */
/* page_fault: touches fresh pages, each of which costs a page fault, like programs that fill new
 * memory faster than they use it. */
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

struct fresh {
    unsigned char *pages;
    size_t next; /* the first that has not been touched */
};

/* Once all have been touched, they are given back and are fresh again. */
static uint64_t touch_next(uint64_t x, void *kept)
{
    struct fresh *fresh = kept;
    (void)x;
    if (fresh->pages == NULL)
        return 1;
    if (fresh->next == PAGES) {
        madvise(fresh->pages, pages_bytes(PAGES), MADV_DONTNEED);
        fresh->next = 0;
    }
    pages_touch(fresh->pages + pages_bytes(fresh->next), 1);
    fresh->next++;
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    struct fresh fresh = { map_small_pages(), 0 };
    scenario_work(self, span, touch_next, &fresh);
    pages_unmap(fresh.pages, PAGES);
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
