/* SPDX-License-Identifier: MIT */
/* not_thread_safe: a routine that keeps its state in static variables between calls, as strtok()
 * does. Threads would overwrite each other's state. Each process has its own copy of the variables,
 * so processes can run even such a routine in parallel. */
#include "scenario.h"

/* The routine: begin with a number, fold as often as wanted, take what has become of it. */
static uint64_t state;

static void fold_begin(uint64_t seed)
{
    state = seed;
}

static void fold(uint64_t with)
{
    state = scenario_mix(state + with);
}

static uint64_t fold_end(void)
{
    return state;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        fold_begin(item);
        for (size_t i = 0; i < scenario->operations; i++) {
            if (scenario_is_own(i, scenario->share))
                fold(i);
            else
                x = scenario_mix(x + i);
        }
        out[item] = x ^ fold_end();
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct scenario *scenario = self;
    uint64_t *out = scenario->out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->items; item++) {
        uint64_t value[2] = { item, item }; /* of arithmetic, of the routine */
        size_t before = 0;
        for (size_t i = 0; i < scenario->operations; i++) {
            size_t own = (i + 1) * scenario->share / 100;
            value[own - before] = scenario_mix(value[own - before] + i);
            before = own;
        }
        out[item] = value[0] ^ value[1];
    }
    return true;
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "4000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "A routine with static variables cannot be shared by threads at all. Processes do "
        "not share them.",
    .literature = "POSIX.1-2017, 2.9.1 Thread-Safety: the functions that need not be thread-safe",
    .signs = DPK_SIGN_WORK,
    .rule = "Routines with static variables: only processes can run them side by side.",
};

DPK_KERNEL(not_thread_safe, .summary = "a routine with static variables, which threads cannot run",
           .group = "scenario",
           .details =
               "The backends seq and fork run it; omp is refused, as its results would be "
               "wrong.",
           .examples = (const char *const[]){ "dpk not-thread-safe hash: --backend=fork",
                                              "dpk compare not-thread-safe --budget=1", NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(work), .reference = reference,
           .checks = (const char *const[]){ SCENARIO_CHECKS, NULL },
           .not_on_threads = "it keeps its state in static variables, which threads would share",
           .lesson = &lesson);
