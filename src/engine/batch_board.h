/* SPDX-License-Identifier: MIT */
/* batch_board.h: what the workers of a batch know of each other, in memory that all of them share:
 * what has become of each file, what each worker is doing, and which loop it would like help with.
 * Everything that is decided is one compare-and-swap or one store, so that a worker may die at any
 * instruction and its supervisor still finds out what it had. */
#ifndef DPK_BATCH_BOARD_H
#define DPK_BATCH_BOARD_H

#include "base/arena.h"
#include "workers/backend.h"
#include "workers/claims.h"
#include "workers/eventcount.h"

/* What has become of a file. In the low byte of its cell's word; above it, 1 + the worker. */
typedef enum dpk_batch_cell_state {
    DPK_BATCH_CELL_WAITING,
    DPK_BATCH_CELL_TAKEN,   /* a worker leads it */
    DPK_BATCH_CELL_STORING, /* computed, and on its way to the disk and into its place */
    DPK_BATCH_CELL_DONE,
    DPK_BATCH_CELL_FAILED,
} dpk_batch_cell_state;

typedef struct dpk_batch_cell {
    _Atomic uint64_t word;
    _Atomic bool alone;       /* workers that joined it have died: nobody is to join it again */
    _Atomic unsigned helpers; /* workers that have joined it */

    /* Written by the worker that has the file, before its state says so. */
    uint64_t began, took; /* ns */
    uint64_t bytes_out;
    uint64_t device, inode; /* of the file that is to take the output's place; 0: not begun */
    bool overwrites;        /* the output is copied into the old file, which can be done once */
    dpk_status status;
    size_t text, notes; /* offsets in the board's texts; 0: none */
} dpk_batch_cell;

/* A loop that others may join. While a guest is inside, the leader leaves all of it as it is. */
typedef struct dpk_batch_offer {
    _Atomic uint64_t word; /* odd: open; changes each time it is opened or closed */
    dpk_loop loop;
    dpk_worker *workers;
    _Atomic unsigned places;  /* of which the first is the leader's */
    dpk_claims *claims;       /* NULL: of a stream */
    double weight;            /* of a chunk or band, to be compared with other offers' */
    _Atomic unsigned losses;  /* guests that have died with a chunk in hand */
    dpk_eventcount news;      /* a guest has left */
    _Atomic uint32_t *guests; /* by place: 1 + the worker; 0: nobody */
} dpk_batch_offer;

/* Files of a worker that are on their way into their places at the same time. */
enum { DPK_BATCH_STORING = 16 };

typedef struct dpk_batch_seat {
    _Alignas(64) _Atomic uint64_t memory; /* bytes it holds, twice; odd: it is entitled to them */
    _Atomic size_t file;                  /* 1 + the file it leads or is about to take; 0: none */
    _Atomic uint64_t guest;               /* where it is a guest: dpk_batch_enter */
    _Atomic uint64_t since;               /* when it began what it is doing; 0: nothing */
    _Atomic uint64_t busy;                /* ns in which it did something */
    _Atomic size_t storing[DPK_BATCH_STORING]; /* 1 + file; 0: none */
    _Atomic size_t logged;
    uint32_t *log; /* files that have come to an end, in this order */
    dpk_batch_offer offer;
} dpk_batch_seat;

/* When workers end. */
typedef enum dpk_batch_end {
    DPK_BATCH_GO,
    DPK_BATCH_NO_MORE, /* files are begun */
    DPK_BATCH_OVER,    /* go home */
} dpk_batch_end;

typedef struct dpk_batch_board {
    unsigned jobs;
    size_t count;
    dpk_batch_cell *cells;
    dpk_batch_seat *seats;
    uint32_t *order; /* of files that are to be done: the most costly ones first */
    size_t *memory;  /* that each file needs */
    size_t ordered;
    size_t limit;           /* bytes for all files in flight */
    _Atomic uint64_t first; /* no file before this place in `order` waits; above 32 bits: how often
                               one has been given back */
    _Atomic uint32_t end;   /* dpk_batch_end */
    dpk_eventcount changes; /* for idle workers: a file, an offer, memory, the end */
    dpk_eventcount news;    /* for a supervisor in the same process */
    _Atomic bool rung;      /* the supervisor has been told that there is news */
    _Atomic size_t memory_most;
    char *texts;
    size_t text_bytes;
    _Atomic size_t text_used;
} dpk_batch_board;

/* Makes a board for so many workers and files in the arena. order and memory are the caller's to
 * fill in. Errors: DPK_LIMIT. */
dpk_status dpk_batch_board_make(dpk_batch_board **board, dpk_arena *arena, unsigned jobs,
                                size_t count, dpk_error *err);

/* Bytes that the board takes at most. */
size_t dpk_batch_board_bytes(unsigned jobs, size_t count);

static inline dpk_batch_cell_state dpk_batch_cell_state_of(uint64_t word)
{
    return (dpk_batch_cell_state)(word & 0xff);
}

static inline uint64_t dpk_batch_cell_word(dpk_batch_cell_state state, unsigned worker)
{
    return (uint64_t)state | (uint64_t)(worker + 1) << 8;
}

/* Takes the most costly file that waits and fits into the memory that is left, or, where it fits
 * into no memory, once nobody else holds any. kept: bytes that the worker holds anyway. Returns
 * false if there is none now. */
bool dpk_batch_take(dpk_batch_board *board, unsigned worker, size_t kept, size_t *file);

/* The worker holds no more than so many bytes from now on. */
void dpk_batch_hold(dpk_batch_board *board, unsigned worker, size_t bytes);

/* A file waits again. */
void dpk_batch_give_back(dpk_batch_board *board, size_t file);

/* The file has come to its end, as its cell says. One thread of a worker at a time. */
void dpk_batch_log(dpk_batch_board *board, unsigned worker, size_t file);

/* Keeps a text. 0 if there is no room. */
size_t dpk_batch_keep_text(dpk_batch_board *board, const char *text);

/* ------------------------------------------------------------------------------------- offers */

/* For the leader: opens its offer, of which all fields but guests are set, and closes it, when
 * everyone has left. */
void dpk_batch_open_offer(dpk_batch_board *board, unsigned leader);
void dpk_batch_close_offer(dpk_batch_board *board, unsigned leader);
bool dpk_batch_has_guests(const dpk_batch_offer *offer);

/* Enters the offer of a worker if it is open and there is a place. */
bool dpk_batch_enter(dpk_batch_board *board, unsigned worker, unsigned leader, unsigned *place);
void dpk_batch_leave(dpk_batch_board *board, unsigned worker, unsigned leader, unsigned place);

/* For a guest inside: the part of the loop that nobody has begun, times its weight. */
double dpk_batch_offer_left(const dpk_batch_offer *offer);

/* For the supervisor, when a worker is dead: takes it out of the offer it may be in, and gives back
 * what it had in hand there. Returns false if it was no guest; else says whose, and what it had. */
bool dpk_batch_remove_guest(dpk_batch_board *board, unsigned worker, unsigned *leader,
                            dpk_lost *what);

/* The same, for a leader: its guests leave as soon as they can. */
void dpk_batch_withdraw_offer(dpk_batch_board *board, unsigned leader);

#endif
