/* SPDX-License-Identifier: MIT */
/* seq.c: the caller executes tasks itself, one after the other. */
#include "base/clock.h"
#include "executor/kind.h"
#include "executor/task.h"

#include <string.h>
#include <unistd.h>

static dpk_status open_caller(dpk_executing *executor, dpk_error *err)
{
    char text[DPK_TASK_TEXT];
    dpk_task task = { .attempt = 1, .text = text };
    const dpk_executor_options *options = &executor->options;
    executor->workers = 1;
    if (options->begin == NULL ||
        dpk_task_call(&task, options->begin, options->begin_argument, NULL) == 0)
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED, "worker 0 cannot begin: %s", text);
}

static void close_caller(dpk_executing *executor)
{
    (void)executor;
}

/* Executes one task and says in its record what became of it. */
static void execute(dpk_task_record *record, dpk_task_function *function, const void *argument,
                    void *result)
{
    char text[DPK_TASK_TEXT];
    dpk_task task = { .index = record->task, .attempt = 1, .text = text };
    record->started = dpk_now();
    record->value = dpk_task_call(&task, function, argument, result);
    record->ended = dpk_now();
    record->attempts = 1;
    record->process = getpid();
    record->state = record->value == 0 ? DPK_TASK_DONE : DPK_TASK_FAILED;
    dpk_task_record_say(record, text);
}

static dpk_status map_here(dpk_executing *executor, const dpk_map *map, dpk_error *err)
{
    (void)err;
    char text[DPK_TASK_TEXT];
    dpk_task task = { .attempt = 1, .text = text };
    for (size_t i = 0; i < map->count; i++) {
        task.index = i;
        uint64_t started = dpk_now();
        int value =
            dpk_task_call(&task, map->function, dpk_map_argument(map, i), dpk_map_result(map, i));
        if (value == 0)
            continue;
        dpk_task_record record = { .task = i,
                                   .queued = executor->map_queued,
                                   .started = started,
                                   .ended = dpk_now(),
                                   .state = DPK_TASK_FAILED,
                                   .value = value,
                                   .attempts = 1,
                                   .process = getpid() };
        dpk_task_record_say(&record, text);
        dpk_task_records_add(&executor->failed, &record);
    }
    return DPK_OK;
}

static dpk_status submit_here(dpk_executing *executor, const dpk_call *call, dpk_error *err)
{
    (void)err;
    dpk_futures *futures = &executor->futures;
    size_t bytes = executor->options.result_bytes;
    void *result = bytes > 0 ? dpk_future_result(futures, call->number) : NULL;
    if (bytes > 0)
        memset(result, 0, bytes);
    execute(&futures->promises[call->number].record, call->function, call->argument, result);
    dpk_futures_end(futures, call->number);
    return DPK_OK;
}

/* Whatever was submitted has ended. */
static dpk_status progress_here(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    (void)executor, (void)deadline, (void)err;
    return DPK_OK;
}

static dpk_status cancel_here(dpk_executing *executor, uint32_t number, bool kill_it,
                              dpk_error *err)
{
    (void)executor, (void)number, (void)kill_it;
    return dpk_fail(err, DPK_FAILED, "the task has ended already");
}

const dpk_kind dpk_kind_seq = {
    .name = "seq",
    .open = open_caller,
    .close = close_caller,
    .map = map_here,
    .submit = submit_here,
    .progress = progress_here,
    .cancel = cancel_here,
};
