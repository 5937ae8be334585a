/* SPDX-License-Identifier: MIT */
/* fine_reduce: adds up all numbers after every few microseconds of work, as iterative solvers do:
 * each step needs the sum of the step before, so all workers wait for each other a thousand times.
 * Threads wake each other by a futex. Processes that must survive each other's death send messages
 * through sockets. */
#include "scenario.h"

struct fine_reduce {
    struct scenario base;
    size_t steps;
    uint64_t *other; /* a step reads what the one before wrote: out and this in turn */
};

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct fine_reduce *scenario = self;
    scenario->other = dpk_alloc(arena, scenario->base.items * sizeof *scenario->other, err);
    return scenario->other != NULL ? DPK_OK : DPK_LIMIT;
}

static size_t repeat(const void *self)
{
    return ((const struct fine_reduce *)self)->steps;
}

/* The last step writes to out. */
static uint64_t *written_by(const struct fine_reduce *scenario, size_t step)
{
    return (scenario->steps - 1 - step) % 2 == 0 ? scenario->base.out.data : scenario->other;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct fine_reduce *scenario = self;
    uint64_t *now = written_by(scenario, span.step);
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        if (span.step > 0) {
            const uint64_t *before = written_by(scenario, span.step - 1);
            for (size_t i = 0; i < scenario->base.items; i++)
                x += before[i];
        }
        for (size_t i = 0; i < scenario->base.operations; i++)
            x = scenario_mix(x);
        now[item] = x;
    }
}

/* The sum is made once for all items. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct fine_reduce *scenario = self;
    uint64_t *out = scenario->base.out.data, sum = 0;
    (void)arena;
    for (size_t step = 0; step < scenario->steps; step++) {
        uint64_t next = 0;
        for (size_t item = 0; item < scenario->base.items; item++) {
            out[item] = sum + item;
            for (size_t i = 0; i < scenario->base.operations; i++)
                out[item] = scenario_mix(out[item]);
            next += out[item];
        }
        sum = next;
    }
    return true;
}

/* A step is some 5 µs of arithmetic. */
static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "16", .max = 1 << 16,
              .help = "how many numbers to add up"),
    DPK_PARAM(struct scenario, operations, .def = "60", .max = 1 << 24,
              .help = "operations that each of them takes in a step"),
    DPK_PARAM(struct fine_reduce, steps, .def = "1000", .min = 1, .max = 1 << 24,
              .help = "how often they are added up"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "step", .extent = scenario_items, .work = work, .repeat = repeat },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--operations=60 --steps=1000",
    .mechanism =
        "Each step ends with all workers waiting for the last. Threads do that on a word of "
        "memory; processes send each other bytes through sockets, which notices a worker's "
        "death but takes system calls for every worker and step.",
    .history = "Futexes came with Linux 2.5.7 and glibc 2.3.2; before, threads waited for signals.",
    .literature =
        "H. Franke, R. Russell, M. Kirkwood, Fuss, futexes and furwocks: fast userlevel locking "
        "in Linux, Ottawa Linux Symposium 2002",
    .signs = DPK_SIGN_WAIT | DPK_SIGN_SYSTEM,
    .rule =
        "Workers that wait for each other every few microseconds: take threads, and do more "
        "between two meetings.",
};

DPK_KERNEL(fine_reduce, .summary = "a sum after every few microseconds", .group = "scenario",
           .details =
               "Each step makes of each number and the sum of all a new number by "
               "arithmetic, and needs all of the step before.",
           .examples = (const char *const[]){ "dpk compare fine-reduce --backends=omp,fork "
                                              "--budget=2",
                                              "dpk sweep fine-reduce --operations=60,600,6000 "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct fine_reduce), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .prepare = prepare, .passes = passes, .reference = reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1 --steps=1",
                                            "--items=3 --operations=0 --steps=2",
                                            "--items=17 --operations=5 --steps=3",
                                            "--items=67 --operations=2 --steps=8", NULL },
           .lesson = &lesson);
