/* SPDX-License-Identifier: MIT */
/* mprotect: makes a page read-only and writable again, like garbage collectors, compilers at run
 * time and guard pages. */
#include "pages.h"

/* The page that changes and a neighbour on either side: its area is split off and joined again. */
enum { PAGES = 3 };

/* The page stays readable all the time, so a refusal does no harm. The read brings it into the TLB,
 * from where it must go. */
static uint64_t protect_and_back(uint64_t x, void *kept)
{
    const struct page *page = kept;
    (void)x;
    if (page->bytes == NULL)
        return 1;
    (void)*(volatile unsigned char *)page->bytes;
    mprotect(page->bytes, page->size, PROT_READ);
    mprotect(page->bytes, page->size, PROT_READ | PROT_WRITE);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    unsigned char *pages = pages_map(PAGES);
    struct page page = { NULL, pages_bytes(1) };
    if (pages != NULL)
        page.bytes = pages + page.size;
    pages_touch(pages, PAGES);
    scenario_work(self, span, protect_and_back, &page);
    pages_unmap(pages, PAGES);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("512", "10"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Each change takes the one lock of the address space to write and, where a right is taken "
        "away, interrupts every processor that runs this address space to clear its TLB. Processes "
        "have an address space each.",
    .history =
        "Linux 6.4 let page faults go without that lock (locks of single areas); changes of "
        "protection still take it.",
    .literature =
        "A. Clements, M. F. Kaashoek, N. Zeldovich, RadixVM: scalable address spaces for "
        "multithreaded applications, EuroSys 2013",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "Rights to pages that change all the time, as in garbage collectors and just-in-time "
        "compilers: take processes.",
};

DPK_KERNEL(
    mprotect, .summary = "changes of a page's protection, which lock an address space",
    .group = "scenario",
    .details =
        "Each operation forbids writing to a page of the worker's own and allows it again; what "
        "comes out is arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare mprotect --backends=omp,fork --budget=2",
                                       "dpk sweep mprotect --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
