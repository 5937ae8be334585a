/* SPDX-License-Identifier: MIT */
/* futures.c: a table of submitted tasks that grows. A future is a number in it and a generation,
 * which differs each time that the number is used again, and between executors. */
#include "executor/record.h"

#include "base/bytes.h"

#include <stddef.h>
#include <stdlib.h>

void dpk_futures_open(dpk_futures *futures, size_t result_bytes, uint32_t seed)
{
    *futures = (dpk_futures){ .generation = seed };
    futures->result_bytes = dpk_round_up(result_bytes, _Alignof(max_align_t));
    futures->free = futures->first = futures->last = DPK_NO_FUTURE;
}

void dpk_futures_close(dpk_futures *futures)
{
    for (uint32_t i = 0; i < futures->count; i++)
        free(futures->promises[i].record.text);
    free(futures->promises);
    free(futures->results);
    *futures = (dpk_futures){ .count = 0 };
}

static bool grow(dpk_futures *futures)
{
    if (futures->room > DPK_NO_FUTURE / 4)
        return false;
    uint32_t room = 2 * futures->room + 64;
    dpk_promise *promises = realloc(futures->promises, room * sizeof *promises);
    if (promises == NULL)
        return false;
    futures->promises = promises;
    unsigned char *results = realloc(futures->results, room * futures->result_bytes + 1);
    if (results == NULL)
        return false;
    futures->results = results;
    futures->room = room;
    return true;
}

uint32_t dpk_futures_add(dpk_futures *futures, uint64_t task, uint64_t queued)
{
    uint32_t number = futures->free;
    if (number != DPK_NO_FUTURE)
        futures->free = futures->promises[number].next;
    else if (futures->count < futures->room || grow(futures))
        number = futures->count++;
    else
        return DPK_NO_FUTURE;
    dpk_promise *promise = &futures->promises[number];
    *promise = (dpk_promise){ .record = { .task = task, .queued = queued } };
    promise->record.state = DPK_TASK_WAITING;
    if (++futures->generation == 0)
        futures->generation = 1;
    promise->generation = futures->generation;
    promise->next = promise->before = promise->slot = DPK_NO_FUTURE;
    futures->open++;
    return number;
}

dpk_future dpk_future_of(const dpk_futures *futures, uint32_t number)
{
    return (dpk_future)futures->promises[number].generation << 32 | number;
}

uint32_t dpk_future_number(const dpk_futures *futures, dpk_future future)
{
    uint32_t number = (uint32_t)future, generation = (uint32_t)(future >> 32);
    bool known = generation != 0 && number < futures->count &&
                 futures->promises[number].generation == generation;
    return known ? number : DPK_NO_FUTURE;
}

void dpk_futures_end(dpk_futures *futures, uint32_t number)
{
    dpk_promise *promise = &futures->promises[number];
    promise->before = futures->last;
    promise->next = DPK_NO_FUTURE;
    if (futures->last != DPK_NO_FUTURE)
        futures->promises[futures->last].next = number;
    else
        futures->first = number;
    futures->last = number;
}

static void unlink_ended(dpk_futures *futures, const dpk_promise *promise)
{
    if (promise->before != DPK_NO_FUTURE)
        futures->promises[promise->before].next = promise->next;
    else
        futures->first = promise->next;
    if (promise->next != DPK_NO_FUTURE)
        futures->promises[promise->next].before = promise->before;
    else
        futures->last = promise->before;
}

void dpk_futures_forget(dpk_futures *futures, uint32_t number)
{
    dpk_promise *promise = &futures->promises[number];
    if (dpk_future_ended(futures, number))
        unlink_ended(futures, promise);
    free(promise->record.text);
    *promise = (dpk_promise){ .next = futures->free };
    futures->free = number;
    futures->open--;
}
