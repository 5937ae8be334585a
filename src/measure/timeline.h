/* SPDX-License-Identifier: MIT */
/* timeline.h: the timeline of a finished run, as plain numbers that can be sent to another process.
 */
#ifndef DPK_TIMELINE_H
#define DPK_TIMELINE_H

#include "analysis/comparison.h"

/* Copies the events of all workers. The caller frees the marks. Errors: DPK_LIMIT. */
dpk_status dpk_timeline_take(dpk_timeline *timeline, const dpk_run *run, dpk_error *err);

#endif
