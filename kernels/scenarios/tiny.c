/* SPDX-License-Identifier: MIT */
/* tiny: so little work that starting and ending workers takes most of the time. A thread needs a
 * stack and a task in the existing address space. A process needs a copy of the address space and
 * of the table of descriptors, too. */
#include "scenario.h"

/* Work of some 3 µs. */
static const dpk_param params[] = {
    SCENARIO_ITEMS("64"),
    SCENARIO_OPERATIONS("10"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--items=64 --operations=10",
    .mechanism =
        "With a few microseconds of work, workers are all there is to pay for. A new thread is "
        "a stack in the address space that exists; a new process copies the address space, and "
        "takes it down again.",
    .history =
        "Linux has made both by one call, clone(), since 2.0; since glibc 2.34, new threads "
        "come by clone3().",
    .literature = "A. Baumann, J. Appavoo, O. Krieger, T. Roscoe, A fork in the road, HotOS 2019",
    .signs = DPK_SIGN_START | DPK_SIGN_STOP,
    .rule = "Work of a few microseconds: take threads if any workers at all.",
};

DPK_KERNEL(tiny, .summary = "so little work that starting workers is all there is",
           .group = "scenario",
           .details =
               "The arithmetic of the others, for some microseconds in all: more than one "
               "worker never pays, and --operations is how to find out from when on it "
               "does.",
           .examples = (const char *const[]){ "dpk compare tiny --backends=omp,fork --budget=2",
                                              "dpk sweep tiny --operations=10,1000,100000 "
                                              "--budget=1",
                                              NULL },
           .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
           .shape = scenario_shape, .passes = SCENARIO_PASSES(scenario_arithmetic),
           .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=64 --operations=0",
                                            "--items=67 --operations=10", NULL },
           .lesson = &lesson);
