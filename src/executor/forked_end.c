/* SPDX-License-Identifier: MIT */
/* forked_end.c: what became of a task whose process has ended. */
#include "base/clock.h"
#include "executor/death.h"
#include "executor/forked.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

dpk_status dpk_attempts_add(dpk_attempts *queue, const dpk_attempt *attempt, dpk_error *err)
{
    if (queue->count == queue->room) {
        size_t room = 2 * queue->room + 16;
        dpk_attempt *larger = calloc(room, sizeof *larger);
        if (larger == NULL)
            return dpk_fail(err, DPK_LIMIT, "not enough memory for tasks that wait");
        for (size_t i = 0; i < queue->count; i++)
            larger[i] = queue->queue[(queue->first + i) % queue->room];
        free(queue->queue);
        queue->queue = larger;
        queue->first = 0;
        queue->room = room;
    }
    queue->queue[(queue->first + queue->count++) % queue->room] = *attempt;
    return DPK_OK;
}

/* The record of an attempt, wherever it is kept. */
static dpk_task_record *record_of(const dpk_executing *executor, const dpk_attempt *attempt,
                                  dpk_task_record *own)
{
    const dpk_forked *forked = executor->state;
    *own = (dpk_task_record){ .task = attempt->task, .queued = executor->map_queued };
    if (attempt->is_element)
        return own;
    return &executor->futures.promises[forked->submitted[attempt->slot].number].record;
}

/* Its record is known. */
static void finish(dpk_executing *executor, const dpk_attempt *attempt,
                   const dpk_task_record *record)
{
    dpk_forked *forked = executor->state;
    if (attempt->is_element) {
        forked->elements--;
        if (record->state != DPK_TASK_DONE)
            dpk_task_records_add(&executor->failed, record);
        return;
    }
    dpk_futures_end(&executor->futures, forked->submitted[attempt->slot].number);
    forked->submitted[attempt->slot].number = DPK_NO_FUTURE;
    forked->free[forked->free_count++] = attempt->slot;
}

/* It has ended by itself. */
static void take_result(dpk_executing *executor, const dpk_attempt *attempt, unsigned w,
                        long process)
{
    const dpk_forked *forked = executor->state;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    dpk_task_record own, *record = record_of(executor, attempt, &own);
    record->started = cell->started;
    record->ended = cell->ended;
    record->value = cell->value;
    record->worker = w;
    record->process = process;
    record->attempts = attempt->attempts;
    record->state = cell->value == 0 ? DPK_TASK_DONE : DPK_TASK_FAILED;
    cell->text[DPK_TASK_TEXT - 1] = '\0';
    dpk_task_record_say(record, cell->value != 0 ? cell->text : "");
    if (!attempt->is_element && cell->value == 0 && executor->options.result_bytes > 0)
        memcpy(dpk_future_result(&executor->futures, forked->submitted[attempt->slot].number),
               dpk_cell_result(cell), executor->options.result_bytes);
    finish(executor, attempt, record);
}

/* Without memory to let it wait again, the task has died. */
void dpk_forked_settle(dpk_executing *executor, const dpk_crew_news *news)
{
    dpk_forked *forked = executor->state;
    unsigned w = news->worker;
    dpk_attempt attempt = forked->doing[w].attempt;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    dpk_ended ended = forked->doing[w].ended;
    forked->running--;
    if (atomic_load(&cell->finished)) {
        take_result(executor, &attempt, w, news->pid);
        return;
    }
    dpk_death death = { .meant = ended == DPK_ENDED_FOR_TIME };
    dpk_death_describe(&death, executor, &forked->crew, news);
    if (ended != DPK_ENDED_TO_CANCEL && attempt.deaths++ < executor->options.retries &&
        dpk_attempts_add(&forked->waiting, &attempt, NULL) == DPK_OK) {
        dpk_death_note(&death, attempt.task);
        return;
    }
    dpk_task_record own, *record = record_of(executor, &attempt, &own);
    record->started = cell->started;
    dpk_death_tell(&death, record, attempt.attempts);
    if (ended == DPK_ENDED_TO_CANCEL)
        dpk_task_record_cancel(record);
    finish(executor, &attempt, record);
}

void dpk_forked_execute(const dpk_executing *executor, const dpk_attempt *attempt, unsigned worker,
                        dpk_cell *cell)
{
    const dpk_forked *forked = executor->state;
    const dpk_submitted *submitted = &forked->submitted[attempt->slot];
    dpk_task task = { attempt->task, worker, attempt->attempts, cell->text };
    dpk_task_function *function;
    const void *argument = NULL;
    void *result = NULL;
    if (attempt->is_element) {
        function = forked->map->function;
        argument = dpk_map_argument(forked->map, attempt->task);
        result = dpk_map_result(forked->map, attempt->task);
    } else {
        function = submitted->function;
        if (submitted->has_argument)
            argument = forked->arguments + attempt->slot * forked->argument_bytes;
        if (executor->options.result_bytes > 0)
            result = memset(dpk_cell_result(cell), 0, executor->options.result_bytes);
    }
    cell->started = dpk_now();
    cell->value = dpk_task_call(&task, function, argument, result);
    cell->ended = dpk_now();
    atomic_store(&cell->finished, true);
}

void dpk_forked_do_here(dpk_executing *executor, const dpk_attempt *attempt)
{
    const dpk_forked *forked = executor->state;
    dpk_cell *cell = dpk_forked_cell(forked, 0);
    dpk_task_record own, *record = record_of(executor, attempt, &own);
    if (attempt->deaths == 0 && executor->options.timeout == 0) {
        dpk_forked_execute(executor, attempt, 0, cell);
        take_result(executor, attempt, 0, getpid());
        return;
    }
    record->state = DPK_TASK_DIED;
    record->attempts = attempt->attempts - 1;
    record->ended = dpk_now();
    dpk_task_record_say(record, "no process can be started for it");
    finish(executor, attempt, record);
}
