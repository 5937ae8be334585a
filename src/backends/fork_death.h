/* SPDX-License-Identifier: MIT */
/* fork_death.h: what follows from a worker's death. */
#ifndef DPK_FORK_DEATH_H
#define DPK_FORK_DEATH_H

#include "backends/fork_state.h"

/* Takes back what the worker had, starts another in its place, and notes both in the team. Errors:
 * DPK_WORKER_LOST, when it has died of what will not be done, when too many have died, or when none
 * is left. */
dpk_status dpk_fork_bury(dpk_team *team, const dpk_crew_news *news, dpk_error *err);

/* Starts a worker in the place of one that is not there. Returns false with errno set if that is
 * not possible. */
bool dpk_fork_replace(dpk_team *team, unsigned w);

#endif
