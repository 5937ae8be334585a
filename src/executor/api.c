/* SPDX-License-Identifier: MIT */
/* api.c: <dpk/executor.h>: opening, closing and maps. It checks what programs give, and leaves the
 * rest to who executes. */
#include "base/clock.h"
#include "executor/common.h"
#include "executor/handles.h"
#include "executor/options.h"
#include "workers/team.h"

#include <stdlib.h>

/* --------------------------------------------------------------------------- opening, closing */

static void end(dpk_executing *executor)
{
    if (executor->kind != NULL)
        executor->kind->close(executor);
    dpk_futures_close(&executor->futures);
    dpk_task_records_clear(&executor->failed);
    dpk_arena_close(&executor->arena);
    free(executor);
}

/* Without workers, the caller is the only one. */
static dpk_status do_without(dpk_executing *executor, dpk_error *err)
{
    const dpk_kind *kind = executor->kind;
    if (executor->options.timeout > 0)
        return dpk_fail(err, DPK_LIMIT, "no worker can be started, and a time-out needs one");
    dpk_note(executor, "no worker can be started (backend %s): the caller executes tasks itself",
             kind->name);
    kind->close(executor);
    executor->kind = &dpk_kind_seq;
    return executor->kind->open(executor, err);
}

static dpk_status check_threads(const dpk_kind *kind, dpk_error *err)
{
    if (!kind->processes || !dpk_threads_were_used())
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED,
                    "backend %s cannot start processes: this process has already used OpenMP's "
                    "threads",
                    kind->name);
}

static dpk_status begin(dpk_executing *executor, dpk_error *err)
{
    dpk_status status = check_threads(executor->kind, err);
    if (status == DPK_OK)
        status = dpk_common_open(executor, err);
    if (status != DPK_OK) {
        executor->kind = NULL;
        return status;
    }
    unsigned wanted = (unsigned)executor->options.workers;
    status = executor->kind->open(executor, err);
    if (status == DPK_OK && executor->workers == 0)
        status = do_without(executor, err);
    else if (status == DPK_OK && executor->workers < wanted && executor->kind != &dpk_kind_seq)
        dpk_note(executor, "only %u of %u workers can be started", executor->workers, wanted);
    dpk_common_limit(executor);
    return status;
}

