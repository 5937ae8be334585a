/* SPDX-License-Identifier: MIT */
/* forked.c: a process for each task, started for it and joined, at most `workers` at a time. The
 * process inherits the task, and with it all memory as it is then; what becomes of it is written to
 * memory in common. The caller starts processes when it submits or waits. */
#include "executor/forked.h"

#include "base/clock.h"
#include "executor/common.h"
#include "executor/hear.h"
#include "machine/pin.h"
#include "workers/children.h"
#include "workers/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ in the worker */

static bool begin(const dpk_executing *executor, unsigned w, dpk_cell *cell)
{
    const dpk_executor_options *options = &executor->options;
    dpk_task task = { 0, w, 1, cell->text };
    if (options->begin == NULL)
        return true;
    cell->started = dpk_now();
    cell->value = dpk_task_call(&task, options->begin, options->begin_argument, NULL);
    cell->ended = dpk_now();
    return cell->value == 0;
}

static void serve(void *context, unsigned w, int socket)
{
    (void)socket;
    const dpk_executing *executor = context;
    const dpk_forked *forked = executor->state;
    const dpk_attempt *attempt = &forked->doing[w].attempt;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    if (attempt->deaths > 0)
        dpk_limit_no_core();
    dpk_pin_worker(w, forked->here);
    if (begin(executor, w, cell))
        dpk_forked_execute(executor, attempt, w, cell);
    else
        atomic_store(&cell->finished, true);
    fflush(stdout);
}

/* ------------------------------------------------------------------------------ in the parent */

/* Takes what is to be done next. */
static bool take_next(dpk_forked *forked, dpk_attempt *attempt)
{
    dpk_attempts *waiting = &forked->waiting;
    if (waiting->count > 0) {
        *attempt = waiting->queue[waiting->first];
        waiting->first = (waiting->first + 1) % waiting->room;
        waiting->count--;
        return true;
    }
    if (forked->map == NULL || forked->next == forked->map->count)
        return false;
    *attempt = (dpk_attempt){ .is_element = true, .task = forked->next++ };
    forked->elements++;
    return true;
}

static void put_back(dpk_forked *forked, const dpk_attempt *attempt)
{
    dpk_attempts *waiting = &forked->waiting;
    if (attempt->is_element && attempt->attempts == 0) {
        forked->next--;
        forked->elements--;
        return;
    }
    waiting->first = (waiting->first + waiting->room - 1) % waiting->room;
    waiting->queue[waiting->first] = *attempt;
    waiting->count++;
}

static bool start_on(dpk_executing *executor, unsigned w, const dpk_attempt *attempt)
{
    dpk_forked *forked = executor->state;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    *cell = (dpk_cell){ .value = 0 };
    forked->doing[w].attempt = *attempt;
    forked->doing[w].attempt.attempts++;
    forked->doing[w].ended = DPK_ENDED_NOT;
    forked->doing[w].since = dpk_now();
    if (!dpk_crew_start(&forked->crew, w))
        return false;
    forked->running++;
    return true;
}

/* Starts as many processes as there can be for what waits. */
static void start_some(dpk_executing *executor)
{
    dpk_forked *forked = executor->state;
    dpk_attempt attempt;
    if (forked->running == executor->workers)
        return;
    fflush(stdout); /* or both processes write what is buffered */
    for (unsigned w = 0; w < executor->workers; w++) {
        if (dpk_crew_is_there(&forked->crew, w))
            continue;
        if (!take_next(forked, &attempt))
            return;
        if (start_on(executor, w, &attempt))
            continue;
        if (!forked->short_of)
            dpk_note(executor, "only %u processes can be started at a time: %s", forked->running,
                     strerror(errno));
        forked->short_of = true;
        if (forked->running > 0) {
            put_back(forked, &attempt);
            return;
        }
        attempt.attempts++;
        dpk_forked_do_here(executor, &attempt);
    }
}

/* Kills what has taken too long. Returns when to look again. */
static uint64_t check_time(const dpk_executing *executor)
{
    dpk_forked *forked = executor->state;
    uint64_t now = dpk_now(), next = UINT64_MAX;
    uint64_t most = (uint64_t)(executor->options.timeout * 1e9);
    for (unsigned w = 0; w < executor->workers && executor->options.timeout > 0; w++) {
        if (!dpk_crew_is_there(&forked->crew, w) || forked->doing[w].ended != DPK_ENDED_NOT)
            continue;
        uint64_t end = forked->doing[w].since + most;
        if (now >= end) {
            forked->doing[w].ended = DPK_ENDED_FOR_TIME;
            dpk_crew_kill(&forked->crew, w);
        } else if (end < next) {
            next = end;
        }
    }
    return next;
}

