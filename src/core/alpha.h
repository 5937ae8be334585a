/* SPDX-License-Identifier: MIT */
/* alpha.h: images with alpha for kernels that mix pixels. Colour hidden under a transparent pixel
 * must not bleed into its neighbours, so such kernels work on colour × alpha. */
#ifndef DPK_ALPHA_H
#define DPK_ALPHA_H

#include "dpk.h"

/* Both ends of a conversion: `straight` u8 or u16, `premultiplied` f32 in the same units, same
 * shape, the last channel alpha. */
typedef struct dpk_alpha_conversion {
    dpk_array straight, premultiplied;
} dpk_alpha_conversion;

/* Passes over rows of a dpk_alpha_conversion as their self. Going back, the result is rounded to
 * nearest and saturated; where alpha is zero, so is colour. */
extern const dpk_pass dpk_alpha_premultiply;
extern const dpk_pass dpk_alpha_unpremultiply;

/* True for images whose last channel is alpha and whose values are u8 or u16. */
bool dpk_has_alpha(const dpk_array *image);

#endif
