/* SPDX-License-Identifier: MIT */
/* batch_state.h: a batch as its own files see it: what the supervisor knows, and what a worker has
 * of its own. Workers that are processes see the supervisor's part as it was when they started, and
 * change nothing of it. */
#ifndef DPK_BATCH_STATE_H
#define DPK_BATCH_STATE_H

#include "engine/batch.h"
#include "engine/batch_board.h"
#include "workers/limits.h"

#include <pthread.h>

/* What the supervisor knows of a file beyond dpk_batch_file. */
typedef struct dpk_batch_fate {
    unsigned deaths;       /* of workers that led it */
    unsigned kills;        /* those of them that somebody has killed from outside */
    unsigned guest_deaths; /* of workers that had joined it */
    bool reported;         /* it has come to its end, and the caller knows */
    bool timed_out;        /* the last worker was killed for it */
    bool runs_alone;       /* too small to be shared */
} dpk_batch_fate;

typedef struct dpk_batch_worker {
    const struct dpk_batch *batch;
    dpk_batch_board *board;
    unsigned number;
    dpk_arena *arena;
    const dpk_backend *backend; /* whose workers join this one's files; NULL: nobody does */
    struct dpk_batch_store *store;
    pthread_mutex_t logging; /* its threads log files */
    size_t file;             /* that it leads */
    double weight;           /* of that */
    dpk_limits limits;
    int socket; /* to the supervisor, where that is another process; else -1 */
} dpk_batch_worker;

struct dpk_batch {
    const dpk_job *model;
    dpk_batch_options options;
    dpk_batch_file *files;
    dpk_batch_fate *fates;
    size_t count;
    dpk_batch_halt halt;
    dpk_batch_totals totals;
    char **texts; /* of files: their sentences and notes */
    size_t text_count, text_most;

    /* While it runs. */
    unsigned jobs;
    unsigned retries;
    int here;         /* the processor that workers are started on */
    dpk_arena memory; /* of the board */
    dpk_batch_board *board;
    dpk_arena *arenas; /* of workers */
    dpk_batch_worker *workers;
    size_t *seen;      /* entries of each worker's log that have been read */
    size_t unfinished; /* files that have not come to an end */
    size_t failures;
    uint64_t name;  /* of temporary files: with the file's number added, unlike any other */
    uint64_t *took; /* of files that are done, for the median */
    size_t took_count;
};

const char *dpk_batch_add_text(dpk_batch *batch, const char *text);
dpk_status dpk_batch_make_job(const dpk_batch *batch, const dpk_batch_file *file, dpk_job **job,
                              dpk_error *err);

/* For the supervisor: copies what the board says of a file that has come to its end, and tells the
 * caller; does so for all that workers have logged since. */
void dpk_batch_report(dpk_batch *batch, size_t file);
void dpk_batch_collect(dpk_batch *batch);

/* The same, with a tick for the caller; and once the batch is stopped, the board says so. */
void dpk_batch_look(dpk_batch *batch, dpk_batch_end halted);

/* The file ends in a state that no worker has said. */
void dpk_batch_end_file(dpk_batch *batch, size_t file, dpk_batch_state state, const char *text);
void dpk_batch_note(const dpk_batch *batch, const char *text);
void dpk_batch_tick(const dpk_batch *batch);

/* ------------------------------------------------------------------------------------ workers */

/* What worker w has of its own; backend and socket as its members say. */
dpk_batch_worker *dpk_batch_make_worker(const dpk_batch *batch, unsigned w,
                                        const dpk_backend *backend, int socket);

/* Bytes of its arena that it has kept from earlier files. */
static inline size_t dpk_batch_kept(const dpk_batch_worker *worker)
{
    return worker->arena->work.kept + worker->arena->inputs.kept;
}

/* Does files, and helps others with theirs, until the board says that it is over; or, if it is
 * alone, until there is no file left. `between` is called after each file, or NULL. */
void dpk_batch_work(dpk_batch_worker *worker, void (*between)(dpk_batch *batch));

/* Does a file from its decoding on; takes it to its end, or hands it over to be stored. */
void dpk_batch_lead(dpk_batch_worker *worker, size_t file);

/* Joins the offer of which most is left. Returns false if there is none. */
bool dpk_batch_join(dpk_batch_worker *worker);

/* The file has come to its end. Any thread of the worker. */
void dpk_batch_finish(dpk_batch_worker *worker, size_t file, dpk_batch_cell_state state);

/* Tells the supervisor that there is news. */
void dpk_batch_ring(dpk_batch_worker *worker);

/* Whose workers come and go: those of a batch, as processes and as threads. */
extern const dpk_backend dpk_batch_processes;
extern const dpk_backend dpk_batch_threads;

/* ----------------------------------------------------------------------------- who runs them */

/* Start workers, supervise them until all files have come to their end, or the batch is stopped,
 * and end them. They return how many workers there were: 0 if none could be started. */
dpk_status dpk_batch_run_processes(dpk_batch *batch, unsigned *workers, dpk_error *err);
dpk_status dpk_batch_run_threads(dpk_batch *batch, unsigned *workers, dpk_error *err);
void dpk_batch_run_alone(dpk_batch *batch);

#endif
