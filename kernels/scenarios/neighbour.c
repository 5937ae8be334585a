/* SPDX-License-Identifier: MIT */
/* neighbour: arithmetic while other programs are busy, too. A worker that shares its processor with
 * one other program runs half of the time and is queued for the other half, which its time account
 * shows. */
#include "scenario.h"

static const dpk_param params[] = {
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("20000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_NEITHER_WINS,
    .strongest = "--neighbours=1x",
    .mechanism =
        "The scheduler shares a processor among the tasks that can run, and counts a thread as "
        "much as a process. With one busy neighbour on each processor workers have half of it, and "
        "the slowest of them decides: chunks taken one by one even that out, fixed shares do not.",
    .history =
        "Where sched_autogroup is on (Linux 2.6.38), or programs are in cgroups of their own, it "
        "is groups that share first, not tasks: then more workers take nothing from a neighbour.",
    .literature =
        "J. K. Ousterhout, Scheduling techniques for concurrent systems, ICDCS 1982: parallel "
        "workers want to run at the same time",
    .signs = DPK_SIGN_QUEUE,
    .rule = "Other busy programs: threads and processes lose the same share of the processors.",
};

DPK_KERNEL(neighbour, .summary = "arithmetic beside busy programs", .group = "scenario",
           .details =
               "Each operation is a step of SplitMix64's finaliser on the item's number, which "
               "needs the step before. What makes it a scenario is what runs beside it: "
               "--neighbours of dpk compare.",
           .examples = (const char *const[]){ "dpk compare neighbour --backends=omp,fork "
                                              "--neighbours=1x --budget=2",
                                              NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=0",
                                            "--items=129 --operations=20", NULL },
           .lesson = &lesson);
