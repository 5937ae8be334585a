/* SPDX-License-Identifier: MIT */
/* invert: the photographic negative,
 *
 *     out = max - in        max = 255 (u8), 65535 (u16), 1 (f32)
 *
 * for every colour channel; alpha passes through. The simplest kernel there is: one input, one
 * output of the same shape, one pass whose items are rows. Copy it to begin a kernel of your own.
 */
#include "dpk.h"

struct invert {
    dpk_array in, out;
};

/* Subtracting from all samples alike and then putting alpha back costs less than telling the
 * channels apart: the first loop is a plain vector loop whatever their number is. */
#define INVERT_ROW(name, type, max)                                                                \
    static void name(const type *restrict in, type *restrict out, size_t samples, size_t channels, \
                     bool alpha)                                                                   \
    {                                                                                              \
        for (size_t i = 0; i < samples; i++)                                                       \
            out[i] = (type)((max)-in[i]);                                                          \
        if (alpha)                                                                                 \
            for (size_t i = channels - 1; i < samples; i += channels)                              \
                out[i] = in[i];                                                                    \
    }

INVERT_ROW(invert_u8, uint8_t, UINT8_MAX)
INVERT_ROW(invert_u16, uint16_t, UINT16_MAX)
INVERT_ROW(invert_f32, float, 1.0F)

static size_t rows(const void *self)
{
    const struct invert *invert = self;
    return invert->out.shape[0];
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct invert *invert = self;
    size_t samples = dpk_row_count(&invert->in), channels = invert->in.shape[2];
    bool alpha = dpk_colour_channels(&invert->in) < channels;
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in = dpk_row(&invert->in, y);
        void *out = dpk_row(&invert->out, y);
        if (invert->in.type == DPK_U8)
            invert_u8(in, out, samples, channels, alpha);
        else if (invert->in.type == DPK_U16)
            invert_u16(in, out, samples, channels, alpha);
        else
            invert_f32(in, out, samples, channels, alpha);
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct invert *invert = self;
    size_t count = dpk_count(&invert->in), channels = invert->in.shape[2];
    (void)arena;

    for (size_t i = 0; i < count; i++) {
        bool colour = i % channels < dpk_colour_channels(&invert->in);
        if (invert->in.type == DPK_U8) {
            uint8_t in = ((const uint8_t *)invert->in.data)[i];
            ((uint8_t *)invert->out.data)[i] = colour ? (uint8_t)(255 - in) : in;
        } else if (invert->in.type == DPK_U16) {
            uint16_t in = ((const uint16_t *)invert->in.data)[i];
            ((uint16_t *)invert->out.data)[i] = colour ? (uint16_t)(65535 - in) : in;
        } else {
            float in = ((const float *)invert->in.data)[i];
            ((float *)invert->out.data)[i] = colour ? 1 - in : in;
        }
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct invert *invert = self;
    double count = (double)dpk_count(&invert->in);
    return (dpk_cost){ .bytes = 2 * count * (double)dpk_type_size(invert->in.type),
                       .operations = count };
}

static const dpk_port ports[] = {
    DPK_IN(struct invert, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .help = "picture to invert"),
    DPK_OUT(struct invert, out, .image = true, .help = "its negative"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .halo = dpk_pointwise, .work = work },
    DPK_END,
};

DPK_KERNEL(invert, .summary = "photographic negative", .group = "image",
           .details =
               "out = max - in for every colour channel, where max is 255, 65535 or, for "
               "floating samples, 1. Alpha stays as it is.",
           .examples = (const char *const[]){ "dpk invert in.png out.png", NULL },
           .size = sizeof(struct invert), .ports = ports, .passes = passes, .reference = reference,
           .cost = cost);
