/* SPDX-License-Identifier: MIT */
/* worker.c: looking for tasks, executing them, and sleeping. Stores are in such an order that the
 * caller knows at any instruction what a worker that has died had in hand: what it is about to take
 * is written down before it is taken, and struck out after its end is written down. */
#include "executor/worker.h"

#include "base/clock.h"
#include "workers/children.h"
#include "workers/crew.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What each function here needs. */
struct self {
    dpk_board *board;
    dpk_worker_block *block;
    unsigned number;
    int socket;
    uint32_t last_map; /* that it took part in */
    uint64_t left;     /* tasks until it is renewed */
};

static void wake_caller(const struct self *self)
{
    dpk_board *board = self->board;
    if (atomic_load(&board->waiting) == 0 || atomic_exchange(&board->waiting, 0) == 0)
        return;
    if (self->socket >= 0)
        (void)dpk_crew_answer(self->socket);
    else
        dpk_seat_post(&board->caller);
}

static void take_in_hand(const struct self *self, uint64_t what)
{
    atomic_store_explicit(&self->block->hand, what, memory_order_release);
}

static void count_task(struct self *self)
{
    dpk_worker_block *block = self->block;
    if (self->board->options.timeout > 0)
        atomic_store_explicit(&block->began, dpk_now(), memory_order_release);
    uint64_t served = atomic_load_explicit(&block->served, memory_order_relaxed);
    atomic_store_explicit(&block->served, served + 1, memory_order_release);
    self->left--;
}

/* ---------------------------------------------------------------------------- submitted tasks */

static void execute(struct self *self, uint32_t index)
{
    dpk_board *board = self->board;
    dpk_worker_block *block = self->block;
    dpk_slot_head *slot = dpk_board_slot(board, index);
    bool has_result = board->options.result_bytes > 0;
    void *result = has_result ? dpk_slot_result(board, slot) : NULL;
    dpk_task task = { slot->task, self->number, slot->attempt, dpk_slot_text(board, slot) };
    count_task(self);
    if (has_result)
        memset(result, 0, board->options.result_bytes);
    slot->started = dpk_now();
    slot->value = dpk_task_call(&task, slot->function,
                                slot->has_argument ? dpk_slot_argument(slot) : NULL, result);
    slot->ended = dpk_now();
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    atomic_store_explicit(&slot->state, dpk_state_of(state, DPK_SLOT_ENDED, self->number),
                          memory_order_release);
    uint64_t ended = atomic_load_explicit(&block->ended, memory_order_relaxed);
    atomic_store_explicit(&dpk_board_ring(board, self->number)[ended & board->slot_mask], index,
                          memory_order_relaxed);
    atomic_store(&block->ended, ended + 1);
    take_in_hand(self, DPK_HAND_EMPTY);
    if (ended + 1 >= atomic_load(&block->wake_at))
        wake_caller(self);
}

/* Claims the next task that is ready. */
static bool claim(struct self *self, uint32_t *index)
{
    dpk_board *board = self->board;
    for (;;) {
        uint64_t next = atomic_load(&board->take);
        if (next >= atomic_load(&board->put))
            return false;
        *index = atomic_load(&board->queue[next & board->queue_mask]) & board->slot_mask;
        dpk_slot_head *slot = dpk_board_slot(board, *index);
        uint64_t state = atomic_load(&slot->state);
        bool mine = false;
        if (dpk_state_phase(state) == DPK_SLOT_READY) {
            take_in_hand(self, DPK_HAND_SLOT | *index);
            mine = atomic_compare_exchange_strong(
                &slot->state, &state, dpk_state_of(state, DPK_SLOT_RUNNING, self->number));
        }
        atomic_compare_exchange_strong(&board->take, &next, next + 1);
        if (mine)
            return true;
        take_in_hand(self, DPK_HAND_EMPTY);
    }
}

/* ------------------------------------------------------------------------------------- maps */

/* The caller empties the list of failures, and wakes whoever waits for that. */
static bool wait_for_room(struct self *self)
{
    dpk_worker_block *block = self->block;
    for (;;) {
        uint32_t seen = dpk_seat_read(&block->seat);
        uint32_t put = atomic_load(&block->failures_put);
        if (put - atomic_load(&block->failures_taken) < DPK_FAILURES)
            return true;
        if (atomic_load(&self->board->stop) != 0 || dpk_child_orphaned())
            return false;
        wake_caller(self);
        dpk_seat_wait(&block->seat, seen, 0);
    }
}

