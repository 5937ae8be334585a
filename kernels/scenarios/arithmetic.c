/* SPDX-License-Identifier: MIT */
/* arithmetic: nothing but registers. What threads and processes differ in, an address space, a
 * descriptor table, locks, is not used, so that nothing is left to differ in once all workers are
 * there. It is what other scenarios mix their own operations with, and the measure of them. */
#include "scenario.h"

struct arithmetic {
    size_t items, operations;
    dpk_array out;
};

static dpk_status shape(void *self, dpk_error *err)
{
    struct arithmetic *scenario = self;
    (void)err;
    dpk_array_shape(&scenario->out, DPK_I64, 1, (const size_t[DPK_MAX_RANK]){ scenario->items });
    return DPK_OK;
}

static size_t items(const void *self)
{
    return ((const struct arithmetic *)self)->items;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct arithmetic *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++)
            x = scenario_mix(x);
        out[item] = x;
    }
}

/* An operation for all items, then the next. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct arithmetic *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->items; item++)
        out[item] = item;
    for (size_t i = 0; i < scenario->operations; i++)
        for (size_t item = 0; item < scenario->items; item++)
            out[item] = scenario_mix(out[item]);
    return true;
}

static const dpk_param params[] = {
    DPK_PARAM(struct arithmetic, items, .def = "2048", .max = 1 << 24,
              .help = "how many numbers to make"),
    DPK_PARAM(struct arithmetic, operations, .def = "10000", .max = 1 << 24,
              .help = "operations that each of them takes"),
    DPK_END,
};

static const dpk_port ports[] = {
    SCENARIO_OUT(struct arithmetic),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = items, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--operations=20000",
    .mechanism =
        "Arithmetic in registers asks neither the system nor the memory for anything, and a "
        "processor does not know whether a thread or a process is running on it.",
    .literature =
        "U. Drepper, I. Molnar, The native POSIX thread library for Linux, 2005: to the "
        "scheduler both are tasks",
};

DPK_KERNEL(arithmetic, .summary = "nothing but arithmetic", .group = "scenario",
           .details =
               "Each operation is a step of SplitMix64's finaliser on the item's number, "
               "which needs the step before.",
           .examples = (const char *const[]){ "dpk compare arithmetic --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep arithmetic --operations=10,100,1000 "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct arithmetic), .params = params, .ports = ports, .shape = shape,
           .passes = passes, .reference = reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=0",
                                            "--items=129 --operations=20", NULL },
           .lesson = &lesson);
