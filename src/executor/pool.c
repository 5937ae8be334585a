/* SPDX-License-Identifier: MIT */
/* pool.c: processes that wait for tasks: starting, hearing and ending them. Dispatch is all in
 * memory in common; a byte over a worker's stream wakes the parent when it sleeps, and the end of
 * the stream tells it that the worker is gone. */
#include "executor/pool.h"

#include "base/clock.h"
#include "executor/hear.h"
#include "executor/worker.h"
#include "machine/pin.h"
#include "workers/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ in the worker */

static void serve(void *context, unsigned w, int socket)
{
    const dpk_pool *pool = context;
    dpk_hand hand = { pool->lead.board, w, socket };
    if (pool->replaces)
        dpk_limit_no_core();
    dpk_pin_worker(w, pool->here);
    if (!dpk_hand_begin(&hand))
        return;
    if (hand.board->options.begin == NULL || dpk_crew_answer(socket))
        dpk_hand_work(&hand);
}

/* ------------------------------------------------------------------------------ in the parent */

bool dpk_pool_start(dpk_executing *executor, unsigned w)
{
    dpk_pool *pool = executor->state;
    fflush(stdout); /* or both processes write what is buffered */
    if (!dpk_crew_start(&pool->crew, w))
        return false;
    pool->watches[w].started = dpk_now();
    pool->lead.members[w].there = true;
    pool->lead.members[w].process = pool->crew.members[w].pid;
    executor->workers++;
    return true;
}

/* A worker that takes nothing in hand, though there is work, is given this much longer: it may only
 * have to wait for a processor. If it does not go on, it was stopped. */
enum { GRACE_NS = 250 * 1000 * 1000 };

uint64_t dpk_pool_check_time(dpk_executing *executor)
{
    dpk_pool *pool = executor->state;
    const dpk_board *board = pool->lead.board;
    if (executor->options.timeout == 0)
        return UINT64_MAX;
    uint64_t most = (uint64_t)(executor->options.timeout * 1e9);
    uint64_t now = dpk_now(), next = now + most; /* of a task that begins right now */
    bool work = dpk_lead_has_work(&pool->lead);
    for (unsigned w = 0; w < board->most; w++) {
        dpk_watch *watch = &pool->watches[w];
        const dpk_worker_block *block = &board->blocks[w];
        uint64_t served = atomic_load(&block->served), hand = atomic_load(&block->hand);
        uint64_t began = atomic_load(&block->began);
        if (hand == DPK_HAND_EMPTY && atomic_load(&block->inside) == 0 && !work) {
            watch->since = 0;
            continue;
        }
        if (watch->since == 0 || watch->served != served) {
            watch->served = served;
            watch->since = hand != DPK_HAND_EMPTY && began > 0 && began < now ? began : now;
        }
        uint64_t end = watch->since + most + (hand == DPK_HAND_EMPTY ? GRACE_NS : 0);
        if (now >= end)
            dpk_pool_kill(pool, w, DPK_KILLED_FOR_TIME);
        else if (end < next)
            next = end;
    }
    return next;
}

/* Something is wrong with the system: nobody must go on who is not heard. */
static dpk_status end_all(dpk_executing *executor, dpk_status status, const dpk_error *err)
{
    dpk_pool *pool = executor->state;
    dpk_crew_end(&pool->crew, true);
    for (unsigned w = 0; w < pool->lead.board->most; w++) {
        pool->lead.members[w].there = false;
        atomic_store(&pool->lead.board->blocks[w].inside, 0);
    }
    executor->workers = 0;
    snprintf(pool->lead.reason, sizeof pool->lead.reason, "%.200s", err->text);
    dpk_lead_drain(executor);
    dpk_lead_give_up_all(executor);
    return status;
}

/* Hears one worker that has answered or ended, if there is one before the deadline. */
static dpk_status hear(dpk_executing *executor, uint64_t deadline, bool *heard, dpk_error *err)
{
    dpk_pool *pool = executor->state;
    dpk_crew_news news;
    dpk_error problem;
    dpk_status status = dpk_hear_until(&pool->crew, deadline, &news, &problem);
    if (status != DPK_OK) {
        (void)dpk_fail(err, status, "%s", problem.text);
        return end_all(executor, status, &problem);
    }
    *heard = news.worker != DPK_CREW_NOBODY;
    if (*heard && news.ended)
        dpk_pool_lose(executor, &news);
    else if (*heard)
        pool->begun++;
    return DPK_OK;
}

