/* SPDX-License-Identifier: MIT */
/* common.h: memory that an executor and its workers have in common: what programs allocate, and
 * copies of what lies elsewhere, for as long as a map takes. */
#ifndef DPK_COMMON_H
#define DPK_COMMON_H

#include "executor/kind.h"

/* Reserves the memory, before there are workers. Errors: DPK_LIMIT, when there is less than
 * options.shared_bytes. */
dpk_status dpk_common_open(dpk_executing *executor, dpk_error *err);

/* From now on, no more than options.shared_bytes are given besides what was given so far. */
void dpk_common_limit(dpk_executing *executor);

/* Gives zeroed memory. Errors: DPK_LIMIT. */
void *dpk_common_alloc(dpk_executing *executor, size_t bytes, dpk_error *err);

/* Takes back all that was given since `used` bytes were. */
static inline size_t dpk_common_used(const dpk_executing *executor)
{
    return executor->arena.work.used;
}
void dpk_common_release(dpk_executing *executor, size_t used);

/* Copies what processes cannot see otherwise. Errors: DPK_LIMIT. */
dpk_status dpk_common_stage(dpk_executing *executor, const dpk_map *asked, dpk_map *map,
                            dpk_error *err);

/* Copies results to where they were asked for, if they are not there. */
void dpk_common_deliver(const dpk_map *map, const dpk_map *asked);

#endif
