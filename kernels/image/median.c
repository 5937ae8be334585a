/* SPDX-License-Identifier: MIT */
/* median: every sample becomes the median of the (2r+1)^2 samples around it, which removes specks
 * and keeps edges. Channels, alpha among them, are filtered one by one; outside the image is the
 * nearest pixel inside. Three methods, all exact:
 *
 *     r <= 3    sorting networks, for many columns at a time
 *     u8        a histogram per column: time per sample hardly depends on r
 *     u16       one histogram moving along the row: time per sample is proportional to r */
#include <dpk/dpk.h>

#include <string.h>

/* A column of 2*127 + 1 samples is counted in uint8_t, a window of 255*255 in uint16_t: this bounds
 * the radius. */
enum { RADIUS_MOST = 127, RADIUS_NETWORK = 3 };

struct median {
    dpk_array in, out;
    unsigned radius;
};

static inline size_t clamp(ptrdiff_t i, size_t count)
{
    return i < 0 ? 0 : (size_t)i < count ? (size_t)i : count - 1;
}

/* Row y of the input, or the nearest there is. */
static const void *row_near(const struct median *median, ptrdiff_t y)
{
    return dpk_row(&median->in, clamp(y, median->in.shape[0]));
}

static size_t row_bytes(const struct median *median)
{
    return dpk_row_count(&median->in) * dpk_type_size(median->in.type);
}

/* ---------------------------------------------------------------------------------- networks */

/* Sorting networks with the fewest exchanges, see D. E. Knuth: The Art of Computer Programming,
 * volume 3, section 5.3.4. They work on arrays of variables that live in registers. A result nobody
 * uses costs nothing: compilers drop minima and maxima that lead nowhere. */
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) < (b) ? (b) : (a))
#define ORDER(v, i, j) (low = MIN(v[i], v[j]), v[j] = MAX(v[i], v[j]), v[i] = low)
#define SORT3(v) ORDER(v, 0, 2), ORDER(v, 0, 1), ORDER(v, 1, 2)
#define SORT5(v)                                                                                   \
    ORDER(v, 0, 3), ORDER(v, 1, 4), ORDER(v, 0, 2), ORDER(v, 1, 3), ORDER(v, 0, 1),                \
        ORDER(v, 2, 4), ORDER(v, 1, 2), ORDER(v, 3, 4), ORDER(v, 2, 3)
#define SORT6(v)                                                                                   \
    ORDER(v, 0, 5), ORDER(v, 1, 3), ORDER(v, 2, 4), ORDER(v, 1, 2), ORDER(v, 3, 4),                \
        ORDER(v, 0, 3), ORDER(v, 2, 5), ORDER(v, 0, 1), ORDER(v, 2, 3), ORDER(v, 4, 5),            \
        ORDER(v, 1, 2), ORDER(v, 3, 4)
#define SORT7(v)                                                                                   \
    ORDER(v, 0, 6), ORDER(v, 2, 3), ORDER(v, 4, 5), ORDER(v, 0, 2), ORDER(v, 1, 4),                \
        ORDER(v, 3, 6), ORDER(v, 0, 1), ORDER(v, 2, 5), ORDER(v, 3, 4), ORDER(v, 1, 2),            \
        ORDER(v, 4, 6), ORDER(v, 2, 3), ORDER(v, 4, 5), ORDER(v, 1, 2), ORDER(v, 3, 4),            \
        ORDER(v, 5, 6)

#define LIST3(x) x(0), x(1), x(2)
#define LIST5(x) LIST3(x), x(3), x(4)
#define LIST7(x) LIST5(x), x(5), x(6)

/* First step: sort each column of n rows. The k-th smallest of all columns make rank[k], which the
 * n windows a column belongs to share. */
