/* SPDX-License-Identifier: MIT */
/* forked.h: a process for each task, as their parent sees them. */
#ifndef DPK_FORKED_H
#define DPK_FORKED_H

#include "executor/kind.h"
#include "executor/task.h"
#include "workers/crew.h"

/* What a process has made of its task, in memory in common. Behind it lies the result. */
typedef struct dpk_cell {
    _Alignas(64) uint64_t started, ended;
    int value;
    _Atomic bool finished;
    char text[DPK_TASK_TEXT];
} dpk_cell;

/* A task to be executed: a submitted one, or an element of the map. */
typedef struct dpk_attempt {
    bool is_element;
    uint32_t slot; /* a submitted one's */
    uint64_t task;
    unsigned deaths, attempts;
} dpk_attempt;

/* A submitted task. Its argument lies in `arguments`. */
typedef struct dpk_submitted {
    uint32_t number; /* of its future */
    dpk_task_function *function;
    bool has_argument;
} dpk_submitted;

/* Attempts that wait: a queue. */
typedef struct dpk_attempts {
    dpk_attempt *queue;
    size_t first, count, room;
} dpk_attempts;

typedef enum dpk_ended { DPK_ENDED_NOT, DPK_ENDED_FOR_TIME, DPK_ENDED_TO_CANCEL } dpk_ended;

typedef struct dpk_forked {
    dpk_crew crew;
    unsigned char *cells; /* by worker */
    size_t cell_bytes;
    struct {
        dpk_attempt attempt;
        uint64_t since;
        dpk_ended ended; /* why the caller has killed it */
    } * doing;           /* by worker */
    unsigned running;
    dpk_submitted *submitted; /* by slot */
    unsigned char *arguments;
    size_t argument_bytes;
    uint32_t *free;
    uint32_t free_count;
    dpk_attempts waiting; /* submitted ones, and all that are done again */
    const dpk_map *map;   /* that is executed, or NULL */
    size_t next;          /* of its elements */
    size_t elements;      /* of the map, that wait again or are executed */
    bool short_of;        /* processes: that is noted once */
    int here;             /* the processor that workers are started on */
} dpk_forked;

static inline dpk_cell *dpk_forked_cell(const dpk_forked *forked, unsigned w)
{
    return (dpk_cell *)(void *)(forked->cells + w * forked->cell_bytes);
}

static inline void *dpk_cell_result(dpk_cell *cell)
{
    return cell + 1;
}

/* Executes an attempt in this process, and fills in the cell. */
void dpk_forked_execute(const dpk_executing *executor, const dpk_attempt *attempt, unsigned worker,
                        dpk_cell *cell);

/* Without any process at all, the caller does it, unless a process has died of it. */
void dpk_forked_do_here(dpk_executing *executor, const dpk_attempt *attempt);

/* A worker has ended: says what became of its attempt, or lets it wait again. */
void dpk_forked_settle(dpk_executing *executor, const dpk_crew_news *news);

/* Errors: DPK_LIMIT. */
dpk_status dpk_attempts_add(dpk_attempts *queue, const dpk_attempt *attempt, dpk_error *err);

#endif
