/* SPDX-License-Identifier: MIT */
/* slots.h: lists that signal handlers can walk at any moment while threads add and remove entries,
 * such as the temporary files to unlink. Nothing is locked and no slot is ever freed: a slot that
 * is given back is taken again later, so a list is as long as the most entries it had at a time,
 * and whoever walks it never meets freed memory. */
#ifndef DPK_SLOTS_H
#define DPK_SLOTS_H

#include <dpk/dpk.h>

#include <stdatomic.h>

/* The first member of an entry. What else an entry holds must be atomic, as it changes while
 * handlers read it. */
typedef struct dpk_slot {
    struct dpk_slot *next; /* constant from the moment the slot is on the list */
    atomic_bool taken;
} dpk_slot;

/* A list of entries of one size, in static memory; {0} is an empty one. */
typedef struct dpk_slots {
    _Atomic(dpk_slot *) first;
} dpk_slots;

/* Takes a free entry of `size` bytes, or adds one, zeroed. NULL: not enough memory. An entry that
 * was used before keeps its contents. */
DPK_MUST_CHECK void *dpk_slots_take(dpk_slots *slots, size_t size);

/* For the one who took it; NULL is ignored. */
void dpk_slots_give_back(void *entry);

/* Walks all entries, taken or not. Async-signal-safe. */
static inline void *dpk_slots_first(dpk_slots *slots)
{
    return atomic_load(&slots->first);
}

static inline void *dpk_slots_next(const void *entry)
{
    return ((const dpk_slot *)entry)->next;
}

#endif
