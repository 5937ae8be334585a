/* SPDX-License-Identifier: MIT */
/* sobel: edge strength, the magnitude of the gradient by the Sobel operator,
 *
 *           -1  0  1              -1 -2 -1
 *     gx =  -2  0  2  * in   gy =  0  0  0  * in     out = scale * norm(gx, gy) / 4
 *           -1  0  1               1  2  1
 *
 * for every colour channel; alpha passes through.
 *
 * Weights of one sign add up to 4: divided by it, a straight step from a to b gives |b - a|. So the
 * whole range is used and nearly nothing is lost: at scale 1 only corners of the highest contrast
 * exceed the range of the input, by up to sqrt(20)/4 = 1.12 (l2) or 6/4 (l1) times, and saturate.
 *
 * Gradients of integers are exact. Only the magnitude is rounded: in single precision for u8, whose
 * gx*gx + gy*gy is below 2^24, in double precision for u16, where it takes 37 bits, and for f32,
 * where differences of close numbers and squares of large ones then do no harm. */
#include <dpk/image.h>

#include <math.h>

enum { NORM_L2, NORM_L1 };

struct sobel {
    dpk_array in, out;
    unsigned norm, edge;
    float scale;
    const void *zeros; /* a row beyond the edges, where it counts as zero */
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

/* Samples begin … end of a row from the rows above, at and below it. left and right say how far
 * the neighbours are: a pixel, except at the ends of the row. */
typedef void row_function(const void *const in[3], void *out, size_t begin, size_t end,
                          ptrdiff_t left, ptrdiff_t right, float scale);

#define SOBEL_ROW(name, type, wide, real, norm, store)                                             \
    static void name(const void *const in[3], void *out_row, size_t begin, size_t end,             \
                     ptrdiff_t to_left, ptrdiff_t to_right, float scale)                           \
    {                                                                                              \
        const type *above = in[0], *at = in[1], *below = in[2];                                    \
        type *out = out_row;                                                                       \
        size_t left = (size_t)to_left, right = (size_t)to_right;                                   \
        _Pragma("omp simd") for (size_t i = begin; i < end; i++)                                   \
        {                                                                                          \
            wide gx = (wide)(((wide)above[i + right] - (wide)above[i + left]) +                    \
                             2 * ((wide)at[i + right] - (wide)at[i + left]) +                      \
                             ((wide)below[i + right] - (wide)below[i + left]));                    \
            wide gy = (wide)(((wide)below[i + left] - (wide)above[i + left]) +                     \
                             2 * ((wide)below[i] - (wide)above[i]) +                               \
                             ((wide)below[i + right] - (wide)above[i + right]));                   \
            out[i] = store(norm((real)gx, (real)gy) * (real)(scale / 4));                          \
        }                                                                                          \
    }

SOBEL_ROW(l2_u8, uint8_t, int16_t, float, l2_single, store_u8)
SOBEL_ROW(l1_u8, uint8_t, int16_t, float, l1_single, store_u8)
SOBEL_ROW(l2_u16, uint16_t, int32_t, double, l2, store_u16)
SOBEL_ROW(l1_u16, uint16_t, int32_t, double, l1, store_u16)
SOBEL_ROW(l2_f32, float, double, double, l2, store_f32)
SOBEL_ROW(l1_f32, float, double, double, l1, store_f32)

static size_t rows(const void *self)
{
    const struct sobel *sobel = self;
    return dpk_image_rows(&sobel->in);
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct sobel *sobel = self;
    (void)port;
    return dpk_reads_window(&sobel->in, out, 1, sobel->edge);
}

/* Bytes of a row that is continued by a pixel at both ends. */
static size_t extended_bytes(const struct sobel *sobel)
{
    return dpk_row_bytes(&sobel->in) + 2 * dpk_pixel_bytes(&sobel->in);
}

static size_t scratch_bytes(const void *self)
{
    const struct sobel *sobel = self;
    return sobel->edge == DPK_EDGE_ZERO ? 3 * extended_bytes(sobel) : 0;
}

/* Rows without zeros beyond their ends: at the ends, neighbours are other pixels of the row. */
static void row_in_place(const struct sobel *sobel, row_function *row, const void *const in[3],
                         void *out)
{
    size_t columns = sobel->in.shape[1], samples = dpk_row_count(&sobel->in);
    ptrdiff_t pixel = (ptrdiff_t)sobel->in.shape[2], last = (ptrdiff_t)columns - 1;
    ptrdiff_t left = dpk_edge_at(-1, columns, sobel->edge) * pixel;
    ptrdiff_t right = (dpk_edge_at(last + 1, columns, sobel->edge) - last) * pixel;

    if (columns == 1) {
        row(in, out, 0, samples, left, right, sobel->scale);
    } else {
        size_t one = (size_t)pixel;
        row(in, out, 0, one, left, pixel, sobel->scale);
        row(in, out, one, samples - one, -pixel, pixel, sobel->scale);
        row(in, out, samples - one, samples, -pixel, right, sobel->scale);
    }
}

/* Zeros are found in no row: copies of the rows are extended by them. */
static void row_of_copies(const struct sobel *sobel, row_function *row, const void *const in[3],
                          void *out, char *scratch)
{
    size_t pixel = dpk_pixel_bytes(&sobel->in);
    ptrdiff_t step = (ptrdiff_t)sobel->in.shape[2];
    const void *copies[3];
    for (size_t k = 0; k < 3; k++) {
        char *copy = scratch + k * extended_bytes(sobel) + pixel;
        memcpy(copy, in[k], dpk_row_bytes(&sobel->in));
        dpk_row_extend(copy, sobel->in.shape[1], pixel, 1, 1, sobel->edge);
        copies[k] = copy;
    }
    row(copies, out, 0, dpk_row_count(&sobel->in), -step, step, sobel->scale);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct sobel *sobel = self;
    row_function *row = sobel->norm == NORM_L2 ? DPK_SELECT_U8_U16_F32(sobel->in.type, l2)
                                               : DPK_SELECT_U8_U16_F32(sobel->in.type, l1);

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in[3];
        void *out = dpk_row(&sobel->out, y);
        dpk_row_window(&sobel->in, y, 1, sobel->edge, sobel->zeros, in);
        if (sobel->edge == DPK_EDGE_ZERO)
            row_of_copies(sobel, row, in, out, scratch);
        else
            row_in_place(sobel, row, in, out);
        dpk_copy_alpha(&sobel->in, in[1], out);
    }
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct sobel *sobel = self;
    return dpk_edge_zeros(&sobel->in, sobel->edge, &sobel->zeros, arena, err);
}

