/* SPDX-License-Identifier: MIT */
/* scenario.h: what scenarios have in common. A scenario computes items, one number each, by
 * operations of two kinds: its own, which is what it is about, and plain arithmetic. `share` says
 * how many of a hundred are its own. What comes out depends on the item alone, whatever the
 * operations do to the system, so all backends can be held to the same bytes. */
#ifndef DPK_SCENARIO_H
#define DPK_SCENARIO_H

#include "dpk.h"

/* Members of a scenario's struct, which begins with them. */
#define SCENARIO_MEMBERS                                                                           \
    size_t items, operations;                                                                      \
    unsigned share;                                                                                \
    dpk_array out

/* Their declarations; operations: per item, as many as make an item last some 20 µs. */
#define SCENARIO_PARAMS(struct_, operations_)                                                      \
    DPK_PARAM(struct_, items, .def = "2048", .max = 1 << 24, .help = "how many numbers to make"),  \
        DPK_PARAM(struct_, operations, .def = operations_, .max = 1 << 24,                         \
                  .help = "operations that each of them takes"),                                   \
        DPK_PARAM(struct_, share, .def = "100", .max = 100, .unit = "%",                           \
                  .help =                                                                          \
                      "how many of them are of the kind this is about; the others are "            \
                      "arithmetic")

#define SCENARIO_OUT(struct_) DPK_OUT(struct_, out, .types = DPK_I64, .help = "a number an item")

/* Settings for tests: nothing, one, some, and every share. */
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

/* Whether operation number i is of the scenario's kind: evenly spread. */
static inline bool scenario_is_own(size_t i, unsigned share)
{
    return (i + 1) * share / 100 != i * share / 100;
}

#endif