#define INPUT(k) in[k]
#define SAMPLE(k) row[k][i]
#define RANKED(k) rank[k * samples + i] = v[k]
#define COLUMNS(type, n)                                                                           \
    static void columns_##n##_##type(const void *const in[], void *ranks, ptrdiff_t samples)       \
    {                                                                                              \
        const type *row[] = { LIST##n(INPUT) };                                                    \
        type *rank = ranks;                                                                        \
        _Pragma("omp simd") for (ptrdiff_t i = 0; i < samples; i++)                                \
        {                                                                                          \
            type low, v[] = { LIST##n(SAMPLE) };                                                   \
            SORT##n(v);                                                                            \
            LIST##n(RANKED);                                                                       \
        }                                                                                          \
    }

/* Second step: the medians of samples begin … end, whose windows are the columns at the distances
 * given.
 *
 * Sort each rank across the window, too, and there are (k+1)(j+1) samples not above element j of
 * rank k and (n-k)(n-j) not below it: the median is near the diagonal k + j = n-1. Sorting this and
 * the neighbouring diagonals leaves few candidates. Which ones was found, and the whole proved, by
 * trying all inputs of zeros and ones; being right for these, a network is right for all numbers
 * (the 0-1 principle). */
#define DISTANCE(j) distance[j]
#define NEAR(k, j) rank[k * samples + i + at[j]]
#define R3(k) r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2) }
#define R5(k) r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2), NEAR(k, 3), NEAR(k, 4) }
#define R7(k)                                                                                      \
    r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2), NEAR(k, 3), NEAR(k, 4), NEAR(k, 5), NEAR(k, 6) }
#define WINDOWS(type, n)                                                                           \
    static void windows_##n##_##type(const void *ranks, ptrdiff_t samples, void *medians,          \
                                     ptrdiff_t begin, ptrdiff_t end, const ptrdiff_t distance[])   \
    {                                                                                              \
        const ptrdiff_t at[] = { LIST##n(DISTANCE) };                                              \
        const type *rank = ranks;                                                                  \
        type *median = medians;                                                                    \
        _Pragma("omp simd") for (ptrdiff_t i = begin; i < end; i++)                                \
        {                                                                                          \
            type low, LIST##n(R##n);                                                               \
            MEDIAN##n(type)                                                                        \
        }                                                                                          \
    }

#define MEDIAN3(type)                                                                              \
    SORT3(r0), SORT3(r1), SORT3(r2);                                                               \
    type d2[] = { r0[2], r1[1], r2[0] };                                                           \
    SORT3(d2);                                                                                     \
    median[i] = d2[1];

#define MEDIAN5(type)                                                                              \
    SORT5(r0), SORT5(r1), SORT5(r2), SORT5(r3), SORT5(r4);                                         \
    type d4[] = { r0[4], r1[3], r2[2], r3[1], r4[0] };                                             \
    SORT5(d4);                                                                                     \
    type rest[] = { MAX(MAX(r0[3], r1[2]), MAX(r2[1], r3[0])), d4[2],                              \
                    MIN(MIN(r1[4], r2[3]), MIN(r3[2], r4[1])) };                                   \
    SORT3(rest);                                                                                   \
    median[i] = rest[1];

#define MEDIAN7(type)                                                                              \
    SORT7(r0), SORT7(r1), SORT7(r2), SORT7(r3), SORT7(r4), SORT7(r5), SORT7(r6);                   \
    type d5[] = { r0[5], r1[4], r2[3], r3[2], r4[1], r5[0] };                                      \
    type d6[] = { r0[6], r1[5], r2[4], r3[3], r4[2], r5[1], r6[0] };                               \
    type d7[] = { r1[6], r2[5], r3[4], r4[3], r5[2], r6[1] };                                      \
    SORT6(d5), SORT7(d6), SORT6(d7);                                                               \
    type middle[] = { d5[4], d6[3], d7[1] };                                                       \
    SORT3(middle);                                                                                 \
    type rest[] = { MAX(MAX(MAX(r0[4], r1[3]), MAX(r2[2], r3[1])), r4[0]),                         \
                    MAX(MAX(d5[3], d6[2]), d7[0]), middle[1], MIN(MIN(d5[5], d6[4]), d7[2]),       \
                    MIN(MIN(MIN(r2[6], r3[5]), MIN(r4[4], r5[3])), r6[2]) };                       \
    SORT5(rest);                                                                                   \
    median[i] = rest[2];

#define NETWORK(type, n) COLUMNS(type, n) WINDOWS(type, n)
NETWORK(uint8_t, 3)
NETWORK(uint8_t, 5)
NETWORK(uint8_t, 7)
NETWORK(uint16_t, 3)
NETWORK(uint16_t, 5)
NETWORK(uint16_t, 7)

static const struct network {
    void (*columns)(const void *const in[], void *ranks, ptrdiff_t samples);
    void (*windows)(const void *ranks, ptrdiff_t samples, void *medians, ptrdiff_t begin,
                    ptrdiff_t end, const ptrdiff_t distance[]);
} networks[RADIUS_NETWORK][2] = {
    { { columns_3_uint8_t, windows_3_uint8_t }, { columns_3_uint16_t, windows_3_uint16_t } },
    { { columns_5_uint8_t, windows_5_uint8_t }, { columns_5_uint16_t, windows_5_uint16_t } },
    { { columns_7_uint8_t, windows_7_uint8_t }, { columns_7_uint16_t, windows_7_uint16_t } },
};

static void by_network(const struct median *median, dpk_span span, void *ranks)
{
    const struct network *network = &networks[median->radius - 1][median->in.type == DPK_U16];
    ptrdiff_t radius = (ptrdiff_t)median->radius, channels = (ptrdiff_t)median->in.shape[2];
    ptrdiff_t columns = (ptrdiff_t)median->in.shape[1], samples = columns * channels;

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in[2 * RADIUS_NETWORK + 1];
        ptrdiff_t distance[2 * RADIUS_NETWORK + 1];
        for (ptrdiff_t k = -radius; k <= radius; k++)
            in[k + radius] = row_near(median, (ptrdiff_t)y + k);
        network->columns(in, ranks, samples);

        /* Pixel by pixel where the row's ends are near, all others at once. */
        for (ptrdiff_t x = 0, next; x < columns; x = next) {
            next = x >= radius && x < columns - radius ? columns - radius : x + 1;
            for (ptrdiff_t k = -radius; k <= radius; k++)
                distance[k + radius] = ((ptrdiff_t)clamp(x + k, (size_t)columns) - x) * channels;
            network->windows(ranks, samples, dpk_row(&median->out, y), x * channels,
                             next * channels, distance);
        }
    }
}

