/* SPDX-License-Identifier: MIT */
/* alpha.c: straight to premultiplied alpha and back.
 *
 *     premultiplied colour = colour * (alpha / max)        max = 255 or 65535
 *
 * held in f32: both roundings are within 2^-24 of the value, so that even nearly transparent pixels
 * keep their colour on the way there and back, and under an opaque alpha nothing is rounded. */
#include "engine/alpha.h"

/* To be cut off to the nearest of 0 … max. The comparisons are written so that a NaN becomes 0. */
static inline float rounded(float value, float max)
{
    value = value > 0 ? value : 0;
    return (value < max ? value : max) + 0.5f;
}

/* A row there and back. The number of channels is a constant, as then compilers know how to spread
 * pixels over vectors. An alpha below 1/2 is rounded to 0. */
#define CONVERSIONS(kind, element, channels, max)                                                  \
    static void premultiply_##kind(const void *from, void *to, size_t columns)                     \
    {                                                                                              \
        const element *restrict straight = from;                                                   \
        float *restrict out = to;                                                                  \
        for (size_t x = 0; x < columns; x++, straight += channels, out += channels) {              \
            float alpha = straight[channels - 1], scale = alpha / max;                             \
            for (size_t c = 0; c < channels - 1; c++)                                              \
                out[c] = straight[c] * scale;                                                      \
            out[channels - 1] = alpha;                                                             \
        }                                                                                          \
    }                                                                                              \
    static void unpremultiply_##kind(const void *from, void *to, size_t columns)                   \
    {                                                                                              \
        const float *restrict in = from;                                                           \
        element *restrict straight = to;                                                           \
        for (size_t x = 0; x < columns; x++, in += channels, straight += channels) {               \
            float alpha = in[channels - 1], scale = alpha >= 0.5f ? max / alpha : 0;               \
            for (size_t c = 0; c < channels - 1; c++)                                              \
                straight[c] = (element)rounded(in[c] * scale, max);                                \
            straight[channels - 1] = (element)rounded(alpha, max);                                 \
        }                                                                                          \
    }

CONVERSIONS(grey_u8, uint8_t, 2, 255)
CONVERSIONS(grey_u16, uint16_t, 2, 65535)
CONVERSIONS(rgb_u8, uint8_t, 4, 255)
CONVERSIONS(rgb_u16, uint16_t, 4, 65535)

typedef void convert_row(const void *from, void *to, size_t columns);

static void convert_rows(const dpk_array *from, const dpk_array *to, dpk_span span,
                         convert_row *convert)
{
    for (size_t y = span.begin; y < span.end; y++)
        convert(dpk_row(from, y), dpk_row(to, y), from->shape[1]);
}

static void premultiply(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const dpk_alpha_conversion *conversion = self;
    const dpk_array *from = &conversion->straight, *to = &conversion->premultiplied;
    if (from->shape[2] == 2)
        convert_rows(from, to, span,
                     from->type == DPK_U8 ? premultiply_grey_u8 : premultiply_grey_u16);
    else
        convert_rows(from, to, span,
                     from->type == DPK_U8 ? premultiply_rgb_u8 : premultiply_rgb_u16);
}

static void unpremultiply(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const dpk_alpha_conversion *conversion = self;
    const dpk_array *from = &conversion->premultiplied, *to = &conversion->straight;
    if (to->shape[2] == 2)
        convert_rows(from, to, span,
                     to->type == DPK_U8 ? unpremultiply_grey_u8 : unpremultiply_grey_u16);
    else
        convert_rows(from, to, span,
                     to->type == DPK_U8 ? unpremultiply_rgb_u8 : unpremultiply_rgb_u16);
}

static size_t rows(const void *self)
{
    const dpk_alpha_conversion *conversion = self;
    return conversion->straight.shape[0];
}

const dpk_alpha_passes DPK_JOIN(dpk_alpha_variant, DPK_ISA_SUFFIX) = {
    .premultiply = { .name = "premultiply",
                     .extent = rows,
                     .reads = dpk_reads_same,
                     .work = premultiply },
    .unpremultiply = { .name = "unpremultiply",
                       .extent = rows,
                       .reads = dpk_reads_same,
                       .work = unpremultiply },
};