dpk_status dpk_executor_open(dpk_executor *opened, const dpk_executor_options *options,
                             dpk_error *err)
{
    *opened = 0;
    dpk_executing *executor = calloc(1, sizeof *executor);
    if (executor == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for an executor");
    dpk_status status = dpk_handle_outside(err);
    if (status == DPK_OK)
        status = dpk_executor_options_check(options, &executor->options, &executor->kind, err);
    if (status != DPK_OK) {
        free(executor);
        return status;
    }
    dpk_executor handle = dpk_handle_add(executor);
    dpk_futures_open(&executor->futures, executor->options.result_bytes,
                     (uint32_t)(handle >> 32) * 0x9e3779b1u);
    status = handle != 0 ? begin(executor, err)
                         : dpk_fail(err, DPK_LIMIT, "not enough memory for an executor");
    if (status != DPK_OK) {
        dpk_handle_remove(handle);
        end(executor);
        return status;
    }
    *opened = handle;
    dpk_handle_leave(handle);
    return DPK_OK;
}

dpk_status dpk_executor_close(dpk_executor handle, dpk_error *err)
{
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    dpk_handle_remove(handle);
    end(executor);
    return DPK_OK;
}

unsigned dpk_executor_workers(dpk_executor handle)
{
    const dpk_executing *executor = dpk_handle_enter(handle, NULL);
    unsigned workers = executor != NULL ? executor->workers : 0;
    if (executor != NULL)
        dpk_handle_leave(handle);
    return workers;
}

const char *dpk_executor_note(dpk_executor handle, size_t i)
{
    const dpk_executing *executor = dpk_handle_enter(handle, NULL);
    if (executor == NULL)
        return NULL;
    size_t count = executor->notes.count < DPK_NOTES ? executor->notes.count : DPK_NOTES;
    const char *text = i < count ? executor->notes.texts[i] : NULL;
    dpk_handle_leave(handle);
    return text;
}

void *dpk_executor_alloc(dpk_executor handle, size_t bytes, dpk_error *err)
{
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return NULL;
    void *memory = dpk_common_alloc(executor, bytes, err);
    dpk_handle_leave(handle);
    return memory;
}

/* ---------------------------------------------------------------------------------------- map */

static dpk_status check_map(const dpk_map *map, dpk_error *err)
{
    if (map->function == NULL)
        return dpk_fail(err, DPK_USAGE, "a map needs a function");
    if ((map->arguments == NULL && map->argument_bytes > 0) ||
        (map->results == NULL && map->result_bytes > 0))
        return dpk_fail(err, DPK_USAGE, "a map of elements that have bytes needs their array");
    size_t most = (SIZE_MAX / 2) / (map->argument_bytes | map->result_bytes | 1);
    if (map->count > most)
        return dpk_fail(err, DPK_USAGE, "no array has %zu elements of %zu bytes", map->count,
                        map->argument_bytes > map->result_bytes ? map->argument_bytes
                                                                : map->result_bytes);
    return DPK_OK;
}

static dpk_status execute_map(dpk_executing *executor, const dpk_map *asked, dpk_error *err)
{
    dpk_map map;
    size_t used = dpk_common_used(executor);
    dpk_status status = dpk_common_stage(executor, asked, &map, err);
    if (status == DPK_OK)
        status = executor->kind->map(executor, &map, err);
    dpk_task_records_sort(&executor->failed);
    if (status == DPK_OK)
        dpk_common_deliver(&map, asked);
    dpk_common_release(executor, used);
    return status;
}

/* What a map says of tasks that have no result. */
static dpk_status judge(const dpk_task_records *failed, size_t count, dpk_error *err)
{
    if (failed->lost > 0)
        return dpk_fail(err, DPK_LIMIT,
                        "%zu tasks have no result, and there is not enough memory "
                        "to say which",
                        failed->lost + failed->count);
    if (failed->count == 0)
        return DPK_OK;
    dpk_status status = DPK_FAILED;
    for (size_t i = 0; i < failed->count; i++)
        if (failed->records[i].state != DPK_TASK_FAILED)
            status = DPK_WORKER_LOST;
    dpk_error first;
    (void)dpk_task_record_status(&failed->records[0], &first);
    if (failed->count == 1)
        return dpk_fail(err, status, "%s", first.text);
    return dpk_fail(err, status, "%zu of %zu tasks have no result; the first: %s", failed->count,
                    count, first.text);
}

dpk_status dpk_executor_map(dpk_executor handle, dpk_task_function *function, size_t count,
                            const void *arguments, size_t argument_bytes, void *results,
                            size_t result_bytes, dpk_error *err)
{
    const dpk_map map = { .function = function,
                          .count = count,
                          .arguments = arguments,
                          .results = results,
                          .argument_bytes = argument_bytes,
                          .result_bytes = result_bytes };
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    dpk_task_records_clear(&executor->failed);
    executor->map_queued = dpk_now();
    dpk_status status = check_map(&map, err);
    if (status == DPK_OK && count > 0)
        status = execute_map(executor, &map, err);
    if (status == DPK_OK)
        status = judge(&executor->failed, count, err);
    dpk_handle_leave(handle);
    return status;
}

bool dpk_executor_failed(dpk_executor handle, size_t i, dpk_outcome *outcome)
{
    const dpk_executing *executor = dpk_handle_enter(handle, NULL);
    if (executor == NULL)
        return false;
    bool there = i < executor->failed.count && dpk_outcome_suits(outcome);
    if (there)
        dpk_outcome_fill(outcome, &executor->failed.records[i]);
    dpk_handle_leave(handle);
    return there;
}
