/* SPDX-License-Identifier: MIT */
/* grayscale: colour to grey,
 *
 *     grey = wr red + wg green + wb blue
 *
 * with the luma weights of ITU-R BT.709 (HDTV, sRGB), those of BT.601 (older television, JPEG) or
 * equal ones, applied to samples as they are stored, that is gamma-encoded. RGB becomes grey, RGBA
 * becomes grey and alpha, and what is grey already is copied.
 *
 * All weights are whole multiples of 1/30000, and 30000 times 65535 fits 32 bits: integer samples
 * are weighted exactly and rounded once, to nearest, halves up. */
#include <dpk/image.h>

enum { UNITY = 30000 };

static const uint32_t luma[][3] = {
    { 6378, 21456, 2166 },   /* 0.2126, 0.7152, 0.0722 */
    { 8970, 17610, 3420 },   /* 0.299, 0.587, 0.114 */
    { 10000, 10000, 10000 }, /* thirds */
};

struct grayscale {
    unsigned weights; /* row of luma */
    dpk_array in, out;
};

/* Integers divide the sum, f32 the weights. Two functions for each type, so that `channels` is a
 * constant and the loop can be vectorised. */
#define GREY_ROW(name, type, wide, unit, rounded, channels)                                        \
    static void name(const void *source, void *target, size_t width, const uint32_t *weights)      \
    {                                                                                              \
        const type *restrict in = source;                                                          \
        type *restrict out = target;                                                               \
        wide red = (wide)weights[0] / (unit);                                                      \
        wide green = (wide)weights[1] / (unit);                                                    \
        wide blue = (wide)weights[2] / (unit);                                                     \
        for (size_t x = 0; x < width; x++, in += channels, out += channels - 2) {                  \
            wide sum = red * in[0] + green * in[1] + blue * in[2];                                 \
            out[0] = (type)(rounded);                                                              \
            if (channels == 4)                                                                     \
                out[1] = in[3];                                                                    \
        }                                                                                          \
    }

#define GREY_INTEGER(suffix, type, max)                                                            \
    GREY_ROW(rgb_##suffix, type, uint32_t, 1, (sum + UNITY / 2) / UNITY, 3)                        \
    GREY_ROW(rgba_##suffix, type, uint32_t, 1, (sum + UNITY / 2) / UNITY, 4)

DPK_TYPES_U8_U16(GREY_INTEGER)
GREY_ROW(rgb_f32, float, float, (float)UNITY, sum, 3)
GREY_ROW(rgba_f32, float, float, (float)UNITY, sum, 4)

static size_t rows(const void *self)
{
    const struct grayscale *gray = self;
    return dpk_image_rows(&gray->out);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct grayscale *gray = self;
    size_t width = gray->in.shape[1], channels = gray->in.shape[2];
    void (*row)(const void *, void *, size_t, const uint32_t *) =
        channels == 3 ? DPK_SELECT_U8_U16_F32(gray->in.type, rgb)
                      : DPK_SELECT_U8_U16_F32(gray->in.type, rgba);
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++)
        if (channels < 3)
            memcpy(dpk_row(&gray->out, y), dpk_row(&gray->in, y), dpk_row_bytes(&gray->in));
        else
            row(dpk_row(&gray->in, y), dpk_row(&gray->out, y), width, luma[gray->weights]);
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct grayscale *gray = self;
    size_t channels = gray->in.shape[2];
    if (channels > 4)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "grayscale takes images of 1 to 4 channels, and this one has %zu",
                        channels);

    size_t size[DPK_MAX_RANK] = { gray->in.shape[0], gray->in.shape[1],
                                  channels > 2 ? channels - 2 : channels };
    dpk_array_shape(&gray->out, gray->in.type, 3, size);
    return DPK_OK;
}

/* Products and sums of whole numbers are exact in double. */
static bool reference(const void *self, dpk_arena *arena)
{
    static const double weights[][4] = { /* red, green, blue, their sum */
                                         { 2126, 7152, 722, 10000 },
                                         { 299, 587, 114, 1000 },
                                         { 1, 1, 1, 3 }
    };
    const struct grayscale *gray = self;
    const double *w = weights[gray->weights];
    size_t channels = gray->in.shape[2], left = gray->out.shape[2];
    (void)arena;

    for (size_t i = 0; i < dpk_count(&gray->out); i++) {
        size_t pixel = i / left * channels, channel = i % left;
        double sum = 0;
        if (channels < 3 || channel == 1)
            sum = w[3] * dpk_sample_get(&gray->in, pixel + (channels < 3 ? channel : 3));
        else
            for (size_t c = 0; c < 3; c++)
                sum += w[c] * dpk_sample_get(&gray->in, pixel + c);
        dpk_sample_put(&gray->out, i, sum / w[3]);
    }
    return true;
}

/* Five operations for each pixel of three or four samples. */
static dpk_cost cost(const void *self)
{
    const struct grayscale *gray = self;
    size_t channels = gray->in.shape[2];
    return dpk_image_cost(&gray->in, &gray->out, channels < 3 ? 0 : 5.0 / (double)channels);
}

static const dpk_choice choices[] = {
    { "rec709", 0, "0.2126 red + 0.7152 green + 0.0722 blue (HDTV, sRGB)" },
    { "rec601", 1, "0.299 red + 0.587 green + 0.114 blue (television, JPEG)" },
    { "average", 2, "a third of each" },
    DPK_END,
};

static const dpk_param params[] = {
    DPK_PARAM(struct grayscale, weights, .def = "rec709", .choices = choices,
              .help = "how much each colour counts"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct grayscale, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .help = "picture of 1 to 4 channels"),
    DPK_OUT(struct grayscale, out, .image = true, .help = "grey, with alpha where in has it"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = dpk_reads_same, .work = work },
    DPK_END,
};

DPK_KERNEL(
    grayscale, .summary = "colour to grey", .group = "image",
    .details =
        "A weighted sum of red, green and blue as they are stored (gamma-encoded), "
        "rounded to nearest: luma of ITU-R BT.709 or BT.601, or the mean. RGBA keeps "
        "its alpha; grey pictures are copied.",
    .examples = (const char *const[]){ "dpk grayscale data/coast.png out.png",
                                       "dpk grayscale data/coast.png out.png --weights=average",
                                       NULL },
    .size = sizeof(struct grayscale), .params = params, .ports = ports, .shape = shape,
    .passes = passes, .reference = reference, .tolerance = { .epsilons = 4 }, .cost = cost);
