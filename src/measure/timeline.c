/* SPDX-License-Identifier: MIT */
/* timeline.c: turns workers' events into marks. */
#include "measure/timeline.h"

#include <stdlib.h>

/* Returns 1 + the index of the pass of that name (compared by address, as it is the kernel's own
 * string), or 0. */
static uint16_t pass_number(const dpk_kernel *kernel, const char *name)
{
    for (uint16_t pass = 0; name != NULL && kernel->passes[pass].name != NULL; pass++)
        if (kernel->passes[pass].name == name)
            return (uint16_t)(pass + 1);
    return 0;
}

static void take_worker(dpk_timeline *timeline, const dpk_run *run, unsigned w)
{
    const dpk_account *account = &run->team.workers[w].account;
    uint64_t zero = run->times.begin;
    for (size_t i = 0; i < account->event_count; i++) {
        const dpk_event *event = &account->events[i];
        timeline->marks[timeline->count++] =
            (dpk_mark){ .begin = event->begin - zero,
                        .end = event->end - zero,
                        .chunk = event->chunk,
                        .worker = w,
                        .phase = (uint16_t)event->phase,
                        .pass = pass_number(run->kernel, event->pass) };
    }
    timeline->lost += account->events_lost;
}

dpk_status dpk_timeline_take(dpk_timeline *timeline, const dpk_run *run, dpk_error *err)
{
    size_t most = 1;
    for (unsigned w = 0; w < run->team.jobs; w++)
        most += run->team.workers[w].account.event_count;
    *timeline = (dpk_timeline){ .marks = calloc(most, sizeof *timeline->marks) };
    if (timeline->marks == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a timeline");
    if (run->times.load > 0)
        timeline->marks[timeline->count++] =
            (dpk_mark){ .end = run->times.load, .phase = DPK_LOAD };
    for (unsigned w = 0; w < run->team.jobs; w++)
        take_worker(timeline, run, w);
    return DPK_OK;
}
