/* SPDX-License-Identifier: MIT */
/* whole.h: measuring a whole command, from the wish to start it until it is gone. The command tells
 * its ledger to whoever gave it a descriptor for that; what lies before and after its account is
 * the cost of a process: start and stop. */
#ifndef DPK_WHOLE_H
#define DPK_WHOLE_H

#include "analysis/comparison.h"

/* Environment variables: the number of a descriptor that a command writes its record to, and
 * whether its timeline is to follow. */
#define DPK_RECORD_VARIABLE "DPK_RECORD_FD"
#define DPK_RECORD_TIMELINE_VARIABLE "DPK_RECORD_TIMELINE"

/* In the command, first: a command that is measured does not outlive who measures it, and has the
 * quota it is measured with. Errors: DPK_FAILED. */
dpk_status dpk_record_begin(dpk_error *err);

/* In the command: events its run shall keep, by the environment. */
size_t dpk_record_events(void);

/* In the command: tells the ledger of its run, executed between these times, if someone asked for
 * it. */
void dpk_record_tell(const dpk_run *run, uint64_t begin, uint64_t end);

/* Executes this program with these words, the last of them NULL, without timing it, and fills in
 * digest (of the file at `output`), peak and timeline. Errors: DPK_FAILED. */
dpk_status dpk_whole_check(const char *const *words, const char *output, dpk_variant *variant,
                           dpk_error *err);

/* Executes it and takes the times. Errors: as above. */
dpk_status dpk_whole_sample(const char *const *words, dpk_sample *sample, dpk_error *err);

#endif
