/* SPDX-License-Identifier: MIT */
/* tlb_shootdown: a page touched and given back, which every processor that may know where it was
 * has to forget, as allocators do it that return memory early. */
#include "pages.h"

static void touch_and_forget(unsigned char *page, size_t size)
{
    if (page == NULL)
        return;
    pages_touch(page, 1);
    madvise(page, size, MADV_DONTNEED);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    size_t size = pages_bytes(1);
    unsigned char *page = pages_map(1);
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++) {
            if (scenario_is_own(i, scenario->share)) {
                touch_and_forget(page, size);
                x++;
            }
            x = scenario_mix(x);
        }
        out[item] = x;
    }
    pages_unmap(page, 1);
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
