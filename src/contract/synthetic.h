/* SPDX-License-Identifier: MIT */
/* synthetic.h: kernels of no use but to find out what a backend and the engine do with them: every
 * shape of work that a kernel may have, and two things no kernel may do, which show whether each
 * item is executed once and by one worker at a time. */
#ifndef DPK_SYNTHETIC_H
#define DPK_SYNTHETIC_H

#include "engine/registry.h"

extern const dpk_kernel_row dpk_synthetic_kernels[];
extern const size_t dpk_synthetic_count;

#endif
