/* SPDX-License-Identifier: MIT */
/* convert.h: conversions of images between what a file holds and what a kernel takes. Each is a
 * kernel of one input and one output, so that a plan treats it as one more stage. convert.c is
 * compiled once for each ISA level; all levels give the same bytes. */
#ifndef DPK_CONVERT_H
#define DPK_CONVERT_H

#include "model/isa.h"

typedef enum dpk_conversion_kind {
    DPK_PREMULTIPLY,   /* u8, u16 or f32 with alpha -> f32, colour multiplied by alpha/max */
    DPK_UNPREMULTIPLY, /* back; integers are rounded to nearest and saturate; where alpha is zero,
                          so is colour */
    DPK_WIDEN,         /* u8 or u16 -> f32, the same values */
    DPK_NARROW,        /* back, rounded to nearest and saturated */
    DPK_CONVERSIONS,
} dpk_conversion_kind;

/* The struct of these kernels: arrays of the same shape, rank 3. */
typedef struct dpk_conversion {
    dpk_array from, to;
} dpk_conversion;

/* The kernel for an ISA level this CPU runs. */
const dpk_kernel *dpk_conversion_kernel(dpk_conversion_kind kind, dpk_isa isa);

/* True for images whose last channel is alpha. */
static inline bool dpk_has_alpha(const dpk_array *image)
{
    return image->rank == 3 && dpk_colour_channels(image) < image->shape[2];
}

#endif
