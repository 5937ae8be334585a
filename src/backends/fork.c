/* SPDX-License-Identifier: MIT */
/* fork: processes over shared memory, started for one run and ended with it.
 *
 * Every worker is a process of its own (fork_worker.c). This process, their parent, tells workers
 * what to do and hears of their ends over the streams of a crew (fork_team.c, workers/crew.h). Who
 * has which chunk is written in a table in shared memory (workers/claims.h). What the parent itself
 * relies on lies in memory of its own, where no worker can write. A worker that dies is replaced,
 * and what it had is done again (fork_death.c, workers/supervise.h). */
#include "backends/fork_team.h"
#include "machine/pin.h"

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = dpk_fork_make_tables(team, err);
    state->birth = (dpk_fork_birth){ .arena = team->arena,
                                     .jobs = team->jobs,
                                     .here = dpk_pin_here(),
                                     .populates = true,
                                     .limits = team->limits };
    if (status == DPK_OK)
        status = dpk_fork_open_crew(&state->crew, team->jobs, &state->birth, err);
    if (status == DPK_OK) {
        dpk_fork_start(team);
        status = dpk_fork_await(team, err);
    }
    if (status != DPK_OK)
        dpk_fork_close(team);
    return status;
}

const dpk_backend dpk_backend_fork = {
    .name = "fork",
    .summary = "forked processes over shared memory",
    .processes = true,
    .state_size = sizeof(dpk_fork_state),
    .open = open,
    .each = dpk_fork_each,
    .stand_in = dpk_fork_stand_in,
    .redo = dpk_fork_redo,
    .close = dpk_fork_close,
};
