/* SPDX-License-Identifier: MIT */
/* tiny: so little work that starting and ending workers is all there is. A thread is a stack and a
 * task in the address space that exists; a process is a copy of the address space, too, and of the
 * tables of what is open. */
#include "scenario.h"

struct tiny {
    size_t items, operations;
    dpk_array out;
};

static dpk_status shape(void *self, dpk_error *err)
{
    struct tiny *scenario = self;
    (void)err;
    dpk_array_shape(&scenario->out, DPK_I64, 1, (const size_t[DPK_MAX_RANK]){ scenario->items });
    return DPK_OK;
}

static size_t items(const void *self)
{
    return ((const struct tiny *)self)->items;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct tiny *scenario = self;
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
    const struct tiny *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->items; item++)
        out[item] = item;
    for (size_t i = 0; i < scenario->operations; i++)
        for (size_t item = 0; item < scenario->items; item++)
            out[item] = scenario_mix(out[item]);
    return true;
}

/* Work of some 3 µs. */
static const dpk_param params[] = {
    DPK_PARAM(struct tiny, items, .def = "64", .max = 1 << 24, .help = "how many numbers to make"),
    DPK_PARAM(struct tiny, operations, .def = "10", .max = 1 << 24,
              .help = "operations that each of them takes"),
    DPK_END,
};

static const dpk_port ports[] = {
    SCENARIO_OUT(struct tiny),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = items, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--items=64 --operations=10",
    .mechanism =
        "With a few microseconds of work, workers are all there is to pay for. A new thread is "
        "a stack in the address space that exists; a new process copies the address space, and "
        "takes it down again.",
    .history =
        "Linux has made both by one call, clone(), since 2.0; since glibc 2.34, new threads "
        "come by clone3().",
    .literature = "A. Baumann, J. Appavoo, O. Krieger, T. Roscoe, A fork in the road, HotOS 2019",
    .signs = DPK_SIGN_START | DPK_SIGN_STOP,
};

DPK_KERNEL(tiny, .summary = "so little work that starting workers is all there is",
           .group = "scenario",
           .details =
               "The arithmetic of the others, for some microseconds in all: more than one "
               "worker never pays, and --operations is how to find out from when on it "
               "does.",
           .examples = (const char *const[]){ "dpk compare tiny --backends=omp,fork --budget=2",
                                              "dpk sweep tiny --operations=10,1000,100000 "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct tiny), .params = params, .ports = ports, .shape = shape,
           .passes = passes, .reference = reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=64 --operations=0",
                                            "--items=67 --operations=10", NULL },
           .lesson = &lesson);
