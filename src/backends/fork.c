/* SPDX-License-Identifier: MIT */
/* fork: processes over shared memory, started for one run and ended with it.
 *
 * Every worker is a process of its own (fork_worker.c). This process, their parent, tells workers
 * what to do and hears of their ends over the streams of a crew (fork_team.c, workers/crew.h). Who
 * has which chunk is written in a table in shared memory (workers/claims.h). What the parent itself
 * relies on lies in memory of its own, where no worker can write. A worker that dies is replaced,
 * and what it had is done again (fork_death.c, workers/supervise.h). */
#include "backends/fork_early.h"
#include "backends/fork_team.h"
#include "machine/pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = dpk_fork_make_tables(team, err);
    state->birth = (dpk_fork_birth){ .arena = team->arena,
                                     .jobs = team->jobs,
                                     .here = dpk_pin_here(),
                                     .populates = true,
                                     .limits = { .memory = team->worker_memory,
                                                 .cpu_time = team->worker_cpu_time } };
    if (status == DPK_OK)
        status = dpk_crew_open(&state->crew, team->jobs, dpk_fork_serve, &state->birth, err);
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

#ifdef DPK_FAULTS

/* For tests: the same, with workers that are started before there is anything but the arena. */

struct hired {
    dpk_crew crew;
    dpk_fork_birth birth;
};

static void dismiss(void *hired)
{
    dpk_crew_close(&((struct hired *)hired)->crew);
    free(hired);
}

static dpk_status hire(dpk_arena *arena, unsigned jobs, void **hired, dpk_error *err)
{
    *hired = NULL;
    struct hired *made = calloc(1, sizeof *made);
    if (made == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", jobs);
    dpk_arena_share_inputs(arena);
    made->birth = (dpk_fork_birth){ .arena = arena, .jobs = jobs, .here = dpk_pin_here() };
    dpk_status status = dpk_crew_open(&made->crew, jobs, dpk_fork_serve, &made->birth, err);
    for (unsigned w = 0; w < jobs && status == DPK_OK; w++)
        if (!dpk_crew_start(&made->crew, w))
            status =
                dpk_fail(err, DPK_LIMIT, "cannot start %u processes: %s", jobs, strerror(errno));
    if (status != DPK_OK) {
        dismiss(made);
        return status;
    }
    *hired = made;
    return DPK_OK;
}

static dpk_status hear_hired(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    for (unsigned w = 0; w < state->crew.most; w++)
        state->members[w].starting = true;
    return dpk_fork_await(team, err);
}

static dpk_status open_hired(dpk_team *team, dpk_error *err)
{
    struct hired *hired = team->hired;
    dpk_fork_state *state = team->state;
    if (hired == NULL)
        return dpk_fail(err, DPK_FAILED, "no workers were started before");
    state->crew = hired->crew;
    state->birth = hired->birth;
    state->crew.context = &state->birth;
    team->hired = NULL;
    free(hired);
    if (team->jobs > state->crew.most)
        team->jobs = state->crew.most;
    dpk_status status = dpk_fork_make_tables(team, err);
    if (status == DPK_OK)
        status = hear_hired(team, err);
    if (status != DPK_OK)
        dpk_fork_close(team);
    return status;
}

const dpk_backend dpk_fork_early = {
    .name = "early",
    .summary = "processes that are forked before there is anything to share",
    .processes = true,
    .state_size = sizeof(dpk_fork_state),
    .hire = hire,
    .dismiss = dismiss,
    .open = open_hired,
    .each = dpk_fork_each,
    .stand_in = dpk_fork_stand_in,
    .redo = dpk_fork_redo,
    .close = dpk_fork_close,
};

#endif