/* Whoever waits looks whether what was heard is what it waits for. */
static dpk_status sleep_here(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    const dpk_board *board = dpk_lead_of(executor)->board;
    for (;;) {
        bool heard = false;
        dpk_status status = dpk_lead_check(executor, err);
        if (status != DPK_OK)
            return status;
        uint64_t look_again = dpk_pool_check_time(executor);
        status = hear(executor, look_again < deadline ? look_again : deadline, &heard, err);
        if (status != DPK_OK || heard || dpk_now() >= deadline ||
            atomic_load(&board->waiting) == DPK_WAITS_NOT)
            return status;
    }
}

/* Waits until all have begun, if they do anything for that. Errors: DPK_FAILED. */
static dpk_status hear_beginnings(dpk_executing *executor, dpk_error *err)
{
    dpk_pool *pool = executor->state;
    unsigned started = executor->workers;
    bool heard;
    pool->opening = true;
    while (executor->options.begin != NULL && pool->begun < started) {
        dpk_status status = hear(executor, UINT64_MAX, &heard, err);
        if (status != DPK_OK)
            return status;
        if (executor->workers < started)
            return dpk_fail(err, DPK_FAILED, "%s", pool->lead.reason);
    }
    pool->opening = false;
    return DPK_OK;
}

static dpk_status open_pool(dpk_executing *executor, dpk_error *err)
{
    dpk_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a pool");
    dpk_status status = dpk_lead_open(executor, &pool->lead, sleep_here, err);
    if (status != DPK_OK)
        return status;
    unsigned most = pool->lead.board->most;
    pool->watches = calloc(most, sizeof *pool->watches);
    if (pool->watches == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", most);
    status = dpk_crew_open(&pool->crew, most, serve, pool, err);
    pool->here = dpk_pin_here();
    for (unsigned w = 0; w < most && status == DPK_OK; w++)
        if (!dpk_pool_start(executor, w)) {
            dpk_note(executor, "worker %u cannot be started: %s", w, strerror(errno));
            break;
        }
    if (status == DPK_OK && executor->workers > 0)
        status = hear_beginnings(executor, err);
    return status;
}

static void close_pool(dpk_executing *executor)
{
    dpk_pool *pool = executor->state;
    if (pool == NULL)
        return;
    if (pool->crew.members != NULL)
        dpk_crew_end(&pool->crew, true);
    dpk_crew_close(&pool->crew);
    dpk_lead_close(&pool->lead);
    free(pool->watches);
    free(pool);
    executor->state = NULL;
    executor->workers = 0;
}

/* Kills the worker that has the task, and waits for its end. */
static dpk_status end_running(dpk_executing *executor, uint32_t number, dpk_error *err)
{
    dpk_pool *pool = executor->state;
    dpk_promise *promise = &executor->futures.promises[number];
    dpk_lead_look(executor, number);
    unsigned w = promise->record.worker;
    pid_t process = pool->crew.members[w].pid;
    bool heard;
    dpk_pool_kill(pool, w, DPK_KILLED_TO_CANCEL);
    dpk_status status = DPK_OK;
    while (status == DPK_OK && pool->crew.members[w].pid == process)
        status = hear(executor, UINT64_MAX, &heard, err);
    return status;
}

static dpk_status cancel(dpk_executing *executor, uint32_t number, bool kill_it, dpk_error *err)
{
    const dpk_promise *promise = &executor->futures.promises[number];
    uint64_t task = promise->record.task;
    dpk_status status = DPK_OK;
    dpk_lead_drain(executor);
    while (status == DPK_OK && !dpk_future_ended(&executor->futures, number)) {
        if (dpk_lead_withdraw(executor, number))
            return DPK_OK;
        if (!kill_it)
            return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has begun, and is not to be killed",
                            task);
        status = end_running(executor, number, err);
        dpk_lead_drain(executor);
    }
    if (status == DPK_OK && promise->record.state != DPK_TASK_CANCELLED)
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has ended already", task);
    return status;
}

const dpk_kind dpk_kind_pool = {
    .name = "pool",
    .processes = true,
    .needs = dpk_board_needs,
    .open = open_pool,
    .close = close_pool,
    .map = dpk_lead_map,
    .submit = dpk_lead_submit,
    .progress = dpk_lead_progress,
    .look = dpk_lead_look,
    .cancel = cancel,
};
