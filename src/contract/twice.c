/* SPDX-License-Identifier: MIT */
/* twice.c: the promise that an item may be executed again, put to the test. */
#include "contract/trial.h"

static dpk_status open(dpk_team *team, dpk_error *err)
{
    (void)err;
    team->jobs = 1;
    return DPK_OK;
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    (void)err;
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    for (size_t i = team->job->chunks; i-- > 0;)
        dpk_chunk(team->job, i, &team->workers[0]);
    return DPK_OK;
}

static void close(dpk_team *team)
{
    (void)team;
}

const dpk_backend dpk_backend_twice = {
    .name = "twice",
    .summary = "one worker that executes every chunk twice",
    .open = open,
    .each = each,
    .close = close,
};
