/* SPDX-License-Identifier: MIT */
/* strftime: writes instants as local time. The C library keeps one copy of the time zone's rules
 * for the process, and localtime_r() takes their lock. The text differs between time zones, so only
 * the century is added to the item. */
#define _POSIX_C_SOURCE 200809L

#include "scenario.h"

#include <time.h>

/* January 2004, and eight and a half years: within one century in every time zone. */
#define FIRST ((time_t)1 << 30)
#define SECONDS ((time_t)1 << 28)

static uint64_t century(uint64_t x, void *kept)
{
    time_t instant = FIRST + (time_t)(x % SECONDS);
    (void)kept;
    char text[sizeof "2004-01-10 13:37:04"];
    struct tm local;
    if (localtime_r(&instant, &local) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) == 0)
        return 20;
    return 10 * (uint64_t)(text[0] - '0') + (uint64_t)(text[1] - '0');
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, century, NULL);
}

/* All of it is in the 2000s. */
static uint64_t that_century(uint64_t x)
{
    (void)x;
    return 20;
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    return scenario_refer(self, that_century);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("1024", "200"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "localtime_r() takes the one lock that guards the time zone's rules, and looks them up "
        "under it. Threads hand it from processor to processor and sleep when it is taken; every "
        "process has its own.",
    .history =
        "While TZ is not set, glibc's localtime() also asks the system about /etc/localtime each "
        "time. localtime_r() spares that, but not the lock; gmtime_r() takes it, too.",
    .literature =
        "POSIX.1-2017, localtime(), tzset(); HAProxy, issue 3444, on a server whose threads wait "
        "for that lock",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule = "Local time for every item: take processes, or convert once for many items.",
};

DPK_KERNEL(
    strftime, .summary = "instants written as local time, whose rules have one lock",
    .group = "scenario",
    .details =
        "Each operation breaks an instant down into local time and formats it; the century goes "
        "into the result.",
    .examples = (const char *const[]){ "dpk compare strftime --backends=omp,fork --budget=2",
                                       "dpk sweep strftime --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work), .reference = reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
