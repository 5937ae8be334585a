/* SPDX-License-Identifier: MIT */
/* board.c: laying a board out, and waking those who sleep. */
#include "executor/board.h"

#include "base/bytes.h"
#include "executor/common.h"

#include <stdatomic.h>

static uint32_t power_of_two(size_t least)
{
    uint32_t power = 1;
    while (power < least)
        power *= 2;
    return power;
}

static void lay_slots_out(dpk_board *board, const dpk_executor_options *options)
{
    board->slots = power_of_two(options->in_flight);
    board->slot_mask = board->slots - 1;
    board->queue_mask = 2 * (uint64_t)board->slots - 1;
    board->result_at = dpk_round_up(sizeof(dpk_slot_head) + options->argument_bytes, 16);
    board->text_at = board->result_at + dpk_round_up(options->result_bytes, 16);
    board->slot_bytes = dpk_aligned(board->text_at + DPK_TASK_TEXT);
}

size_t dpk_board_needs(const dpk_executor_options *options)
{
    dpk_board board;
    lay_slots_out(&board, options);
    size_t slots = board.slots, workers = (size_t)options->workers;
    enum { ALLOCATIONS = 6 };
    return sizeof board + workers * (sizeof *board.blocks + slots * sizeof *board.rings) +
           slots * (2 * sizeof *board.queue + board.slot_bytes) + DPK_PART_MOST +
           ALLOCATIONS * DPK_ALIGNMENT;
}

dpk_board *dpk_board_make(dpk_executing *executor, dpk_error *err)
{
    const dpk_executor_options *options = &executor->options;
    dpk_board *board = dpk_common_alloc(executor, sizeof *board, err);
    if (board == NULL)
        return NULL;
    board->options = *options;
    board->most = (unsigned)options->workers;
    board->spin_ns = dpk_seat_spin(board->most);
    lay_slots_out(board, options);
    size_t slots = board->slots, workers = board->most;
    board->blocks = dpk_common_alloc(executor, workers * sizeof *board->blocks, err);
    if (board->blocks != NULL)
        board->queue = dpk_common_alloc(executor, 2 * slots * sizeof *board->queue, err);
    if (board->queue != NULL)
        board->rings = dpk_common_alloc(executor, workers * slots * sizeof *board->rings, err);
    if (board->rings != NULL)
        board->slot_base = dpk_common_alloc(executor, slots * board->slot_bytes, err);
    if (board->slot_base != NULL)
        board->marks = dpk_common_alloc(executor, DPK_PART_MOST, err);
    return board->marks != NULL ? board : NULL;
}

bool dpk_board_is_left(const dpk_board *board)
{
    for (unsigned w = 0; w < board->most; w++)
        if (atomic_load(&board->blocks[w].inside) != 0)
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------ waking */

static uint64_t bit(unsigned w)
{
    return (uint64_t)1 << w % 64;
}

bool dpk_set_has(const dpk_set *set, unsigned w)
{
    return (atomic_load(&set->words[w / 64]) & bit(w)) != 0;
}

void dpk_set_add(dpk_set *set, unsigned w)
{
    atomic_fetch_or(&set->words[w / 64], bit(w));
}

void dpk_set_remove(dpk_set *set, unsigned w)
{
    atomic_fetch_and(&set->words[w / 64], ~bit(w));
}

static bool any(const dpk_board *board, const dpk_set *set)
{
    for (unsigned i = 0; i * 64 < board->most; i++)
        if (atomic_load(&set->words[i]) != 0)
            return true;
    return false;
}

/* Takes one out of those who sleep and wakes it. Returns false if there is none. */
static bool wake(dpk_board *board)
{
    for (unsigned i = 0; i * 64 < board->most; i++) {
        uint64_t word = atomic_load(&board->idle.words[i]);
        while (word != 0) {
            unsigned w = i * 64 + (unsigned)__builtin_ctzll(word);
            uint64_t before = atomic_fetch_and(&board->idle.words[i], ~bit(w));
            if ((before & bit(w)) != 0) {
                dpk_set_add(&board->searching, w);
                dpk_seat_post(&board->blocks[w].seat);
                return true;
            }
            word = before & ~bit(w);
        }
    }
    return false;
}

void dpk_board_wake_one(dpk_board *board)
{
    if (atomic_load(&board->take) != atomic_load(&board->put) && !any(board, &board->searching))
        wake(board);
}

void dpk_board_wake(dpk_board *board, unsigned count)
{
    while (count-- > 0 && wake(board))
        continue;
}
