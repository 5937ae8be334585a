/* SPDX-License-Identifier: MIT */
/* sleep: each item waits, as for a disk or a network. Waiting needs no processor, so more workers
 * than processors help, whether they are threads or processes, as long as an item waits longer than
 * a worker takes to start. */
#define _POSIX_C_SOURCE 199309L /* nanosleep() */
#include "pause.h"
#include "scenario.h"

struct sleep {
    struct scenario base;
    unsigned microseconds;
};

/* A wait is much longer than taking a chunk. */
static size_t one(const void *self)
{
    (void)self;
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct sleep *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        scenario_pause(scenario->microseconds);
        out[item] = scenario_mix(item);
    }
}

/* Does not sleep. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct sleep *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->base.items; item++)
        out[item] = scenario_mix(item);
    return true;
}

static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "48", .max = 1 << 16, .help = "how often to wait"),
    DPK_PARAM(struct sleep, microseconds, .def = "2000", .max = 1000000, .unit = "µs",
              .help = "how long each time"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = scenario_items, .grain = one, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--items=16 --microseconds=10000",
    .mechanism =
        "A worker that waits needs no processor, and the system wakes a thread and a process "
        "the same way. More workers than processors wait for more at a time.",
    .history =
        "Linux sleeps with a resolution of nanoseconds since 2.6.21, of timer ticks before; a "
        "process may ask for less (prctl, PR_SET_TIMERSLACK, usually 50 µs).",
    .literature = "J. Ousterhout, Why threads are a bad idea (for most purposes), USENIX 1996",
    .rule =
        "Waiting for a disk or a network: threads and processes wait equally well; take more "
        "of them than there are processors.",
};

DPK_KERNEL(sleep, .summary = "waits, as for a disk or a network", .group = "scenario",
           .details = "Each item sleeps, then does one operation of arithmetic.",
           .examples = (const char *const[]){ "dpk compare sleep --backends=omp,fork --budget=2",
                                              "dpk compare sleep --backends=fork --jobs=2,8 "
                                              "--budget=2",
                                              NULL },
           .size = sizeof(struct sleep), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = passes, .reference = reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --microseconds=1",
                                            "--items=17 --microseconds=10",
                                            "--items=67 --microseconds=0", NULL },
           .lesson = &lesson);
