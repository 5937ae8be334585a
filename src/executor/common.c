/* SPDX-License-Identifier: MIT */
/* common.c: an arena of which the end is taken back after each map. Its pages go back to the system
 * if they are many; few are kept, and zeroed when they are given again. */
#include "executor/common.h"

#include "base/bytes.h"
#include "base/text.h"
#include "machine/machine.h"

#include <string.h>
#include <unistd.h>

static dpk_status refuse(size_t wanted, size_t most, dpk_error *err)
{
    char need[32], have[32];
    return dpk_fail(err, DPK_LIMIT,
                    "an executor cannot share %s with its workers: this machine, or what limits "
                    "this process, has %s left",
                    dpk_text_bytes((double)wanted, need, sizeof need),
                    dpk_text_bytes((double)most, have, sizeof have));
}

/* No more than is asked for is reserved, as tools that watch memory follow each byte of it. */
dpk_status dpk_common_open(dpk_executing *executor, dpk_error *err)
{
    const dpk_kind *kind = executor->kind;
    dpk_memory memory = kind->processes ? DPK_MEMORY_SHARED : DPK_MEMORY_PRIVATE;
    size_t wanted = executor->options.shared_bytes;
    if (wanted == 0)
        return dpk_arena_open(&executor->arena, memory, false, err);
    size_t most = dpk_machine_memory();
    size_t own = kind->needs != NULL ? kind->needs(&executor->options) : 0;
    if (wanted > most)
        return refuse(wanted, most, err);
    dpk_status status = dpk_arena_open_sized(&executor->arena, memory, own + wanted, err);
    if (status != DPK_OK || own + wanted <= executor->arena.size)
        return status;
    return refuse(wanted, executor->arena.size, err);
}

void dpk_common_limit(dpk_executing *executor)
{
    size_t wanted = executor->options.shared_bytes;
    if (wanted > 0)
        dpk_arena_limit(&executor->arena, dpk_common_used(executor) + dpk_aligned(wanted));
}

void *dpk_common_alloc(dpk_executing *executor, size_t bytes, dpk_error *err)
{
    size_t used = dpk_common_used(executor);
    unsigned char *memory = dpk_alloc(&executor->arena, bytes, err);
    if (memory == NULL)
        return NULL;
    if (used < executor->touched)
        memset(memory, 0, bytes < executor->touched - used ? bytes : executor->touched - used);
    if (executor->touched < dpk_common_used(executor))
        executor->touched = dpk_common_used(executor);
    return memory;
}

/* Pages that are worth a system call, and page faults later. */
enum { MANY_BYTES = 1 << 20 };

void dpk_common_release(dpk_executing *executor, size_t used)
{
    size_t whole = dpk_round_up(used, (size_t)sysconf(_SC_PAGESIZE));
    executor->arena.work.used = used;
    if (executor->touched > whole + MANY_BYTES &&
        dpk_arena_drop_pages(&executor->arena, whole, executor->touched))
        executor->touched = whole;
}

static bool in_common(const dpk_executing *executor, const void *memory)
{
    const dpk_region *work = &executor->arena.work;
    uintptr_t at = (uintptr_t)memory, base = (uintptr_t)work->base;
    return at >= base && at < base + work->used;
}

dpk_status dpk_common_stage(dpk_executing *executor, const dpk_map *asked, dpk_map *map,
                            dpk_error *err)
{
    const dpk_kind *kind = executor->kind;
    *map = *asked;
    if (!kind->processes)
        return DPK_OK;
    size_t bytes = asked->count * asked->argument_bytes;
    if (bytes > 0 && !kind->inherits && !in_common(executor, asked->arguments)) {
        unsigned char *copy = dpk_common_alloc(executor, bytes, err);
        if (copy == NULL)
            return DPK_LIMIT;
        map->arguments = memcpy(copy, asked->arguments, bytes);
    }
    bytes = asked->count * asked->result_bytes;
    if (bytes > 0 && !in_common(executor, asked->results)) {
        map->results = dpk_common_alloc(executor, bytes, err);
        if (map->results == NULL)
            return DPK_LIMIT;
    }
    return DPK_OK;
}

void dpk_common_deliver(const dpk_map *map, const dpk_map *asked)
{
    if (map->results != asked->results)
        memcpy(asked->results, map->results, asked->count * asked->result_bytes);
}
