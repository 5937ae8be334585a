/* SPDX-License-Identifier: MIT */
/* sobel: edge strength, the magnitude of the gradient by the Sobel operator,
 *
 *           -1  0  1              -1 -2 -1
 *     gx =  -2  0  2  * in   gy =  0  0  0  * in     out = scale * norm(gx, gy) / 4
 *           -1  0  1               1  2  1
 *
 * for every colour channel; alpha passes through. Outside the image is the nearest pixel inside.
 *
 * Weights of one sign add up to 4: divided by it, a straight step from a to b gives |b - a|. So the
 * whole range is used and nearly nothing is lost: at scale 1 only corners of the highest contrast
 * exceed the range of the input, by up to sqrt(20)/4 = 1.12 (l2) or 6/4 (l1) times, and saturate.
 *
 * Gradients of integers are exact. Only the magnitude is rounded: in single precision for u8, whose
 * gx*gx + gy*gy is below 2^24, in double precision for u16, where it takes 37 bits, and for f32,
 * where differences of close numbers and squares of large ones then do no harm. */
#include <dpk/dpk.h>

#include <math.h>

enum { NORM_L2, NORM_L1 };

struct sobel {
    dpk_array in, out;
    unsigned norm;
    float scale;
};

static inline float l2_single(float x, float y)
{
    return sqrtf(x * x + y * y);
}

static inline double l2(double x, double y)
{
    return sqrt(x * x + y * y);
}

static inline float l1_single(float x, float y)
{
    return fabsf(x) + fabsf(y);
}

static inline double l1(double x, double y)
{
    return fabs(x) + fabs(y);
}

/* To the nearest level, halves upwards. The largest scale keeps x far inside int, and limits are
 * cheaper to vectorise there. */
static inline uint8_t store_u8(float x)
{
    int level = (int)(x + 0.5F);
    return (uint8_t)(level < UINT8_MAX ? level : UINT8_MAX);
}

static inline uint16_t store_u16(double x)
{
    int level = (int)(x + 0.5);
    return (uint16_t)(level < UINT16_MAX ? level : UINT16_MAX);
}

static inline float store_f32(double x)
{
    return (float)x;
}

/* Samples begin … end of a row from the rows above, at and below it. left and right are distances
 * to the neighbours: a pixel, or 0 where the image ends. */
typedef void row_function(const void *const in[3], void *out, size_t begin, size_t end, size_t left,
                          size_t right, float scale);

#define SOBEL_ROW(name, type, wide, real, norm, store)                                             \
    static void name(const void *const in[3], void *out_row, size_t begin, size_t end,             \
                     size_t left, size_t right, float scale)                                       \
    {                                                                                              \
        const type *above = in[0], *at = in[1], *below = in[2];                                    \
        type *out = out_row;                                                                       \
        _Pragma("omp simd") for (size_t i = begin; i < end; i++)                                   \
        {                                                                                          \
            wide gx = (wide)(((wide)above[i + right] - (wide)above[i - left]) +                    \
                             2 * ((wide)at[i + right] - (wide)at[i - left]) +                      \
                             ((wide)below[i + right] - (wide)below[i - left]));                    \
            wide gy = (wide)(((wide)below[i - left] - (wide)above[i - left]) +                     \
                             2 * ((wide)below[i] - (wide)above[i]) +                               \
                             ((wide)below[i + right] - (wide)above[i + right]));                   \
            out[i] = store(norm((real)gx, (real)gy) * (real)(scale / 4));                          \
        }                                                                                          \
    }

SOBEL_ROW(row_l2_u8, uint8_t, int16_t, float, l2_single, store_u8)
SOBEL_ROW(row_l1_u8, uint8_t, int16_t, float, l1_single, store_u8)
SOBEL_ROW(row_l2_u16, uint16_t, int32_t, double, l2, store_u16)
SOBEL_ROW(row_l1_u16, uint16_t, int32_t, double, l1, store_u16)
SOBEL_ROW(row_l2_f32, float, double, double, l2, store_f32)
SOBEL_ROW(row_l1_f32, float, double, double, l1, store_f32)

