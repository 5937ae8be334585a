/* SPDX-License-Identifier: MIT */
/* lead_map.c: maps: dealing elements out, waiting until nobody has any, and doing again what got
 * lost. */
#include "executor/lead.h"

#include <stdatomic.h>
#include <string.h>

/* Each worker gets as many elements as the others, side by side. */
static void deal_evenly(dpk_lead *lead, size_t count)
{
    const dpk_board *board = lead->board;
    unsigned there = 0, dealt = 0;
    for (unsigned w = 0; w < board->most; w++)
        there += lead->members[w].there;
    size_t next = 0;
    for (unsigned w = 0; w < board->most; w++) {
        size_t end = next;
        if (lead->members[w].there)
            end = count / there * (dealt + 1) + count % there * (dealt + 1) / there, dealt++;
        atomic_store(&board->blocks[w].range, dpk_range((uint32_t)next, (uint32_t)end));
        atomic_store(&board->blocks[w].chunk, 0);
        next = end;
    }
}

/* Deals elements out that nobody has done: stretches of them, one for each worker. Nobody is inside
 * the map. Returns false if there are none. */
static bool deal_rest(dpk_lead *lead, size_t count)
{
    const dpk_board *board = lead->board;
    const unsigned char *marks = board->marks;
    const unsigned char *lost = memchr(marks, DPK_MARK_NONE, count);
    if (lost == NULL)
        return false;
    for (unsigned w = 0; w < board->most; w++) {
        atomic_store(&board->blocks[w].chunk, 0);
        atomic_store(&board->blocks[w].range, 0);
        if (!lead->members[w].there || lost == NULL)
            continue;
        size_t begin = (size_t)(lost - marks), end = begin;
        while (end < count && marks[end] == DPK_MARK_NONE)
            end++;
        atomic_store(&board->blocks[w].range, dpk_range((uint32_t)begin, (uint32_t)end));
        lost = memchr(marks + end, DPK_MARK_NONE, count - end);
    }
    return true;
}

static void take_failures(dpk_executing *executor)
{
    const dpk_lead *lead = executor->state;
    for (unsigned w = 0; w < lead->board->most; w++) {
        dpk_worker_block *block = &lead->board->blocks[w];
        uint32_t put = atomic_load(&block->failures_put);
        uint32_t taken = atomic_load(&block->failures_taken);
        if (put == taken)
            continue;
        for (; taken != put; taken++) {
            dpk_failure *failure = &block->failures[taken % DPK_FAILURES];
            dpk_task_record record = { .task = failure->task,
                                       .queued = executor->map_queued,
                                       .started = failure->started,
                                       .ended = failure->ended,
                                       .state = DPK_TASK_FAILED,
                                       .value = failure->value,
                                       .worker = w,
                                       .attempts = failure->attempt,
                                       .process = lead->members[w].process };
            failure->text[DPK_TASK_TEXT - 1] = '\0';
            dpk_task_record_say(&record, failure->text);
            dpk_task_records_add(&executor->failed, &record);
        }
        atomic_store(&block->failures_taken, put);
        dpk_seat_post(&block->seat);
    }
}

static bool nobody_inside(const dpk_lead *lead)
{
    return dpk_board_is_left(lead->board);
}

/* Whether all seems to be done. What a dead worker had in hand, its successor does. */
static bool nothing_left(const dpk_lead *lead)
{
    for (unsigned w = 0; w < lead->board->most; w++) {
        const dpk_worker_block *block = &lead->board->blocks[w];
        if (dpk_range_length(atomic_load(&block->range)) > 0 ||
            (lead->members[w].there && atomic_load(&block->chunk) != 0))
            return false;
    }
    return nobody_inside(lead);
}

static bool failures_wait(const dpk_lead *lead)
{
    for (unsigned w = 0; w < lead->board->most; w++) {
        const dpk_worker_block *block = &lead->board->blocks[w];
        if (atomic_load(&block->failures_put) - atomic_load(&block->failures_taken) >= DPK_FAILURES)
            return true;
    }
    return false;
}

static dpk_status wait_until(dpk_executing *executor, bool (*is_so)(const dpk_lead *),
                             dpk_error *err)
{
    dpk_lead *lead = executor->state;
    dpk_status status = DPK_OK;
    while (status == DPK_OK && !is_so(lead)) {
        take_failures(executor);
        atomic_store(&lead->board->waiting, DPK_WAITS_FOR_MAP);
        if (!is_so(lead) && !failures_wait(lead))
            status = lead->sleep(executor, UINT64_MAX, err);
        atomic_store(&lead->board->waiting, DPK_WAITS_NOT);
    }
    return status;
}

/* Has the workers do what was dealt out. Afterwards nobody is inside. */
static dpk_status execute(dpk_executing *executor, dpk_error *err)
{
    dpk_lead *lead = executor->state;
    dpk_board *board = lead->board;
    dpk_status status = dpk_lead_check(executor, err);
    if (status != DPK_OK)
        return status;
    if (++lead->maps == 0)
        lead->maps = 1;
    atomic_store(&board->map_open, lead->maps);
    dpk_board_wake(board, board->most);
    status = wait_until(executor, nothing_left, err);
    atomic_store(&board->map_open, 0);
    if (status == DPK_OK)
        status = wait_until(executor, nobody_inside, err);
    take_failures(executor);
    return status;
}

static dpk_status execute_part(dpk_executing *executor, const dpk_map *map, size_t base,
                               dpk_error *err)
{
    dpk_lead *lead = executor->state;
    dpk_board *board = lead->board;
    size_t count = map->count - base < DPK_PART_MOST ? map->count - base : DPK_PART_MOST;
    size_t chunk = board->options.chunk;
    board->map = *map;
    board->base = base;
    board->count = (uint32_t)count;
    board->fixed_chunk = chunk > 0;
    if (chunk == 0)
        chunk = count / (4 * (size_t)board->most) + 1;
    board->most_chunk = (uint32_t)(chunk < count ? chunk : count);
    atomic_store(&board->trouble_count, 0);
    lead->death_count = 0;
    memset(board->marks, DPK_MARK_NONE, count);
    deal_evenly(lead, count);
    dpk_status status;
    do {
        status = execute(executor, err);
    } while (status == DPK_OK && deal_rest(lead, count));
    return status;
}

dpk_status dpk_lead_map(dpk_executing *executor, const dpk_map *map, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t base = 0; base < map->count && status == DPK_OK; base += DPK_PART_MOST)
        status = execute_part(executor, map, base, err);
    return status;
}