/* Hears one process, if there is one to be heard before the deadline. */
static dpk_status hear_until(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    dpk_forked *forked = executor->state;
    dpk_crew_news news;
    while (forked->running > 0) {
        uint64_t look_again = check_time(executor);
        dpk_status status = dpk_hear_until(
            &forked->crew, look_again < deadline ? look_again : deadline, &news, err);
        if (status != DPK_OK)
            return status;
        if (news.worker != DPK_CREW_NOBODY && news.ended) {
            dpk_forked_settle(executor, &news);
            return DPK_OK;
        }
        if (dpk_now() >= deadline)
            return DPK_OK;
    }
    return DPK_OK;
}

static dpk_status progress(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    start_some(executor);
    dpk_status status = hear_until(executor, deadline, err);
    start_some(executor);
    return status;
}

/* Drops those that are elements of the map, or the one of the slot that is none. */
static void drop_waiting(dpk_attempts *waiting, bool elements, uint32_t slot)
{
    size_t kept = 0;
    for (size_t i = 0; i < waiting->count; i++) {
        dpk_attempt attempt = waiting->queue[(waiting->first + i) % waiting->room];
        bool dropped = elements ? attempt.is_element : !attempt.is_element && attempt.slot == slot;
        if (!dropped)
            waiting->queue[(waiting->first + kept++) % waiting->room] = attempt;
    }
    waiting->count = kept;
}

/* The map cannot go on: ends all processes. What was submitted is done again later. */
static void end_all(dpk_executing *executor)
{
    dpk_forked *forked = executor->state;
    for (unsigned w = 0; w < executor->workers; w++) {
        dpk_crew_news news = { .worker = w, .ended = true, .end = DPK_END_UNKNOWN };
        news.pid = forked->crew.members[w].pid;
        if (!dpk_crew_is_there(&forked->crew, w))
            continue;
        dpk_crew_kill(&forked->crew, w);
        dpk_forked_settle(executor, &news);
    }
    dpk_crew_end(&forked->crew, true);
    drop_waiting(&forked->waiting, true, 0);
}

static dpk_status map_elements(dpk_executing *executor, const dpk_map *map, dpk_error *err)
{
    dpk_forked *forked = executor->state;
    dpk_status status = DPK_OK;
    forked->map = map;
    forked->next = forked->elements = 0;
    while (status == DPK_OK && (forked->next < map->count || forked->elements > 0))
        status = progress(executor, UINT64_MAX, err);
    if (status != DPK_OK)
        end_all(executor);
    forked->map = NULL;
    return status;
}

static dpk_status submit(dpk_executing *executor, const dpk_call *call, dpk_error *err)
{
    dpk_forked *forked = executor->state;
    dpk_status status = DPK_OK;
    while (status == DPK_OK && forked->free_count == 0)
        status = progress(executor, UINT64_MAX, err);
    if (status != DPK_OK)
        return status;
    uint32_t slot = forked->free[forked->free_count - 1];
    dpk_attempt attempt = { .slot = slot, .task = executor->submitted };
    status = dpk_attempts_add(&forked->waiting, &attempt, err);
    if (status != DPK_OK)
        return status;
    forked->free_count--;
    forked->submitted[slot] = (dpk_submitted){ call->number, call->function, call->bytes > 0 };
    executor->futures.promises[call->number].slot = slot;
    if (call->bytes > 0)
        memcpy(forked->arguments + slot * forked->argument_bytes, call->argument, call->bytes);
    return progress(executor, 0, err);
}

/* The worker that executes a submitted task, or -1. */
static int worker_of(const dpk_executing *executor, uint32_t slot)
{
    const dpk_forked *forked = executor->state;
    for (unsigned w = 0; w < executor->workers; w++)
        if (dpk_crew_is_there(&forked->crew, w) && !forked->doing[w].attempt.is_element &&
            forked->doing[w].attempt.slot == slot)
            return (int)w;
    return -1;
}

