/* SPDX-License-Identifier: MIT */
/* claims.c: chunks are claimed by compare and swap. A worker that dies between claiming a chunk and
 * moving `next` on leaves no gap: whoever comes next moves it on. */
#include "workers/claims.h"

#include <stdatomic.h>

/* What a cell holds: FREE, 1 + the worker that has the chunk, DONE, or LOST. */
#define FREE 0u
#define DONE UINT32_MAX
#define LOST (UINT32_MAX - 1)

size_t dpk_claims_bytes(size_t chunks)
{
    return sizeof(dpk_claims) + chunks * sizeof(_Atomic uint32_t);
}

void dpk_claims_reset(dpk_claims *claims, size_t chunks)
{
    claims->chunks = chunks;
    atomic_store(&claims->next, 0);
    for (size_t i = 0; i < chunks; i++)
        atomic_store_explicit(&claims->cells[i], FREE, memory_order_relaxed);
}

bool dpk_claims_take(dpk_claims *claims, size_t i, unsigned worker)
{
    uint32_t expected = FREE;
    return atomic_compare_exchange_strong(&claims->cells[i], &expected, worker + 1);
}

bool dpk_claims_take_next(dpk_claims *claims, unsigned worker, size_t *i)
{
    *i = atomic_load(&claims->next);
    while (*i < claims->chunks) {
        bool mine = dpk_claims_take(claims, *i, worker);
        size_t expected = *i;
        bool moved = atomic_compare_exchange_strong(&claims->next, &expected, *i + 1);
        if (mine)
            return true;
        *i = moved ? *i + 1 : expected;
    }
    return false;
}

void dpk_claims_done(dpk_claims *claims, size_t i)
{
    atomic_store(&claims->cells[i], DONE);
}

/* Finds the chunk, *i, that a worker has taken, and has its cell hold something else. */
static bool mark_taken(dpk_claims *claims, size_t chunks, unsigned worker, uint32_t mark, size_t *i)
{
    for (*i = 0; *i < chunks; ++*i) {
        uint32_t expected = worker + 1;
        if (atomic_load_explicit(&claims->cells[*i], memory_order_relaxed) == expected &&
            atomic_compare_exchange_strong(&claims->cells[*i], &expected, mark))
            return true;
    }
    return false;
}

/* `next` stays where it is: another worker may just have seen that the chunk is not free, and would
 * move it on again. */
bool dpk_claims_give_back(dpk_claims *claims, unsigned worker)
{
    size_t i;
    return mark_taken(claims, claims->chunks, worker, FREE, &i);
}

bool dpk_claims_lose(dpk_claims *claims, size_t chunks, unsigned worker, size_t *i)
{
    return mark_taken(claims, chunks, worker, LOST, i);
}

size_t dpk_claims_release(dpk_claims *claims, size_t chunks)
{
    size_t released = 0;
    for (size_t i = 0; i < chunks; i++) {
        uint32_t cell = atomic_load_explicit(&claims->cells[i], memory_order_relaxed);
        if (cell == DONE || cell == LOST)
            continue;
        atomic_store(&claims->cells[i], FREE);
        released++;
    }
    if (released > 0) {
        claims->chunks = chunks;
        atomic_store(&claims->next, 0);
    }
    return released;
}
