/* SPDX-License-Identifier: MIT */
/* batch_board.c: taking files within a limit of memory, and a log of those that are done. */
#include "engine/batch_board.h"

#include <stdatomic.h>
#include <string.h>

/* Room for the texts of a file: its error's sentence, or its notes. Most have neither, and pages
 * that are not used are no memory. */
enum { TEXT_OF_A_FILE = 1024, TEXT_LEAST = 64 * 1024 };

/* Files that wait but do not fit, of which more are looked at. */
enum { PASSED_OVER_MOST = 256 };

size_t dpk_batch_board_bytes(unsigned jobs, size_t count)
{
    size_t of_a_file = sizeof(dpk_batch_cell) + sizeof(uint32_t) + sizeof(size_t) + TEXT_OF_A_FILE;
    size_t of_a_worker =
        sizeof(dpk_batch_seat) + (count + jobs) * sizeof(uint32_t) + 3 * DPK_ALIGNMENT;
    return sizeof(dpk_batch_board) + TEXT_LEAST + count * of_a_file + jobs * of_a_worker +
           16 * DPK_ALIGNMENT;
}

static void *zeroed(dpk_arena *arena, size_t bytes, dpk_error *err)
{
    return dpk_zeroed(dpk_alloc(arena, bytes, err), bytes);
}

static dpk_status make_seats(dpk_batch_board *board, dpk_arena *arena, dpk_error *err)
{
    board->seats = zeroed(arena, board->jobs * sizeof *board->seats, err);
    for (unsigned w = 0; w < board->jobs && board->seats != NULL; w++) {
        dpk_batch_seat *seat = &board->seats[w];
        seat->log = dpk_alloc(arena, (board->count + 1) * sizeof *seat->log, err);
        seat->offer.guests = zeroed(arena, board->jobs * sizeof *seat->offer.guests, err);
        if (seat->log == NULL || seat->offer.guests == NULL)
            return DPK_LIMIT;
    }
    return board->seats != NULL ? DPK_OK : DPK_LIMIT;
}

dpk_status dpk_batch_board_make(dpk_batch_board **made, dpk_arena *arena, unsigned jobs,
                                size_t count, dpk_error *err)
{
    dpk_batch_board *board = zeroed(arena, sizeof *board, err);
    *made = board;
    if (board == NULL)
        return DPK_LIMIT;
    board->jobs = jobs;
    board->count = count;
    board->cells = zeroed(arena, (count + 1) * sizeof *board->cells, err);
    board->order = dpk_alloc(arena, (count + 1) * sizeof *board->order, err);
    board->memory = dpk_alloc(arena, (count + 1) * sizeof *board->memory, err);
    board->text_bytes = TEXT_LEAST + count * TEXT_OF_A_FILE;
    board->texts = dpk_alloc(arena, board->text_bytes, err);
    board->text_used = 1;
    if (board->cells == NULL || board->order == NULL || board->memory == NULL ||
        board->texts == NULL)
        return DPK_LIMIT;
    return make_seats(board, arena, err);
}

/* --------------------------------------------------------------------------------------- memory */

/* A worker proposes what it will hold, and then adds up what all others hold or propose. Of several
 * that propose at the same time, the last one sees all. Whoever finds too much withdraws; of those
 * that have met each other's proposals, the one with the lowest number tries again. */

static uint64_t proposal(size_t bytes)
{
    return (uint64_t)bytes << 1;
}

static uint64_t entitlement(size_t bytes)
{
    return (uint64_t)bytes << 1 | 1;
}

void dpk_batch_hold(dpk_batch_board *board, unsigned worker, size_t bytes)
{
    atomic_store(&board->seats[worker].memory, bytes > 0 ? entitlement(bytes) : 0);
}

struct others {
    size_t entitled, proposed;
    bool lower; /* one of those that propose has a lower number */
};

static struct others look_at_others(const dpk_batch_board *board, unsigned worker)
{
    struct others others = { 0 };
    for (unsigned w = 0; w < board->jobs; w++) {
        uint64_t memory = w == worker ? 0 : atomic_load(&board->seats[w].memory);
        if (memory % 2 == 1)
            others.entitled += (size_t)(memory >> 1);
        else if (memory > 0) {
            others.proposed += (size_t)(memory >> 1);
            others.lower |= w < worker;
        }
    }
    return others;
}

