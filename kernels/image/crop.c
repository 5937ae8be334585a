/* SPDX-License-Identifier: MIT */
/* crop: a rectangle of the picture,
 *
 *     out(y, x) = in(top + y, left + x)        0 <= y < height, 0 <= x < width
 *
 * Row y of the output reads row top + y of the input. */
#include <dpk/image.h>

struct crop {
    dpk_array in, out;
    size_t left, top, width, height;
};

static size_t rows(const void *self)
{
    const struct crop *crop = self;
    return dpk_image_rows(&crop->out);
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct crop *crop = self;
    (void)port;
    return (dpk_span){ .begin = crop->top + out.begin, .end = crop->top + out.end };
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct crop *crop = self;
    size_t left = crop->left * dpk_pixel_bytes(&crop->in);
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const char *in = dpk_row(&crop->in, crop->top + y);
        memcpy(dpk_row(&crop->out, y), in + left, dpk_row_bytes(&crop->out));
    }
}

/* The extent of the rectangle along one side of the picture; 0 stands for all that is left. */
static dpk_status fit(const char *side, size_t begin, size_t extent, size_t all, size_t *result,
                      dpk_error *err)
{
    if (begin > all || extent > all - begin)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "the rectangle is no part of the picture, which is %zu pixels %s", all,
                        side);
    *result = extent > 0 ? extent : all - begin;
    return DPK_OK;
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct crop *crop = self;
    const size_t *in = crop->in.shape;
    size_t out[DPK_MAX_RANK] = { 0, 0, in[2] };
    dpk_status status = fit("high", crop->top, crop->height, in[0], &out[0], err);
    if (status == DPK_OK)
        status = fit("wide", crop->left, crop->width, in[1], &out[1], err);
    if (status == DPK_OK)
        dpk_array_shape(&crop->out, crop->in.type, 3, out);
    return status;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct crop *crop = self;
    size_t width = crop->out.shape[1], channels = crop->in.shape[2];
    (void)arena;
    for (size_t i = 0; i < dpk_count(&crop->out); i++) {
        size_t y = i / channels / width + crop->top, x = i / channels % width + crop->left;
        size_t from = (y * crop->in.shape[1] + x) * channels + i % channels;
        dpk_sample_put(&crop->out, i, dpk_sample_get(&crop->in, from));
    }
    return true;
}

/* Of the input, only the rectangle is read. */
static dpk_cost cost(const void *self)
{
    const struct crop *crop = self;
    return dpk_image_cost(&crop->out, &crop->out, 0);
}

static const dpk_param params[] = {
    DPK_PARAM(struct crop, left, .def = "0", .unit = "px", .help = "columns left of the rectangle"),
    DPK_PARAM(struct crop, top, .def = "0", .unit = "px", .help = "rows above the rectangle"),
    DPK_PARAM(struct crop, width, .def = "0", .unit = "px",
              .help = "its width; 0: up to the right edge"),
    DPK_PARAM(struct crop, height, .def = "0", .unit = "px",
              .help = "its height; 0: down to the lower edge"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct crop, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32, .help = "picture"),
    DPK_OUT(struct crop, out, .image = true, .help = "the rectangle"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work },
    DPK_END,
};

DPK_KERNEL(crop, .summary = "a rectangle of the picture", .group = "image",
           .details = "out(y, x) = in(top + y, left + x). The rectangle must lie in the picture.",
           .examples = (const char *const[]){ "dpk crop data/coast.png out.png --left=200 "
                                              "--top=100 --width=320 --height=240",
                                              "dpk crop data/coast.png out.png --top=256", NULL },
           .size = sizeof(struct crop), .params = params, .ports = ports, .shape = shape,
           .passes = passes, .reference = reference,
           .checks = (const char *const[]){ "--left=1 --top=1", "--top=3 --height=2",
                                            "--left=2 --width=3 --top=5 --height=7",
                                            "--width=1 --height=1", NULL },
           .cost = cost);
