/* SPDX-License-Identifier: MIT */
/* batch.h: many files, each a job of the same kernel with the same settings. The life of a batch:
 *
 *     dpk_batch_make     from a job that has been parsed, and a list of files
 *     dpk_batch_check    all heads are read: what can be refused is, and nothing has run
 *     dpk_batch_run      workers start, files are done, workers end
 *     dpk_batch_free
 *
 * One team of workers does it all. A worker does a file from decoding to the rename, the most
 * costly files first; who finds no file left joins another worker's, as far as that is done in
 * bands. Files in flight stay within a limit of memory. Where workers are processes, one that dies
 * or hangs costs its file an attempt and the batch nothing. */
#ifndef DPK_BATCH_H
#define DPK_BATCH_H

#include "engine/job.h"

typedef enum dpk_batch_state {
    DPK_BATCH_WAITING,   /* not done, and not refused: to be run, or left over after a halt */
    DPK_BATCH_DONE,      /* the output is in its place */
    DPK_BATCH_FAILED,    /* status and text say why; the old output is as it was */
    DPK_BATCH_TIMED_OUT, /* it took longer than the time-out, each time it was tried */
    DPK_BATCH_LOST,      /* workers died of it more often than there are retries */
    DPK_BATCH_SKIPPED,   /* by the caller: the batch does not touch it */
} dpk_batch_state;

typedef struct dpk_batch_file {
    /* The caller's. Paths must outlive the batch. */
    const char *input, *output;
    void *context;
    dpk_batch_state state; /* WAITING or SKIPPED; the batch changes WAITING */
    bool folder_later;     /* the output's folder will be made between dpk_batch_check, which then
                              does not look for it, and dpk_batch_run */

    /* From dpk_batch_check on, of files that are not refused. */
    double cost;       /* in units of the kernel's cost: for order, progress and ETA */
    size_t memory;     /* bytes that doing it takes */
    uint64_t bytes_in; /* of the input file */
    double pixels;     /* rows × columns of the input; elements of what is no picture */

    /* What became of it. Texts belong to the batch. */
    dpk_status status;
    const char *text;   /* a sentence, without the file's name in front; NULL: none */
    const char *notes;  /* of its job, lines; NULL: none */
    uint64_t began;     /* ns, dpk_now(): of the last attempt */
    uint64_t took;      /* ns */
    unsigned worker;    /* that led it */
    unsigned helpers;   /* how often another worker has joined it */
    unsigned attempts;  /* 0: never begun */
    int end;            /* wait status of the last worker that died of it; 0: none */
    uint64_t bytes_out; /* of the output file */
} dpk_batch_file;

/* When failures end the whole batch. */
typedef enum dpk_batch_halt {
    DPK_HALT_NEVER,
    DPK_HALT_SOON, /* what runs is finished, nothing is begun */
    DPK_HALT_NOW,  /* what runs is given up, and left as it was */
} dpk_batch_halt;

typedef struct dpk_batch_options {
    size_t memory_limit;    /* bytes of files in flight; 0: a quarter of what the machine and the
                               cgroup leave. A file that needs more is done alone */
    double timeout;         /* seconds for a file, 0 for none */
    double timeout_percent; /* of the median of files done so far, 0 for none */
    dpk_batch_halt halt;    /* after so many failures: */
    size_t halt_failures;   /* 0: none */
    double halt_percent;    /* of all files, and at least one; 0: none */

    /* Called in the process and thread that runs the batch. Any may be NULL. */
    void *context;
    void (*finished)(void *context, const dpk_batch_file *file); /* done or failed, for good */
    void (*note)(void *context, const char *text); /* a sentence about a worker, for the user */
    void (*tick)(void *context);                   /* several times a second */
} dpk_batch_options;

/* Whether so many failures of all files are as many as are to end the batch. */
bool dpk_batch_is_halted(const dpk_batch_options *options, size_t failures, size_t files);

/* What a batch took, so far or as a whole. */
typedef struct dpk_batch_totals {
    size_t files, waiting, done, failed, skipped; /* failed: also timed out and lost */
    size_t lost;                                  /* of the failed ones: workers died of them */
    double cost, cost_done;                       /* of files that are not skipped */
    uint64_t began, wall;                         /* ns from the start of workers to their end */
    unsigned workers;                             /* that there were */
    size_t deaths;                                /* of workers */
    double idle;         /* fraction of wall × workers in which a worker had nothing to do */
    size_t memory_limit; /* that was kept */
    size_t memory_most;  /* bytes of files in flight, at most */
} dpk_batch_totals;

typedef struct dpk_batch dpk_batch;

/* Whether files can be done one by one by this kernel: it has one input and one output. Errors:
 * DPK_USAGE. */
dpk_status dpk_batch_takes(const dpk_job *model, dpk_error *err);

/* model: a job for which parameters and settings have been set. It and the files must outlive the
 * batch. Options are copied. *batch is NULL if this fails. Errors: DPK_USAGE, DPK_LIMIT. */
dpk_status dpk_batch_make(dpk_batch **batch, const dpk_job *model, dpk_batch_file *files,
                          size_t count, const dpk_batch_options *options, dpk_error *err);

/* Reads the heads of all files that are waiting. Those that would be refused are FAILED from now
 * on, and the caller decides whether to go on without them; `finished` is not called. Errors: of
 * settings that no file could be run with: DPK_USAGE, DPK_LIMIT. */
dpk_status dpk_batch_check(dpk_batch *batch, dpk_error *err);

/* Does all files that are waiting. DPK_OK even if files fail: their states say so. Errors:
 * DPK_FAILED, DPK_LIMIT, when no worker can be started or supervised. */
dpk_status dpk_batch_run(dpk_batch *batch, dpk_error *err);

/* From a callback: ends the batch, as the options' halt does. */
void dpk_batch_stop(dpk_batch *batch, dpk_batch_halt how);

/* At any time; of workers from dpk_batch_run on. */
dpk_batch_totals dpk_batch_total(const dpk_batch *batch);

/* NULL is ignored. */
void dpk_batch_free(dpk_batch *batch);

#endif
