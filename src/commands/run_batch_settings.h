/* SPDX-License-Identifier: MIT */
/* run_batch_settings.h: the options of `dpk run` that are about many files. */
#ifndef DPK_RUN_BATCH_SETTINGS_H
#define DPK_RUN_BATCH_SETTINGS_H

#include "engine/batch.h"
#include "engine/batch_name.h"

typedef enum dpk_batch_resume {
    DPK_RESUME_NO,
    DPK_RESUME_BY_TIME,    /* inputs of the same size and time are the same */
    DPK_RESUME_BY_CONTENT, /* only those of the same bytes */
} dpk_batch_resume;

typedef struct dpk_batch_settings {
    const char *out_dir, *out, *from, *joblog, *halt, *memory_limit; /* NULL: not given */
    bool recursive, in_place, skip_existing, newer, dry_run, json, retry_failed;
    unsigned resume; /* dpk_batch_resume */
} dpk_batch_settings;

/* Their declarations, for a dpk_batch_settings; ends with DPK_END. */
extern const dpk_param dpk_batch_params[];

/* Whether the words are about many files: they say where outputs go. *many is that. Errors:
 * DPK_USAGE, for options that contradict each other, or say something of many files without. */
dpk_status dpk_batch_is_meant(const dpk_batch_settings *settings, bool *many, dpk_error *err);

/* What the settings, and the job's time-out, are to the batch; the job's is taken out. Errors:
 * DPK_USAGE. */
dpk_status dpk_batch_read_settings(const dpk_batch_settings *settings, dpk_job *model,
                                   dpk_batch_options *options, dpk_error *err);

#endif