/* -------------------------------------------------------------------------- column histograms */

/* Perreault and Hebert's method. Each column of 2r + 1 samples has a histogram, which moves down a
 * row by counting one sample and forgetting another. The sum of 2r + 1 of them is the histogram of
 * a window, which moves right by adding one and subtracting another. Histograms have two levels: 16
 * coarse bins with 16 fine ones in each, of which only those around a median are kept up to date.
 *
 * Here a bin counts the samples in all lower bins of its 16, too. Such bins add up like others, and
 * a median is found in them by bisection. */
enum { BINS = 16 };

/* So many columns of the image at a time that their histograms, 272 bytes each, stay in a
 * second-level cache. */
enum { STRIP = 512, COLUMNS_MOST = STRIP + 2 * RADIUS_MOST };

struct histograms {
    uint16_t coarse[BINS], fine[BINS][BINS]; /* of the window */
    ptrdiff_t fine_at[BINS];                 /* its first column when fine[b] was summed */
    size_t sample[COLUMNS_MOST];             /* where in a row the column's sample is */
    uint8_t column_coarse[COLUMNS_MOST][BINS], column_fine[BINS][COLUMNS_MOST][BINS];
};

static inline void count(uint8_t *restrict bins, const uint8_t *restrict step)
{
#pragma omp simd
    for (size_t b = 0; b < BINS; b++)
        bins[b] = (uint8_t)(bins[b] + step[b]);
}

static void count_row(struct histograms *h, size_t columns, const uint8_t *row, uint8_t by)
{
    uint8_t step[2 * BINS];
    memset(step, 0, BINS);
    memset(step + BINS, by, BINS);
    for (size_t j = 0; j < columns; j++) {
        size_t value = row[h->sample[j]];
        count(h->column_coarse[j], step + BINS - value / BINS);
        count(h->column_fine[value / BINS][j], step + BINS - value % BINS);
    }
}

