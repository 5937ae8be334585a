/* SPDX-License-Identifier: MIT */
/* open_close: opens and closes one file. What the system stores about the file and its directory is
 * shared by threads and processes alike; only the table of descriptors belongs to the process. */
#define _GNU_SOURCE /* O_PATH */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Finds the file and makes a descriptor, but opens nothing there: what a device or a file system
 * does would only take time of its own. */
#ifdef O_PATH
#    define MODE (O_PATH | O_CLOEXEC)
#else
#    define MODE (O_RDONLY | O_CLOEXEC)
#endif

struct open_close {
    struct scenario base;
    int folder; /* open until the process ends */
};

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    static int folder = -1;
    struct open_close *scenario = self;
    (void)arena;
    if (folder < 0)
        folder = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return dpk_fail(err, DPK_LIMIT, "cannot open /dev: %s", strerror(errno));
    scenario->folder = folder;
    return DPK_OK;
}

/* One, whether it could be opened or not. */
static uint64_t open_and_close(uint64_t x, void *folder)
{
    (void)x;
    int file = openat(*(int *)folder, "null", MODE);
    if (file >= 0)
        close(file);
    return 1;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    int folder = ((const struct open_close *)self)->folder;
    scenario_work(self, span, open_and_close, &folder);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("1024", "60"),
    DPK_END,
};

/* More operations than by default, so that starting processes does not hide what they gain. */
static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Opening and closing each take the one lock of the table of descriptors, and threads count "
        "who uses the directory's descriptor, which a process of one thread need not. Both are "
        "short beside finding the file, so processes win by little where processors are near each "
        "other, and by half where what one has written takes long to reach the other.",
    .history =
        "Linux has walked paths without locks since 2.6.38, and counted a directory entry's "
        "references without taking its lock since 3.12 (lockref).",
    .literature =
        "S. Boyd-Wickizer et al., An analysis of Linux scalability to many cores, OSDI 2010",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM,
    .rule = "Files opened and closed all the time: take processes, or keep them open.",
};

DPK_KERNEL(
    open_close, .summary = "a file opened and closed", .group = "scenario",
    .details =
        "Each operation opens /dev/null, as a mere path where the system has O_PATH, from a "
        "descriptor of /dev that all workers have, and closes it.",
    .examples = (const char *const[]){ "dpk compare open-close --backends=omp,fork --budget=2",
                                       "dpk sweep open-close --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct open_close), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .prepare = prepare, .passes = SCENARIO_PASSES(work),
    .reference = scenario_counting_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson,
    .not_on_pool = "it opens a folder that older workers do not have");
