/* SPDX-License-Identifier: MIT */
/* pool_loss.c: a worker that is gone: what it had in hand is done again, unless workers have died
 * of that too often, and another one takes its place. */
#include "base/clock.h"
#include "executor/death.h"
#include "executor/pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A worker that dies within so many nanoseconds, so many times in a row, is not replaced. */
enum { SOON_NS = 20 * 1000 * 1000, VAIN_MOST = 20 };

/* One death. */
struct loss {
    dpk_executing *executor;
    dpk_pool *pool;
    dpk_watch *watch;
    dpk_worker_block *block;
    dpk_death death;
    unsigned worker;
    bool counts; /* it speaks against what it had in hand */
};

void dpk_pool_kill(dpk_pool *pool, unsigned w, dpk_killed why)
{
    dpk_watch *watch = &pool->watches[w];
    const dpk_worker_block *block = &pool->lead.board->blocks[w];
    if (watch->killed != DPK_KILLED_NOT || !dpk_crew_is_there(&pool->crew, w))
        return;
    watch->killed = why;
    watch->target_served = atomic_load(&block->served);
    watch->target = atomic_load(&block->hand);
    dpk_crew_kill(&pool->crew, w);
}

/* ---------------------------------------------------------------------------- submitted tasks */

static void lose_slot(const struct loss *loss, uint32_t slot)
{
    dpk_executing *executor = loss->executor;
    dpk_lead *lead = &loss->pool->lead;
    dpk_slot_head *head = dpk_board_slot(lead->board, slot);
    dpk_slot_use *use = &lead->uses[slot];
    uint64_t state = atomic_load(&head->state);
    if (dpk_state_phase(state) == DPK_SLOT_ENDED)
        dpk_lead_end_slot(executor, slot);
    if (dpk_state_phase(state) != DPK_SLOT_RUNNING || dpk_state_worker(state) != loss->worker ||
        use->number == DPK_NO_FUTURE)
        return;
    dpk_task_record *record = &executor->futures.promises[use->number].record;
    record->started = head->started;
    if (loss->death.meant && loss->watch->killed == DPK_KILLED_TO_CANCEL) {
        dpk_death_tell(&loss->death, record, head->attempt);
        dpk_task_record_cancel(record);
        dpk_lead_give_up(executor, slot);
    } else if (loss->counts && ++use->deaths > executor->options.retries) {
        dpk_death_tell(&loss->death, record, head->attempt);
        dpk_lead_give_up(executor, slot);
    } else {
        if (loss->counts)
            dpk_death_note(&loss->death, record->task);
        dpk_lead_requeue(executor, slot);
    }
}

/* --------------------------------------------------------------------------------------- maps */

static dpk_deaths *deaths_of(dpk_lead *lead, uint32_t element)
{
    for (size_t i = 0; i < lead->death_count; i++)
        if (lead->deaths[i].element == element)
            return &lead->deaths[i];
    if (lead->death_count == lead->death_room) {
        size_t room = 2 * lead->death_room + 16;
        dpk_deaths *larger = realloc(lead->deaths, room * sizeof *larger);
        if (larger == NULL)
            return NULL;
        lead->deaths = larger;
        lead->death_room = room;
    }
    dpk_deaths *added = &lead->deaths[lead->death_count++];
    *added = (dpk_deaths){ .element = element };
    return added;
}

/* Lets the task know which attempt the next one is, if there is room for that. */
static void publish_attempts(dpk_board *board, const dpk_deaths *deaths)
{
    uint32_t count = atomic_load(&board->trouble_count), i = 0;
    while (i < count && atomic_load(&board->troubles[i].element) != deaths->element)
        i++;
    if (i == DPK_TROUBLES)
        return;
    atomic_store(&board->troubles[i].element, deaths->element);
    atomic_store(&board->troubles[i].attempts, deaths->attempts);
    if (i == count)
        atomic_store(&board->trouble_count, count + 1);
}

/* Without memory to count the deaths, the element is given up at its first. */
static void lose_element(const struct loss *loss, uint32_t element)
{
    dpk_executing *executor = loss->executor;
    dpk_board *board = loss->pool->lead.board;
    if (element >= board->count || atomic_load(dpk_board_mark(board, element)) != DPK_MARK_NONE)
        return;
    dpk_task_record record = { .task = board->base + element, .queued = executor->map_queued };
    dpk_deaths none = { .deaths = executor->options.retries };
    dpk_deaths *deaths = deaths_of(&loss->pool->lead, element);
    if (deaths == NULL)
        deaths = &none;
    deaths->attempts++;
    deaths->deaths += loss->counts;
    if (deaths->deaths > executor->options.retries) {
        dpk_death_tell(&loss->death, &record, deaths->attempts);
        dpk_task_records_add(&executor->failed, &record);
        atomic_store(dpk_board_mark(board, element), DPK_MARK_NOT);
        return;
    }
    if (loss->counts)
        dpk_death_note(&loss->death, record.task);
    publish_attempts(board, deaths);
}

