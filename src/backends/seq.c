/* SPDX-License-Identifier: MIT */
/* seq: a loop. The others are compared with it: where they are faster, they use more processors,
 * and where they are slower, that is their overhead. */
#include "workers/backend.h"

static dpk_status open(dpk_team *team, dpk_error *err)
{
    (void)err;
    team->jobs = 1;
    return DPK_OK;
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    (void)err;
    dpk_worker *worker = &team->workers[0];
    dpk_usage before = dpk_loop_enter(team->job, worker);
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, worker);
    dpk_loop_leave(worker, &before);
    return DPK_OK;
}

static void close(dpk_team *team)
{
    (void)team;
}

const dpk_backend dpk_backend_seq = {
    .name = "seq",
    .summary = "one worker, a plain loop",
    .sequential = true,
    .open = open,
    .each = each,
    .close = close,
};
