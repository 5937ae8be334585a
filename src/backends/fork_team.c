/* SPDX-License-Identifier: MIT */
/* fork_team.c: in the parent of worker processes. It executes no chunk: whatever a kernel does, it
 * happens to a worker, and the parent lives to say so. */
#include "backends/fork_team.h"

#include "base/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Says how worker w ended, and over what. What it has written about itself may be wrong. */
static dpk_status report_loss(const dpk_team *team, const dpk_crew_news *news, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    const dpk_loop *job = team->job;
    const dpk_worker *worker = &team->workers[news->worker];
    size_t current = atomic_load(&worker->current), total = worker->total;
    char how[160], who[48];
    dpk_crew_end_text(&state->crew, news->end, how, sizeof how);
    snprintf(who, sizeof who, "worker %u (process %ld)", news->worker, (long)news->pid);
    if (job == NULL)
        return dpk_fail(err, DPK_WORKER_LOST, "%s %s before it had work", who, how);
    if (job->stream && current == 0)
        return dpk_fail(err, DPK_WORKER_LOST, "%s %s while it decoded, encoded or waited", who,
                        how);
    if (job->stream)
        return dpk_fail(err, DPK_WORKER_LOST, "%s %s while it worked on band %zu of %zu", who, how,
                        current - 1, total);
    if (current == 0 || current > job->chunks)
        return dpk_fail(err, DPK_WORKER_LOST, "%s %s between two chunks", who, how);
    size_t first = (current - 1) * job->grain, rest = job->extent - first;
    return dpk_fail(err, DPK_WORKER_LOST,
                    "%s %s while it worked on chunk %zu of %zu of pass '%s', items %zu to %zu", who,
                    how, current - 1, job->chunks, job->pass->name, first,
                    first + (rest < job->grain ? rest : job->grain) - 1);
}

/* Waits until all workers have done what they were told; `alone` is the only one that is waited
 * for, or team->jobs. Once one has died, none is left. */
dpk_status dpk_fork_hear_all(dpk_team *team, unsigned alone, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = DPK_OK;
    while (status == DPK_OK && (alone < team->jobs ? dpk_crew_is_busy(&state->crew, alone)
                                                   : dpk_crew_any_busy(&state->crew))) {
        dpk_crew_news news;
        status = dpk_crew_hear(&state->crew, &news, err);
        if (status == DPK_OK && news.ended)
            status = report_loss(team, &news, err);
    }
    if (status != DPK_OK)
        dpk_crew_end(&state->crew, true);
    return status;
}

static dpk_status tell(dpk_team *team, unsigned w, dpk_fork_order order, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    order.board = state->board;
    return dpk_crew_tell(&state->crew, w, &order, sizeof order, err);
}

/* All of the board is written anew, as a worker may have written to it, too. */
static void post_job(dpk_team *team)
{
    const dpk_fork_state *state = team->state;
    dpk_claims_reset(state->claims, team->job->chunks);
    *state->board = (dpk_fork_board){
        .job = *team->job, .workers = team->workers, .jobs = team->jobs, .claims = state->claims
    };
}

/* The first chunk of a stream is the leader's, which is this process: readers and writers of files
 * are in its memory. */
static dpk_status each_together(dpk_team *team, dpk_error *err)
{
    dpk_status status = DPK_OK;
    bool stream = team->job->stream;
    for (unsigned w = stream ? 1 : 0; w < team->jobs && status == DPK_OK; w++)
        status = tell(team, w, (dpk_fork_order){ .what = DPK_ORDER_TAKE_CHUNKS }, err);
    if (status != DPK_OK) {
        dpk_crew_end(&((dpk_fork_state *)team->state)->crew, true);
        return status;
    }
    if (stream) {
        dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
        dpk_chunk(team->job, 0, &team->workers[0]);
        dpk_loop_leave(&team->workers[0], &before);
    }
    return dpk_fork_hear_all(team, team->jobs, err);
}

dpk_status dpk_fork_stand_in(dpk_team *team, dpk_error *err)
{
    dpk_status status = tell(team, 0, (dpk_fork_order){ .what = DPK_ORDER_STAND_IN }, err);
    return status == DPK_OK ? dpk_fork_hear_all(team, 0, err) : status;
}

/* ----------------------------------------------------------------------- a team that keeps going
 */

static bool nobody_is_left(const dpk_team *team)
{
    const dpk_fork_state *state = team->state;
    for (unsigned w = 0; w < team->jobs; w++)
        if (dpk_crew_is_there(&state->crew, w))
            return false;
    return true;
}

