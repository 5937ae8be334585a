/* SPDX-License-Identifier: MIT */
/* quota: arithmetic in a cgroup with limited processor time, as most containers have. The workers
 * run until the quota of a period is used up, and then wait for the next period. Their time
 * accounts show this as queued, and the counters as throttles. */
#include "scenario.h"

static const dpk_param params[] = {
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("20000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--quota=50%",
    .mechanism =
        "The quota is the cgroup's, not a task's: threads and processes use up the same, and stop "
        "together when it is gone. More workers than the quota has processors only use it up "
        "sooner, and what one has begun, such as a lock it holds, waits for the next period.",
    .history =
        "Linux limits processor time of cgroups since 3.2; until 5.4 it could throttle those that "
        "had not used up their quota on machines with many processors.",
    .literature =
        "P. Turner, B. B. Rao, N. Rao, CPU bandwidth control for CFS, Linux Symposium 2010",
    .signs = DPK_SIGN_QUEUE | DPK_SIGN_THROTTLE,
    .rule =
        "A limit on processor time, as containers have: threads and processes are stopped "
        "alike; take no more workers than the limit feeds.",
};

DPK_KERNEL(quota, .summary = "arithmetic with a limit of processor time", .group = "scenario",
           .details =
               "Each operation is a step of SplitMix64's finaliser on the item's number, which "
               "needs the step before. What makes it a scenario is the limit: --quota of dpk "
               "compare, which needs the right to make a cgroup.",
           .examples = (const char *const[]){ "dpk compare quota --backends=omp,fork --budget=2",
                                              NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=0",
                                            "--items=129 --operations=20", NULL },
           .lesson = &lesson);