static dpk_failure *next_failure(const struct self *self)
{
    dpk_worker_block *block = self->block;
    return &block->failures[atomic_load(&block->failures_put) % DPK_FAILURES];
}

/* Number of the attempt that begins. */
static unsigned attempt_at(const dpk_board *board, uint32_t element)
{
    uint32_t count = atomic_load_explicit(&board->trouble_count, memory_order_relaxed);
    for (uint32_t i = 0; i < count && i < DPK_TROUBLES; i++)
        if (atomic_load(&board->troubles[i].element) == element)
            return 1 + atomic_load(&board->troubles[i].attempts);
    return 1;
}

/* Executes one element. Its text lies where the next failure would. Returns false if it is told to
 * stop. */
static bool do_element(struct self *self, uint32_t i, uint64_t started)
{
    const dpk_board *board = self->board;
    const dpk_map *map = &board->map;
    dpk_failure *failure = next_failure(self);
    size_t number = board->base + i;
    dpk_task task = { number, self->number, attempt_at(board, i), failure->text };
    take_in_hand(self, i + 1);
    count_task(self);
    int value = dpk_task_call(&task, map->function, dpk_map_argument(map, number),
                              dpk_map_result(map, number));
    if (value != 0) {
        failure->task = number;
        failure->started = started;
        failure->ended = dpk_now();
        failure->value = value;
        failure->attempt = task.attempt;
        atomic_fetch_add(&self->block->failures_put, 1);
    }
    atomic_store_explicit(dpk_board_mark(board, i), value == 0 ? DPK_MARK_DONE : DPK_MARK_NOT,
                          memory_order_release);
    take_in_hand(self, DPK_HAND_EMPTY);
    return value == 0 || wait_for_room(self);
}

/* What is marked was done by one that has died since. Returns false if it is to end. */
static bool do_chunk(struct self *self, uint64_t chunk, uint64_t started)
{
    const dpk_board *board = self->board;
    for (uint32_t i = dpk_range_next(chunk); i < dpk_range_end(chunk); i++) {
        if (atomic_load_explicit(dpk_board_mark(board, i), memory_order_relaxed) != DPK_MARK_NONE)
            continue;
        if (!do_element(self, i, started) || self->left == 0)
            return false;
    }
    atomic_store_explicit(&self->block->chunk, 0, memory_order_release);
    return true;
}

/* Takes up to `most` elements from the front of the own range. */
static uint64_t take_chunk(const struct self *self, uint32_t most)
{
    dpk_worker_block *block = self->block;
    uint64_t range = atomic_load(&block->range);
    while (dpk_range_length(range) > 0) {
        uint32_t next = dpk_range_next(range), length = dpk_range_length(range);
        uint32_t end = next + (length < most ? length : most);
        uint64_t chunk = dpk_range(next, end);
        atomic_store(&block->chunk, chunk);
        if (atomic_compare_exchange_weak(&block->range, &range,
                                         dpk_range(end, dpk_range_end(range))))
            return chunk;
    }
    atomic_store(&block->chunk, 0);
    return 0;
}

/* Takes the back half of a range, or its only element. */
static bool steal_from(const struct self *self, unsigned other)
{
    dpk_worker_block *victim = &self->board->blocks[other];
    uint64_t range = atomic_load(&victim->range);
    while (dpk_range_length(range) > 0) {
        uint32_t middle = dpk_range_next(range) + dpk_range_length(range) / 2;
        if (atomic_compare_exchange_weak(&victim->range, &range,
                                         dpk_range(dpk_range_next(range), middle))) {
            atomic_store(&self->block->range, dpk_range(middle, dpk_range_end(range)));
            return true;
        }
    }
    return false;
}

static bool steal(const struct self *self)
{
    unsigned most = self->board->most;
    for (unsigned i = 1; i < most; i++)
        if (steal_from(self, (self->number + i) % most))
            return true;
    return false;
}

/* Chunks of this many nanoseconds are worth a look at the clock, and short enough to share. */
enum { CHUNK_NS = 50 * 1000 };

