/* SPDX-License-Identifier: MIT */
/* pool: the processes of fork, made once, which serve one run after the other.
 *
 * The pool belongs to the arena of the runs: it is made by the first run that needs it, kept when
 * the arena is reset for the next one, and ended when the arena is closed. Between two runs workers
 * sleep on their seats. They are older than the run that they work for, so all that they work on
 * lies in the arena, as do inputs: what else belongs to a run is not in their memory. */
#include "backends/fork_team.h"
#include "machine/pin.h"
#include "workers/orders.h"
#include "workers/seat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In memory of the parent alone, as what it relies on. */
struct pool {
    pid_t owner;   /* a process that it has forked by other means has no part in it */
    dpk_crew crew; /* while no team has it */
    dpk_fork_birth birth;
};

static void end(void *self)
{
    struct pool *pool = self;
    if (pool->owner != getpid())
        return;
    dpk_crew_close(&pool->crew);
    free(pool);
}

static struct pool *pool_of(const dpk_arena *arena)
{
    struct pool *pool = arena->tenant.end == end ? arena->tenant.self : NULL;
    return pool != NULL && pool->owner == getpid() ? pool : NULL;
}

static void end_pool(dpk_arena *arena)
{
    struct pool *pool = pool_of(arena);
    if (pool != NULL)
        end(pool);
    arena->tenant = (dpk_tenant){ .end = NULL };
}

/* What lies between two passes: the last answer, the parent's turn, and the next order. Who looks
 * on for so long finds it without a system call, if there is a processor for each worker and one
 * more for this process. */
enum { BETWEEN_PASSES_NS = 10000 };

static unsigned spin_between_passes(unsigned jobs)
{
    return dpk_seat_spin(jobs + 1) > 0 ? BETWEEN_PASSES_NS : dpk_seat_spin(jobs);
}

static dpk_status make_pool(dpk_arena *arena, unsigned jobs, dpk_error *err)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", jobs);
    pool->owner = getpid();
    pool->birth = (dpk_fork_birth){ .arena = arena, .jobs = jobs, .here = dpk_pin_here() };
    arena->tenant = (dpk_tenant){ .self = pool, .end = end };
    dpk_status status = dpk_fork_open_crew(&pool->crew, jobs, &pool->birth, err);
    if (status == DPK_OK) {
        unsigned spin_ns = spin_between_passes(jobs);
        dpk_orders_spin(pool->crew.orders, spin_ns, spin_ns);
    } else {
        end_pool(arena);
    }
    return status;
}

/* A pool in which there is room for so many workers. */
static dpk_status need_pool(dpk_arena *arena, unsigned jobs, dpk_error *err)
{
    struct pool *pool = pool_of(arena);
    if (pool != NULL && pool->crew.most >= jobs)
        return DPK_OK;
    end_pool(arena);
    return make_pool(arena, jobs, err);
}

static dpk_status hire(dpk_arena *arena, unsigned jobs, dpk_error *err)
{
    dpk_arena_share_inputs(arena);
    dpk_status status = need_pool(arena, jobs, err);
    if (status != DPK_OK)
        return status;
    if (dpk_crew_start_missing(&pool_of(arena)->crew, jobs) == 0)
        return dpk_fail(err, DPK_LIMIT, "no process can be started: %s", strerror(errno));
    return DPK_OK;
}

/* While there was no work, nobody has heard of workers that died. */
static dpk_status bury_dead(dpk_team *team, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    for (;;) {
        dpk_crew_news news;
        dpk_status status = dpk_crew_hear_within(&state->crew, 0, &news, err);
        if (status != DPK_OK || news.worker == DPK_CREW_NOBODY)
            return status;
        char how[160], line[DPK_LOSS_TEXT];
        if (!news.ended)
            continue;
        snprintf(line, sizeof line,
                 "worker %u (process %ld) %s while it had nothing to do; another is in its place",
                 news.worker, (long)news.pid,
                 dpk_crew_end_text(&state->crew, news.end, how, sizeof how));
        dpk_losses_add(&team->deaths, line);
    }
}

/* Limits are those of a worker's whole life. */
static void end_otherwise_limited(const dpk_team *team)
{
    dpk_fork_state *state = team->state;
    dpk_limits *limits = &state->birth.limits;
    if (limits->memory != team->limits.memory || limits->cpu_time > 0 || team->limits.cpu_time > 0)
        dpk_crew_end(&state->crew, false);
    *limits = team->limits;
}

/* The team has the crew as long as it is open, and the parent's part of it is that of fork. */
static void take_crew(dpk_team *team)
{
    const struct pool *pool = pool_of(team->arena);
    dpk_fork_state *state = team->state;
    state->crew = pool->crew;
    state->birth = pool->birth;
    state->birth.populates = true;
    state->crew.context = &state->birth;
}

static void close_team(dpk_team *team)
{
    struct pool *pool = pool_of(team->arena);
    dpk_fork_state *state = team->state;
    if (dpk_crew_any_busy(&state->crew))
        dpk_crew_end(&state->crew, true); /* the run is given up */
    pool->crew = state->crew;
    pool->crew.context = &pool->birth;
    pool->birth.limits = state->birth.limits;
    state->crew = (dpk_crew){ .most = 0 };
    dpk_fork_close(team);
}

/* Pages of a few small arrays cost less than it takes to wake workers for them; and those that were
 * kept since the last run are there. */
enum { POPULATED_LEAST = 1 << 20 };

static bool is_worth_populating(const dpk_arena *arena)
{
    return arena->work.used > arena->work.kept + POPULATED_LEAST;
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_status status = need_pool(team->arena, team->jobs, err);
    if (status != DPK_OK)
        return status;
    take_crew(team);
    status = dpk_fork_make_tables(team, err);
    if (status == DPK_OK)
        status = bury_dead(team, err);
    if (status == DPK_OK) {
        end_otherwise_limited(team);
        dpk_fork_start(team);
        if (is_worth_populating(team->arena))
            status = dpk_fork_populate(team, err);
    }
    if (status == DPK_OK)
        status = dpk_fork_await(team, err);
    if (status != DPK_OK)
        close_team(team);
    return status;
}

const dpk_backend dpk_backend_pool = {
    .name = "pool",
    .summary = "processes that stay for the next run",
    .processes = true,
    .arena_only = true,
    .state_size = sizeof(dpk_fork_state),
    .hire = hire,
    .open = open,
    .each = dpk_fork_each,
    .stand_in = dpk_fork_stand_in,
    .redo = dpk_fork_redo,
    .close = close_team,
};
