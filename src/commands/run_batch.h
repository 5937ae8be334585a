/* SPDX-License-Identifier: MIT */
/* run_batch.h: `dpk run` on many files. */
#ifndef DPK_RUN_BATCH_H
#define DPK_RUN_BATCH_H

#include "commands/run_batch_settings.h"

/* Does all files that the words and settings name. model: a job that has been parsed. Errors:
 * DPK_FAILED when files have failed, each of which has been told on standard error, DPK_WORKER_LOST
 * when workers have died of one; whatever refuses all of them, before any has been begun. A signal
 * that ends the process does so in here, when what is done is logged. */
dpk_status dpk_run_batch(dpk_job *model, const dpk_batch_settings *settings,
                         const dpk_operands *words, bool stats, dpk_error *err);

#endif
