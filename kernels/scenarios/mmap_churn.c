/* SPDX-License-Identifier: MIT */
/* mmap_churn: memory asked of the system, used once and given back, as programs do it that map
 * a buffer for each request. */
#include "pages.h"

struct mmap_churn {
    SCENARIO_MEMBERS;
};

/* So few that mapping and unmapping them cost more than their first use. */
enum { PAGES = 2 };

static dpk_status shape(void *self, dpk_error *err)
{
    struct mmap_churn *scenario = self;
    (void)err;
    dpk_array_shape(&scenario->out, DPK_I64, 1, (const size_t[DPK_MAX_RANK]){ scenario->items });
    return DPK_OK;
}

static size_t items(const void *self)
{
    return ((const struct mmap_churn *)self)->items;
}

static void map_and_back(void)
{
    unsigned char *pages = pages_map(PAGES);
    pages_touch(pages, PAGES);
    pages_unmap(pages, PAGES);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct mmap_churn *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++) {
            if (scenario_is_own(i, scenario->share)) {
                map_and_back();
                x++;
            }
            x = scenario_mix(x);
        }
        out[item] = x;
    }
}

/* An operation of the scenario's kind counts one, whatever the system makes of it. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct mmap_churn *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->items; item++) {
        uint64_t x = item;
        size_t own = 0;
        for (size_t i = 0; i < scenario->operations; i++) {
            size_t now = (i + 1) * scenario->share / 100;
            x = scenario_mix(x + (now - own));
            own = now;
        }
        out[item] = x;
    }
    return true;
}

static const dpk_param params[] = {
    SCENARIO_PARAMS(struct mmap_churn, "10"),
    DPK_END,
};

static const dpk_port ports[] = {
    SCENARIO_OUT(struct mmap_churn),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = items, .work = work },
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
};

DPK_KERNEL(
    mmap_churn, .summary = "small mappings, each made, touched and unmapped", .group = "scenario",
    .details =
        "Each operation maps a few pages, writes to them and unmaps them; what comes out is "
        "arithmetic on the item's number.",
    .examples = (const char *const[]){ "dpk compare mmap-churn --backends=omp,fork --budget=2",
                                       "dpk sweep mmap-churn --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct mmap_churn), .params = params, .ports = ports, .shape = shape,
    .passes = passes, .reference = reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
