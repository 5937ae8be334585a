/* SPDX-License-Identifier: MIT */
/* record.h: what became of tasks, in the caller's memory: of each submitted one until it is asked
 * for, and of those of the last map that have no result. */
#ifndef DPK_RECORD_H
#define DPK_RECORD_H

#include <dpk/executor.h>

/* One task. */
typedef struct dpk_task_record {
    uint64_t task;
    uint64_t queued, started, ended;
    dpk_task_state state;
    int value, signal, exit_code;
    unsigned worker, attempts;
    long process;
    char *text; /* allocated; NULL for "" */
} dpk_task_record;

/* Sets the sentence. Without memory for it there is none. */
void dpk_task_record_say(dpk_task_record *record, const char *text);

/* The task was cancelled. */
void dpk_task_record_cancel(dpk_task_record *record);

/* DPK_OK for a task that is done, else the status and sentence of what became of it. */
dpk_status dpk_task_record_status(const dpk_task_record *record, dpk_error *err);

/* Whether an outcome has a size; and filling in one that has. */
bool dpk_outcome_suits(const dpk_outcome *outcome);
void dpk_outcome_fill(dpk_outcome *outcome, const dpk_task_record *record);

/* -------------------------------------------------------------------------------- futures */

#define DPK_NO_FUTURE UINT32_MAX

/* A submitted task. */
typedef struct dpk_promise {
    dpk_task_record record;
    uint32_t generation;   /* 0: free */
    uint32_t next, before; /* free ones, and those that have ended, are lists */
    uint32_t slot;         /* the executing side's */
} dpk_promise;

typedef struct dpk_futures {
    dpk_promise *promises;
    unsigned char *results; /* of result_bytes each */
    size_t result_bytes;
    uint32_t count, room;
    uint32_t free;        /* first of the list */
    uint32_t first, last; /* of those that have ended and were not asked for */
    uint32_t open;        /* that were not asked for, ended or not */
    uint32_t generation;
} dpk_futures;

void dpk_futures_open(dpk_futures *futures, size_t result_bytes, uint32_t seed);
void dpk_futures_close(dpk_futures *futures);

/* A new one, waiting. Returns its number, or DPK_NO_FUTURE without memory for it. */
uint32_t dpk_futures_add(dpk_futures *futures, uint64_t task, uint64_t queued);

/* Between numbers and values. Returns DPK_NO_FUTURE for a value that is none any more. */
dpk_future dpk_future_of(const dpk_futures *futures, uint32_t number);
uint32_t dpk_future_number(const dpk_futures *futures, dpk_future future);

static inline void *dpk_future_result(const dpk_futures *futures, uint32_t number)
{
    return futures->results + number * futures->result_bytes;
}

/* The task has ended: its record says how. It is the last of those that can be asked for. */
void dpk_futures_end(dpk_futures *futures, uint32_t number);

/* Whether it has ended. */
static inline bool dpk_future_ended(const dpk_futures *futures, uint32_t number)
{
    return futures->promises[number].record.state >= DPK_TASK_DONE;
}

/* Frees one, ended or just added. */
void dpk_futures_forget(dpk_futures *futures, uint32_t number);

/* ---------------------------------------------------------------------------------- of a map */

/* In any order, until they are sorted. */
typedef struct dpk_task_records {
    dpk_task_record *records;
    size_t count, room;
    size_t lost; /* for lack of memory */
} dpk_task_records;

/* Takes over a record and its text. */
void dpk_task_records_add(dpk_task_records *records, const dpk_task_record *record);

/* Sorts by the tasks' numbers. Of several records of one task, the last one that was added stays.
 */
void dpk_task_records_sort(dpk_task_records *records);

void dpk_task_records_clear(dpk_task_records *records);

#endif
