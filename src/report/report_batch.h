/* SPDX-License-Identifier: MIT */
/* report_batch.h: what is to be done with many files, and what became of them. */
#ifndef DPK_REPORT_BATCH_H
#define DPK_REPORT_BATCH_H

#include "engine/batch.h"

#include <stdio.h>

typedef struct dpk_batch_report {
    const dpk_job *model;
    const char *request; /* dpk_batch_request */
    const dpk_batch_file *files;
    size_t count;
    dpk_batch_totals totals;
    double epoch; /* seconds from 1970 to where dpk_now() counts from */
} dpk_batch_report;

/* "done", "failed", "timed out", "lost", "skipped", "waiting". */
const char *dpk_batch_state_name(dpk_batch_state state);

/* That the program would end with, had it had this file alone; 0 while it waits. */
int dpk_batch_exit_code(const dpk_batch_file *file);

/* The signal that the last worker died of which died of the file; 0 for none. */
int dpk_batch_death(const dpk_batch_file *file);

/* Everything: tests/schema/batch.json. */
void dpk_batch_write_json(FILE *stream, const dpk_batch_report *report);

/* For each file what would be done, and what it costs. */
void dpk_batch_print_plan(FILE *stream, const dpk_batch_report *report);

/* Where the time and the memory of a batch that was run went. */
void dpk_batch_print_stats(FILE *stream, const dpk_batch_report *report);

#endif
