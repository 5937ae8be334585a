/* SPDX-License-Identifier: MIT */
/* flip: the mirror image,
 *
 *     horizontal:  out(y, x) = in(y, columns - 1 - x)
 *     vertical:    out(y, x) = in(rows - 1 - y, x)
 *
 * A vertical flip reads its input from the last row to the first. */
#include <dpk/image.h>

enum { HORIZONTAL, VERTICAL };

struct flip {
    dpk_array in, out;
    unsigned direction;
};

/* Callers give a constant size for the frequent ones, which makes copies single instructions. */
DPK_TEMPLATE void reverse(const char *in, char *out, size_t columns, size_t pixel)
{
    const char *from = in + columns * pixel;
    for (size_t x = 0; x < columns; x++)
        memcpy(out + x * pixel, from -= pixel, pixel);
}

static void reverse_row(const void *in, void *out, size_t columns, size_t pixel)
{
    switch (pixel) {
    case 1:
        reverse(in, out, columns, 1);
        break;
    case 2:
        reverse(in, out, columns, 2);
        break;
    case 3:
        reverse(in, out, columns, 3);
        break;
    case 4:
        reverse(in, out, columns, 4);
        break;
    case 6:
        reverse(in, out, columns, 6);
        break;
    case 8:
        reverse(in, out, columns, 8);
        break;
    default:
        reverse(in, out, columns, pixel);
    }
}

static size_t rows(const void *self)
{
    const struct flip *flip = self;
    return dpk_image_rows(&flip->out);
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct flip *flip = self;
    size_t height = flip->in.shape[0];
    (void)port;
    if (flip->direction == VERTICAL)
        out = (dpk_span){ .begin = height - (out.end < height ? out.end : height),
                          .end = height - (out.begin < height ? out.begin : height) };
    return out;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct flip *flip = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        void *out = dpk_row(&flip->out, y);
        if (flip->direction == VERTICAL)
            memcpy(out, dpk_row(&flip->in, flip->in.shape[0] - 1 - y), dpk_row_bytes(&flip->in));
        else
            reverse_row(dpk_row(&flip->in, y), out, flip->in.shape[1], dpk_pixel_bytes(&flip->in));
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct flip *flip = self;
    size_t height = flip->in.shape[0], width = flip->in.shape[1], channels = flip->in.shape[2];
    (void)arena;
    for (size_t i = 0; i < dpk_count(&flip->in); i++) {
        size_t y = i / channels / width, x = i / channels % width;
        if (flip->direction == VERTICAL)
            y = height - 1 - y;
        else
            x = width - 1 - x;
        size_t from = (y * width + x) * channels + i % channels;
        dpk_sample_put(&flip->out, i, dpk_sample_get(&flip->in, from));
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct flip *flip = self;
    return dpk_image_cost(&flip->in, &flip->out, 0);
}

static const dpk_choice directions[] = {
    { "horizontal", HORIZONTAL, "left and right change places" },
    { "vertical", VERTICAL, "top and bottom change places" },
    DPK_END,
};

static const dpk_param params[] = {
    DPK_PARAM(struct flip, direction, .def = "horizontal", .choices = directions,
              .help = "what changes places"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct flip, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32, .help = "picture"),
    DPK_OUT(struct flip, out, .image = true, .help = "its mirror image"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work },
    DPK_END,
};

DPK_KERNEL(flip, .summary = "mirror image, horizontal or vertical", .group = "image",
           .details =
               "out(y, x) = in(y, columns - 1 - x), or in(rows - 1 - y, x) with "
               "--direction=vertical. All channels move alike.",
           .examples = (const char *const[]){ "dpk flip data/coast.png out.png",
                                              "dpk flip data/coast.png out.png "
                                              "--direction=vertical",
                                              NULL },
           .size = sizeof(struct flip), .params = params, .ports = ports, .passes = passes,
           .reference = reference, .cost = cost);
