/* SPDX-License-Identifier: MIT */
/* alpha.c: straight to premultiplied alpha and back.
 *
 *     premultiplied colour = colour * alpha / max        max = 255 or 65535
 *
 * held in f32: 24 bits carry an 8-bit product exactly and a 16-bit one to 2^-24 of its value, so
 * that even nearly transparent pixels keep their colour on the way there and back. */
#include "alpha.h"

static float maximum(dpk_type type)
{
    return type == DPK_U8 ? 255.0f : 65535.0f;
}

bool dpk_has_alpha(const dpk_array *image)
{
    bool channels = image->rank == 3 && (image->shape[2] == 2 || image->shape[2] == 4);
    return channels && (image->type == DPK_U8 || image->type == DPK_U16);
}

static size_t rows(const void *self)
{
    const dpk_alpha_conversion *conversion = self;
    return conversion->straight.shape[0];
}

#define PREMULTIPLY_ROW(name, element)                                                             \
    static void name(const element *restrict straight, float *restrict out, size_t columns,        \
                     size_t channels, float max)                                                   \
    {                                                                                              \
        for (size_t x = 0; x < columns; x++, straight += channels, out += channels) {              \
            float alpha = (float)straight[channels - 1];                                           \
            for (size_t c = 0; c + 1 < channels; c++)                                              \
                out[c] = (float)straight[c] * alpha / max;                                         \
            out[channels - 1] = alpha;                                                             \
        }                                                                                          \
    }

/* The inverse, rounded. The comparisons are written so that a NaN becomes 0. */
#define UNPREMULTIPLY_ROW(name, element)                                                           \
    static void name(const float *restrict in, element *restrict straight, size_t columns,         \
                     size_t channels, float max)                                                   \
    {                                                                                              \
        for (size_t x = 0; x < columns; x++, in += channels, straight += channels) {               \
            float alpha = in[channels - 1];                                                        \
            float rounded = alpha > 0 ? alpha < max ? alpha + 0.5f : max : 0;                      \
            element a = (element)rounded;                                                          \
            for (size_t c = 0; c + 1 < channels; c++) {                                            \
                float colour = in[c] * max / alpha;                                                \
                float kept = colour > 0 ? colour < max ? colour + 0.5f : max : 0;                  \
                straight[c] = a == 0 ? 0 : (element)kept;                                          \
            }                                                                                      \
            straight[channels - 1] = a;                                                            \
        }                                                                                          \
    }

PREMULTIPLY_ROW(premultiply_u8, uint8_t)
PREMULTIPLY_ROW(premultiply_u16, uint16_t)
UNPREMULTIPLY_ROW(unpremultiply_u8, uint8_t)
UNPREMULTIPLY_ROW(unpremultiply_u16, uint16_t)

static void premultiply(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const dpk_array *straight = &((const dpk_alpha_conversion *)self)->straight;
    const dpk_array *out = &((const dpk_alpha_conversion *)self)->premultiplied;
    size_t columns = straight->shape[1], channels = straight->shape[2];
    for (size_t y = span.begin; y < span.end; y++) {
        const void *row = dpk_row(straight, y);
        if (straight->type == DPK_U8)
            premultiply_u8(row, dpk_row(out, y), columns, channels, maximum(DPK_U8));
        else
            premultiply_u16(row, dpk_row(out, y), columns, channels, maximum(DPK_U16));
    }
}

static void unpremultiply(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const dpk_array *in = &((const dpk_alpha_conversion *)self)->premultiplied;
    const dpk_array *straight = &((const dpk_alpha_conversion *)self)->straight;
    size_t columns = straight->shape[1], channels = straight->shape[2];
    for (size_t y = span.begin; y < span.end; y++) {
        const void *row = dpk_row(in, y);
        if (straight->type == DPK_U8)
            unpremultiply_u8(row, dpk_row(straight, y), columns, channels, maximum(DPK_U8));
        else
            unpremultiply_u16(row, dpk_row(straight, y), columns, channels, maximum(DPK_U16));
    }
}

const dpk_pass dpk_alpha_premultiply = {
    .name = "premultiply",
    .extent = rows,
    .halo = dpk_pointwise,
    .work = premultiply,
};

const dpk_pass dpk_alpha_unpremultiply = {
    .name = "unpremultiply",
    .extent = rows,
    .halo = dpk_pointwise,
    .work = unpremultiply,
};
