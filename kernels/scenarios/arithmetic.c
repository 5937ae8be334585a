/* SPDX-License-Identifier: MIT */
/* arithmetic: a computation in registers. It uses nothing in which threads and processes differ:
 * no shared memory, no descriptor table, no locks. Once all workers have started, both should take
 * the same time. Other scenarios mix their own operations with this one. */
#include "scenario.h"

static const dpk_param params[] = {
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("10000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--operations=30000",
    .mechanism =
        "Arithmetic in registers asks neither the system nor the memory for anything, and a "
        "processor does not know whether a thread or a process is running on it.",
    .literature =
        "U. Drepper, I. Molnar, The native POSIX thread library for Linux, 2005: to the "
        "scheduler both are tasks",
    .rule = "Pure arithmetic: threads and processes are equally fast, take what is simpler.",
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
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=0",
                                            "--items=129 --operations=20", NULL },
           .lesson = &lesson);
