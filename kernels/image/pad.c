/* SPDX-License-Identifier: MIT */
/* pad: the picture with more pixels at its edges,
 *
 *     out(y, x) = in(y - top, x - left)
 *
 * where the edge mode says what lies beyond. Rows above and below the picture read the rows they
 * show, or none when they are zero. */
#include <dpk/image.h>

struct pad {
    dpk_array in, out;
    size_t left, right, top, bottom;
    unsigned edge;
};

static size_t rows(const void *self)
{
    const struct pad *pad = self;
    return dpk_image_rows(&pad->out);
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct pad *pad = self;
    ptrdiff_t top = (ptrdiff_t)pad->top;
    (void)port;
    return dpk_edge_reads((ptrdiff_t)out.begin - top, (ptrdiff_t)out.end - top, pad->in.shape[0],
                          pad->edge);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct pad *pad = self;
    size_t pixel = dpk_pixel_bytes(&pad->in), columns = pad->in.shape[1];
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        char *out = dpk_row(&pad->out, y), *inner = out + pad->left * pixel;
        ptrdiff_t from = (ptrdiff_t)y - (ptrdiff_t)pad->top;
        from = dpk_edge_at(from, pad->in.shape[0], pad->edge);
        if (from < 0) {
            memset(out, 0, dpk_row_bytes(&pad->out));
        } else {
            memcpy(inner, dpk_row(&pad->in, (size_t)from), dpk_row_bytes(&pad->in));
            dpk_row_extend(inner, columns, pixel, pad->left, pad->right, pad->edge);
        }
    }
}

static bool add(size_t *sum, size_t a, size_t b)
{
    return !__builtin_add_overflow(*sum, a, sum) && !__builtin_add_overflow(*sum, b, sum);
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct pad *pad = self;
    size_t out[DPK_MAX_RANK] = { pad->in.shape[0], pad->in.shape[1], pad->in.shape[2] };
    size_t bytes = dpk_pixel_bytes(&pad->in);
    if (!add(&out[0], pad->top, pad->bottom) || !add(&out[1], pad->left, pad->right) ||
        __builtin_mul_overflow(bytes, out[0], &bytes) ||
        __builtin_mul_overflow(bytes, out[1], &bytes) || bytes > PTRDIFF_MAX)
        return dpk_fail(err, DPK_LIMIT, "the picture would be too large with so much padding");
    dpk_array_shape(&pad->out, pad->in.type, 3, out);
    return DPK_OK;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct pad *pad = self;
    size_t width = pad->out.shape[1], channels = pad->in.shape[2];
    (void)arena;
    for (size_t i = 0; i < dpk_count(&pad->out); i++) {
        ptrdiff_t y = (ptrdiff_t)(i / channels / width) - (ptrdiff_t)pad->top;
        ptrdiff_t x = (ptrdiff_t)(i / channels % width) - (ptrdiff_t)pad->left;
        dpk_sample_put(&pad->out, i, dpk_sample_at(&pad->in, y, x, i % channels, pad->edge));
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct pad *pad = self;
    return dpk_image_cost(&pad->in, &pad->out, 0);
}

static const dpk_param params[] = {
    DPK_PARAM(struct pad, left, .def = "0", .unit = "px", .help = "columns added at the left"),
    DPK_PARAM(struct pad, right, .def = "0", .unit = "px", .help = "columns added at the right"),
    DPK_PARAM(struct pad, top, .def = "0", .unit = "px", .help = "rows added above"),
    DPK_PARAM(struct pad, bottom, .def = "0", .unit = "px", .help = "rows added below"),
    DPK_PARAM_EDGE(struct pad, edge),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct pad, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32, .help = "picture"),
    DPK_OUT(struct pad, out, .image = true, .help = "the picture in a larger one"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work },
    DPK_END,
};

DPK_KERNEL(
    pad, .summary = "more pixels at the edges", .group = "image",
    .details =
        "out(y, x) = in(y - top, x - left); the edge mode says what lies beyond the "
        "picture. All channels are treated alike.",
    .examples = (const char *const[]){ "dpk pad data/coast.png out.png --left=16 --right=16 "
                                       "--top=16 --bottom=16 --edge=mirror",
                                       "dpk pad data/coast.png out.png --bottom=256 "
                                       "--edge=zero",
                                       NULL },
    .size = sizeof(struct pad), .params = params, .ports = ports, .shape = shape, .passes = passes,
    .reference = reference,
    .checks = (const char *const[]){ "--left=3 --right=2 --top=5 --bottom=1",
                                     "--left=3 --right=70 --top=90 --bottom=40 --edge=mirror",
                                     "--right=9 --bottom=33 --edge=wrap",
                                     "--left=4 --top=21 --bottom=20 --edge=zero", NULL },
    .cost = cost);