static inline void add(uint16_t *restrict sum, const uint8_t *restrict bins)
{
#pragma omp simd
    for (size_t b = 0; b < BINS; b++)
        sum[b] = (uint16_t)(sum[b] + bins[b]);
}

static inline void replace(uint16_t *restrict sum, const uint8_t *restrict from,
                           const uint8_t *restrict to)
{
#pragma omp simd
    for (size_t b = 0; b < BINS; b++)
        sum[b] = (uint16_t)(sum[b] + to[b] - from[b]);
}

/* The bin with the sample of that rank, from 0; leaves the rank within the bin. */
static inline size_t find(const uint16_t *bins, unsigned *rank)
{
    size_t b = 0;
    for (size_t half = BINS / 2; half > 0; half /= 2)
        b += half * (bins[b + half - 1] <= *rank);
    *rank -= b > 0 ? bins[b - 1] : 0;
    return b;
}

/* The fine bins of the window of n columns from x, by whichever way takes fewer additions. */
static const uint16_t *fine_bins(struct histograms *h, size_t coarse, ptrdiff_t x, ptrdiff_t n)
{
    const uint8_t(*column)[BINS] = (const uint8_t(*)[BINS])h->column_fine[coarse];
    uint16_t *fine = h->fine[coarse];
    ptrdiff_t at = h->fine_at[coarse];
    h->fine_at[coarse] = x;
    if (x - at < n / 2) {
        for (; at < x; at++)
            replace(fine, column[at], column[at + n]);
    } else {
        memset(fine, 0, sizeof h->fine[coarse]);
        for (at = x; at < x + n; at++)
            add(fine, column[at]);
    }
    return fine;
}

static void strip_row(struct histograms *h, size_t width, ptrdiff_t n, uint8_t *out, size_t step)
{
    memset(h->coarse, 0, sizeof h->coarse);
    for (ptrdiff_t j = 0; j < n; j++)
        add(h->coarse, h->column_coarse[j]);
    for (size_t b = 0; b < BINS; b++)
        h->fine_at[b] = -n;

    for (ptrdiff_t x = 0; x < (ptrdiff_t)width; x++) {
        if (x > 0)
            replace(h->coarse, h->column_coarse[x - 1], h->column_coarse[x - 1 + n]);
        unsigned rank = (unsigned)(n * n / 2);
        size_t coarse = find(h->coarse, &rank);
        size_t fine = find(fine_bins(h, coarse, x, n), &rank);
        out[(size_t)x * step] = (uint8_t)(coarse * BINS + fine);
    }
}

static void by_column_histograms(const struct median *median, dpk_span span, void *scratch)
{
    struct histograms *h = scratch;
    size_t columns = median->in.shape[1], channels = median->in.shape[2];
    size_t strips = (columns - 1) / STRIP + 1;
    ptrdiff_t radius = (ptrdiff_t)median->radius, begin = (ptrdiff_t)span.begin;

    for (size_t i = 0; i < strips * channels; i++) {
        size_t first = i / channels * STRIP, channel = i % channels;
        size_t width = MIN(columns - first, STRIP), all = width + 2 * (size_t)radius;
        for (size_t j = 0; j < all; j++)
            h->sample[j] = clamp((ptrdiff_t)(first + j) - radius, columns) * channels + channel;
        memset(h->column_coarse, 0, sizeof h->column_coarse);
        memset(h->column_fine, 0, sizeof h->column_fine);
        for (ptrdiff_t y = begin - radius; y < begin + radius; y++)
            count_row(h, all, row_near(median, y), 1);
        for (ptrdiff_t y = begin; y < (ptrdiff_t)span.end; y++) {
            uint8_t *out = dpk_row(&median->out, (size_t)y);
            count_row(h, all, row_near(median, y + radius), 1);
            strip_row(h, width, 2 * radius + 1, out + first * channels + channel, channels);
            count_row(h, all, row_near(median, y - radius), UINT8_MAX); /* -1 */
        }
    }
}

/* --------------------------------------------------------------------------- moving histogram */

/* Huang, Yang and Tang's method: the window's histogram gains a column and loses one with every
 * step, and the new median is searched from the old one. A bit for each bin tells whether it is
 * occupied, so that empty ones are skipped 64 at a time. */
