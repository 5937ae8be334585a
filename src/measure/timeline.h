/* SPDX-License-Identifier: MIT */
/* timeline.h: the timeline of an executed run, as plain numbers that can be sent elsewhere. */
#ifndef DPK_TIMELINE_H
#define DPK_TIMELINE_H

#include "analysis/comparison.h"

/* The marks are the caller's to free. Errors: DPK_LIMIT. */
dpk_status dpk_timeline_take(dpk_timeline *timeline, const dpk_run *run, dpk_error *err);

#endif
