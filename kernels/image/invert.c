/* SPDX-License-Identifier: MIT */
/* invert: the photographic negative,
 *
 *     out = max - in        max = 255 (u8), 65535 (u16), 1 (f32)
 *
 * for every colour channel; alpha stays. The simplest kernel there is: one input, one output of the
 * same shape, one pass whose items are rows. Copy it to begin one of your own. */
#include <dpk/dpk.h>

struct invert {
    dpk_array in, out;
};

/* Subtracting from all samples alike and then putting alpha back costs less than telling channels
 * apart: the first loop is a plain vector loop. Each `alpha`th sample is alpha; 0 means none. */
#define INVERT_ROW(name, type, max)                                                                \
    static void name(const type *restrict in, type *restrict out, size_t samples, size_t alpha)    \
    {                                                                                              \
        for (size_t i = 0; i < samples; i++)                                                       \
            out[i] = (type)(max - in[i]);                                                          \
        for (size_t i = alpha - 1; alpha > 0 && i < samples; i += alpha)                           \
            out[i] = in[i];                                                                        \
    }

INVERT_ROW(invert_u8, uint8_t, UINT8_MAX)
INVERT_ROW(invert_u16, uint16_t, UINT16_MAX)
INVERT_ROW(invert_f32, float, 1.0F)

static size_t rows(const void *self)
{
    const struct invert *k = self;
    return k->out.shape[0];
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct invert *k = self;
    size_t samples = dpk_row_count(&k->in), channels = k->in.shape[2];
    size_t alpha = dpk_colour_channels(&k->in) < channels ? channels : 0;
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in = dpk_row(&k->in, y);
        void *out = dpk_row(&k->out, y);
        if (k->in.type == DPK_U8)
            invert_u8(in, out, samples, alpha);
        else if (k->in.type == DPK_U16)
            invert_u16(in, out, samples, alpha);
        else
            invert_f32(in, out, samples, alpha);
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct invert *k = self;
    size_t count = dpk_count(&k->in), channels = k->in.shape[2];
    (void)arena;

    for (size_t i = 0; i < count; i++) {
        bool colour = i % channels < dpk_colour_channels(&k->in);
        if (k->in.type == DPK_U8) {
            uint8_t in = ((const uint8_t *)k->in.data)[i];
            ((uint8_t *)k->out.data)[i] = colour ? (uint8_t)(255 - in) : in;
        } else if (k->in.type == DPK_U16) {
            uint16_t in = ((const uint16_t *)k->in.data)[i];
            ((uint16_t *)k->out.data)[i] = colour ? (uint16_t)(65535 - in) : in;
        } else {
            float in = ((const float *)k->in.data)[i];
            ((float *)k->out.data)[i] = colour ? 1 - in : in;
        }
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct invert *k = self;
    double count = (double)dpk_count(&k->in);
    return (dpk_cost){ .bytes = 2 * count * (double)dpk_type_size(k->in.type),
                       .operations = count };
}

static const dpk_port ports[] = {
    DPK_IN(struct invert, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .help = "picture"),
    DPK_OUT(struct invert, out, .image = true, .help = "its negative"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = dpk_reads_same, .work = work },
    DPK_END,
};

DPK_KERNEL(invert, .summary = "photographic negative", .group = "image",
           .details = "out = max - in for colours, where max is 255, 65535 or 1; alpha stays.",
           .examples = (const char *const[]){ "dpk invert data/coast.png out.png", NULL },
           .size = sizeof(struct invert), .ports = ports, .passes = passes, .reference = reference,
           .cost = cost);
