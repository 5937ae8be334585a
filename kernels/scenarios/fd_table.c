/* SPDX-License-Identifier: MIT */
/* fd_table: duplicates and closes file descriptors. Each worker duplicates a descriptor of its own,
 * so workers share nothing but the table of descriptors, which has a lock. */
#define _POSIX_C_SOURCE 200809L

#include "scenario.h"

#include <fcntl.h>
#include <unistd.h>

/* One, whether there was room in the table or not. */
static uint64_t duplicate(uint64_t x, void *descriptor)
{
    (void)x;
    int another = fcntl(*(int *)descriptor, F_DUPFD_CLOEXEC, 0);
    if (another >= 0)
        close(another);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    scenario_work(self, span, duplicate, &descriptor);
    if (descriptor >= 0)
        close(descriptor);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "60"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "All threads of a process have one table of descriptors, with one spin lock that each "
        "dup() and close() takes; every process has a table of its own.",
    .history =
        "Linux has looked descriptors up without that lock since 2.6.14 (RCU); to make and to "
        "close one still takes it. unshare(CLONE_FILES) gives a thread its own table.",
    .literature =
        "A. T. Clements et al., The scalable commutativity rule, SOSP 2013: that POSIX wants the "
        "lowest free descriptor is what makes them wait",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM,
    .rule =
        "Descriptors made and closed all the time: take processes, or threads with tables of "
        "their own (unshare(CLONE_FILES)).",
};

DPK_KERNEL(
    fd_table, .summary = "descriptors duplicated and closed, in a table that has one lock",
    .group = "scenario",
    .details = "Each operation duplicates a descriptor of /dev/null and closes the duplicate.",
    .examples = (const char *const[]){ "dpk compare fd-table --backends=omp,fork --budget=2",
                                       "dpk sweep fd-table --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
