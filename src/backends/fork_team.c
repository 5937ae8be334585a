/* SPDX-License-Identifier: MIT */
/* fork_team.c: in the parent of worker processes. It executes no chunk: whatever a kernel does, it
 * happens to a worker, and the parent lives to have it done again by another one. Only where no
 * process can be started, it does all itself. */
#include "backends/fork_team.h"

#include "backends/fork_death.h"
#include "workers/orders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static dpk_status tell(dpk_team *team, unsigned w, dpk_fork_order order, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    order.board = state->board;
    state->members[w].orders++;
    return dpk_crew_tell(&state->crew, w, &order, sizeof order, err);
}

static bool is_idle(const dpk_team *team, unsigned w)
{
    const dpk_fork_state *state = team->state;
    return dpk_crew_is_there(&state->crew, w) && !dpk_crew_is_busy(&state->crew, w);
}

/* ---------------------------------------------------------------------------------- hearing */

/* In a stream, who has nothing in hand waits for others; but at its end, nobody has to wait. */
static bool may_hang(const dpk_team *team, unsigned w, dpk_sign *sign)
{
    const dpk_fork_state *state = team->state;
    const dpk_loop *job = team->job;
    if (!dpk_crew_is_busy(&state->crew, w))
        return false;
    const dpk_worker *worker = &team->workers[w];
    *sign = (dpk_sign){ .order = state->members[w].orders };
    if (job != NULL && job->stream) {
        sign->current = job->held != NULL ? job->held(job->self, w) : 0;
        return sign->current != 0 || state->ends || state->members[w].starting;
    }
    sign->done = worker->chunks;
    sign->current = worker->current;
    return true;
}

static void end_hung_ones(const dpk_team *team)
{
    const dpk_fork_state *state = team->state;
    if (state->hung == NULL || !dpk_hung_look(state->hung, dpk_now()))
        return;
    for (unsigned w = 0; w < team->jobs; w++) {
        dpk_sign sign;
        if (!may_hang(team, w, &sign))
            dpk_hung_rests(state->hung, w);
        else if (dpk_hung_worker(state->hung, w, sign)) {
            state->members[w].hung = true;
            dpk_crew_kill(&state->crew, w);
        }
    }
}

static dpk_status hear(const dpk_team *team, int limit, dpk_crew_news *news, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    int pause = state->hung != NULL ? dpk_hung_pause(state->hung) : -1;
    if (limit < 0 || (pause >= 0 && pause < limit))
        limit = pause;
    dpk_status status = dpk_crew_hear_within(&state->crew, limit, news, err);
    end_hung_ones(team);
    return status;
}

/* A worker of a stream that is new is told the same job. Worker 0 only stands in for the leader. */
static dpk_status welcome(dpk_team *team, unsigned w, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    state->members[w].starting = false;
    if (team->job == NULL || !team->job->stream || w == 0 || state->ends)
        return DPK_OK;
    return tell(team, w, (dpk_fork_order){ .what = DPK_ORDER_TAKE_CHUNKS }, err);
}

/* Workers of a stream that have nothing to do any more look again: where nobody takes the place of
 * a dead one, they get what was to be its. Worker 0 is its leader's. */
static dpk_status tell_idle_ones(dpk_team *team, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (unsigned w = 1; w < team->jobs && status == DPK_OK; w++)
        if (is_idle(team, w))
            status = tell(team, w, (dpk_fork_order){ .what = DPK_ORDER_TAKE_CHUNKS }, err);
    return status;
}

static dpk_status bury(dpk_team *team, const dpk_crew_news *news, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    dpk_status status = dpk_fork_bury(team, news, err);
    bool alive = team->job != NULL && team->job->stream && !state->ends;
    if (status == DPK_OK && alive && !dpk_crew_is_there(&state->crew, news->worker))
        status = tell_idle_ones(team, err);
    return status;
}

/* Waits for an answer or an end, for `limit` ms at most unless that is negative, and does what
 * follows from it. */
static dpk_status hear_one(dpk_team *team, int limit, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_crew_news news;
    dpk_status status = hear(team, limit, &news, err);
    if (status != DPK_OK || news.worker >= team->jobs) /* nobody, or one that has no part in this */
        return status;
    if (news.ended)
        return bury(team, &news, err);
    if (state->members[news.worker].starting)
        return welcome(team, news.worker, err);
    if (team->job != NULL && !team->job->stream)
        dpk_supervision_done(state->supervision, news.worker);
    state->members[news.worker].serves = false;
    return DPK_OK;
}

