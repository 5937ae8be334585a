/* SPDX-License-Identifier: MIT */
/* alpha.h: images with alpha for kernels that mix pixels. Colour hidden under a transparent pixel
 * must not bleed into its neighbours, so such kernels work on colour × alpha. alpha.c is compiled
 * once for each ISA level; all give the same bytes. */
#ifndef DPK_ALPHA_H
#define DPK_ALPHA_H

#include "model/isa.h"

/* Both ends of a conversion: `straight` u8 or u16, `premultiplied` f32 in the same units, same
 * shape, the last channel alpha. */
typedef struct dpk_alpha_conversion {
    dpk_array straight, premultiplied;
} dpk_alpha_conversion;

/* Passes over rows of a dpk_alpha_conversion as their self. Going back, the result is rounded to
 * nearest and saturated; where alpha is zero, so is colour. */
typedef struct dpk_alpha_passes {
    dpk_pass premultiply, unpremultiply;
} dpk_alpha_passes;

extern const dpk_alpha_passes dpk_alpha_variant, dpk_alpha_variant_v3,
    dpk_alpha_variant_v4; /* those that are built */

/* The variant for an ISA level this CPU runs. */
static inline const dpk_alpha_passes *dpk_alpha_at(dpk_isa isa)
{
#ifdef DPK_HAVE_V4
    if (isa >= DPK_ISA_V4)
        return &dpk_alpha_variant_v4;
#endif
#ifdef DPK_HAVE_V3
    if (isa >= DPK_ISA_V3)
        return &dpk_alpha_variant_v3;
#endif
    (void)isa;
    return &dpk_alpha_variant;
}

/* True for images whose last channel is alpha and whose values are u8 or u16. */
static inline bool dpk_has_alpha(const dpk_array *image)
{
    bool channels = image->rank == 3 && (image->shape[2] == 2 || image->shape[2] == 4);
    return channels && (image->type == DPK_U8 || image->type == DPK_U16);
}

#endif
