/* SPDX-License-Identifier: MIT */
/* promises.h: what must hold for one case. Each promise is a function that runs the case in some
 * way and compares; the plain loop, backend seq, is the measure. It is compared with the reference
 * once, and everything else with it, which is much quicker. */
#ifndef DPK_PROMISES_H
#define DPK_PROMISES_H

#include "contract/contract.h"
#include "contract/trial.h"

/* One case on its way through a check. */
typedef struct dpk_inquiry {
    const dpk_kernel_row *row;
    const dpk_backend *backend;
    const dpk_case *question;
    bool quick;
    dpk_witness *witness;
    dpk_inputs inputs;
    dpk_outputs expected[DPK_ISA_LEVELS]; /* from the plain loop, at each level */
} dpk_inquiry;

/* Fills inputs and expected. *refused says that the kernel does not take the case, and err why; the
 * promises are void then. */
dpk_status dpk_inquiry_open(dpk_inquiry *inquiry, bool *refused, dpk_error *err);
void dpk_inquiry_close(dpk_inquiry *inquiry);

/* Puts all promises to the test. Errors: DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_inquiry_check(const dpk_inquiry *inquiry, dpk_error *err);

/* Of an enormous case, which is not to be opened: the kernel survives being asked for it. Errors:
 * DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_inquiry_refuse(const dpk_inquiry *inquiry, dpk_error *err);

/* The loop that everything is measured by. */
const dpk_backend *dpk_plain_loop(void);

#endif
