/* SPDX-License-Identifier: MIT */
/* fork: processes over shared memory, started for one run and ended with it.
 *
 * Every worker is a process of its own (fork_worker.c). This process, their parent, tells workers
 * what to do and hears of their ends over the streams of a crew (fork_team.c, workers/crew.h). Who
 * has which chunk is written in a table in shared memory (workers/claims.h). What the parent itself
 * relies on lies in memory of its own, where no worker can write.
 *
 * A team that keeps going is given spans of items by its parent instead, which does again what a
 * dead worker had (workers/supervise.h). That costs two messages for each chunk. */
#include "backends/fork_early.h"
#include "backends/fork_team.h"
#include "machine/pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static dpk_status start_all(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    unsigned wanted = team->jobs;
    state->birth = (dpk_fork_birth){
        .arena = team->arena, .jobs = wanted, .here = dpk_pin_here(), .populates = true
    };
    dpk_status status = dpk_crew_open(&state->crew, wanted, dpk_fork_serve, &state->birth, err);
    if (status != DPK_OK)
        return status;
    team->jobs = dpk_fork_start_crew(&state->crew, wanted);
    if (team->jobs == 0)
        return dpk_fail(err, DPK_LIMIT, "no process can be started: %s", strerror(errno));
    if (team->jobs < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u processes can be started: %s",
                 team->jobs, wanted, strerror(errno));
    return DPK_OK;
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_status status = dpk_fork_make_tables(team, err);
    if (status == DPK_OK)
        status = start_all(team, err);
    /* A team that keeps going hears that they are there when there is work. */
    if (status == DPK_OK && !team->keep_going)
        status = dpk_fork_hear_all(team, team->jobs, err);
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
    if (status == DPK_OK && dpk_fork_start_crew(&made->crew, jobs) < jobs)
        status = dpk_fail(err, DPK_LIMIT, "cannot start %u processes: %s", jobs, strerror(errno));
    if (status != DPK_OK) {
        dismiss(made);
        return status;
    }
    *hired = made;
    return DPK_OK;
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
        status = dpk_fork_hear_all(team, team->jobs, err);
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
    .close = dpk_fork_close,
};

#endif