static double magnitude(const struct sobel *sobel, ptrdiff_t y, ptrdiff_t x, size_t channel)
{
    const dpk_array *in = &sobel->in;
    unsigned edge = sobel->edge;
    double gx = 0, gy = 0;
    for (ptrdiff_t i = -1; i <= 1; i++) {
        double weight = i == 0 ? 2 : 1;
        gx += weight * (dpk_sample_at(in, y + i, x + 1, channel, edge) -
                        dpk_sample_at(in, y + i, x - 1, channel, edge));
        gy += weight * (dpk_sample_at(in, y + 1, x + i, channel, edge) -
                        dpk_sample_at(in, y - 1, x + i, channel, edge));
    }
    if (sobel->norm == NORM_L1)
        return fabs(gx) + fabs(gy);
    return in->type == DPK_U8 ? (double)sqrtf((float)(gx * gx + gy * gy)) : sqrt(gx * gx + gy * gy);
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct sobel *sobel = self;
    const dpk_array *in = &sobel->in;
    size_t columns = in->shape[1], channels = in->shape[2];
    (void)arena;

    for (size_t i = 0; i < dpk_count(in); i++) {
        ptrdiff_t x = (ptrdiff_t)(i / channels % columns), y = (ptrdiff_t)(i / channels / columns);
        double level = magnitude(sobel, y, x, i % channels) * (sobel->scale / 4);
        if (in->type == DPK_U8)
            level = (double)floorf((float)level + 0.5F);
        dpk_sample_put(&sobel->out, i, dpk_sample_is_alpha(in, i) ? dpk_sample_get(in, i) : level);
    }
    return true;
}

/* Each gradient takes three differences, one doubled, and two sums; their norm four operations, and
 * scaling one. */
static dpk_cost cost(const void *self)
{
    const struct sobel *sobel = self;
    return dpk_image_cost(&sobel->in, &sobel->out, 2 * 6 + 4 + 1);
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
    DPK_PARAM_EDGE(struct sobel, edge),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct sobel, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .help = "picture whose edges are wanted"),
    DPK_OUT(struct sobel, out, .image = true, .help = "edge strength of every channel"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work, .scratch = scratch_bytes },
    DPK_END,
};

DPK_KERNEL(
    sobel, .summary = "edge strength by the Sobel operator", .group = "image",
    .details =
        "out = scale * norm(gx, gy) / 4 for every colour channel, where gx and gy are the "
        "correlations with\n\n"
        "          -1  0  1              -1 -2 -1\n"
        "    gx =  -2  0  2        gy =   0  0  0\n"
        "          -1  0  1               1  2  1\n\n"
        "so that a straight step from a to b gives |b - a|. Integers are rounded to the "
        "nearest level and saturate; alpha stays as it is. For a single edge map of a colour "
        "picture convert it to grey first.\n\n"
        "I. Sobel, G. Feldman: A 3x3 isotropic gradient operator for image processing, "
        "Stanford Artificial Intelligence Project, 1968; described in R. O. Duda, P. E. "
        "Hart: Pattern Classification and Scene Analysis, Wiley 1973, pp. 271-272.",
    .examples = (const char *const[]){ "dpk sobel data/coast.png edges.png",
                                       "dpk sobel data/coast.png edges.png --scale=4",
                                       "dpk sobel data/coast.png edges.png --norm=l1", NULL },
    .size = sizeof(struct sobel), .params = params, .ports = ports, .prepare = prepare,
    .passes = passes, .reference = reference,
    /* the last rounding of f32; integers are exact */
    .tolerance = { .epsilons = 1 }, .cost = cost);