struct window {
    uint16_t count[UINT16_MAX + 1];
    uint64_t occupied[(UINT16_MAX + 1) / 64];
    size_t median, below; /* below: how many samples are less than median */
    const uint16_t *row[2 * RADIUS_MOST + 1];
    size_t rows;
};

/* Counts the samples of a column, or with -1 forgets them. */
static inline void count_column(struct window *w, size_t sample, int by)
{
    for (size_t k = 0; k < w->rows; k++) {
        size_t value = w->row[k][sample], bit = value % 64;
        w->count[value] = (uint16_t)(w->count[value] + by);
        uint64_t others = w->occupied[value / 64] & ~((uint64_t)1 << bit);
        w->occupied[value / 64] = others | (uint64_t)(w->count[value] > 0) << bit;
        w->below += value < w->median ? (size_t)by : 0;
    }
}

static uint16_t find_median(struct window *w, size_t rank)
{
    while (w->below > rank) {
        size_t word = w->median / 64;
        uint64_t lower = w->occupied[word] & (((uint64_t)1 << w->median % 64) - 1);
        while (lower == 0)
            lower = w->occupied[--word];
        w->median = word * 64 + 63 - (size_t)__builtin_clzll(lower);
        w->below -= w->count[w->median];
    }
    while (w->below + w->count[w->median] <= rank) {
        w->below += w->count[w->median];
        size_t word = w->median / 64;
        uint64_t higher = w->occupied[word] & ~(uint64_t)1 << w->median % 64;
        while (higher == 0)
            higher = w->occupied[++word];
        w->median = word * 64 + (size_t)__builtin_ctzll(higher);
    }
    return (uint16_t)w->median;
}

static void by_moving_histogram(const struct median *median, dpk_span span, void *scratch)
{
    struct window *w = scratch;
    size_t columns = median->in.shape[1], channels = median->in.shape[2];
    ptrdiff_t radius = (ptrdiff_t)median->radius, end = (ptrdiff_t)columns;
    memset(w, 0, sizeof *w);
    w->rows = 2 * (size_t)radius + 1;

    for (size_t y = span.begin; y < span.end; y++) {
        for (ptrdiff_t k = -radius; k <= radius; k++)
            w->row[k + radius] = row_near(median, (ptrdiff_t)y + k);
        for (size_t channel = 0; channel < channels; channel++) {
            uint16_t *out = (uint16_t *)dpk_row(&median->out, y) + channel;
            for (ptrdiff_t x = -radius; x < radius; x++)
                count_column(w, clamp(x, columns) * channels + channel, 1);
            for (ptrdiff_t x = 0; x < end; x++) {
                count_column(w, clamp(x + radius, columns) * channels + channel, 1);
                out[(size_t)x * channels] = find_median(w, w->rows * w->rows / 2);
                count_column(w, clamp(x - radius, columns) * channels + channel, -1);
            }
            for (ptrdiff_t x = end - radius; x < end + radius; x++)
                count_column(w, clamp(x, columns) * channels + channel, -1);
        }
    }
}

/* ------------------------------------------------------------------------------------- kernel */

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct median *median = self;
    if (median->radius == 0)
        for (size_t y = span.begin; y < span.end; y++)
            memcpy(dpk_row(&median->out, y), dpk_row(&median->in, y), row_bytes(median));
    else if (median->radius <= RADIUS_NETWORK)
        by_network(median, span, scratch);
    else if (median->in.type == DPK_U8)
        by_column_histograms(median, span, scratch);
    else
        by_moving_histogram(median, span, scratch);
}

static size_t scratch_bytes(const void *self)
{
    const struct median *median = self;
    if (median->radius <= RADIUS_NETWORK)
        return (2 * (size_t)median->radius + 1) * row_bytes(median);
    return median->in.type == DPK_U8 ? sizeof(struct histograms) : sizeof(struct window);
}

/* No rows at all where rows are empty, however many. */
static size_t rows(const void *self)
{
    const struct median *median = self;
    return dpk_row_count(&median->in) > 0 ? median->in.shape[0] : 0;
}

/* Column histograms count 2r rows before their first one. That takes a tenth of the time of as many
 * rows that follow. The other methods need no start and leave the choice to the runner. */
