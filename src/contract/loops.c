/* SPDX-License-Identifier: MIT */
/* loops.c: three loops over chunks, each for one promise. */
#include "contract/loops.h"

#include "contract/watch.h"

static dpk_status open(dpk_team *team, dpk_error *err)
{
    (void)err;
    team->jobs = 1;
    return DPK_OK;
}

static void close(dpk_team *team)
{
    (void)team;
}

static dpk_status each_twice(dpk_team *team, dpk_error *err)
{
    (void)err;
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    for (size_t i = team->job->chunks; i-- > 0;)
        dpk_chunk(team->job, i, &team->workers[0]);
    return DPK_OK;
}

const dpk_backend dpk_backend_twice = {
    .name = "twice",
    .summary = "one worker that executes every chunk twice",
    .sequential = true,
    .open = open,
    .each = each_twice,
    .close = close,
};

static dpk_status each_watched(dpk_team *team, dpk_error *err)
{
    (void)err;
    for (size_t i = 0; i < team->job->chunks; i++) {
        dpk_watch_pass(team->job->pass->name);
        dpk_chunk(team->job, i, &team->workers[0]);
        dpk_watch_pass(NULL);
    }
    return DPK_OK;
}

const dpk_backend dpk_backend_watched = {
    .name = "watched",
    .summary = "one worker whose calls are watched",
    .sequential = true,
    .open = open,
    .each = each_watched,
    .close = close,
};

static dpk_status each_rows(dpk_team *team, dpk_error *err)
{
    (void)err;
    dpk_span span = ((const dpk_rows_backend *)(const void *)team->backend)->rows;
    span.step = team->job->step;
    if (span.end <= team->job->extent)
        dpk_execute(team->job, span, &team->workers[0]);
    return DPK_OK;
}

dpk_rows_backend dpk_backend_of_rows(dpk_span rows)
{
    return (dpk_rows_backend){
        .backend = { .name = "rows",
                     .summary = "one worker that executes some rows alone",
                     .open = open,
                     .each = each_rows,
                     .close = close },
        .rows = rows,
    };
}