static row_function *choose_row(const struct sobel *sobel)
{
    bool l2_wanted = sobel->norm == NORM_L2;
    switch (sobel->in.type) {
    case DPK_U8:
        return l2_wanted ? row_l2_u8 : row_l1_u8;
    case DPK_U16:
        return l2_wanted ? row_l2_u16 : row_l1_u16;
    default:
        return l2_wanted ? row_l2_f32 : row_l1_f32;
    }
}

static void copy_alpha(dpk_type type, const void *in, void *out, size_t samples, size_t pixel)
{
    if (type == DPK_U8)
        for (size_t i = pixel - 1; i < samples; i += pixel)
            ((uint8_t *)out)[i] = ((const uint8_t *)in)[i];
    else if (type == DPK_U16)
        for (size_t i = pixel - 1; i < samples; i += pixel)
            ((uint16_t *)out)[i] = ((const uint16_t *)in)[i];
    else
        for (size_t i = pixel - 1; i < samples; i += pixel)
            ((float *)out)[i] = ((const float *)in)[i];
}

/* No rows at all where rows are empty, however many. */
static size_t rows(const void *self)
{
    const struct sobel *sobel = self;
    return dpk_row_count(&sobel->in) > 0 ? sobel->in.shape[0] : 0;
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, 1, 1);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct sobel *sobel = self;
    size_t height = sobel->in.shape[0], samples = dpk_row_count(&sobel->in);
    size_t pixel = sobel->in.shape[2];
    bool alpha = dpk_colour_channels(&sobel->in) < pixel;
    row_function *row = choose_row(sobel);
    (void)scratch;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in[3] = { dpk_row(&sobel->in, y > 0 ? y - 1 : 0), dpk_row(&sobel->in, y),
                              dpk_row(&sobel->in, y + 1 < height ? y + 1 : y) };
        void *out = dpk_row(&sobel->out, y);
        if (samples == pixel) {
            row(in, out, 0, pixel, 0, 0, sobel->scale);
        } else {
            row(in, out, 0, pixel, 0, pixel, sobel->scale);
            row(in, out, pixel, samples - pixel, pixel, pixel, sobel->scale);
            row(in, out, samples - pixel, samples, pixel, 0, sobel->scale);
        }
        if (alpha)
            copy_alpha(sobel->in.type, in[1], out, samples, pixel);
    }
}

/* The reference: any sample of any type by its coordinates, which may lie outside. */
static double sample(const dpk_array *image, ptrdiff_t y, ptrdiff_t x, size_t channel)
{
    ptrdiff_t bottom = (ptrdiff_t)image->shape[0] - 1, right = (ptrdiff_t)image->shape[1] - 1;
    y = y < 0 ? 0 : y > bottom ? bottom : y;
    x = x < 0 ? 0 : x > right ? right : x;
    const void *row = dpk_row(image, (size_t)y);
    size_t i = (size_t)x * image->shape[2] + channel;
    return image->type == DPK_U8    ? ((const uint8_t *)row)[i]
           : image->type == DPK_U16 ? ((const uint16_t *)row)[i]
                                    : (double)((const float *)row)[i];
}

