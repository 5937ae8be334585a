/* SPDX-License-Identifier: MIT */
/* false_sharing: each worker updates a number of its own again and again, but the numbers of
 * different workers share a cache line, which moves from processor to processor with each update.
 * Caches work with addresses of memory, so it makes no difference whether workers are threads or
 * processes. --padded gives each number a cache line of its own. */
#include "scenario.h"

struct false_sharing {
    struct scenario base;
    bool padded;
    uint64_t *numbers; /* an item's, every `apart` */
    size_t apart;
};

/* Numbers of 8 bytes on a line; processors fetch lines in pairs, and some have longer ones. */
enum { APART_PADDED = 16 };

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct false_sharing *scenario = self;
    scenario->apart = scenario->padded ? APART_PADDED : 1;
    size_t bytes = scenario->base.items * scenario->apart * sizeof *scenario->numbers;
    scenario->numbers = dpk_alloc(arena, bytes, err);
    return scenario->numbers != NULL ? DPK_OK : DPK_LIMIT;
}

/* So that neighbours are different workers'. */
static size_t one(const void *self)
{
    (void)self;
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct false_sharing *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        volatile uint64_t *number = &scenario->numbers[item * scenario->apart];
        *number = item;
        for (size_t i = 0; i < scenario->base.operations; i++)
            *number = scenario_mix(*number);
        out[item] = *number;
    }
}

static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "1024", .max = 1 << 20,
              .help = "how many numbers to make"),
    SCENARIO_OPERATIONS("10000"),
    DPK_PARAM(struct false_sharing, padded, .def = "no",
              .help = "give each number cache lines of its own"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = scenario_items, .grain = one, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--padded=no --operations=20000",
    .mechanism =
        "A cache line that two processors write to travels between them. It goes by its "
        "address in memory, so processes that share memory suffer like threads; who keeps "
        "memory apart, or pads it, does not.",
    .history = "GCC tells the distance to keep since version 12 (__GCC_DESTRUCTIVE_SIZE).",
    .literature =
        "W. Bolosky, M. Scott, False sharing and its effect on shared memory performance, "
        "SEDMS 1993",
    .rule =
        "Numbers that several workers update: keep each on a cache line of its own; "
        "processes that share memory need that like threads.",
};

DPK_KERNEL(false_sharing, .summary = "numbers of different workers on one cache line",
           .group = "scenario",
           .details =
               "Each operation reads the item's number from memory and writes the next one "
               "there. Items are handed out one by one, so that neighbours are different "
               "workers'.",
           .examples = (const char *const[]){ "dpk compare false-sharing --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep false-sharing --padded=no,yes "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct false_sharing), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .prepare = prepare, .passes = passes,
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=20 --padded=yes",
                                            "--items=129 --operations=5 --padded=no", NULL },
           .lesson = &lesson);
