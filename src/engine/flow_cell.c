/* SPDX-License-Identifier: MIT */
/* flow_cell.c: a number, a worker, a count of deaths and a state, packed into 64 bits. */
#include "engine/flow_cell.h"

#include <stdatomic.h>

/* From the lowest bit on. The number has the rest. */
enum { STATE_BITS = 2, DEATH_BITS = 8, WORKER_BITS = 16 };
enum {
    DEATHS_AT = STATE_BITS,
    WORKER_AT = DEATHS_AT + DEATH_BITS,
    NUMBER_AT = WORKER_AT + WORKER_BITS
};

static unsigned bits(uint64_t word, unsigned at, unsigned count)
{
    return (unsigned)(word >> at & ((1u << count) - 1));
}

static dpk_cell_view unpack(uint64_t word)
{
    return (dpk_cell_view){ .number = (size_t)(word >> NUMBER_AT),
                            .worker = bits(word, WORKER_AT, WORKER_BITS),
                            .deaths = bits(word, DEATHS_AT, DEATH_BITS),
                            .state = (dpk_cell_state)bits(word, 0, STATE_BITS) };
}

static uint64_t pack(dpk_cell_view view)
{
    return (uint64_t)view.number << NUMBER_AT | (uint64_t)view.worker << WORKER_AT |
           (uint64_t)view.deaths << DEATHS_AT | (uint64_t)view.state;
}

dpk_cell_view dpk_cell_read(const dpk_cell *cell)
{
    return unpack(atomic_load(cell));
}

void dpk_cell_open(dpk_cell *cell, size_t number)
{
    atomic_store(cell, pack((dpk_cell_view){ .number = number }));
}

bool dpk_cell_take(dpk_cell *cell, size_t number, unsigned worker)
{
    uint64_t word = atomic_load(cell);
    dpk_cell_view view = unpack(word);
    if (view.number != number || view.state != DPK_CELL_FREE)
        return false;
    view.worker = worker;
    view.state = DPK_CELL_TAKEN;
    return atomic_compare_exchange_strong(cell, &word, pack(view));
}

void dpk_cell_done(dpk_cell *cell, unsigned worker)
{
    uint64_t word = atomic_load(cell);
    dpk_cell_view view = unpack(word);
    if (view.worker != worker || view.state != DPK_CELL_TAKEN)
        return;
    view.state = DPK_CELL_DONE;
    atomic_compare_exchange_strong(cell, &word, pack(view));
}

static void count_death(dpk_cell_view *view, unsigned retries)
{
    view->deaths += view->deaths < DPK_CELL_DEATHS;
    view->state = view->deaths > retries ? DPK_CELL_DEADLY : DPK_CELL_FREE;
}

bool dpk_cell_lose(dpk_cell *cell, unsigned worker, unsigned retries, dpk_cell_view *view)
{
    uint64_t word = atomic_load(cell);
    *view = unpack(word);
    if (view->worker != worker || view->state != DPK_CELL_TAKEN)
        return false;
    count_death(view, retries);
    return atomic_compare_exchange_strong(cell, &word, pack(*view));
}

void dpk_cell_spoil(dpk_cell *cell, unsigned retries, dpk_cell_view *view)
{
    *view = dpk_cell_read(cell);
    count_death(view, retries);
    atomic_store(cell, pack(*view));
}

void dpk_cell_settle(dpk_cell *cell, size_t number)
{
    atomic_store(cell, pack((dpk_cell_view){ .number = number, .state = DPK_CELL_DONE }));
}
