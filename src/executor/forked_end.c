/* SPDX-License-Identifier: MIT */
/* forked_end.c: what became of a task whose process has ended. */
#include "base/clock.h"
#include "executor/death.h"
#include "executor/forked.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

dpk_status dpk_errands_add(dpk_errands *errands, const dpk_errand *errand, dpk_error *err)
{
    if (errands->count == errands->room) {
        size_t room = 2 * errands->room + 16;
        dpk_errand *larger = calloc(room, sizeof *larger);
        if (larger == NULL)
            return dpk_fail(err, DPK_LIMIT, "not enough memory for tasks that wait");
        for (size_t i = 0; i < errands->count; i++)
            larger[i] = errands->errands[(errands->first + i) % errands->room];
        free(errands->errands);
        errands->errands = larger;
        errands->first = 0;
        errands->room = room;
    }
    errands->errands[(errands->first + errands->count++) % errands->room] = *errand;
    return DPK_OK;
}

/* The fate of an errand, wherever it is kept. */
static dpk_fate *fate_of(const dpk_executing *executor, const dpk_errand *errand, dpk_fate *own)
{
    const dpk_forked *forked = executor->state;
    *own = (dpk_fate){ .task = errand->task, .queued = executor->map_queued };
    if (errand->is_element)
        return own;
    return &executor->futures.promises[forked->submitted[errand->slot].number].fate;
}

/* Its fate is known. */
static void finish(dpk_executing *executor, const dpk_errand *errand, const dpk_fate *fate)
{
    dpk_forked *forked = executor->state;
    if (errand->is_element) {
        forked->elements--;
        if (fate->state != DPK_TASK_DONE)
            dpk_fates_add(&executor->failed, fate);
        return;
    }
    dpk_futures_end(&executor->futures, forked->submitted[errand->slot].number);
    forked->submitted[errand->slot].number = DPK_NO_FUTURE;
    forked->free[forked->free_count++] = errand->slot;
}

/* It has ended by itself. */
static void take_result(dpk_executing *executor, const dpk_errand *errand, unsigned w, long process)
{
    const dpk_forked *forked = executor->state;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    dpk_fate own, *fate = fate_of(executor, errand, &own);
    fate->started = cell->started;
    fate->ended = cell->ended;
    fate->value = cell->value;
    fate->worker = w;
    fate->process = process;
    fate->attempts = errand->attempts;
    fate->state = cell->value == 0 ? DPK_TASK_DONE : DPK_TASK_FAILED;
    cell->text[DPK_TASK_TEXT - 1] = '\0';
    dpk_fate_say(fate, cell->value != 0 ? cell->text : "");
    if (!errand->is_element && cell->value == 0 && executor->options.result_bytes > 0)
        memcpy(dpk_future_result(&executor->futures, forked->submitted[errand->slot].number),
               dpk_cell_result(cell), executor->options.result_bytes);
    finish(executor, errand, fate);
}

/* Without memory to let it wait again, the task has died. */
void dpk_forked_settle(dpk_executing *executor, const dpk_crew_news *news)
{
    dpk_forked *forked = executor->state;
    unsigned w = news->worker;
    dpk_errand errand = forked->doing[w].errand;
    dpk_cell *cell = dpk_forked_cell(forked, w);
    dpk_ended ended = forked->doing[w].ended;
    forked->running--;
    if (atomic_load(&cell->finished)) {
        take_result(executor, &errand, w, news->pid);
        return;
    }
    dpk_death death = { .meant = ended == DPK_ENDED_FOR_TIME };
    dpk_death_describe(&death, executor, &forked->crew, news);
    if (ended != DPK_ENDED_TO_CANCEL && errand.deaths++ < executor->options.retries &&
        dpk_errands_add(&forked->waiting, &errand, NULL) == DPK_OK) {
        dpk_death_note(&death, errand.task);
        return;
    }
    dpk_fate own, *fate = fate_of(executor, &errand, &own);
    fate->started = cell->started;
    dpk_death_tell(&death, fate, errand.attempts);
    if (ended == DPK_ENDED_TO_CANCEL) {
        fate->state = DPK_TASK_CANCELLED;
        dpk_fate_say(fate, "was cancelled");
    }
    finish(executor, &errand, fate);
}

void dpk_forked_execute(const dpk_executing *executor, const dpk_errand *errand, unsigned worker,
                        dpk_cell *cell)
{
    const dpk_forked *forked = executor->state;
    const dpk_submitted *submitted = &forked->submitted[errand->slot];
    dpk_task task = { errand->task, worker, errand->attempts, cell->text };
    dpk_task_function *function;
    const void *argument = NULL;
    void *result = NULL;
    if (errand->is_element) {
        function = forked->map->function;
        argument = dpk_map_argument(forked->map, errand->task);
        result = dpk_map_result(forked->map, errand->task);
    } else {
        function = submitted->function;
        if (submitted->has_argument)
            argument = forked->arguments + errand->slot * forked->argument_bytes;
        if (executor->options.result_bytes > 0)
            result = memset(dpk_cell_result(cell), 0, executor->options.result_bytes);
    }
    cell->started = dpk_now();
    cell->value = dpk_task_call(&task, function, argument, result);
    cell->ended = dpk_now();
    atomic_store(&cell->finished, true);
}

void dpk_forked_do_here(dpk_executing *executor, const dpk_errand *errand)
{
    const dpk_forked *forked = executor->state;
    dpk_cell *cell = dpk_forked_cell(forked, 0);
    dpk_fate own, *fate = fate_of(executor, errand, &own);
    if (errand->deaths == 0 && executor->options.timeout == 0) {
        dpk_forked_execute(executor, errand, 0, cell);
        take_result(executor, errand, 0, getpid());
        return;
    }
    fate->state = DPK_TASK_DIED;
    fate->attempts = errand->attempts - 1;
    fate->ended = dpk_now();
    dpk_fate_say(fate, "no process can be started for it");
    finish(executor, errand, fate);
}
