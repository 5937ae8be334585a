/* SPDX-License-Identifier: MIT */
/* sharing.h: the same bytes, however the work is cut and whoever does it. */
#ifndef DPK_SHARING_H
#define DPK_SHARING_H

#include "contract/check.h"

/* Chunks of other sizes in other orders. Errors, here and below: DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_check_cutting(const dpk_check *check, dpk_error *err);

/* With only a window of rows in memory, for kernels that allow it. */
dpk_status dpk_check_streaming(const dpk_check *check, dpk_error *err);

/* What a backend promises: any number of workers, both schedules, at all levels; that and the two
 * above, and all again with workers that are replaced when they die, if it has that. */
dpk_status dpk_check_backend(const dpk_check *check, dpk_error *err);

/* A few ways of running a kernel by a backend, of a case opened at one level. */
dpk_status dpk_check_pair(const dpk_check *check, dpk_error *err);

#endif
