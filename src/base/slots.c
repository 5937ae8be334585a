/* SPDX-License-Identifier: MIT */
/* slots.c: a list that only grows, at its head. */
#include "base/slots.h"

#include <stdlib.h>

void *dpk_slots_take(dpk_slots *slots, size_t size)
{
    for (dpk_slot *slot = atomic_load(&slots->first); slot != NULL; slot = slot->next)
        if (!atomic_load(&slot->taken) && !atomic_exchange(&slot->taken, true))
            return slot;
    dpk_slot *added = calloc(1, size);
    if (added == NULL)
        return NULL;
    atomic_init(&added->taken, true);
    added->next = atomic_load(&slots->first);
    while (!atomic_compare_exchange_weak(&slots->first, &added->next, added))
        continue;
    return added;
}

void dpk_slots_give_back(void *entry)
{
    dpk_slot *slot = entry;
    if (slot != NULL)
        atomic_store(&slot->taken, false);
}
