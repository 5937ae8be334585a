/* SPDX-License-Identifier: MIT */
/* converted.h: the pass of a windowed run that converts images with alpha. Each worker
 * premultiplies the rows it is about to read in its scratch, and takes those it has made back from
 * there: what the workers share is straight, a quarter or half the size. */
#ifndef DPK_CONVERTED_H
#define DPK_CONVERTED_H

#include <dpk/dpk.h>

/* The kernel's only pass and the conversions around it; self is the dpk_run. */
extern const dpk_pass dpk_converted_pass;

#endif