/* Once something has gone wrong that cannot be done again, no worker is left. */
static dpk_status ended(dpk_team *team, dpk_status status)
{
    dpk_fork_state *state = team->state;
    if (status != DPK_OK)
        dpk_crew_end(&state->crew, true);
    return status;
}

dpk_status dpk_fork_await(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = DPK_OK;
    state->crew.together = true;
    while (status == DPK_OK && dpk_crew_any_busy(&state->crew))
        status = hear_one(team, -1, err);
    return ended(team, status);
}

/* ------------------------------------------------------------------------------------- jobs */

/* All of the board is written anew, as a worker may have written to it, too. */
static void post_job(dpk_team *team)
{
    dpk_fork_state *state = team->state;
    state->ends = false;
    dpk_claims_reset(state->claims, team->job->chunks);
    *state->board = (dpk_fork_board){
        .job = *team->job, .workers = team->workers, .jobs = team->jobs, .claims = state->claims
    };
}

static dpk_status give(dpk_team *team, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    dpk_status status = DPK_OK;
    for (unsigned w = 0; w < team->jobs && status == DPK_OK; w++) {
        dpk_assignment given;
        if (!is_idle(team, w) || !dpk_supervision_give(state->supervision, w, &given))
            continue;
        const dpk_fork_order order = { .what =
                                           given.takes ? DPK_ORDER_TAKE_CHUNKS : DPK_ORDER_DO_SPAN,
                                       .share = given.share,
                                       .span = given.span };
        status = tell(team, w, order, err);
    }
    return status;
}

/* Gives what there is to be done. A worker may have written to the table what is not true. */
static dpk_status give_all(dpk_team *team, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    dpk_status status = give(team, err);
    while (status == DPK_OK && !dpk_crew_any_busy(&state->crew) &&
           !dpk_supervision_complete(state->supervision)) {
        if (dpk_supervision_is_deceived(state->supervision))
            return dpk_fail(err, DPK_WORKER_LOST,
                            "workers have destroyed the table of who has which chunk of pass '%s'",
                            team->job->pass->name);
        status = give(team, err);
    }
    return status;
}

static dpk_status each_whole(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_supervision_begin(state->supervision, team->job, state->claims, team->jobs);
    dpk_status status = give_all(team, err);
    while (status == DPK_OK && dpk_crew_any_busy(&state->crew)) {
        /* As long as nothing has to be done again, there is nothing to give before all are done. */
        state->crew.together = dpk_supervision_deaths(state->supervision) == 0;
        status = hear_one(team, -1, err);
        if (status == DPK_OK)
            status = give_all(team, err);
    }
    return ended(team, status);
}

/* Nobody has taken the place of some who have died before this stream began: it is to expect
 * nothing of them. */
static void say_who_is_missing(const dpk_team *team)
{
    const dpk_fork_state *state = team->state;
    const dpk_loop *job = team->job;
    dpk_lost nothing;
    for (unsigned w = 0; w < team->jobs && job->lost != NULL; w++)
        if (!dpk_crew_is_there(&state->crew, w))
            job->lost(job->self, w, team->retries, &nothing);
}

/* The first chunk of a stream is the leader's, which is this process: readers and writers of files
 * are in its memory. */
static dpk_status each_stream(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    say_who_is_missing(team);
    dpk_status status = tell_idle_ones(team, err);
    if (status != DPK_OK)
        return ended(team, status);
    dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
    dpk_chunk(team->job, 0, &team->workers[0]);
    dpk_loop_leave(&team->workers[0], &before);
    state->ends = true;
    return dpk_fork_await(team, err);
}

/* Where there are no workers; and for encoding of what a team that keeps going has computed, so
 * that nothing that happens to workers keeps the output from being written. */
static void do_alone(dpk_team *team)
{
    dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    dpk_loop_leave(&team->workers[0], &before);
}

dpk_status dpk_fork_each(dpk_team *team, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    if (state->alone || (team->keep_going && team->job->stream)) {
        do_alone(team);
        return DPK_OK;
    }
    post_job(team);
    return team->job->stream ? each_stream(team, err) : each_whole(team, err);
}

/* ------------------------------------------------------------------- for the leader of a stream */

/* How long to wait, in ms, before worker 0 is tried to be started again. */
enum { MOMENT = 10 };

/* Waits until worker 0 can be told something. *there: it is; without a worker 0, others go on, and
 * the leader is to look after them. */
