/* SPDX-License-Identifier: MIT */
/* fork: processes over shared memory, started for one run and ended with it.
 *
 * Every worker is a process of its own. This process, their parent, executes no chunk: whatever a
 * kernel does, it happens to a worker, and the parent lives to say so. It tells workers what to do
 * and hears of their ends over the streams of a crew (workers/crew.h). Who has which chunk is
 * written in a table in shared memory (workers/claims.h). What the parent itself relies on lies in
 * memory of its own, where no worker can write.
 *
 * A team that keeps going is given spans of items by its parent instead, which does again what a
 * dead worker had (workers/supervise.h). That costs two messages for each chunk. */
#include "backends/fork_early.h"
#include "base/text.h"
#include "machine/pin.h"
#include "workers/backend.h"
#include "workers/children.h"
#include "workers/claims.h"
#include "workers/crew.h"
#include "workers/exchange.h"
#include "workers/fault.h"
#include "workers/supervise.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* All that workers know of the team. In the arena. */
struct board {
    dpk_loop job;
    dpk_worker *workers;
    unsigned jobs;
    dpk_claims *claims;
};

/* What a worker is told. */
struct order {
    enum { TAKE_CHUNKS, DO_SPAN, STAND_IN } what;
    struct board *board;
    dpk_span span;
};

/* What a new worker must know. It inherits the memory, so that later changes do not reach it. */
struct birth {
    const dpk_arena *arena;
    unsigned jobs;  /* workers the team was to have */
    int here;       /* the processor that they are started on */
    bool populates; /* its part of what is allocated already */
    bool replaces;  /* one that has died */
};

struct state {
    dpk_crew crew;
    struct birth birth;
    struct board *board;
    dpk_claims *claims; /* the board's */
    dpk_supervision *supervision;
};

/* ------------------------------------------------------------------------------ in the worker */

static void take_chunks(struct board *board, unsigned w)
{
    const dpk_loop *job = &board->job;
    size_t begin = 0, end = 0, i;
    bool fixed = job->schedule == DPK_STATIC;
    if (fixed)
        dpk_static_share(job->chunks, board->jobs, w, &begin, &end);
    while (fixed ? begin < end && dpk_claims_take(board->claims, i = begin++, w)
                 : dpk_claims_take_next(board->claims, w, &i)) {
        dpk_chunk(job, i, &board->workers[w]);
        dpk_claims_done(board->claims, i);
        if (dpk_child_orphaned())
            return;
    }
}

static void obey(const struct order *order, unsigned w)
{
    struct board *board = order->board;
    dpk_worker *worker = &board->workers[w];
    dpk_usage before = dpk_loop_enter(&board->job, worker);
    switch (order->what) {
    case TAKE_CHUNKS:
        take_chunks(board, w);
        break;
    case DO_SPAN:
        dpk_execute(&board->job, order->span, worker);
        break;
    case STAND_IN:
        board->job.stand_in(board->job.self, worker);
        break;
    }
    dpk_loop_leave(worker, &before);
}

static void serve(void *context, unsigned w, int socket)
{
    const struct birth *birth = context;
    struct order order;
    if (birth->replaces) /* the first one has left a core file, if there are to be any */
        setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
    dpk_fault_start(w);
    dpk_pin_worker(w, birth->here);
    if (birth->populates && dpk_arena_populate(birth->arena, w, birth->jobs, NULL) != DPK_OK)
        return;
    while (dpk_crew_answer(socket) && dpk_receive_all(socket, &order, sizeof order))
        obey(&order, w);
    dpk_fault_stop(w);
}

/* ------------------------------------------------------------------------------ in the parent */