static bool fits(const dpk_batch_board *board, size_t bytes, size_t others)
{
    return others == 0 || (others < board->limit && bytes <= board->limit - others);
}

static void note_most(dpk_batch_board *board, size_t bytes)
{
    size_t most = atomic_load(&board->memory_most);
    while (bytes > most && !atomic_compare_exchange_weak(&board->memory_most, &most, bytes))
        continue;
}

static bool reserve(dpk_batch_board *board, unsigned worker, size_t bytes, size_t kept)
{
    dpk_batch_seat *seat = &board->seats[worker];
    for (;;) {
        atomic_store(&seat->memory, proposal(bytes));
        struct others others = look_at_others(board, worker);
        if (fits(board, bytes, others.entitled + others.proposed)) {
            atomic_store(&seat->memory, entitlement(bytes));
            note_most(board, bytes + others.entitled);
            return true;
        }
        dpk_batch_hold(board, worker, kept);
        if (!fits(board, bytes, others.entitled) || others.lower)
            return false;
    }
}

/* ---------------------------------------------------------------------------------------- files */

static bool waits(const dpk_batch_board *board, size_t file)
{
    return dpk_batch_cell_state_of(atomic_load(&board->cells[file].word)) == DPK_BATCH_CELL_WAITING;
}

/* The seat says which file before the cell says who, so that a file never belongs to a dead worker
 * without the supervisor finding it. */
static bool take(dpk_batch_board *board, unsigned worker, size_t file)
{
    dpk_batch_cell *cell = &board->cells[file];
    uint64_t word = atomic_load(&cell->word);
    atomic_store(&board->seats[worker].file, file + 1);
    if (dpk_batch_cell_state_of(word) == DPK_BATCH_CELL_WAITING &&
        atomic_compare_exchange_strong(&cell->word, &word,
                                       dpk_batch_cell_word(DPK_BATCH_CELL_TAKEN, worker))) {
        cell->inode = 0;
        cell->overwrites = false;
        cell->text = cell->notes = 0;
        return true;
    }
    atomic_store(&board->seats[worker].file, 0);
    return false;
}

/* Moves `first` on over files that do not wait. */
static size_t first_waiting(dpk_batch_board *board)
{
    uint64_t first = atomic_load(&board->first);
    for (;;) {
        size_t place = (uint32_t)first;
        if (place >= board->ordered || waits(board, board->order[place]))
            return place;
        if (atomic_compare_exchange_weak(&board->first, &first, first + 1))
            first++;
    }
}

bool dpk_batch_take(dpk_batch_board *board, unsigned worker, size_t kept, size_t *file)
{
    size_t passed_over = 0;
    if (atomic_load(&board->end) != DPK_BATCH_GO)
        return false;
    for (size_t place = first_waiting(board);
         place < board->ordered && passed_over < PASSED_OVER_MOST; place++) {
        *file = board->order[place];
        if (!waits(board, *file))
            continue;
        size_t bytes = board->memory[*file] > kept ? board->memory[*file] : kept;
        if (!reserve(board, worker, bytes, kept))
            passed_over++;
        else if (take(board, worker, *file))
            return true;
        else
            dpk_batch_hold(board, worker, kept);
    }
    return false;
}

void dpk_batch_give_back(dpk_batch_board *board, size_t file)
{
    uint64_t first = atomic_load(&board->first);
    atomic_store(&board->cells[file].word, DPK_BATCH_CELL_WAITING);
    while (!atomic_compare_exchange_weak(&board->first, &first, ((first >> 32) + 1) << 32))
        continue;
    dpk_eventcount_notify(&board->changes);
}

void dpk_batch_log(dpk_batch_board *board, unsigned worker, size_t file)
{
    dpk_batch_seat *seat = &board->seats[worker];
    size_t logged = atomic_load(&seat->logged);
    if (logged > board->count)
        return;
    seat->log[logged] = (uint32_t)file;
    atomic_store(&seat->logged, logged + 1);
}

size_t dpk_batch_keep_text(dpk_batch_board *board, const char *text)
{
    size_t bytes = strlen(text) + 1, place = atomic_fetch_add(&board->text_used, bytes);
    if (place + bytes > board->text_bytes)
        return 0;
    memcpy(board->texts + place, text, bytes);
    return place;
}