static dpk_status ready_first(dpk_team *team, bool *there, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    dpk_status status = DPK_OK;
    state->crew.together = false;
    if (!dpk_crew_is_there(&state->crew, 0) && !dpk_fork_replace(team, 0))
        status = hear_one(team, MOMENT, err);
    while (status == DPK_OK && dpk_crew_is_busy(&state->crew, 0))
        status = hear_one(team, -1, err);
    *there = status == DPK_OK && is_idle(team, 0);
    return status;
}

/* Has worker 0 do something in the leader's name, and waits until it has or is gone. */
static dpk_status have_served(dpk_team *team, dpk_fork_order order, bool *survived, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    dpk_fork_member *first = &state->members[0];
    dpk_status status = tell(team, 0, order, err);
    uint64_t told = first->orders;
    first->serves = true;
    while (status == DPK_OK && first->serves && first->orders == told)
        status = hear_one(team, -1, err);
    *survived = first->orders == told;
    return status;
}

dpk_status dpk_fork_stand_in(dpk_team *team, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    bool there, survived;
    if (state->alone) {
        team->job->stand_in(team->job->self, &team->workers[0]);
        return DPK_OK;
    }
    dpk_status status = ready_first(team, &there, err);
    if (there)
        status = have_served(team, (dpk_fork_order){ .what = DPK_ORDER_STAND_IN }, &survived, err);
    return ended(team, status);
}

dpk_status dpk_fork_redo(dpk_team *team, dpk_span items, bool *survived, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    const dpk_fork_order order = { .what = DPK_ORDER_REDO, .span = items };
    bool there = false;
    dpk_status status = DPK_OK;
    *survived = true;
    while (status == DPK_OK && !there && !state->alone)
        status = ready_first(team, &there, err);
    if (there)
        status = have_served(team, order, survived, err);
    return ended(team, status);
}

/* -------------------------------------------------------------------------- beginning and end */

dpk_status dpk_fork_make_tables(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    unsigned most = state->crew.most > team->jobs ? state->crew.most : team->jobs;
    state->board = dpk_alloc(team->arena, sizeof *state->board, err);
    state->claims = dpk_alloc(team->arena, dpk_claims_bytes(team->max_chunks), err);
    if (state->board == NULL || state->claims == NULL)
        return DPK_LIMIT;
    state->members = calloc(most, sizeof *state->members);
    state->supervision = dpk_supervision_new(most, team->retries, team->keep_going);
    if (team->timeout > 0)
        state->hung = dpk_hung_new(most, (uint64_t)(team->timeout * 1e9));
    if (state->members == NULL || state->supervision == NULL ||
        (team->timeout > 0 && state->hung == NULL))
        return dpk_fail(err, DPK_LIMIT, "not enough memory to supervise workers");
    return DPK_OK;
}

dpk_status dpk_fork_open_crew(dpk_crew *crew, unsigned jobs, dpk_fork_birth *birth, dpk_error *err)
{
    _Static_assert(sizeof(dpk_fork_order) <= DPK_ORDER_BYTES, "an order is too long");
    dpk_status status = dpk_crew_open(crew, jobs, dpk_fork_serve, birth, err);
    if (status == DPK_OK)
        status = dpk_crew_share(crew, err);
    birth->orders = crew->orders;
    return status;
}

void dpk_fork_start(dpk_team *team)
{
    dpk_fork_state *state = team->state;
    unsigned wanted = team->jobs, there = dpk_crew_start_missing(&state->crew, wanted);
    const char *why = strerror(errno);
    for (unsigned w = 0; w < there; w++)
        state->members[w].starting = dpk_crew_is_busy(&state->crew, w);
    team->jobs = there > 0 ? there : 1;
    state->alone = there == 0;
    if (state->alone)
        snprintf(team->note, sizeof team->note,
                 "no process can be started, so this one computes, and a crash would end it: %s",
                 why);
    else if (there < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u processes can be started: %s", there,
                 wanted, why);
}

dpk_status dpk_fork_populate(dpk_team *team, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    const dpk_fork_order order = { .what = DPK_ORDER_POPULATE,
                                   .share = team->jobs,
                                   .span = { .end = team->arena->work.used } };
    dpk_status status = DPK_OK;
    for (unsigned w = 0; w < team->jobs && status == DPK_OK; w++) {
        if (!is_idle(team, w))
            continue;
        status = tell(team, w, order, err);
        state->members[w].starting = true;
    }
    return status;
}

void dpk_fork_close(dpk_team *team)
{
    dpk_fork_state *state = team->state;
    if (team->timeout > 0)
        dpk_crew_end_within(&state->crew, (int)(team->timeout * 1000) + 1);
    dpk_crew_close(&state->crew);
    dpk_supervision_free(state->supervision);
    dpk_hung_free(state->hung);
    free(state->members);
}
