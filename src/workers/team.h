/* SPDX-License-Identifier: MIT */
/* team.h: workers of one backend, ready for jobs. */
#ifndef DPK_TEAM_H
#define DPK_TEAM_H

#include "workers/backend.h"

typedef struct dpk_team_plan {
    const dpk_backend *backend;
    unsigned jobs;
    bool keep_going;
    unsigned retries; /* of processes, as these three: deaths that an item survives */
    double timeout;   /* s; 0: none */
    dpk_limits limits;
    size_t max_chunks; /* of any job to come */
    size_t scratch;    /* bytes for each worker */
    size_t events;     /* that the timeline of each worker can hold; 0: none is kept */
    void *host;        /* whose workers the team borrows, where the backend is such; else NULL */
    uint64_t since;    /* when starting began, as dpk_now() says it */
} dpk_team_plan;

/* Opens a team in the arena, whose memory must be shared if the backend's workers are processes.
 * The workers' descriptions and accounts stay in the arena when the team is closed. Errors:
 * DPK_LIMIT, DPK_FAILED, DPK_WORKER_LOST. */
dpk_status dpk_team_open(dpk_team *team, const dpk_team_plan *plan, dpk_arena *arena,
                         dpk_error *err);

/* Executes all chunks of job. Errors: DPK_WORKER_LOST, DPK_FAILED. */
dpk_status dpk_team_each(dpk_team *team, const dpk_loop *job, dpk_error *err);

/* In chunk 0 of a stream, which leads it: calls job->stand_in(job->self, worker 0), in a process
 * that may die of it if the backend has such. The leader waits, and hears at once if any worker
 * dies; worker 0's account goes on. Errors: DPK_WORKER_LOST, DPK_FAILED. */
dpk_status dpk_team_stand_in(dpk_team *team, dpk_error *err);

/* In chunk 0 of a stream, which leads it: calls job->redo(job->self, items, worker 0) in a process
 * that may die of it, and waits. *survived: it has not. Where there is no such process, nothing is
 * done and *survived is true. Errors: DPK_WORKER_LOST, DPK_FAILED. */
dpk_status dpk_team_redo(dpk_team *team, dpk_span items, bool *survived, dpk_error *err);

/* Whether this process has opened a team of threads, after which it cannot have processes. */
bool dpk_threads_were_used(void);

/* Harmless on a team that was never opened (zeroed). */
void dpk_team_close(dpk_team *team);

#endif
