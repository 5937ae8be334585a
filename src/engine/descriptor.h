/* SPDX-License-Identifier: MIT */
/* descriptor.h: kernels' descriptors are data from outside: what is wrong with one is found before
 * anything follows its pointers and numbers. */
#ifndef DPK_DESCRIPTOR_H
#define DPK_DESCRIPTOR_H

#include <dpk/dpk.h>

/* A copy of the descriptor of a plug-in, with tables of the sizes that this version has: fields
 * that the plug-in does not know yet are zero. To be freed with free(). Errors: DPK_USAGE, for
 * another ABI and sizes that this version cannot read; DPK_LIMIT. */
dpk_status dpk_descriptor_copy(dpk_kernel **copy, const dpk_kernel *plugin, dpk_error *err);

/* Errors: DPK_USAGE, with a sentence about what is missing, or which limit of dpk.h is broken. */
dpk_status dpk_descriptor_check(const dpk_kernel *kernel, dpk_error *err);

#endif
