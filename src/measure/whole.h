/* SPDX-License-Identifier: MIT */
/* whole.h: measuring a whole command, from before it is started until it is gone. The command sends
 * a record of its run (record.h). */
#ifndef DPK_WHOLE_H
#define DPK_WHOLE_H

#include "analysis/comparison.h"

/* What follows "dpk compare" on the command line of a whole command that is measured. */
#define DPK_COMMAND_WORD "--command"

/* Executes this program with these words, which end with NULL, untimed, and fills in digest (of the
 * file `output`), peak and timeline. Errors: DPK_FAILED, DPK_WORKER_LOST, and the command's own. */
dpk_status dpk_whole_check(const char *const *words, const char *output, dpk_variant *variant,
                           dpk_error *err);

/* Executes it and takes the times. Errors: as above. */
dpk_status dpk_whole_sample(const char *const *words, dpk_sample *sample, dpk_error *err);

#endif
