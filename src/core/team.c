/* SPDX-License-Identifier: MIT */
/* team.c: what all backends share: the place of the job, the workers' scratch, and the one rule
 * between them. */
#include "team.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

/* The OpenMP runtime of gcc keeps its threads after a parallel region. A forked child inherits
 * the runtime's notes but not the threads, and hangs when it waits for them. So a process that
 * has used threads never forks workers. */
static bool threads_were_used;

enum { SCRATCH_POISON = 0xA5 };

void dpk_chunk(const dpk_job *job, size_t i, dpk_worker *worker)
{
    size_t number = job->order != NULL ? job->order[i] : i;
    dpk_span span = { .begin = number * job->grain, .step = job->step };
    span.end = job->extent - span.begin < job->grain ? job->extent : span.begin + job->grain;
    if (job->poison && worker->scratch_bytes > 0)
        memset(worker->scratch, SCRATCH_POISON, worker->scratch_bytes);

    if (job->stream) {
        job->pass->work(job->self, span, worker->scratch);
        return;
    }
    uint64_t start = dpk_now();
    worker->total = job->chunks;
    worker->current = number + 1;
    job->pass->work(job->self, span, worker->scratch);
    worker->current = 0;
    worker->ns[DPK_WORK] += dpk_now() - start;
    worker->chunks++;
}

dpk_status dpk_team_open(dpk_team *team, const dpk_backend *backend, unsigned jobs,
                         size_t max_chunks, size_t scratch, dpk_arena *arena, dpk_error *err)
{
    *team =
        (dpk_team){ .backend = backend, .jobs = jobs, .max_chunks = max_chunks, .arena = arena };
    if (backend->processes && threads_were_used)
        return dpk_fail(err, DPK_FAILED,
                        "backend %s cannot start processes: this process has already used threads",
                        backend->name);
    if (backend->processes && arena->memory != DPK_MEMORY_SHARED)
        return dpk_fail(err, DPK_FAILED, "backend %s needs shared memory", backend->name);
    threads_were_used |= backend->threads;

    team->job = dpk_alloc(arena, sizeof *team->job, err);
    team->workers = dpk_alloc(arena, jobs * sizeof *team->workers, err);
    if (team->job == NULL || team->workers == NULL)
        return DPK_LIMIT;
    *team->job = (dpk_job){ .chunks = 0 };
    for (unsigned w = 0; w < jobs; w++) {
        team->workers[w] = (dpk_worker){ .scratch = NULL, .scratch_bytes = scratch };
        team->workers[w].scratch = dpk_alloc(arena, scratch, err);
        if (team->workers[w].scratch == NULL)
            return DPK_LIMIT;
    }
    team->state = calloc(1, backend->state_size + 1);
    if (team->state == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", jobs);
    dpk_status status = backend->open(team, err);
    if (status != DPK_OK) {
        free(team->state);
        team->state = NULL;
    }
    return status;
}

dpk_status dpk_team_each(dpk_team *team, const dpk_job *job, dpk_error *err)
{
    if (job->chunks == 0)
        return DPK_OK;
    *team->job = *job;
    return team->backend->each(team, err);
}

void dpk_team_close(dpk_team *team)
{
    if (team->state == NULL)
        return;
    team->backend->close(team);
    free(team->state);
    team->state = NULL;
}
