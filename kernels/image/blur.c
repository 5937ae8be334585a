/* SPDX-License-Identifier: MIT */
/* blur: Gaussian blur, the convolution of every channel with
 *
 *     g(k) = exp(-k^2 / (2 sigma^2)) / (sum of the same over all integers k)
 *
 * along the columns and then along the rows: the two-dimensional Gaussian is the product of two
 * one-dimensional ones, so 2 (2r + 1) taps do the work of (2r + 1)^2.
 *
 * One band of output rows is computed at a time. Its input rows, with the rows around them, are
 * converted to the working type tile by tile and blurred downwards into the band; the band's rows
 * are then extended at both ends and blurred across into the output. The edge mode is applied where
 * samples are copied, so one loop without branches serves both directions. It adds samples k and -k
 * first, as they share a weight. The centre is added twice this way, so weights[0] is g(0) / 2.
 *
 * u16 and f32 work in f32, u8 in integers, both with the same bytes at every ISA level. How wrong a
 * result can be, in levels of 0 … max, with n = 2r + 1 taps:
 *
 *   radius     Cutting off a mass t of g and scaling up the rest moves a sum by at most t max. u8
 *              and u16 allow 1/16 per direction, so r is 3.7 and 4.9 sigma; f32 allows t = 2^-24,
 *              half an ulp, and r is 5.4 sigma.
 *   u8         Weights are multiples of 2^-s. Their running sum is rounded, not each of them, so
 *              they add up to 1 and each is off by less than 2^-s: (n + 1) 2^-s max/2 per
 *              direction. Between the directions samples keep f fraction bits: 2^-(f + 1). Two
 *              samples stay below 2^15, as f <= 6, and sums below 2^32, as s + f <= 24, so nothing
 *              else is lost. r < 64 takes f = 6: 1/8 + 0.13 + 0.01 in all. Larger ones take f = 3:
 *              1/8 + 0.09 + 0.07 at sigma 100, 1/8 + 0.45 + 0.07 at sigma 500.
 *   u16, f32   An addition is off by at most 2^-24 of its result. As the smallest weights come
 *              first, all results add up to max (1 + E|k|) = max (1 + 0.8 sigma); weights, pairs
 *              and products count as three more: (8 + 1.6 sigma) 2^-24 max for both directions,
 *              for u16 0.66 at sigma 100, plus the 1/8 of the radius.
 *
 * Less than 1 is at most one level after rounding: u8 at any sigma, u16 up to sigma 100. */
#include <dpk/image.h>

#include <math.h>

#if defined(__SSE2__)
#    include <immintrin.h>
#endif

enum { BAND = 16 };  /* rows made at a time, so that few of the rows read are halo */
enum { LANES = 64 }; /* samples whose sums stay in registers; convolutions do whole lanes */

enum direction { DOWN, ACROSS };

struct blur {
    double sigma;
    unsigned edge;
    dpk_array in, out;

    const struct engine *engine;
    size_t radius;
    size_t step[2]; /* samples between taps; downwards that is the width of a tile */
    size_t margin;  /* samples that extend a band's row at each end, in whole lanes */
    size_t pitch;   /* samples from row to row of a band */
    void *weights;  /* 0 … radius, of the working type */
    int shift[2];   /* u8: fraction bits a sum has more than the result */
};

/* What differs between element types. */
struct engine {
    size_t size;    /* bytes of the working type */
    double outside; /* mass of g that the radius may leave out */
    void (*load)(const void *source, void *target, size_t count);
    void (*convolve)(const struct blur *, enum direction, const void *source, void *target,
                     size_t count);
    void (*store)(const void *source, void *target, size_t count);
};

#define CONVERT(name, from, to, value)                                                             \
    static void name(const void *source, void *target, size_t count)                               \
    {                                                                                              \
        const from *restrict in = source;                                                          \
        to *restrict out = target;                                                                 \
        for (size_t i = 0; i < count; i++)                                                         \
            out[i] = (to)(value);                                                                  \
    }

CONVERT(load_u8, uint8_t, int16_t, in[i])
CONVERT(store_u8, int16_t, uint8_t, in[i])
CONVERT(load_u16, uint16_t, float, in[i])
CONVERT(store_u16, float, uint16_t, in[i] < UINT16_MAX ? in[i] + 0.5F : UINT16_MAX)

/* Samples are halved, so that the sum of two cannot overflow. Halving and doubling are exact,
 * except that numbers below 2^-125 lose their last bit. */
CONVERT(load_f32, float, float, in[i] * 0.5F)
CONVERT(store_f32, float, float, in[i] * 2)