static size_t grain(const void *self)
{
    const struct median *median = self;
    bool starts = median->radius > RADIUS_NETWORK && median->in.type == DPK_U8;
    return starts ? 2 * (size_t)median->radius : 0;
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    const struct median *median = self;
    (void)port;
    return dpk_reads_around(out, median->radius, median->radius);
}

/* By counting: the median is the least value that more than half of the samples do not exceed. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct median *median = self;
    const dpk_array *in = &median->in;
    ptrdiff_t height = (ptrdiff_t)in->shape[0], width = (ptrdiff_t)in->shape[1];
    ptrdiff_t channels = (ptrdiff_t)in->shape[2], r = (ptrdiff_t)median->radius;
    bool wide = in->type == DPK_U16;
    size_t bytes = (wide ? UINT16_MAX + 1 : UINT8_MAX + 1) * sizeof(unsigned);
    unsigned *count = dpk_alloc(arena, bytes, NULL);

    for (size_t i = 0; i < dpk_count(in) && count != NULL; i++) {
        ptrdiff_t c = (ptrdiff_t)i % channels, pixel = (ptrdiff_t)i / channels;
        memset(count, 0, bytes);
        for (ptrdiff_t y = pixel / width - r; y <= pixel / width + r; y++)
            for (ptrdiff_t x = pixel % width - r; x <= pixel % width + r; x++) {
                ptrdiff_t y_in = y < 0 ? 0 : y >= height ? height - 1 : y;
                ptrdiff_t x_in = x < 0 ? 0 : x >= width ? width - 1 : x;
                ptrdiff_t at = (y_in * width + x_in) * channels + c;
                count[wide ? ((uint16_t *)in->data)[at] : ((uint8_t *)in->data)[at]]++;
            }
        unsigned value = 0, half = (2 * median->radius + 1) * (2 * median->radius + 1) / 2;
        for (unsigned seen = count[0]; seen <= half; seen += count[value])
            value++;
        if (wide)
            ((uint16_t *)median->out.data)[i] = (uint16_t)value;
        else
            ((uint8_t *)median->out.data)[i] = (uint8_t)value;
    }
    return count != NULL;
}

static dpk_cost cost(const void *self)
{
    const struct median *median = self;
    return (dpk_cost){ .bytes = 2 * (double)dpk_count(&median->in) *
                                (double)dpk_type_size(median->in.type) };
}

static const dpk_param params[] = {
    DPK_PARAM(struct median, radius, .def = "1", .min = 0, .max = RADIUS_MOST, .unit = "px",
              .help = "windows are 2 * radius + 1 pixels wide and high"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct median, in, .image = true, .types = DPK_U8 | DPK_U16, .help = "picture to clean"),
    DPK_OUT(struct median, out, .image = true, .help = "medians of all windows"),
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

DPK_KERNEL(median, .summary = "median filter: removes specks, keeps edges", .group = "image",
           .details =
               "out(y, x) = median of all in(v, u) with |v - y| <= radius and |u - x| <= radius, "
               "for every channel, alpha too. Pixels outside the picture equal the nearest one "
               "inside. Up to radius 3 sorting networks find it (D. E. Knuth: The Art of Computer "
               "Programming, volume 3); beyond, histograms of columns for 8 bits (S. Perreault, P. "
               "Hebert: Median Filtering in Constant Time, IEEE Trans. Image Processing 16, 2007) "
               "and of a moving window for 16 bits (T. S. Huang, G. J. Yang, G. Y. Tang: A Fast "
               "Two-Dimensional Median Filtering Algorithm, IEEE Trans. ASSP 27, 1979).",
           .examples = (const char *const[]){ "dpk median data/coast.png out.png",
                                              "dpk median data/coast.png out.png --radius=10",
                                              NULL },
           .size = sizeof(struct median), .params = params, .ports = ports, .passes = passes,
           .reference = reference,
           /* a second or so with the largest window */
           .reference_limit = 16384,
           .checks = (const char *const[]){ "--radius=2", "--radius=3", "--radius=4", "--radius=20",
                                            NULL },
           .cost = cost);
