/* SPDX-License-Identifier: MIT */
/* oversubscribed: arithmetic by more workers than there are processors. This gains nothing: each
 * worker has its share of a processor and is queued for the rest of the time, which its time
 * account shows. */
#include "scenario.h"

static const dpk_param params[] = {
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("60000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--jobs=2x",
    .mechanism =
        "A processor executes one task at a time, and the scheduler queues threads and processes "
        "alike: two on each processor spend half of their time waiting for it, and are "
        "ready no sooner than one. Where workers spin while they wait for each other, or hold a "
        "lock when their turn ends, it is worse than that.",
    .history =
        "Linux gave turns by virtual run time (CFS) from 2.6.23 on, and gives them by virtual "
        "deadlines (EEVDF) since 6.6.",
    .literature =
        "C. Iancu, S. Hofmeyr, F. Blagojević, Y. Zheng, Oversubscription on multicore processors, "
        "IPDPS 2010",
    .signs = DPK_SIGN_QUEUE,
    .rule =
        "More workers than processors: threads and processes queue alike; for work that "
        "computes, take as many as there are processors.",
};

DPK_KERNEL(oversubscribed, .summary = "arithmetic by more workers than processors",
           .group = "scenario",
           .details =
               "Each operation is a step of SplitMix64's finaliser on the item's number, which "
               "needs the step before. What makes it a scenario is the number of workers, --jobs.",
           .examples = (const char *const[]){ "dpk compare oversubscribed --backends=omp "
                                              "--jobs=1x,2x,4x --budget=2",
                                              NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=0",
                                            "--items=129 --operations=20", NULL },
           .lesson = &lesson);