static void look(dpk_executing *executor, uint32_t number)
{
    const dpk_forked *forked = executor->state;
    dpk_promise *promise = &executor->futures.promises[number];
    int w = worker_of(executor, promise->slot);
    promise->record.state = w >= 0 ? DPK_TASK_RUNNING : DPK_TASK_WAITING;
    promise->record.worker = w >= 0 ? (unsigned)w : 0;
    promise->record.process = w >= 0 ? forked->crew.members[w].pid : 0;
}

static void withdraw(dpk_executing *executor, uint32_t number)
{
    dpk_forked *forked = executor->state;
    dpk_promise *promise = &executor->futures.promises[number];
    drop_waiting(&forked->waiting, false, promise->slot);
    dpk_task_record_cancel(&promise->record);
    promise->record.ended = dpk_now();
    forked->submitted[promise->slot].number = DPK_NO_FUTURE;
    forked->free[forked->free_count++] = promise->slot;
    dpk_futures_end(&executor->futures, number);
}

static dpk_status cancel(dpk_executing *executor, uint32_t number, bool kill_it, dpk_error *err)
{
    dpk_forked *forked = executor->state;
    const dpk_promise *promise = &executor->futures.promises[number];
    uint64_t task = promise->record.task;
    int w = worker_of(executor, promise->slot);
    if (w < 0) {
        withdraw(executor, number);
        return DPK_OK;
    }
    if (!kill_it)
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has begun, and is not to be killed",
                        task);
    forked->doing[w].ended = DPK_ENDED_TO_CANCEL;
    dpk_crew_kill(&forked->crew, w);
    dpk_status status = DPK_OK;
    while (status == DPK_OK && !dpk_future_ended(&executor->futures, number))
        status = hear_until(executor, UINT64_MAX, err);
    if (status == DPK_OK && promise->record.state != DPK_TASK_CANCELLED)
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has ended already", task);
    return status;
}

/* --------------------------------------------------------------------------- opening, closing */

static bool make_tables(dpk_forked *forked, const dpk_executor_options *options)
{
    size_t slots = options->in_flight;
    forked->argument_bytes = dpk_round_up(options->argument_bytes, 16);
    forked->doing = calloc((size_t)options->workers, sizeof *forked->doing);
    forked->submitted = calloc(slots, sizeof *forked->submitted);
    forked->arguments = calloc(slots, forked->argument_bytes + 16);
    forked->free = calloc(slots, sizeof *forked->free);
    if (forked->doing == NULL || forked->submitted == NULL || forked->arguments == NULL ||
        forked->free == NULL)
        return false;
    for (size_t i = 0; i < slots; i++)
        forked->free[forked->free_count++] = (uint32_t)i;
    return true;
}

static size_t cell_bytes(const dpk_executor_options *options)
{
    return dpk_aligned(sizeof(dpk_cell) + options->result_bytes);
}

static size_t needs(const dpk_executor_options *options)
{
    return (size_t)options->workers * cell_bytes(options);
}

static dpk_status open_forked(dpk_executing *executor, dpk_error *err)
{
    const dpk_executor_options *options = &executor->options;
    dpk_forked *forked = calloc(1, sizeof *forked);
    executor->state = forked;
    if (forked == NULL || !make_tables(forked, options))
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %zu tasks in flight",
                        options->in_flight);
    unsigned workers = (unsigned)options->workers;
    forked->cell_bytes = cell_bytes(options);
    forked->cells = dpk_common_alloc(executor, workers * forked->cell_bytes, err);
    if (forked->cells == NULL)
        return DPK_LIMIT;
    forked->here = dpk_pin_here();
    executor->workers = workers;
    return dpk_crew_open(&forked->crew, workers, serve, executor, err);
}

static void close_forked(dpk_executing *executor)
{
    dpk_forked *forked = executor->state;
    if (forked == NULL)
        return;
    if (forked->crew.members != NULL)
        dpk_crew_end(&forked->crew, true);
    dpk_crew_close(&forked->crew);
    free(forked->doing);
    free(forked->submitted);
    free(forked->arguments);
    free(forked->free);
    free(forked->waiting.queue);
    free(forked);
    executor->state = NULL;
    executor->workers = 0;
}

const dpk_kind dpk_kind_fork = {
    .name = "fork",
    .processes = true,
    .inherits = true,
    .needs = needs,
    .open = open_forked,
    .close = close_forked,
    .map = map_elements,
    .submit = submit,
    .progress = progress,
    .look = look,
    .cancel = cancel,
};
