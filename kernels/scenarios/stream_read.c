/* SPDX-License-Identifier: MIT */
/* stream_read: reads an array larger than any cache, again and again. The limit is the bandwidth of
 * memory, which all processors share, and it is the same for threads and processes once the pages
 * are mapped. Workers inherit the pages here: memory that processes write for each other would have
 * to be mapped anew in each of them. */
#define _DEFAULT_SOURCE /* mmap() */
#include "own_memory.h"
#include "scenario.h"

/* Bytes of a block, and numbers: reading one takes much longer than taking a chunk. */
enum { BLOCK = 64 * 1024, NUMBERS = BLOCK / 8 };

struct stream_read {
    struct scenario base;
    size_t rounds;
    uint64_t *numbers; /* a block for each item */
};

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct stream_read *scenario = self;
    (void)arena;
    if (scenario->base.items == 0)
        return DPK_OK;
    if (scenario->base.items > SIZE_MAX / BLOCK)
        return dpk_fail(err, DPK_LIMIT, "%zu blocks are more than any memory",
                        scenario->base.items);
    void *memory = scenario_own_memory(scenario->base.items * BLOCK, SCENARIO_HUGE_PAGES, err);
    if (memory == NULL)
        return DPK_LIMIT;
    scenario->numbers = memory;
    for (size_t i = 0; i < scenario->base.items * NUMBERS; i++)
        scenario->numbers[i] = scenario_mix(i);
    return DPK_OK;
}

static size_t repeat(const void *self)
{
    return ((const struct stream_read *)self)->rounds;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct stream_read *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        const uint64_t *block = scenario->numbers + item * NUMBERS;
        uint64_t sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < NUMBERS; i++)
            sum += block[i];
        out[item] = sum;
    }
}

/* Makes the numbers instead of reading them. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct stream_read *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->base.items; item++) {
        out[item] = 0;
        for (size_t i = 0; i < NUMBERS; i++)
            out[item] += scenario_mix(item * NUMBERS + i);
    }
    return true;
}

static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "1024", .max = 1 << 24,
              .help = "how many blocks of 64 KiB to read"),
    DPK_PARAM(struct stream_read, rounds, .def = "16", .min = 1, .max = 1 << 20,
              .help = "how often"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_OUT(struct scenario, out, .types = DPK_I64, .help = "the sum of each block"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "round", .extent = scenario_items, .work = work, .repeat = repeat },
    DPK_END,
};

static dpk_cost cost(const void *self)
{
    const struct stream_read *scenario = self;
    double blocks = (double)scenario->base.items * (double)scenario->rounds;
    return (dpk_cost){ .bytes = blocks * BLOCK, .operations = blocks * NUMBERS };
}

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--rounds=64",
    .mechanism =
        "Reading a large array waits for memory, whose bandwidth all processors share, whoever "
        "runs on them.",
    .literature =
        "J. McCalpin, Memory bandwidth and machine balance in current high performance "
        "computers, IEEE TCCA newsletter, December 1995: STREAM",
    .rule =
        "Reading much more than the caches hold: threads and processes share one memory; "
        "read less, or compute more with it.",
};

DPK_KERNEL(stream_read, .summary = "reads an array larger than the caches", .group = "scenario",
           .details =
               "Each round adds up the numbers of each block. The array is private, in huge "
               "pages, and filled before the workers start, which inherit it.",
           .examples = (const char *const[]){ "dpk compare stream-read --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep stream-read --rounds=1,4,16 --budget=1",
                                              NULL },
           .size = sizeof(struct stream_read), .params = params, .ports = ports,
           .shape = scenario_shape, .prepare = prepare, .passes = passes, .reference = reference,
           .cost = cost,
           .checks = (const char *const[]){ "--items=0", "--items=1 --rounds=1",
                                            "--items=3 --rounds=2", "--items=17 --rounds=1", NULL },
           .lesson = &lesson, .not_on_pool = SCENARIO_NOT_ON_POOL);
