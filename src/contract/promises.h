/* SPDX-License-Identifier: MIT */
/* promises.h: what must hold for one case; contract.h has the list. */
#ifndef DPK_PROMISES_H
#define DPK_PROMISES_H

#include "contract/check.h"

/* The promises of a kernel, of a case opened at all levels. Errors: DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_promises_of_kernel(const dpk_check *check, dpk_error *err);

/* One of them alone: the result is the reference's. */
dpk_status dpk_promises_reference(const dpk_check *check, dpk_error *err);

/* Of an enormous case, which is not to be opened: the kernel survives being asked for it. Errors:
 * DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_promises_refuse(const dpk_check *check, dpk_error *err);

#endif