/* ---------------------------------------------------------------------------------- the worker */

/* What it was about to take out of its range and has not taken is not in its hands. */
static void clear_block(dpk_worker_block *block)
{
    uint64_t chunk = atomic_load(&block->chunk), range = atomic_load(&block->range);
    if (dpk_range_length(chunk) > 0 && dpk_range_next(range) == dpk_range_next(chunk))
        atomic_store(&block->chunk, 0);
    atomic_store(&block->hand, DPK_HAND_EMPTY);
    atomic_store(&block->began, 0);
    atomic_store(&block->inside, 0);
    atomic_store(&block->exit, DPK_EXIT_NONE);
}

static bool may_be_replaced(const struct loss *loss, dpk_exit why)
{
    dpk_lead *lead = &loss->pool->lead;
    if (why == DPK_EXIT_CANNOT_BEGIN) {
        loss->block->text[DPK_TASK_TEXT - 1] = '\0';
        snprintf(lead->reason, sizeof lead->reason, "worker %u cannot begin: %s", loss->worker,
                 loss->block->text);
    } else if (loss->pool->opening) {
        snprintf(lead->reason, sizeof lead->reason, "%s while it began", loss->death.text);
    } else if (loss->watch->vain >= VAIN_MOST) {
        snprintf(lead->reason, sizeof lead->reason, "%s, as %d before it, without a task",
                 loss->death.text, VAIN_MOST);
    } else {
        return true;
    }
    return false;
}

static void replace(const struct loss *loss, dpk_exit why)
{
    dpk_executing *executor = loss->executor;
    dpk_lead *lead = &loss->pool->lead;
    unsigned w = loss->worker;
    bool may = may_be_replaced(loss, why);
    loss->pool->replaces = why != DPK_EXIT_RENEWED;
    if (may && dpk_pool_start(executor, w))
        return;
    if (may)
        snprintf(lead->reason, sizeof lead->reason, "worker %u cannot be started: %s", w,
                 strerror(errno));
    if (loss->pool->opening)
        return;
    dpk_note(executor, "%s; there are %u workers left", lead->reason, executor->workers);
    if (executor->workers == 0)
        dpk_lead_give_up_all(executor);
}

static void note_idle(const struct loss *loss)
{
    const dpk_crew_news *news = &loss->death.news;
    if (loss->death.meant)
        dpk_note(loss->executor,
                 "worker %u (process %ld) did nothing though there was work, and was killed",
                 news->worker, (long)news->pid);
    else
        dpk_note(loss->executor, "%s while it had no task", loss->death.text);
}

void dpk_pool_lose(dpk_executing *executor, const dpk_crew_news *news)
{
    dpk_pool *pool = executor->state;
    dpk_board *board = pool->lead.board;
    unsigned w = news->worker;
    struct loss loss = { .executor = executor,
                         .pool = pool,
                         .watch = &pool->watches[w],
                         .block = &board->blocks[w],
                         .worker = w };
    uint64_t hand = atomic_load(&loss.block->hand), served = atomic_load(&loss.block->served);
    dpk_exit why = (dpk_exit)atomic_load(&loss.block->exit);
    loss.death.meant = loss.watch->killed != DPK_KILLED_NOT && hand == loss.watch->target &&
                       served == loss.watch->target_served;
    loss.counts = loss.death.meant || loss.watch->killed == DPK_KILLED_NOT;
    pool->lead.members[w].there = false;
    executor->workers--;
    dpk_set_remove(&board->idle, w);
    dpk_set_remove(&board->searching, w);
    dpk_lead_drain(executor);
    dpk_death_describe(&loss.death, executor, &pool->crew, news);
    if ((hand & DPK_HAND_SLOT) != 0)
        lose_slot(&loss, (uint32_t)hand & board->slot_mask);
    else if (hand != DPK_HAND_EMPTY)
        lose_element(&loss, (uint32_t)(hand - 1));
    else if (why == DPK_EXIT_NONE && !pool->opening)
        note_idle(&loss);
    if (why != DPK_EXIT_NONE || served != loss.watch->served_before ||
        dpk_now() - loss.watch->started > SOON_NS)
        loss.watch->vain = 0;
    else
        loss.watch->vain++;
    loss.watch->served_before = served;
    loss.watch->killed = DPK_KILLED_NOT;
    loss.watch->since = 0;
    clear_block(loss.block);
    replace(&loss, why);
    if (atomic_load(&board->map_open) != 0)
        dpk_board_wake(board, board->most);
    dpk_board_wake_one(board);
}
