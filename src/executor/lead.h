/* SPDX-License-Identifier: MIT */
/* lead.h: the caller's side of a board: it gives tasks to workers that wait for them, and hears
 * what became of them. What it relies on lies in memory of its own, where no worker can write. */
#ifndef DPK_LEAD_H
#define DPK_LEAD_H

#include "executor/board.h"

/* A slot, as the caller knows it. */
typedef struct dpk_slot_use {
    uint32_t number; /* of its future; DPK_NO_FUTURE: none, or it was cancelled */
    unsigned deaths; /* of workers that had it */
    uint64_t place;  /* in the queue */
} dpk_slot_use;

/* A worker, as the caller knows it. */
typedef struct dpk_member {
    bool there;
    long process;
    uint64_t heard; /* how much of its ring */
} dpk_member;

/* An element that workers have died of. */
typedef struct dpk_deaths {
    uint32_t element;
    unsigned deaths, attempts; /* deaths that count, and attempts begun */
} dpk_deaths;

/* Sleeps until a worker wakes the caller, or until the deadline (dpk_now; UINT64_MAX: none; 0: only
 * looks), or somewhat shorter; and does what is to be done about workers that have ended. Errors:
 * DPK_FAILED; DPK_WORKER_LOST, when none is left. */
typedef dpk_status dpk_lead_sleep(dpk_executing *executor, uint64_t deadline, dpk_error *err);

/* What executor->state begins with. */
typedef struct dpk_lead {
    dpk_board *board;
    dpk_lead_sleep *sleep;
    dpk_slot_use *uses; /* by slot */
    uint32_t *free;     /* slots */
    uint32_t free_count;
    uint32_t *cancelled; /* slots that are still in the queue, in its order: a ring */
    uint64_t cancelled_put, cancelled_taken;
    dpk_member *members; /* by worker */
    uint32_t maps;       /* so far */
    dpk_deaths *deaths;  /* of the part of a map that is executed */
    size_t death_count, death_room;
    char reason[DPK_NOTE_SIZE]; /* why the last worker that is gone was not replaced */
    uint64_t pace_ns;           /* that a submitted task takes */
} dpk_lead;

static inline dpk_lead *dpk_lead_of(const dpk_executing *executor)
{
    return executor->state;
}

/* Makes board and tables. Errors: DPK_LIMIT. */
dpk_status dpk_lead_open(dpk_executing *executor, dpk_lead *lead, dpk_lead_sleep *sleep,
                         dpk_error *err);
void dpk_lead_close(dpk_lead *lead);

/* As dpk_kind declares them. */
dpk_status dpk_lead_submit(dpk_executing *executor, const dpk_call *call, dpk_error *err);
dpk_status dpk_lead_progress(dpk_executing *executor, uint64_t deadline, dpk_error *err);
void dpk_lead_look(dpk_executing *executor, uint32_t number);
dpk_status dpk_lead_map(dpk_executing *executor, const dpk_map *map, dpk_error *err);

/* Cancels a task that has not begun. */
bool dpk_lead_withdraw(dpk_executing *executor, uint32_t number);

/* Whether there is work that nobody has in hand. */
bool dpk_lead_has_work(const dpk_lead *lead);

/* Ends futures of all that workers have listed. Returns whether there were any. */
bool dpk_lead_drain(dpk_executing *executor);

/* The slot's task has ended by itself; nothing if that is known already. */
void dpk_lead_end_slot(dpk_executing *executor, uint32_t slot);

/* It has ended otherwise: its future's record says how, and the slot is free again. */
void dpk_lead_give_up(dpk_executing *executor, uint32_t slot);

/* Without workers: ends all futures that have not ended. */
void dpk_lead_give_up_all(dpk_executing *executor);

/* DPK_WORKER_LOST, if there are no workers. */
dpk_status dpk_lead_check(const dpk_executing *executor, dpk_error *err);

/* It is ready once more. */
void dpk_lead_requeue(dpk_executing *executor, uint32_t slot);

#endif
