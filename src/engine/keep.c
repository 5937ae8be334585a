/* SPDX-License-Identifier: MIT */
/* keep.c: a flag says whether a job has the arena; whoever has set it changes the rest. */
#include "engine/keep.h"

#include <stdatomic.h>
#include <unistd.h>

/* Pages that stay with the arena. Larger jobs pay for more themselves, and leave nothing. */
enum { KEPT_BYTES = 64 << 20 };

void dpk_keep_close(dpk_keep *keep)
{
    if (keep->arena.size > 0)
        dpk_arena_close(&keep->arena);
}

/* Workers die with the thread that has started them, and another process has no part in them. */
static bool is_usable(dpk_keep *keep)
{
    return keep->arena.size > 0 && !atomic_exchange(&keep->outdated, false) &&
           keep->process == getpid() && pthread_equal(keep->thread, pthread_self());
}

dpk_arena *dpk_keep_take(dpk_keep *keep)
{
    dpk_error err;
    if (atomic_exchange(&keep->taken, true))
        return NULL;
    if (is_usable(keep))
        return &keep->arena;
    dpk_keep_close(keep);
    keep->process = getpid();
    keep->thread = pthread_self();
    if (dpk_arena_open(&keep->arena, DPK_MEMORY_SHARED, false, &err) == DPK_OK)
        return &keep->arena;
    atomic_store(&keep->taken, false);
    return NULL;
}

void dpk_keep_give_back(dpk_keep *keep)
{
    dpk_arena_rewind(&keep->arena, KEPT_BYTES);
    atomic_store(&keep->taken, false);
}

void dpk_keep_outdate(dpk_keep *keep)
{
    atomic_store(&keep->outdated, true);
}
