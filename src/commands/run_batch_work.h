/* SPDX-License-Identifier: MIT */
/* run_batch_work.h: what the parts of `dpk run` on many files share: which files there are, and
 * what has been said of them. */
#ifndef DPK_RUN_BATCH_WORK_H
#define DPK_RUN_BATCH_WORK_H

#include "commands/run_batch_settings.h"
#include "engine/batch_log.h"

typedef struct dpk_batch_work {
    dpk_job *model;
    const dpk_batch_settings *settings;
    bool stats;
    char *command; /* dpk_batch_request: what is done to each file */
    dpk_batch_list list;
    dpk_batch_file *files; /* of the list's inputs, in the same order */
    dpk_batch_log log;     /* .path: NULL without one */
    dpk_batch *batch;
    size_t doubtful; /* files that are left alone, as they may be their own outputs */
    double epoch;    /* seconds from 1970 to where dpk_now() counts from */

    uint64_t given_up;               /* when a signal was seen, as dpk_now() says it; 0: none was */
    bool visible;                    /* there is a line of progress on the terminal */
    size_t notes, notes_kept;        /* said, and not said because there were so many */
    size_t deaths_said, deaths_kept; /* the same of workers */
    dpk_error unlogged;              /* why the log could not be written; status DPK_OK: it could */
} dpk_batch_work;

/* run_batch.c: prints what is asked for of a batch that was run, or was not. */
void dpk_batch_print(const dpk_batch_work *work, bool ran);

/* run_batch_plan.c: finds the inputs and names the outputs. Refuses what cannot be: nothing is
 * changed yet. Errors: those of batch_list.h, batch_name.h and batch_target.h. */
dpk_status dpk_batch_plan(dpk_batch_work *work, const dpk_operands *words, dpk_error *err);

/* Opens the log, and marks files as skipped of which it, or what is there, says that there is
 * nothing to do. Errors: those of batch_log.h and batch_key.h. */
dpk_status dpk_batch_leave_out(dpk_batch_work *work, dpk_error *err);

/* Makes the folders for outputs that are still to be written. Errors: those of batch_target.h. */
dpk_status dpk_batch_make_folders(dpk_batch_work *work, dpk_error *err);

/* A key that says, in a later run, that this was done. Errors: DPK_BAD_INPUT. */
dpk_status dpk_batch_key_of(const dpk_batch_work *work, const dpk_batch_file *file,
                            const struct stat *status, uint64_t *key, dpk_error *err);

/* run_batch_log.c: adds a line for a file to the log, if there is one. Errors: DPK_OUTPUT_FAILED,
 * DPK_LIMIT. */
dpk_status dpk_batch_log_file(const dpk_batch_work *work, const dpk_batch_file *file,
                              dpk_error *err);

/* Of files that outputs will replace, the log says beforehand that they are to be done: a later
 * run, if this one is killed in the midst, must not take an output for an input. Errors: as above.
 */
dpk_status dpk_batch_log_plan(const dpk_batch_work *work, dpk_error *err);

/* run_batch_tell.c: what is told while the batch runs: callbacks of a dpk_batch whose context is a
 * dpk_batch_work. */
void dpk_batch_tell_finished(void *work, const dpk_batch_file *file);
void dpk_batch_tell_note(void *work, const char *text);
void dpk_batch_tell_progress(void *work);

/* What a signal has left. */
void dpk_batch_tell_interrupted(dpk_batch_work *work);

/* Takes the line of progress away, and says what was kept back. */
void dpk_batch_tell_end(dpk_batch_work *work);

#endif
