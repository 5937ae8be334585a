/* SPDX-License-Identifier: MIT */
/* invert: the photographic negative,
 *
 *     out = max - in        max = 255 (u8), 65535 (u16), 1 (f32)
 *
 * for every colour channel; alpha stays. The simplest kernel there is: one input, one output of the
 * same shape, one pass whose items are rows. Copy it to begin one of your own. */
#include <dpk/image.h>

struct invert {
    dpk_array in, out;
};

#define INVERT_ROW(suffix, type, max)                                                              \
    static void invert_##suffix(const void *source, void *target, size_t samples)                  \
    {                                                                                              \
        const type *restrict in = source;                                                          \
        type *restrict out = target;                                                               \
        for (size_t i = 0; i < samples; i++)                                                       \
            out[i] = (type)(max - in[i]);                                                          \
    }

DPK_TYPES_U8_U16_F32(INVERT_ROW)

static size_t rows(const void *self)
{
    const struct invert *k = self;
    return dpk_image_rows(&k->out);
}

/* It inverts alpha, too, and then puts it back: so the inner loop is a plain vector loop. */
static void work(const void *self, dpk_span span, void *scratch)
{
    const struct invert *k = self;
    void (*row)(const void *, void *, size_t) = DPK_SELECT_U8_U16_F32(k->in.type, invert);
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in = dpk_row(&k->in, y);
        void *out = dpk_row(&k->out, y);
        row(in, out, dpk_row_count(&k->in));
        dpk_copy_alpha(&k->in, in, out);
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct invert *k = self;
    double white = dpk_white(k->in.type);
    (void)arena;

    for (size_t i = 0; i < dpk_count(&k->in); i++) {
        double in = dpk_sample_get(&k->in, i);
        dpk_sample_put(&k->out, i, dpk_sample_is_alpha(&k->in, i) ? in : white - in);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct invert *k = self;
    return dpk_image_cost(&k->in, &k->out, 1);
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
