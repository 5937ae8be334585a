/* SPDX-License-Identifier: MIT */
/* tlb_shootdown: touches a page and gives it back, like allocators that return memory early. Every
 * processor that may have cached the page's address must drop it. */
#include "pages.h"

static uint64_t touch_and_forget(uint64_t x, void *kept)
{
    const struct page *page = kept;
    (void)x;
    if (page->bytes == NULL)
        return 1;
    pages_touch(page->bytes, 1);
    madvise(page->bytes, page->size, MADV_DONTNEED);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    struct page page = { pages_map(1), pages_bytes(1) };
    scenario_work(self, span, touch_and_forget, &page);
    pages_unmap(page.bytes, 1);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("512", "16"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Giving a page back interrupts every processor that runs this address space, and waits "
        "until each has cleared its TLB. A process runs on one processor, and interrupts none.",
    .history =
        "AMD processors since Zen 3 can be told to forget without an interrupt (INVLPGB), which "
        "Linux 6.15 uses for address spaces that many of them run; ARM always could.",
    .literature =
        "N. Amit, Optimizing the TLB shootdown algorithm with page access tracking, USENIX ATC "
        "2017",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM,
    .rule =
        "Pages given back to the system all the time: give back many at once, or take "
        "processes.",
};

DPK_KERNEL(tlb_shootdown,
           .summary = "pages touched and given back, which all processors must forget",
           .group = "scenario",
           .details =
               "Each operation writes to a page and gives it back with madvise(); what "
               "comes out is arithmetic on the item's number.",
           .examples =
               (const char *const[]){ "dpk compare tlb-shootdown --backends=omp,fork --budget=2",
                                      "dpk sweep tlb-shootdown --share=0,10,100 --budget=1", NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
           .reference = scenario_counting_reference,
           .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
