/* SPDX-License-Identifier: MIT */
/* batch_log.h: a log of what became of each file, which outlives the run, however that ends: a
 * later one can go on where it ended. Its first columns are those of GNU parallel's joblog, for
 * tools that read these. One run at a time writes to a log, and each line by a single call. */
#ifndef DPK_BATCH_LOG_H
#define DPK_BATCH_LOG_H

#include <dpk/dpk.h>

#include <sys/types.h>

/* What a log says of a file. The last line about it counts. */
typedef enum dpk_batch_past {
    DPK_PAST_NONE,
    DPK_PAST_FAILED,
    DPK_PAST_PLANNED, /* it was to be done; whether it was is unknown */
    DPK_PAST_DONE,
} dpk_batch_past;

/* The exit code in a line that says no more than that a file is to be done. */
enum { DPK_BATCH_PLANNED = 125 };

typedef struct dpk_batch_log {
    const char *path;
    int file;       /* -1: closed, or there is none to be read */
    char note[256]; /* what was wrong with it, for the user; "" if nothing was */
    size_t lines;   /* that it has */
    struct dpk_batch_record *by_key, *by_command; /* of each line, sorted */
} dpk_batch_log;

/* A line. */
typedef struct dpk_batch_entry {
    size_t number;      /* of the file in this run, from 1 */
    double began, took; /* seconds; began: since 1970 */
    uint64_t bytes_in, bytes_out;
    int exit, signal;    /* 0 and 0: it is done */
    const char *command; /* that does the same; without tabs and newlines */
    unsigned worker, attempts;
    uint64_t key; /* dpk_batch_key */
} dpk_batch_entry;

/* Opens a log for appending, makes it if it is not there, and reads what it says. Half a line at
 * its end, which a run leaves when the machine fails, is cut off with a note. looking: neither
 * makes nor changes it. path must outlive the log. Errors: DPK_OUTPUT_FAILED when it cannot be
 * opened, or another run is writing to it; DPK_BAD_INPUT when it is no such log, or one of another
 * version; DPK_LIMIT. To be closed whatever this returns. */
dpk_status dpk_batch_log_open(dpk_batch_log *log, const char *path, bool looking, dpk_error *err);

/* Errors: DPK_OUTPUT_FAILED. Then the log is as it was before. */
dpk_status dpk_batch_log_add(const dpk_batch_log *log, const dpk_batch_entry *entry,
                             dpk_error *err);

/* What it said when it was opened. *key: that in the line, 0 without one; or NULL. */
dpk_batch_past dpk_batch_log_of_key(const dpk_batch_log *log, uint64_t key);
dpk_batch_past dpk_batch_log_of_command(const dpk_batch_log *log, const char *command,
                                        uint64_t *key);

void dpk_batch_log_close(dpk_batch_log *log);

#endif
