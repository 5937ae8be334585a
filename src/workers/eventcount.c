/* SPDX-License-Identifier: MIT */
/* eventcount.c: a counter, and a futex on it. */
#include "workers/eventcount.h"

#include "workers/futex.h"

#include <stdatomic.h>

/* For how long a waiter sleeps at most. */
enum { PATIENCE_NS = 20 * 1000 * 1000 };

uint32_t dpk_eventcount_read(const dpk_eventcount *events)
{
    return atomic_load(&events->count);
}

void dpk_eventcount_notify(dpk_eventcount *events)
{
    atomic_fetch_add(&events->count, 1);
    if (atomic_load(&events->waiting) > 0)
        dpk_futex_wake(&events->count);
}

/* A waiter that is killed leaves `waiting` too high: that costs a system call, nothing more. */
void dpk_eventcount_wait(dpk_eventcount *events, uint32_t seen)
{
    atomic_fetch_add(&events->waiting, 1);
    dpk_futex_sleep(&events->count, seen, PATIENCE_NS);
    atomic_fetch_sub(&events->waiting, 1);
}
