/* SPDX-License-Identifier: MIT */
/* batch_join.c: a team of which the leader of a file is worker 0, and whoever has no file left may
 * be the others. A guest touches nothing but the arena of the leader: it executes chunks, or does
 * what a worker of a stream does. Decoding, writing and everything that can fail stays with the
 * leader. */
#include "engine/batch_state.h"

#include "base/clock.h"
#include "workers/children.h"

#include <stdatomic.h>
#include <stdio.h>

struct state {
    dpk_claims *claims;
};

/* ---------------------------------------------------------------------------------- the leader */

static dpk_status open(dpk_team *team, dpk_error *err)
{
    struct state *state = team->state;
    state->claims = dpk_alloc(team->arena, dpk_claims_bytes(team->max_chunks), err);
    return state->claims != NULL ? DPK_OK : DPK_LIMIT;
}

static void make_offer(const dpk_team *team, dpk_batch_offer *offer)
{
    const struct state *state = team->state;
    const dpk_batch_worker *host = team->host;
    const dpk_loop *loop = team->job;
    if (!loop->stream)
        dpk_claims_reset(state->claims, loop->chunks);
    offer->loop = *loop;
    offer->workers = team->workers;
    offer->claims = loop->stream ? NULL : state->claims;
    offer->weight = host->weight / (double)(loop->stream ? 64 : loop->chunks);
    atomic_store(&offer->losses, 0);
    atomic_store(&offer->places, team->jobs);
}

static void take_chunks(dpk_batch_offer *offer, unsigned place)
{
    size_t i;
    while ((place == 0 || !dpk_child_orphaned()) &&
           dpk_claims_take_next(offer->claims, place, &i)) {
        dpk_chunk(&offer->loop, i, &offer->workers[place]);
        dpk_claims_done(offer->claims, i);
    }
}

/* What guests have died with may have been passed over since. */
static void take_lost_chunks(dpk_batch_offer *offer)
{
    for (size_t i = 0; i < offer->claims->chunks; i++) {
        if (!dpk_claims_take(offer->claims, i, 0))
            continue;
        dpk_chunk(&offer->loop, i, &offer->workers[0]);
        dpk_claims_done(offer->claims, i);
    }
}

/* Until all chunks are done, by whomever. */
static void lead_loop(dpk_batch_offer *offer)
{
    unsigned losses = 0;
    for (;;) {
        uint32_t seen = dpk_eventcount_read(&offer->news);
        take_chunks(offer, 0);
        bool guests = dpk_batch_has_guests(offer);
        unsigned lost = atomic_load(&offer->losses);
        if (lost != losses)
            take_lost_chunks(offer);
        else if (!guests)
            return;
        else
            dpk_eventcount_wait(&offer->news, seen);
        losses = lost;
    }
}

static void lead_alone(const dpk_team *team)
{
    for (size_t i = 0; i < (team->job->stream ? 1 : team->job->chunks); i++)
        dpk_chunk(team->job, i, &team->workers[0]);
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    (void)err;
    dpk_batch_worker *host = team->host;
    dpk_batch_offer *offer = &host->board->seats[host->number].offer;
    dpk_usage before = dpk_loop_enter(team->job, &team->workers[0]);
    if (team->jobs == 1 || team->job->chunks == 1) {
        lead_alone(team);
    } else {
        make_offer(team, offer);
        dpk_batch_open_offer(host->board, host->number);
        if (team->job->stream)
            dpk_chunk(&offer->loop, 0, &team->workers[0]);
        else
            lead_loop(offer);
        dpk_batch_close_offer(host->board, host->number);
    }
    dpk_loop_leave(&team->workers[0], &before);
    return DPK_OK;
}

static void close(dpk_team *team)
{
    (void)team;
}

/* ----------------------------------------------------------------------------------- the guest */

static void help(dpk_batch_offer *offer, unsigned place)
{
    dpk_worker *helper = &offer->workers[place];
    dpk_usage before = dpk_loop_enter(&offer->loop, helper);
    if (offer->claims == NULL)
        dpk_chunk(&offer->loop, place, helper);
    else
        take_chunks(offer, place);
    dpk_loop_leave(helper, &before);
}

static double left_of(dpk_batch_worker *worker, unsigned leader)
{
    dpk_batch_board *board = worker->board;
    unsigned place;
    if (!dpk_batch_enter(board, worker->number, leader, &place))
        return 0;
    double left = dpk_batch_offer_left(&board->seats[leader].offer);
    dpk_batch_leave(board, worker->number, leader, place);
    return left;
}

static bool find_offer(dpk_batch_worker *worker, unsigned *leader)
{
    double most = 0;
    for (unsigned w = 0; w < worker->board->jobs; w++) {
        if (w == worker->number || atomic_load(&worker->board->seats[w].offer.word) % 2 == 0)
            continue;
        double left = left_of(worker, w);
        if (left > most)
            *leader = w;
        most = left > most ? left : most;
    }
    return most > 0;
}

bool dpk_batch_join(dpk_batch_worker *worker)
{
    dpk_batch_board *board = worker->board;
    dpk_batch_seat *seat = &board->seats[worker->number];
    unsigned leader = 0, place;
    if (!find_offer(worker, &leader) || !dpk_batch_enter(board, worker->number, leader, &place))
        return false;
    dpk_batch_offer *offer = &board->seats[leader].offer;
    dpk_account *account = &offer->workers[place].account;
    size_t file = atomic_load(&board->seats[leader].file);
    uint64_t began = dpk_now();
    atomic_store(&seat->since, began);
    if (file > 0)
        atomic_fetch_add(&board->cells[file - 1].helpers, 1);
    dpk_account_switch(account, DPK_WAIT);
    uint64_t waits = account->ns[DPK_WAIT];
    help(offer, place);
    dpk_account_switch(account, DPK_WAIT);
    waits = account->ns[DPK_WAIT] - waits;
    dpk_batch_leave(board, worker->number, leader, place);
    uint64_t took = dpk_now() - began;
    atomic_store(&seat->since, 0);
    atomic_fetch_add(&seat->busy, took > waits ? took - waits : 0);
    return true;
}

const dpk_backend dpk_batch_processes = {
    .name = "workers of a batch",
    .summary = "processes that have no file left",
    .arena_only = true,
    .state_size = sizeof(struct state),
    .open = open,
    .each = each,
    .close = close,
};

const dpk_backend dpk_batch_threads = {
    .name = "workers of a batch",
    .summary = "threads that have no file left",
    .threads = true,
    .state_size = sizeof(struct state),
    .open = open,
    .each = each,
    .close = close,
};
