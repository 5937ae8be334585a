/* SPDX-License-Identifier: MIT */
/* board.h: all that workers know of an executor, in memory in common: tasks that are submitted, the
 * map that is executed, and what each worker does. Nobody holds a lock. Every word has one writer,
 * or is changed by compare-and-swap, so that a worker may be killed at any instruction, and the
 * others still know which tasks it had.
 *
 * Submitted tasks lie in slots. A queue, which the caller alone writes, says in which order they
 * begin. To claim one is to change the state of its slot; where the queue begins is a hint. A
 * worker lists the slots of tasks that have ended in a ring of its own.
 *
 * A map is cut into one range of elements for each worker. A worker takes chunks from the front of
 * its own range; one that has none left takes the back half of another's. Which elements are done
 * is written down for each of them, and whatever nobody has done in the end is done again. */
#ifndef DPK_BOARD_H
#define DPK_BOARD_H

#include "executor/kind.h"
#include "executor/task.h"
#include "workers/seat.h"

/* Elements of a map that are executed at a time; larger maps are executed in parts. */
#define DPK_PART_MOST ((size_t)1 << 22)

/* ---------------------------------------------------------------------------------- slots */

typedef enum dpk_slot_phase {
    DPK_SLOT_FREE, /* the caller's */
    DPK_SLOT_READY,
    DPK_SLOT_RUNNING,
    DPK_SLOT_ENDED,
    DPK_SLOT_CANCELLED,
} dpk_slot_phase;

/* A state is a phase, the number of the worker that has claimed the task, and how often the slot
 * was used, so that no state is ever the same again. */
static inline dpk_slot_phase dpk_state_phase(uint64_t state)
{
    return (dpk_slot_phase)(state & 0xff);
}

static inline unsigned dpk_state_worker(uint64_t state)
{
    return (unsigned)(state >> 8) & 0xffff;
}

static inline uint64_t dpk_state_of(uint64_t old, dpk_slot_phase phase, unsigned worker)
{
    return (old & ~(uint64_t)0xffffff) | (uint64_t)worker << 8 | phase;
}

/* The state of a slot that is used once more. */
static inline uint64_t dpk_state_ready(uint64_t old)
{
    return dpk_state_of(old + (1 << 24), DPK_SLOT_READY, 0);
}

/* Behind it lie argument, result and sentence. */
typedef struct dpk_slot_head {
    _Alignas(64) _Atomic uint64_t state;
    dpk_task_function *function;
    uint64_t task;
    uint64_t started, ended;
    int value;
    unsigned attempt;
    bool has_argument;
} dpk_slot_head;

/* --------------------------------------------------------------------------------- workers */

/* A task of a map that has failed. */
typedef struct dpk_failure {
    uint64_t task, started, ended;
    int value;
    unsigned attempt;
    char text[DPK_TASK_TEXT];
} dpk_failure;

enum { DPK_FAILURES = 16 };

/* What a worker has in hand: nothing, an element of the part of a map, or a slot. */
#define DPK_HAND_EMPTY 0
#define DPK_HAND_SLOT ((uint64_t)1 << 63)

typedef enum dpk_exit { DPK_EXIT_NONE, DPK_EXIT_RENEWED, DPK_EXIT_CANNOT_BEGIN } dpk_exit;

typedef struct dpk_worker_block {
    _Alignas(64) _Atomic uint64_t range; /* of a map: {next, end}; thieves change the end */
    _Alignas(64) _Atomic uint64_t chunk; /* {next, end} of what it has taken; 0: nothing */
    _Atomic uint64_t hand;               /* what it executes: element + 1, or slot with a mark */
    _Atomic uint64_t began;              /* when it began that, where there is a time-out */
    _Atomic uint64_t served;             /* tasks begun */
    _Atomic uint32_t inside;             /* of the map with this number; 0: of none */
    _Atomic uint32_t exit;               /* why it ends by itself */
    _Alignas(64) _Atomic uint64_t ended; /* how many slots are listed in its ring */
    _Atomic uint64_t wake_at;            /* how many are to be, for it to wake the caller */
    _Alignas(64) dpk_seat seat;
    _Alignas(64) _Atomic uint32_t failures_put;
    _Atomic uint32_t failures_taken; /* by the caller */
    dpk_failure failures[DPK_FAILURES];
    char text[DPK_TASK_TEXT]; /* why it cannot begin */
} dpk_worker_block;

static inline uint64_t dpk_range(uint32_t next, uint32_t end)
{
    return (uint64_t)end << 32 | next;
}

