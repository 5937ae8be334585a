/* SPDX-License-Identifier: MIT */
/* convert.c: straight to premultiplied alpha and back, integers to floats and back.
 *
 *     premultiplied colour = colour * (alpha / max)        max = 255, 65535 or, for f32, 1
 *
 * Colour hidden under a transparent pixel must not bleed into its neighbours, so kernels that mix
 * pixels work on colour * alpha. It is held in f32: both roundings are within 2^-24 of the value,
 * so even nearly transparent pixels keep their colour on the way there and back, and under an
 * opaque alpha nothing is rounded. */
#include "engine/convert.h"

/* To be cut off to the nearest of 0 … max. The comparisons turn a NaN into 0. */
static inline float rounded(float value, float max)
{
    value = value > 0 ? value : 0;
    return (value < max ? value : max) + 0.5f;
}

typedef void convert_row(const void *from, void *to, size_t columns);

/* A row there and back. The number of channels is a constant, as then compilers know how to spread
 * pixels over vectors. An integer alpha below 1/2 is rounded to 0. */
#define ALPHA(kind, element, channels, max)                                                        \
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

ALPHA(grey_u8, uint8_t, 2, 255)
ALPHA(grey_u16, uint16_t, 2, 65535)
ALPHA(rgb_u8, uint8_t, 4, 255)
ALPHA(rgb_u16, uint16_t, 4, 65535)

/* Floats need no rounding, and however small an alpha is, dividing by it gives the colour back. */
#define ALPHA_F32(kind, channels)                                                                  \
    static void premultiply_##kind(const void *from, void *to, size_t columns)                     \
    {                                                                                              \
        const float *restrict straight = from;                                                     \
        float *restrict out = to;                                                                  \
        for (size_t x = 0; x < columns; x++, straight += channels, out += channels) {              \
            float alpha = straight[channels - 1];                                                  \
            for (size_t c = 0; c < channels - 1; c++)                                              \
                out[c] = straight[c] * alpha;                                                      \
            out[channels - 1] = alpha;                                                             \
        }                                                                                          \
    }                                                                                              \
    static void unpremultiply_##kind(const void *from, void *to, size_t columns)                   \
    {                                                                                              \
        const float *restrict in = from;                                                           \
        float *restrict straight = to;                                                             \
        for (size_t x = 0; x < columns; x++, in += channels, straight += channels) {               \
            float alpha = in[channels - 1];                                                        \
            for (size_t c = 0; c < channels - 1; c++)                                              \
                straight[c] = alpha != 0 ? in[c] / alpha : 0;                                      \
            straight[channels - 1] = alpha;                                                        \
        }                                                                                          \
    }

ALPHA_F32(grey_f32, 2)
ALPHA_F32(rgb_f32, 4)

#define WIDTH(kind, element, max)                                                                  \
    static void widen_##kind(const void *from, void *to, size_t count)                             \
    {                                                                                              \
        const element *restrict in = from;                                                         \
        float *restrict out = to;                                                                  \
        for (size_t i = 0; i < count; i++)                                                         \
            out[i] = in[i];                                                                        \
    }                                                                                              \
    static void narrow_##kind(const void *from, void *to, size_t count)                            \
    {                                                                                              \
        const float *restrict in = from;                                                           \
        element *restrict out = to;                                                                \
        for (size_t i = 0; i < count; i++)                                                         \
            out[i] = (element)rounded(in[i], max);                                                 \
    }

WIDTH(u8, uint8_t, 255)
WIDTH(u16, uint16_t, 65535)

/* The types of integer images and of floating ones, as places in the tables below. */
enum { U8, U16, F32, TYPES };

static int place(dpk_type type)
{
    return type == DPK_U8 ? U8 : type == DPK_U16 ? U16 : F32;
}

static void convert_rows(const dpk_conversion *conversion, dpk_span span, size_t count,
                         convert_row *convert)
{
    for (size_t y = span.begin; y < span.end; y++)
        convert(dpk_row(&conversion->from, y), dpk_row(&conversion->to, y), count);
}

static void premultiply(const void *self, dpk_span span, void *scratch)
{
    static convert_row *const rows[TYPES][2] = {
        [U8] = { premultiply_grey_u8, premultiply_rgb_u8 },
        [U16] = { premultiply_grey_u16, premultiply_rgb_u16 },
        [F32] = { premultiply_grey_f32, premultiply_rgb_f32 },
    };
    const dpk_conversion *conversion = self;
    const dpk_array *from = &conversion->from;
    (void)scratch;
    convert_rows(conversion, span, from->shape[1], rows[place(from->type)][from->shape[2] == 4]);
}

static void unpremultiply(const void *self, dpk_span span, void *scratch)
{
    static convert_row *const rows[TYPES][2] = {
        [U8] = { unpremultiply_grey_u8, unpremultiply_rgb_u8 },
        [U16] = { unpremultiply_grey_u16, unpremultiply_rgb_u16 },
        [F32] = { unpremultiply_grey_f32, unpremultiply_rgb_f32 },
    };
    const dpk_conversion *conversion = self;
    const dpk_array *to = &conversion->to;
    (void)scratch;
    convert_rows(conversion, span, to->shape[1], rows[place(to->type)][to->shape[2] == 4]);
}

static void widen(const void *self, dpk_span span, void *scratch)
{
    const dpk_conversion *conversion = self;
    (void)scratch;
    convert_rows(conversion, span, dpk_row_count(&conversion->from),
                 conversion->from.type == DPK_U8 ? widen_u8 : widen_u16);
}

static void narrow(const void *self, dpk_span span, void *scratch)
{
    const dpk_conversion *conversion = self;
    (void)scratch;
    convert_rows(conversion, span, dpk_row_count(&conversion->to),
                 conversion->to.type == DPK_U8 ? narrow_u8 : narrow_u16);
}

static size_t rows(const void *self)
{
    const dpk_conversion *conversion = self;
    return conversion->from.shape[0];
}

static const dpk_port ports[] = {
    DPK_IN(dpk_conversion, from, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32),
    DPK_OUT(dpk_conversion, to, .image = true),
    DPK_END,
};

#define CONVERSION(kind)                                                                           \
    {                                                                                              \
        .abi = DPK_ABI, .descriptor = sizeof(dpk_kernel), .name = #kind,                           \
        .size = sizeof(dpk_conversion), .ports = ports, .passes = (const dpk_pass[])               \
        {                                                                                          \
            { .name = #kind, .extent = rows, .reads = dpk_reads_same, .work = kind }, DPK_END      \
        }                                                                                          \
    }

extern const dpk_kernel DPK_JOIN(dpk_conversions, DPK_ISA_SUFFIX)[DPK_CONVERSIONS];
const dpk_kernel DPK_JOIN(dpk_conversions, DPK_ISA_SUFFIX)[DPK_CONVERSIONS] = {
    [DPK_PREMULTIPLY] = CONVERSION(premultiply),
    [DPK_UNPREMULTIPLY] = CONVERSION(unpremultiply),
    [DPK_WIDEN] = CONVERSION(widen),
    [DPK_NARROW] = CONVERSION(narrow),
};