static uint32_t next_size(const dpk_board *board, uint32_t size, uint64_t took)
{
    if (board->fixed_chunk)
        return board->most_chunk;
    if (took < CHUNK_NS / 2)
        size *= 2;
    else if (took > 2 * CHUNK_NS && size > 1)
        size /= 2;
    return size < board->most_chunk ? size : board->most_chunk;
}

static void do_chunks(struct self *self)
{
    const dpk_board *board = self->board;
    uint32_t size = board->fixed_chunk ? board->most_chunk : 1;
    uint64_t chunk = atomic_load(&self->block->chunk); /* of one that has died */
    uint64_t begin = dpk_now();
    for (;;) {
        if (chunk != 0) {
            if (!do_chunk(self, chunk, begin))
                return;
            uint64_t end = dpk_now();
            size = next_size(board, size, end - begin);
            begin = end;
        }
        if (dpk_child_orphaned())
            return;
        chunk = take_chunk(self, size < self->left ? size : (uint32_t)self->left);
        if (chunk == 0 && !steal(self))
            return;
    }
}

/* Takes part in the map that is executed. Returns false if there is none that it did not see the
 * end of. Whoever closes a map waits for all that are inside. */
static bool join_map(struct self *self)
{
    dpk_board *board = self->board;
    dpk_worker_block *block = self->block;
    uint32_t map = atomic_load(&board->map_open);
    if (map == 0 || map == self->last_map)
        return false;
    atomic_store(&block->inside, map);
    if (atomic_load(&board->map_open) == map) {
        do_chunks(self);
        self->last_map = map;
    }
    atomic_store(&block->inside, 0);
    if (dpk_board_is_left(board))
        wake_caller(self);
    return true;
}

/* ------------------------------------------------------------------------------------ its life */

/* Whether there is something to look at. */
static bool has_work(const struct self *self)
{
    const dpk_board *board = self->board;
    uint32_t map = atomic_load(&board->map_open);
    return (map != 0 && map != self->last_map) ||
           atomic_load(&board->take) < atomic_load(&board->put);
}

static void sleep_until_posted(struct self *self, uint32_t seen)
{
    dpk_board *board = self->board;
    dpk_set_add(&board->idle, self->number);
    dpk_set_remove(&board->searching, self->number);
    if (!has_work(self)) {
        if (atomic_load(&board->waiting) == DPK_WAITS_FOR_TASK)
            wake_caller(self);
        dpk_seat_wait(&self->block->seat, seen, board->spin_ns);
    }
    dpk_set_remove(&board->idle, self->number);
}

/* What tasks have printed: the process may be killed while it sleeps. */
static void show_output(const struct self *self)
{
    if (self->socket >= 0)
        fflush(stdout);
}

/* It has found something: another one may look for more. */
static void stop_searching(struct self *self)
{
    dpk_board *board = self->board;
    if (!dpk_set_has(&board->searching, self->number))
        return;
    dpk_set_remove(&board->searching, self->number);
    dpk_board_wake_one(board);
}

bool dpk_hand_begin(const dpk_hand *hand)
{
    const dpk_executor_options *options = &hand->board->options;
    dpk_worker_block *block = &hand->board->blocks[hand->number];
    dpk_task task = { 0, hand->number, 1, block->text };
    if (options->begin == NULL ||
        dpk_task_call(&task, options->begin, options->begin_argument, NULL) == 0)
        return true;
    atomic_store(&block->exit, DPK_EXIT_CANNOT_BEGIN);
    return false;
}

void dpk_hand_work(const dpk_hand *hand)
{
    dpk_board *board = hand->board;
    uint64_t renew_after = board->options.renew_after;
    struct self self = { board,
                         &board->blocks[hand->number],
                         hand->number,
                         hand->socket,
                         0,
                         renew_after > 0 ? renew_after : UINT64_MAX };
    while (atomic_load(&board->stop) == 0 && !dpk_child_orphaned()) {
        uint32_t seen = dpk_seat_read(&self.block->seat), index;
        if (self.left == 0) {
            atomic_store(&self.block->exit, DPK_EXIT_RENEWED);
            break;
        }
        if (join_map(&self)) {
            stop_searching(&self);
        } else if (claim(&self, &index)) {
            stop_searching(&self);
            execute(&self, index);
        } else {
            show_output(&self);
            sleep_until_posted(&self, seen);
        }
    }
    show_output(&self);
}
