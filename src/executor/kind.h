/* SPDX-License-Identifier: MIT */
/* kind.h: the interface between executors and those who execute for them: the caller, threads,
 * a process for each task, a pool of processes. */
#ifndef DPK_KIND_H
#define DPK_KIND_H

#include "base/arena.h"
#include "executor/record.h"

#include <sys/types.h>

typedef struct dpk_kind dpk_kind;

/* What has happened, in sentences. */
enum { DPK_NOTES = 16, DPK_NOTE_SIZE = 320 };

typedef struct dpk_notes {
    size_t count; /* also those that are not kept */
    char texts[DPK_NOTES][DPK_NOTE_SIZE];
} dpk_notes;

/* An executor, in the memory of its owner. */
typedef struct dpk_executing {
    const dpk_kind *kind;
    dpk_executor_options options;
    unsigned workers; /* there are; at most options.workers */
    dpk_arena arena;  /* memory in common */
    size_t touched;   /* bytes of it from its beginning on that may not be zero any more */
    dpk_futures futures;
    dpk_task_records failed; /* of the last map */
    dpk_notes notes;
    uint64_t submitted;
    uint64_t map_queued; /* when the last map began */
    void *state;         /* the kind's */
} dpk_executing;

/* A map, as it is executed: where arguments and results are copied, this names the copies. */
typedef struct dpk_map {
    dpk_task_function *function;
    size_t count;
    const unsigned char *arguments;
    unsigned char *results;
    size_t argument_bytes, result_bytes;
} dpk_map;

static inline const void *dpk_map_argument(const dpk_map *map, size_t i)
{
    return map->argument_bytes == 0 ? NULL : map->arguments + i * map->argument_bytes;
}

static inline void *dpk_map_result(const dpk_map *map, size_t i)
{
    return map->result_bytes == 0 ? NULL : map->results + i * map->result_bytes;
}

/* A submitted task. */
typedef struct dpk_call {
    uint32_t number; /* of its future */
    dpk_task_function *function;
    const void *argument;
    size_t bytes;
} dpk_call;

struct dpk_kind {
    const char *name;
    bool processes; /* workers, which need shared memory, may die, and can be killed */
    bool inherits;  /* a task's worker is started for it: it sees all memory as it is */

    /* Bytes of memory in common that it needs itself, about; NULL: none. */
    size_t (*needs)(const dpk_executor_options *options);

    /* Starts workers, as many as there can be of options.workers. With none, it sets workers to 0
     * and returns DPK_OK. Errors: DPK_FAILED, DPK_LIMIT. */
    dpk_status (*open)(dpk_executing *executor, dpk_error *err);

    /* Also after a failed open. */
    void (*close)(dpk_executing *executor);

    /* Executes all tasks, of which there is at least one, and adds those that have no result to
     * `failed`. Errors: DPK_FAILED, DPK_WORKER_LOST, if it cannot go on: then nobody does. */
    dpk_status (*map)(dpk_executing *executor, const dpk_map *map, dpk_error *err);

    /* Takes a task over, when there is room for it. Errors: DPK_LIMIT, DPK_WORKER_LOST. */
    dpk_status (*submit)(dpk_executing *executor, const dpk_call *call, dpk_error *err);

    /* Ends futures of tasks that have ended. If there are none, waits for one until `deadline`
     * (dpk_now), and may return earlier; 0: looks only; UINT64_MAX: as long as it takes. Errors:
     * DPK_FAILED, DPK_WORKER_LOST. */
    dpk_status (*progress)(dpk_executing *executor, uint64_t deadline, dpk_error *err);

    /* Brings the record of a task that has not ended up to date; NULL: it is. */
    void (*look)(dpk_executing *executor, uint32_t number);

    /* Cancels a task that has not ended, as far as is known. Errors: DPK_FAILED. */
    dpk_status (*cancel)(dpk_executing *executor, uint32_t number, bool kill_it, dpk_error *err);
};

extern const dpk_kind dpk_kind_seq, dpk_kind_threads, dpk_kind_fork, dpk_kind_pool;

/* Adds a note. */
void dpk_note(dpk_executing *executor, const char *format, ...) DPK_PRINTF(2, 3);

#endif