static double magnitude(const struct sobel *sobel, ptrdiff_t y, ptrdiff_t x, size_t channel)
{
    const dpk_array *in = &sobel->in;
    double gx = 0, gy = 0;
    for (ptrdiff_t i = -1; i <= 1; i++) {
        double weight = i == 0 ? 2 : 1;
        gx += weight * (sample(in, y + i, x + 1, channel) - sample(in, y + i, x - 1, channel));
        gy += weight * (sample(in, y + 1, x + i, channel) - sample(in, y - 1, x + i, channel));
    }
    if (sobel->norm == NORM_L1)
        return fabs(gx) + fabs(gy);
    return in->type == DPK_U8 ? (double)sqrtf((float)(gx * gx + gy * gy)) : sqrt(gx * gx + gy * gy);
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct sobel *sobel = self;
    size_t columns = sobel->in.shape[1], channels = sobel->in.shape[2];
    (void)arena;

    for (size_t i = 0; i < dpk_count(&sobel->in); i++) {
        size_t channel = i % channels, x = i / channels % columns, y = i / channels / columns;
        bool alpha = channel >= dpk_colour_channels(&sobel->in);
        double level = magnitude(sobel, (ptrdiff_t)y, (ptrdiff_t)x, channel) * (sobel->scale / 4);
        if (alpha)
            level = sample(&sobel->in, (ptrdiff_t)y, (ptrdiff_t)x, channel);
        if (sobel->in.type == DPK_U8)
            ((uint8_t *)sobel->out.data)[i] = (uint8_t)fmin(floor((float)level + 0.5F), UINT8_MAX);
        else if (sobel->in.type == DPK_U16)
            ((uint16_t *)sobel->out.data)[i] = (uint16_t)fmin(floor(level + 0.5), UINT16_MAX);
        else
            ((float *)sobel->out.data)[i] = (float)level;
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct sobel *sobel = self;
    double samples = (double)dpk_count(&sobel->in);
    /* each gradient: three differences, one doubled, two sums; their norm: four; scaling: one */
    return (dpk_cost){ .bytes = 2 * samples * (double)dpk_type_size(sobel->in.type),
                       .operations = samples * (2 * 6 + 4 + 1) };
}

static const dpk_choice norms[] = {
    { "l2", NORM_L2, "sqrt(gx^2 + gy^2), the same for all directions" },
    { "l1", NORM_L1, "|gx| + |gy|, up to 1.41 times as much on diagonals" },
    { .name = NULL },
};

static const dpk_param params[] = {
    DPK_PARAM(struct sobel, norm, .def = "l2", .choices = norms,
              .help = "how the two gradients make one magnitude"),
    DPK_PARAM(struct sobel, scale, .def = "1", .min = 0, .max = 1000,
              .help = "factor of the result, to bring out weak edges"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct sobel, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .help = "picture whose edges are wanted"),
    DPK_OUT(struct sobel, out, .image = true, .help = "edge strength of every channel"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work },
    DPK_END,
};

DPK_KERNEL(sobel, .summary = "edge strength by the Sobel operator", .group = "image",
           .details =
               "out = scale * norm(gx, gy) / 4 for every colour channel, where gx and gy are the "
               "correlations with\n\n"
               "          -1  0  1              -1 -2 -1\n"
               "    gx =  -2  0  2        gy =   0  0  0\n"
               "          -1  0  1               1  2  1\n\n"
               "so that a straight step from a to b gives |b - a|. Integers are rounded to the "
               "nearest level and saturate. Pixels outside the picture equal the nearest one "
               "inside; alpha stays as it is. For a single edge map of a colour picture convert it "
               "to grey first.\n\n"
               "I. Sobel, G. Feldman: A 3x3 isotropic gradient operator for image processing, "
               "Stanford Artificial Intelligence Project, 1968; described in R. O. Duda, P. E. "
               "Hart: Pattern Classification and Scene Analysis, Wiley 1973, pp. 271-272.",
           .examples = (const char *const[]){ "dpk sobel data/coast.png edges.png",
                                              "dpk sobel data/coast.png edges.png --scale=4",
                                              "dpk sobel data/coast.png edges.png --norm=l1",
                                              NULL },
           .size = sizeof(struct sobel), .params = params, .ports = ports, .passes = passes,
           .reference = reference,
           /* the last rounding of f32; integers are exact */
           .tolerance = { .epsilons = 1 }, .cost = cost);