static void note_deaths(dpk_team *team, size_t deaths, bool replaced, const char *how)
{
    dpk_text note = dpk_text_begin(team->note, sizeof team->note);
    dpk_text_add(&note, "%zu worker process%s died", deaths, deaths == 1 ? "" : "es");
    if (replaced)
        dpk_text_add(&note, ", and %s replaced", deaths == 1 ? "was" : "were");
    else
        dpk_text_add(&note, ", not all of which can be replaced");
    dpk_text_add(&note, "; the last of them %s", how);
}

static dpk_status replace(dpk_team *team, const dpk_crew_news *news, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    size_t item = 0;
    dpk_death death = dpk_supervision_died(state->supervision, news->worker, &item);
    size_t deaths = dpk_supervision_deaths(state->supervision);
    char how[160];
    dpk_crew_end_text(&state->crew, news->end, how, sizeof how);
    if (death == DPK_DEATH_GIVE_UP)
        return dpk_fail(err, DPK_WORKER_LOST,
                        "%zu workers have died, the last of them in pass '%s', which %s: given up",
                        deaths, team->job->pass->name, how);
    if (death == DPK_DEATH_FAILED) {
        const dpk_failed_item failed = { team->job->pass, item, news->end, false };
        dpk_failed_add(team->failed, &team->failed_count, failed);
    }
    dpk_worker_restore(team, news->worker);
    state->birth.replaces = true;
    state->birth.populates = false;
    bool replaced = dpk_crew_start(&state->crew, news->worker);
    int error = errno;
    note_deaths(team, deaths, replaced, how);
    if (!replaced && nobody_is_left(team))
        return dpk_fail(err, DPK_WORKER_LOST,
                        "worker %u %s, and no other can be started in its place: %s", news->worker,
                        how, strerror(error));
    return DPK_OK;
}

static dpk_status give_spans(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = DPK_OK;
    dpk_fork_order order = { .what = DPK_ORDER_DO_SPAN };
    for (unsigned w = 0; w < team->jobs && status == DPK_OK; w++)
        if (dpk_crew_is_there(&state->crew, w) && !dpk_crew_is_busy(&state->crew, w) &&
            dpk_supervision_give(state->supervision, w, &order.span))
            status = tell(team, w, order, err);
    return status;
}

/* What a stream still has to do when all is computed is encoding. This process does that alone, so
 * that nothing that happens to workers keeps the output from being written. */
static void stream_alone(dpk_team *team)
{
    dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    dpk_loop_leave(&team->workers[0], &before);
}

static dpk_status each_supervised(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_supervision_begin(state->supervision, team->job);
    dpk_status status = give_spans(team, err);
    while (status == DPK_OK && dpk_crew_any_busy(&state->crew)) {
        dpk_crew_news news;
        status = dpk_crew_hear(&state->crew, &news, err);
        if (status == DPK_OK && news.ended)
            status = replace(team, &news, err);
        else if (status == DPK_OK)
            dpk_supervision_done(state->supervision, news.worker);
        if (status == DPK_OK)
            status = give_spans(team, err);
    }
    if (status != DPK_OK)
        dpk_crew_end(&state->crew, true);
    return status;
}

/* -------------------------------------------------------------------------------- the team's life
 */

dpk_status dpk_fork_each(dpk_team *team, dpk_error *err)
{
    if (team->keep_going && team->job->stream) {
        stream_alone(team);
        return DPK_OK;
    }
    post_job(team);
    return team->keep_going ? each_supervised(team, err) : each_together(team, err);
}

void dpk_fork_close(dpk_team *team)
{
    dpk_fork_state *state = team->state;
    dpk_crew_close(&state->crew);
    dpk_supervision_free(state->supervision);
}

dpk_status dpk_fork_make_tables(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    state->board = dpk_alloc(team->arena, sizeof *state->board, err);
    state->claims = dpk_alloc(team->arena, dpk_claims_bytes(team->max_chunks), err);
    if (state->board == NULL || state->claims == NULL)
        return DPK_LIMIT;
    if (!team->keep_going)
        return DPK_OK;
    state->supervision = dpk_supervision_new(team->jobs);
    return state->supervision != NULL
               ? DPK_OK
               : dpk_fail(err, DPK_LIMIT, "not enough memory to supervise workers");
}

/* Returns how many workers could be started. */
unsigned dpk_fork_start_crew(dpk_crew *crew, unsigned jobs)
{
    unsigned w = 0;
    while (w < jobs && dpk_crew_start(crew, w))
        w++;
    return w;
}
