/* SPDX-License-Identifier: MIT */
/* fork_team.h: a team whose workers are processes, as their parent sees it. */
#ifndef DPK_FORK_TEAM_H
#define DPK_FORK_TEAM_H

#include "backends/fork_worker.h"
#include "workers/crew.h"
#include "workers/supervise.h"

/* team->state, in memory of the parent alone. */
typedef struct dpk_fork_state {
    dpk_crew crew;
    dpk_fork_birth birth;
    dpk_fork_board *board;
    dpk_claims *claims; /* the board's */
    dpk_supervision *supervision;
} dpk_fork_state;

/* Allocates what workers see of the team, and what supervises them. Errors: DPK_LIMIT. */
dpk_status dpk_fork_make_tables(dpk_team *team, dpk_error *err);

/* Starts workers 0, 1, … and returns how many could be started, with errno set if not all. */
unsigned dpk_fork_start_crew(dpk_crew *crew, unsigned jobs);

/* Waits until all workers have done what they were told; `alone` is the only one that is waited
 * for, or team->jobs. Once one has died, none is left. Errors: DPK_WORKER_LOST, DPK_FAILED. */
dpk_status dpk_fork_hear_all(dpk_team *team, unsigned alone, dpk_error *err);

/* As dpk_backend declares them. */
dpk_status dpk_fork_each(dpk_team *team, dpk_error *err);
dpk_status dpk_fork_stand_in(dpk_team *team, dpk_error *err);
void dpk_fork_close(dpk_team *team);

#endif