static inline uint32_t dpk_range_next(uint64_t range)
{
    return (uint32_t)range;
}

static inline uint32_t dpk_range_end(uint64_t range)
{
    return (uint32_t)(range >> 32);
}

static inline uint32_t dpk_range_length(uint64_t range)
{
    return dpk_range_end(range) - dpk_range_next(range);
}

/* --------------------------------------------------------------------------------- the board */

/* A set of workers, by a bit for each. */
enum { DPK_SET_WORDS = 1024 / 64 };

typedef struct dpk_set {
    _Alignas(64) _Atomic uint64_t words[DPK_SET_WORDS];
} dpk_set;

/* Elements of the part that workers have died of, for tasks that ask which attempt they are. */
enum { DPK_TROUBLES = 64 };

typedef struct dpk_trouble {
    _Atomic uint32_t element, attempts; /* begun so far */
} dpk_trouble;

/* What the caller waits for. */
typedef enum dpk_waiting { DPK_WAITS_NOT, DPK_WAITS_FOR_TASK, DPK_WAITS_FOR_MAP } dpk_waiting;

typedef enum dpk_mark { DPK_MARK_NONE, DPK_MARK_DONE, DPK_MARK_NOT } dpk_mark;

typedef struct dpk_board {
    dpk_executor_options options;
    unsigned most;             /* workers there can be */
    unsigned spin_ns;          /* for which one without work looks on before it sleeps */
    uint32_t slots, slot_mask; /* a power of two, at least options.in_flight */
    size_t slot_bytes, result_at, text_at; /* of a slot, and in it */
    unsigned char *slot_base;
    _Atomic uint32_t *queue; /* slots, by their order */
    uint64_t queue_mask;
    _Atomic uint32_t *rings; /* of each worker: slots of ended tasks */
    dpk_worker_block *blocks;
    dpk_seat caller; /* where the caller waits for threads */

    _Alignas(64) _Atomic uint64_t put;     /* tasks that were queued */
    _Alignas(64) _Atomic uint64_t take;    /* none before this one is ready */
    _Alignas(64) _Atomic uint32_t waiting; /* a dpk_waiting: the caller is to be woken */
    _Atomic uint32_t stop;
    dpk_set idle;      /* workers that sleep, or are about to */
    dpk_set searching; /* that were woken and have found nothing yet */

    _Alignas(64) _Atomic uint32_t map_open; /* number of the map that is executed, or 0 */
    dpk_map map;
    size_t base;         /* of the part: its first element */
    uint32_t count;      /* of the part */
    uint32_t most_chunk; /* elements that a worker takes at a time */
    bool fixed_chunk;
    unsigned char *marks; /* of each element of the part: a dpk_mark */
    _Atomic uint32_t trouble_count;
    dpk_trouble troubles[DPK_TROUBLES];
} dpk_board;

static inline dpk_slot_head *dpk_board_slot(const dpk_board *board, uint32_t i)
{
    return (dpk_slot_head *)(void *)(board->slot_base + i * board->slot_bytes);
}

static inline void *dpk_slot_argument(dpk_slot_head *slot)
{
    return slot + 1;
}

static inline void *dpk_slot_result(const dpk_board *board, dpk_slot_head *slot)
{
    return (unsigned char *)slot + board->result_at;
}

static inline char *dpk_slot_text(const dpk_board *board, dpk_slot_head *slot)
{
    return (char *)slot + board->text_at;
}

static inline _Atomic uint32_t *dpk_board_ring(const dpk_board *board, unsigned w)
{
    return board->rings + (size_t)w * board->slots;
}

/* Workers change marks as this. */
static inline _Atomic uint8_t *dpk_board_mark(const dpk_board *board, uint32_t element)
{
    return (_Atomic uint8_t *)&board->marks[element];
}

/* Bytes of a board for options.workers. */
size_t dpk_board_needs(const dpk_executor_options *options);

/* Makes a board for options.workers in the executor's memory. NULL: there is not so much (*err). */
dpk_board *dpk_board_make(dpk_executing *executor, dpk_error *err);

bool dpk_set_has(const dpk_set *set, unsigned w);
void dpk_set_add(dpk_set *set, unsigned w);
void dpk_set_remove(dpk_set *set, unsigned w);

/* Whether no worker takes part in a map. */
bool dpk_board_is_left(const dpk_board *board);

/* Wakes one that sleeps, if there is work in the queue, and nobody who was woken looks for some. */
void dpk_board_wake_one(dpk_board *board);

/* Wakes up to `count` that sleep. */
void dpk_board_wake(dpk_board *board, unsigned count);

#endif
