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
#include <math.h>
#include <string.h>

#include <dpk/dpk.h>

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

/* Integers divide the sum, f32 the weights. `channels` is 3 or 4, a constant wherever this is
 * called, so that the loop vectorises. */
#define GREY_ROW(name, type, wide, unit, rounded)                                                  \
    static inline void name(const void *source, void *target, size_t width, size_t channels,       \
                            const uint32_t *weights)                                               \
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

GREY_ROW(grey_u8, uint8_t, uint32_t, 1, (sum + UNITY / 2) / UNITY)
GREY_ROW(grey_u16, uint16_t, uint32_t, 1, (sum + UNITY / 2) / UNITY)
GREY_ROW(grey_f32, float, float, (float)UNITY, sum)

static size_t rows(const void *self)
{
    const struct grayscale *gray = self;
    return gray->out.shape[0];
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct grayscale *gray = self;
    const uint32_t *weights = luma[gray->weights];
    size_t width = gray->in.shape[1], channels = gray->in.shape[2];
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in = dpk_row(&gray->in, y);
        void *out = dpk_row(&gray->out, y);
        if (channels < 3)
            memcpy(out, in, width * channels * dpk_type_size(gray->in.type));
        else if (gray->in.type == DPK_U8)
            channels == 3 ? grey_u8(in, out, width, 3, weights)
                          : grey_u8(in, out, width, 4, weights);
        else if (gray->in.type == DPK_U16)
            channels == 3 ? grey_u16(in, out, width, 3, weights)
                          : grey_u16(in, out, width, 4, weights);
        else
            channels == 3 ? grey_f32(in, out, width, 3, weights)
                          : grey_f32(in, out, width, 4, weights);
    }
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

static double sample(const dpk_array *image, size_t i)
{
    return image->type == DPK_U8    ? ((const uint8_t *)image->data)[i]
           : image->type == DPK_U16 ? ((const uint16_t *)image->data)[i]
                                    : (double)((const float *)image->data)[i];
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
            sum = w[3] * sample(&gray->in, pixel + (channels < 3 ? channel : 3));
        else
            for (size_t c = 0; c < 3; c++)
                sum += w[c] * sample(&gray->in, pixel + c);
        if (gray->out.type == DPK_U8)
            ((uint8_t *)gray->out.data)[i] = (uint8_t)floor(sum / w[3] + 0.5);
        else if (gray->out.type == DPK_U16)
            ((uint16_t *)gray->out.data)[i] = (uint16_t)floor(sum / w[3] + 0.5);
        else
            ((float *)gray->out.data)[i] = (float)(sum / w[3]);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct grayscale *gray = self;
    double in = (double)dpk_count(&gray->in), out = (double)dpk_count(&gray->out);
    double pixels = (double)gray->in.shape[0] * (double)gray->in.shape[1];
    return (dpk_cost){ .bytes = (in + out) * (double)dpk_type_size(gray->in.type),
                       .operations = gray->in.shape[2] < 3 ? 0 : 5 * pixels };
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