#define CONVOLVE(name, type, wide, result)                                                         \
    static void name(const struct blur *blur, enum direction direction, const void *source,        \
                     void *target, size_t count)                                                   \
    {                                                                                              \
        const type *weights = blur->weights;                                                       \
        size_t step = blur->step[direction];                                                       \
        for (size_t x = 0; x < count; x += LANES) {                                                \
            const type *in = (const type *)source + x;                                             \
            type *out = (type *)target + x;                                                        \
            wide sum[LANES] = { 0 };                                                               \
            for (size_t k = blur->radius + 1; k-- > 0;) {                                          \
                const type *before = in - k * step, *after = in + k * step;                        \
                for (size_t i = 0; i < LANES; i++)                                                 \
                    sum[i] += (wide)(weights[k] * (before[i] + after[i]));                         \
            }                                                                                      \
            for (size_t i = 0; i < LANES; i++)                                                     \
                out[i] = (type)(result);                                                           \
        }                                                                                          \
    }

CONVOLVE(convolve_f32, float, float, sum[i])

#if !defined(__SSE2__)
CONVOLVE(convolve_i16, int16_t, uint32_t,
         (sum[i] + (1U << (blur->shift[direction] - 1))) >> blur->shift[direction])
#else
#    if defined(__AVX512BW__)
typedef __m512i vector;
#        define V(operation) _mm512_##operation
#    elif defined(__AVX2__)
typedef __m256i vector;
#        define V(operation) _mm256_##operation
#    else
typedef __m128i vector;
#        define V(operation) _mm_##operation
#    endif

static inline vector add_taps(const int16_t *before, const int16_t *after)
{
    vector a, b;
    memcpy(&a, before, sizeof a);
    memcpy(&b, after, sizeof b);
    return V(add_epi16)(a, b);
}

/* The same with two weights at a time (pmaddwd), which is two to five times as fast as the compiled
 * plain loop. The radius is odd, so that weights 0 … radius come in pairs. */
