/* SPDX-License-Identifier: MIT */
/* scenario.h: what scenarios have in common. A scenario computes items, one number each, by
 * operations of two kinds: its own, which it is there to show, and plain arithmetic. `share` is the
 * percentage of its own ones. The result depends on the item alone, whatever the operations do to
 * the system, so that all backends must give the same bytes. */
#ifndef DPK_SCENARIO_H
#define DPK_SCENARIO_H

#include <dpk/dpk.h>
#include <dpk/lesson.h>

/* A scenario's struct, or the beginning of it. Scenarios with one kind of operations declare no
 * share. */
struct scenario {
    size_t items, operations;
    unsigned share;
    dpk_array out;
};

/* Declarations of its members. Defaults for operations are such that an item takes about 20 µs, and
 * those for items such that the slower side takes less than a tenth of a second, so that there can
 * be many rounds. */
#define SCENARIO_ITEMS(def_)                                                                       \
    DPK_PARAM(struct scenario, items, .def = def_, .max = 1 << 24,                                 \
              .help = "how many numbers to make")

#define SCENARIO_OPERATIONS(def_)                                                                  \
    DPK_PARAM(struct scenario, operations, .def = def_, .max = 1 << 24,                            \
              .help = "operations that each of them takes")

#define SCENARIO_PARAMS(items_, operations_)                                                       \
    SCENARIO_ITEMS(items_), SCENARIO_OPERATIONS(operations_),                                      \
        DPK_PARAM(struct scenario, share, .def = "100", .max = 100, .unit = "%",                   \
                  .help =                                                                          \
                      "how many of them are of the kind this is about; the others are "            \
                      "arithmetic")

#define SCENARIO_OUT DPK_OUT(struct scenario, out, .types = DPK_I64, .help = "a number an item")

#define SCENARIO_PORTS                                                                             \
    (const dpk_port[])                                                                             \
    {                                                                                              \
        SCENARIO_OUT, DPK_END                                                                      \
    }

/* One pass over the items. */
#define SCENARIO_PASSES(work_)                                                                     \
    (const dpk_pass[])                                                                             \
    {                                                                                              \
        { .name = "items", .extent = scenario_items, .work = work_ }, DPK_END                      \
    }

/* Settings for tests: no item, one item, and several shares. */
#define SCENARIO_CHECKS                                                                            \
    "--items=0", "--items=1 --operations=1", "--items=67 --operations=3 --share=0",                \
        "--items=129 --operations=5 --share=40", "--items=31 --operations=20 --share=100"

/* A step of arithmetic that no compiler can shorten (the finaliser of SplitMix64; G. Steele,
 * D. Lea, C. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014). */
static inline uint64_t scenario_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Whether operation number i is of the scenario's own kind; these are spread evenly. */
static inline bool scenario_is_own(size_t i, unsigned share)
{
    return (i + 1) * share / 100 != i * share / 100;
}

/* The shape of a scenario, and the extent of its pass. */
static inline dpk_status scenario_shape(void *self, dpk_error *err)
{
    struct scenario *scenario = self;
    (void)err;
    dpk_array_shape(&scenario->out, DPK_I64, 1, (const size_t[DPK_MAX_RANK]){ scenario->items });
    return DPK_OK;
}

static inline size_t scenario_items(const void *self)
{
    return ((const struct scenario *)self)->items;
}

/* An operation of a scenario's own kind: takes the item's number so far, x, and returns what it
 * adds to it. `kept` is what the caller of scenario_work passes on. */
typedef uint64_t scenario_operation(uint64_t x, void *kept);

/* The work of a span. It is always inlined, as the time of a call would be measured, too. */
__attribute__((always_inline)) static inline void
scenario_work(const struct scenario *scenario, dpk_span span, scenario_operation *own, void *kept)
{
    uint64_t *out = scenario->out.data;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++) {
            if (scenario_is_own(i, scenario->share))
                x += own(x, kept);
            x = scenario_mix(x);
        }
        out[item] = x;
    }
}

/* The reference of scenario_work: adds(x) is what an operation of its own kind adds. */
static inline bool scenario_refer(const struct scenario *scenario, uint64_t (*adds)(uint64_t x))
{
    uint64_t *out = scenario->out.data;
    for (size_t item = 0; item < scenario->items; item++) {
        uint64_t x = item;
        size_t before = 0;
        for (size_t i = 0; i < scenario->operations; i++) {
            size_t own = (i + 1) * scenario->share / 100;
            x = scenario_mix(own > before ? x + adds(x) : x);
            before = own;
        }
        out[item] = x;
    }
    return true;
}

/* The work of scenarios that have arithmetic operations only. */
static inline void scenario_arithmetic(const void *self, dpk_span span, void *scratch)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->operations; i++)
            x = scenario_mix(x);
        out[item] = x;
    }
}

/* Their reference executes each operation for all items before the next one. */
static inline bool scenario_arithmetic_reference(const void *self, dpk_arena *arena)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->items; item++)
        out[item] = item;
    for (size_t i = 0; i < scenario->operations; i++)
        for (size_t item = 0; item < scenario->items; item++)
            out[item] = scenario_mix(out[item]);
    return true;
}

static inline uint64_t scenario_one(uint64_t x)
{
    (void)x;
    return 1;
}

/* The reference of scenarios whose own operations add one, whether they succeed or not. */
static inline bool scenario_counting_reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    return scenario_refer(self, scenario_one);
}

#endif
