/* SPDX-License-Identifier: MIT */
/* fork_team.h: a team whose workers are processes, as their parent sees it. */
#ifndef DPK_FORK_TEAM_H
#define DPK_FORK_TEAM_H

#include "backends/fork_state.h"

/* Allocates what workers see of the team, and what supervises them. Errors: DPK_LIMIT. */
dpk_status dpk_fork_make_tables(dpk_team *team, dpk_error *err);

/* A crew for so many workers, which will be born with `birth`. To be closed even if this fails.
 * Errors: DPK_LIMIT. */
dpk_status dpk_fork_open_crew(dpk_crew *crew, unsigned jobs, dpk_fork_birth *birth, dpk_error *err);

/* Starts as many workers as can be started of those that are not there, and notes it in the team if
 * these are not all. Where there can be none, this process computes alone. */
void dpk_fork_start(dpk_team *team);

/* Has workers that were there before make the arena's memory present, as new ones do. */
dpk_status dpk_fork_populate(dpk_team *team, dpk_error *err);

/* Waits until no worker has anything to do; those who die are replaced. If it fails, none is left.
 * Errors: DPK_WORKER_LOST, DPK_FAILED. */
dpk_status dpk_fork_await(dpk_team *team, dpk_error *err);

/* As dpk_backend declares them. */
dpk_status dpk_fork_each(dpk_team *team, dpk_error *err);
dpk_status dpk_fork_stand_in(dpk_team *team, dpk_error *err);
dpk_status dpk_fork_redo(dpk_team *team, dpk_span items, bool *survived, dpk_error *err);
void dpk_fork_close(dpk_team *team);

#endif