static void convolve_i16(const struct blur *blur, enum direction direction, const void *source,
                         void *target, size_t count)
{
    enum { VECTORS = 2, WIDTH = sizeof(vector) / sizeof(int16_t) };
    const int16_t *weights = blur->weights;
    size_t step = blur->step[direction];
    vector half = V(set1_epi32)(1 << (blur->shift[direction] - 1));
    __m128i shift = _mm_cvtsi32_si128(blur->shift[direction]);

    for (size_t x = 0; x < count; x += VECTORS * WIDTH) {
        vector low[VECTORS] = { half, half }, high[VECTORS] = { half, half };
        for (size_t k = 0; k < blur->radius; k += 2) {
            const int16_t *in = (const int16_t *)source + x;
            int32_t two;
            memcpy(&two, weights + k, sizeof two);
            vector weight = V(set1_epi32)(two);
            for (int v = 0; v < VECTORS; v++, in += WIDTH) {
                vector a = add_taps(in - k * step, in + k * step);
                vector b = add_taps(in - (k + 1) * step, in + (k + 1) * step);
                low[v] = V(add_epi32)(low[v], V(madd_epi16)(V(unpacklo_epi16)(a, b), weight));
                high[v] = V(add_epi32)(high[v], V(madd_epi16)(V(unpackhi_epi16)(a, b), weight));
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            low[v] = V(srl_epi32)(low[v], shift);
            high[v] = V(srl_epi32)(high[v], shift);
            low[v] = V(packs_epi32)(low[v], high[v]);
        }
        memcpy((int16_t *)target + x, low, sizeof low);
    }
}
#endif

static const struct engine engines[] = {
    { sizeof(int16_t), 1.0 / 16 / UINT8_MAX, load_u8, convolve_i16, store_u8 },
    { sizeof(float), 1.0 / 16 / UINT16_MAX, load_u16, convolve_f32, store_u16 },
    { sizeof(float), 0x1p-24, load_f32, convolve_f32, store_f32 },
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t whole_lanes(size_t count)
{
    return (count + LANES - 1) / LANES * LANES;
}

/* Blurs downwards into the band of output rows y … y + rows - 1. */
static void blur_down(const struct blur *blur, size_t y, size_t rows, char *tile, char *band)
{
    const struct engine *engine = blur->engine;
    size_t samples = dpk_row_count(&blur->in), width = blur->step[DOWN];
    size_t line = width * engine->size;

    for (size_t x = 0; x < samples; x += width) {
        size_t count = least(width, samples - x), offset = x * dpk_type_size(blur->in.type);
        for (size_t i = 0; i < rows + 2 * blur->radius; i++) {
            ptrdiff_t at = (ptrdiff_t)(y + i) - (ptrdiff_t)blur->radius;
            const char *row = dpk_edge_row(&blur->in, at, blur->edge, NULL);
            if (row == NULL)
                memset(tile + i * line, 0, line);
            else
                engine->load(row + offset, tile + i * line, count);
        }
        for (size_t i = 0; i < rows; i++)
            engine->convolve(blur, DOWN, tile + (i + blur->radius) * line,
                             band + (i * blur->pitch + blur->margin + x) * engine->size, count);
    }
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct blur *blur = self;
    const struct engine *engine = blur->engine;
    size_t samples = dpk_row_count(&blur->out), width = blur->step[DOWN];
    size_t pitch = blur->pitch * engine->size, margin = blur->margin * engine->size;
    size_t columns = blur->in.shape[1], pixel = blur->in.shape[2] * engine->size;
    char *band = scratch, *tile = band + BAND * pitch;

    for (size_t y = span.begin; y < span.end; y += BAND) {
        size_t rows = least(BAND, span.end - y);
        blur_down(blur, y, rows, tile, band);
        for (size_t i = 0; i < rows; i++) {
            char *row = band + i * pitch + margin, *out = dpk_row(&blur->out, y + i);
            dpk_row_extend(row, columns, pixel, blur->radius, blur->radius, blur->edge);
            for (size_t x = 0; x < samples; x += width) {
                size_t count = least(width, samples - x);
                engine->convolve(blur, ACROSS, row + x * engine->size, tile, count);
                engine->store(tile, out + x * dpk_type_size(blur->out.type), count);
            }
        }
    }
}

static size_t scratch_bytes(const void *self)
{
    const struct blur *blur = self;
    size_t tile = (2 * blur->radius + BAND) * blur->step[DOWN];
    return (BAND * blur->pitch + tile) * blur->engine->size;
}

static size_t rows(const void *self)
{
    const struct blur *blur = self;
    return dpk_image_rows(&blur->out);
}

static size_t grain(const void *self)
{
    (void)self;
    return BAND;
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct blur *blur = self;
    (void)port;
    return dpk_reads_window(&blur->in, out, blur->radius, blur->edge);
}

/* The Gaussian before it is scaled, halved at the centre. */
static double gauss(double sigma, size_t k)
{
    double x = (double)k / sigma;
    return k == 0 ? 0.5 : exp(-0.5 * x * x);
}

static size_t radius_for(double sigma, double outside)
{
    size_t radius = (size_t)(10 * sigma); /* 1e-23 is beyond */
    double mass = 0, tail = 0;

    for (size_t k = 0; k <= radius; k++)
        mass += gauss(sigma, k);
    while (radius > 0 && (tail += gauss(sigma, radius)) <= outside * mass)
        radius--;
    return radius;
}

/* Computes all sizes, as reads and scratch depend on them. */
static dpk_status shape(void *self, dpk_error *err)
{
    const size_t most = PTRDIFF_MAX / (2 * BAND * sizeof(float)); /* samples of an extended row */
    const size_t l1 = 32 << 10; /* bytes of a first-level cache, which a tile should fit */
    struct blur *blur = self;
    size_t columns = blur->in.shape[1], channels = blur->in.shape[2];

    dpk_array_shape(&blur->out, blur->in.type, blur->in.rank, blur->in.shape);
    blur->engine = &engines[blur->in.type == DPK_U8 ? 0 : blur->in.type == DPK_U16 ? 1 : 2];
    blur->radius = radius_for(blur->sigma, blur->engine->outside);
    if (blur->in.type == DPK_U8)
        blur->radius |= 1;
    if (columns > most || columns + 2 * (blur->radius + LANES) > most / (channels | 1))
        return dpk_fail(err, DPK_LIMIT, "rows of %zu pixels are too long to blur", columns);

    size_t lanes = l1 / ((2 * blur->radius + BAND) * blur->engine->size * LANES);
    blur->step[DOWN] = lanes < 1 ? LANES : least(lanes, 4) * LANES; /* wider gains nothing */
    blur->step[ACROSS] = channels;
    blur->margin = whole_lanes(blur->radius * channels);
    blur->pitch = whole_lanes(columns * channels) + 2 * blur->margin;
    return DPK_OK;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct blur *blur = self;
    int fraction = blur->radius < 64 ? 6 : 3, scale = 24 - fraction;
    double mass = 0, sum = 0, before = 0;

    blur->weights = dpk_alloc(arena, (blur->radius + 1) * blur->engine->size, err);
    if (!blur->weights)
        return err->status;
    for (size_t k = 0; k <= blur->radius; k++)
        mass += 2 * gauss(blur->sigma, k);

    /* The first weight is the largest or, as it is halved, the second is. */
    while (ldexp(fmax(0.5, gauss(blur->sigma, 1)) / mass, scale) > INT16_MAX - 1)
        scale--;
    blur->shift[DOWN] = scale - fraction;
    blur->shift[ACROSS] = scale + fraction;

    for (size_t k = blur->radius + 1; k-- > 0; before = sum) {
        sum += gauss(blur->sigma, k) / mass;
        if (blur->in.type == DPK_U8)
            ((int16_t *)blur->weights)[k] =
                (int16_t)(lround(ldexp(sum, scale)) - lround(ldexp(before, scale)));
        else
            ((float *)blur->weights)[k] = (float)(gauss(blur->sigma, k) / mass);
    }
    return DPK_OK;
}

/* The weight of each sample 0 … n - 1 in output i: the sum of all taps that show it. */
static void reference_weights(const struct blur *blur, ptrdiff_t i, ptrdiff_t n, double *weights)
{
    ptrdiff_t reach = (ptrdiff_t)ceil(10 * blur->sigma);
    double total = 0;

    memset(weights, 0, (size_t)n * sizeof *weights);
    for (ptrdiff_t k = -reach; k <= reach; k++) {
        double weight = k ? exp(-(double)(k * k) / (2 * blur->sigma * blur->sigma)) : 1;
        ptrdiff_t at = dpk_edge_at(i + k, (size_t)n, blur->edge);
        total += weight;
        if (at >= 0)
            weights[at] += weight;
    }
    for (ptrdiff_t j = 0; j < n; j++)
        weights[j] /= total;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct blur *blur = self;
    size_t count = dpk_count(&blur->in), stride = count;
    if (count == 0)
        return true;
    double *in = dpk_alloc(arena, count * sizeof *in, NULL);
    double *out = dpk_alloc(arena, count * sizeof *out, NULL);
    double *weights = dpk_alloc(arena, count * sizeof *weights, NULL);
    if (!in || !out || !weights)
        return false;

    for (size_t at = 0; at < count; at++)
        out[at] = dpk_sample_get(&blur->in, at);
    for (unsigned axis = 0; axis < 2; axis++) {
        size_t n = blur->in.shape[axis];
        stride /= n;
        memcpy(in, out, count * sizeof *in);
        memset(out, 0, count * sizeof *out);
        for (size_t i = 0; i < n; i++) {
            reference_weights(blur, (ptrdiff_t)i, (ptrdiff_t)n, weights);
            for (size_t j = 0; j < n; j++)
                for (size_t part = 0; weights[j] > 0 && part < count; part += n * stride)
                    for (size_t at = part; at < part + stride; at++)
                        out[at + i * stride] += weights[j] * in[at + j * stride];
        }
    }
    for (size_t at = 0; at < count; at++)
        dpk_sample_put(&blur->out, at, out[at]);
    return true;
}

/* radius + 1 products and 2 radius sums, twice for each sample. */
static dpk_cost cost(const void *self)
{
    const struct blur *blur = self;
    return dpk_image_cost(&blur->in, &blur->out, 2 * (3 * (double)blur->radius + 1));
}

static const dpk_param params[] = {
    DPK_PARAM(struct blur, sigma, .def = "2", .min = 0, .max = 500, .unit = "px",
              .help = "standard deviation of the Gaussian; 0 copies"),
    DPK_PARAM_EDGE(struct blur, edge),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct blur, in, .image = true, .types = DPK_U8 | DPK_U16 | DPK_F32,
           .alpha = DPK_PREMULTIPLIED, .help = "picture to blur"),
    DPK_OUT(struct blur, out, .image = true, .alpha = DPK_PREMULTIPLIED,
            .help = "the blurred picture"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows",
      .extent = rows,
      .grain = grain,
      .reads = reads,
      .work = work,
      .scratch = scratch_bytes },
    DPK_END,
};

DPK_KERNEL(
    blur, .summary = "Gaussian blur", .group = "image",
    .details =
        "Every channel is convolved with a sampled Gaussian, down the columns and "
        "then across the rows, by as many taps as the element type can tell from "
        "all of them. 8-bit results are within one level of the exact Gaussian. "
        "Colour is blurred premultiplied by alpha.",
    .examples = (const char *const[]){ "dpk blur data/coast.png out.png",
                                       "dpk blur data/coast.png out.png --sigma=8 --edge=mirror",
                                       NULL },
    .size = sizeof(struct blur), .params = params, .ports = ports, .shape = shape,
    .prepare = prepare, .passes = passes, .reference = reference,
    .tolerance = { .levels = 1, .epsilons = 410 }, .cost = cost);