/* Says how worker w ended, and over what. What it has written about itself may be wrong. */
static dpk_status report_loss(const dpk_team *team, const dpk_crew_news *news, dpk_error *err)
{
    const struct state *state = team->state;
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
static dpk_status hear_all(dpk_team *team, unsigned alone, dpk_error *err)
{
    struct state *state = team->state;
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

static dpk_status tell(dpk_team *team, unsigned w, struct order order, dpk_error *err)
{
    struct state *state = team->state;
    order.board = state->board;
    return dpk_crew_tell(&state->crew, w, &order, sizeof order, err);
}

/* All of the board is written anew, as a worker may have written to it, too. */
static void post_job(dpk_team *team)
{
    const struct state *state = team->state;
    dpk_claims_reset(state->claims, team->job->chunks);
    *state->board = (struct board){
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
        status = tell(team, w, (struct order){ .what = TAKE_CHUNKS }, err);
    if (status != DPK_OK) {
        dpk_crew_end(&((struct state *)team->state)->crew, true);
        return status;
    }
    if (stream) {
        dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
        dpk_chunk(team->job, 0, &team->workers[0]);
        dpk_loop_leave(&team->workers[0], &before);
    }
    return hear_all(team, team->jobs, err);
}

static dpk_status stand_in(dpk_team *team, dpk_error *err)
{
    dpk_status status = tell(team, 0, (struct order){ .what = STAND_IN }, err);
    return status == DPK_OK ? hear_all(team, 0, err) : status;
}

/* ----------------------------------------------------------------------- a team that keeps going
 */

static bool nobody_is_left(const dpk_team *team)
{
    const struct state *state = team->state;
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
    struct state *state = team->state;
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
    struct state *state = team->state;
    dpk_status status = DPK_OK;
    struct order order = { .what = DO_SPAN };
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
    struct state *state = team->state;
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

static dpk_status each(dpk_team *team, dpk_error *err)
{
    if (team->keep_going && team->job->stream) {
        stream_alone(team);
        return DPK_OK;
    }
    post_job(team);
    return team->keep_going ? each_supervised(team, err) : each_together(team, err);
}

static void close_team(dpk_team *team)
{
    struct state *state = team->state;
    dpk_crew_close(&state->crew);
    dpk_supervision_free(state->supervision);
}

static dpk_status make_tables(dpk_team *team, dpk_error *err)
{
    struct state *state = team->state;
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
static unsigned start_crew(dpk_crew *crew, unsigned jobs)
{
    unsigned w = 0;
    while (w < jobs && dpk_crew_start(crew, w))
        w++;
    return w;
}

static dpk_status start_all(dpk_team *team, dpk_error *err)
{
    struct state *state = team->state;
    unsigned wanted = team->jobs;
    state->birth = (struct birth){
        .arena = team->arena, .jobs = wanted, .here = dpk_pin_here(), .populates = true
    };
    dpk_status status = dpk_crew_open(&state->crew, wanted, serve, &state->birth, err);
    if (status != DPK_OK)
        return status;
    team->jobs = start_crew(&state->crew, wanted);
    if (team->jobs == 0)
        return dpk_fail(err, DPK_LIMIT, "no process can be started: %s", strerror(errno));
    if (team->jobs < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u processes can be started: %s",
                 team->jobs, wanted, strerror(errno));
    return DPK_OK;
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_status status = make_tables(team, err);
    if (status == DPK_OK)
        status = start_all(team, err);
    /* A team that keeps going hears that they are there when there is work. */
    if (status == DPK_OK && !team->keep_going)
        status = hear_all(team, team->jobs, err);
    if (status != DPK_OK)
        close_team(team);
    return status;
}

const dpk_backend dpk_backend_fork = {
    .name = "fork",
    .summary = "forked processes over shared memory",
    .processes = true,
    .state_size = sizeof(struct state),
    .open = open,
    .each = each,
    .stand_in = stand_in,
    .close = close_team,
};

#ifdef DPK_FAULTS

/* For tests: the same, with workers that are started before there is anything but the arena. */

struct hired {
    dpk_crew crew;
    struct birth birth;
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
    made->birth = (struct birth){ .arena = arena, .jobs = jobs, .here = dpk_pin_here() };
    dpk_status status = dpk_crew_open(&made->crew, jobs, serve, &made->birth, err);
    if (status == DPK_OK && start_crew(&made->crew, jobs) < jobs)
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
    struct state *state = team->state;
    if (hired == NULL)
        return dpk_fail(err, DPK_FAILED, "no workers were started before");
    state->crew = hired->crew;
    state->birth = hired->birth;
    state->crew.context = &state->birth;
    team->hired = NULL;
    free(hired);
    if (team->jobs > state->crew.most)
        team->jobs = state->crew.most;
    dpk_status status = make_tables(team, err);
    if (status == DPK_OK)
        status = hear_all(team, team->jobs, err);
    if (status != DPK_OK)
        close_team(team);
    return status;
}

const dpk_backend dpk_fork_early = {
    .name = "early",
    .summary = "processes that are forked before there is anything to share",
    .processes = true,
    .state_size = sizeof(struct state),
    .hire = hire,
    .dismiss = dismiss,
    .open = open_hired,
    .each = each,
    .stand_in = stand_in,
    .close = close_team,
};

#endif
