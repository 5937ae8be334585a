/* SPDX-License-Identifier: MIT */
/* meta.c: a list of metadata items, in file order. */
#include "files/meta.h"

dpk_status dpk_meta_add(dpk_meta *meta, dpk_arena *arena, const dpk_meta_item *item, dpk_error *err)
{
    dpk_meta_item *added = dpk_alloc(arena, sizeof *added, err);
    if (added == NULL)
        return DPK_LIMIT;
    *added = *item;
    added->next = NULL;
    if (meta->last != NULL)
        meta->last->next = added;
    else
        meta->first = added;
    meta->last = added;
    return DPK_OK;
}
