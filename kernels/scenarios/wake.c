/* SPDX-License-Identifier: MIT */
/* wake: what it takes to wake a worker that sleeps. In each step one worker pauses while the others
 * wait for it, so that processors go idle; then all have a few microseconds of work. Without a
 * pause, a sleeper runs after some microseconds. The longer a processor has had nothing to do, the
 * deeper it sleeps itself, and the longer it takes to come back, whoever calls and by whatever
 * means. So what counts is how many have to be woken one after the other. */
#define _POSIX_C_SOURCE 199309L /* nanosleep() */
#include "pause.h"
#include "scenario.h"

struct wake {
    struct scenario base;
    size_t steps;
    unsigned pause;
};

static size_t repeat(const void *self)
{
    return ((const struct wake *)self)->steps;
}

/* Each worker is to have some of the items. */
static size_t one(const void *self)
{
    (void)self;
    return 1;
}

/* Each step makes the same numbers, so that it does not matter which of them was the last. */
static void work(const void *self, dpk_span span, void *scratch)
{
    const struct wake *scenario = self;
    if (span.begin == 0 && scenario->pause > 0)
        scenario_pause(scenario->pause);
    scenario_arithmetic(self, span, scratch);
}

/* A step is some 5 µs of arithmetic. */
static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "4", .max = 1 << 16,
              .help = "how many numbers to make in a step"),
    SCENARIO_OPERATIONS("240"),
    DPK_PARAM(struct wake, steps, .def = "200", .min = 1, .max = 1 << 24,
              .help = "how often they are made"),
    DPK_PARAM(struct wake, pause, .def = "20", .max = 1000000, .unit = "µs",
              .help = "how long one worker waits in each step, and the others for it"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "step", .extent = scenario_items, .grain = one, .work = work, .repeat = repeat },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--pause=20 --steps=200",
    .mechanism =
        "While workers sleep, their processors go idle. Waking one takes 2 to 4 µs where idle "
        "processors stay ready, and 20 to 75 µs where they have been asleep for 0.1 to 10 ms, "
        "by a futex, a pipe, a socket or a signal alike. After each pause a thread wakes the "
        "others; a process wakes its parent, which wakes the others: two wakes in a row.",
    .history =
        "Linux chooses idle states by how long it expects to sleep (cpuidle, since 2.6.24). A "
        "guest's idle processor is given back to the host, unless it polls for a while first "
        "(haltpoll, since 5.4).",
    .literature =
        "J. Corbet, The cpuidle subsystem, LWN.net 2010; Lowest latency notification method "
        "between process under Linux, stackoverflow.com (five means on two machines)",
    .signs = DPK_SIGN_WAIT | DPK_SIGN_SWITCHES,
    .rule =
        "Workers that sleep between small pieces of work: waking them takes longer than the "
        "work; give them more at a time, and take threads if they meet often.",
};

DPK_KERNEL(wake, .summary = "workers that sleep between pieces of work, and are woken",
           .group = "scenario",
           .details =
               "In each step item 0 sleeps, and all items do arithmetic. What a step takes more "
               "than its pause is waking: that of the one that pauses, by a timer, whose "
               "slack of 50 µs is part of it, and that of the others. One worker (seq) wakes "
               "nobody; threads (omp) wake each other by a futex; fork sends bytes through "
               "sockets, pool uses futexes, and in both the parent is between.",
           .examples = (const char *const[]){ "dpk compare wake --backends=seq,omp,fork,pool "
                                              "--budget=2",
                                              "dpk sweep wake --pause=0,100,1000 --passes "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct wake), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = passes, .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1 --steps=1",
                                            "--items=3 --operations=0 --steps=2 --pause=1",
                                            "--items=17 --operations=5 --steps=3 --pause=0", NULL },
           .lesson = &lesson);
