/* SPDX-License-Identifier: MIT */
/* median: every sample becomes the median of the (2r+1)^2 samples around it, which removes specks
 * and keeps edges. Channels are filtered one by one. Pixels that are fully transparent have no
 * colour: they do not count, except for the median of alpha. Three methods, all exact:
 *
 *     r <= 3    sorting networks, for many columns at a time
 *     u8        a histogram per column: time per sample hardly depends on r
 *     u16       one histogram moving along the row: time per sample is proportional to r
 *
 * Where m samples of a window count, their median has the rank m / 2, from 0. */
#include "median.h"
#include "median_histogram.h"
#include "median_network.h"

/* ------------------------------------------------------------------------- transparent pixels */

/* Networks take all samples of a window. Where a window has fully transparent pixels, its colours
 * are set again from the others. */

/* Whether any window of a row has transparent pixels: `least` holds the least samples of columns.
 */
DPK_TEMPLATE bool any_hidden(const struct median *median, const void *least, dpk_type type)
{
    size_t samples = dpk_row_count(&median->in), channels = median->in.shape[2];
    unsigned any = median->edge == DPK_EDGE_ZERO;
    if (channels == 4) /* as a constant, so that the loop is vectorised */
        for (size_t i = 0; i < samples; i += 4)
            any |= dpk_level(least, i + 3, type) == 0;
    else
        for (size_t i = 0; i < samples; i += 2)
            any |= dpk_level(least, i + 1, type) == 0;
    return any;
}

/* Counts, for each column of the window's rows, its transparent pixels. */
DPK_TEMPLATE void count_hidden(const struct median *median, const void *const in[],
                               uint8_t *restrict hidden, dpk_type type)
{
    size_t columns = median->in.shape[1], channels = median->in.shape[2];
    memset(hidden, 0, columns);
    for (size_t k = 0; k <= 2 * median->radius; k++)
        for (size_t x = 0; x < columns; x++) {
            unsigned alpha = dpk_level(in[k], (x + 1) * channels - 1, type);
            hidden[x] = (uint8_t)(hidden[x] + (alpha == 0));
        }
}

/* The column that position x shows; -1 when it counts as zero. */
static inline ptrdiff_t column_at(const struct median *median, ptrdiff_t x)
{
    return dpk_edge_at(x, median->in.shape[1], median->edge);
}

/* Transparent pixels of the column that position x shows. */
static size_t hidden_at(const struct median *median, const uint8_t *hidden, ptrdiff_t x)
{
    ptrdiff_t at = column_at(median, x);
    return at < 0 ? 2 * (size_t)median->radius + 1 : hidden[at];
}

/* The value with that rank, by bisection. */
static unsigned select_rank(const uint16_t *values, size_t count, size_t rank, dpk_type type)
{
    unsigned value = 0;
    for (unsigned bit = type == DPK_U8 ? 1U << 7 : 1U << 15; bit > 0; bit /= 2) {
        uint16_t limit = (uint16_t)(value | bit), below = 0;
        for (size_t i = 0; i < count; i++)
            below = (uint16_t)(below + (values[i] < limit));
        if (below <= rank)
            value = limit;
    }
    return value;
}

/* The median of a channel in the window of pixel x, which has visible pixels. */
DPK_TEMPLATE unsigned visible_median(const struct median *median, const void *const in[],
                                     ptrdiff_t x, size_t channel, dpk_type type)
{
    uint16_t values[SIDE_NETWORK * SIDE_NETWORK];
    ptrdiff_t radius = (ptrdiff_t)median->radius;
    size_t channels = median->in.shape[2], count = 0;
    for (ptrdiff_t j = x - radius; j <= x + radius; j++) {
        ptrdiff_t at = column_at(median, j);
        for (ptrdiff_t k = 0; k <= 2 * radius && at >= 0; k++) {
            size_t pixel = (size_t)at * channels;
            values[count] = (uint16_t)dpk_level(in[k], pixel + channel, type);
            count += dpk_level(in[k], pixel + channels - 1, type) > 0;
        }
    }
    return select_rank(values, count, count / 2, type);
}

DPK_TEMPLATE void visible_medians(const struct median *median, const void *const in[],
                                  const void *least, uint8_t *hidden, void *out, dpk_type type)
{
    ptrdiff_t radius = (ptrdiff_t)median->radius, columns = (ptrdiff_t)median->in.shape[1];
    size_t colours = median->in.shape[2] - 1, side = 2 * (size_t)radius + 1, sum = 0;
    if (!any_hidden(median, least, type))
        return;
    count_hidden(median, in, hidden, type);
    for (ptrdiff_t x = -radius; x < radius; x++)
        sum += hidden_at(median, hidden, x);
    for (ptrdiff_t x = 0; x < columns; x++) {
        sum += hidden_at(median, hidden, x + radius);
        for (size_t c = 0; c < colours && sum > 0; c++) {
            size_t at = (size_t)x * (colours + 1) + c;
            unsigned level = sum == side * side ? dpk_level(in[radius], at, type)
                                                : visible_median(median, in, x, c, type);
            if (type == DPK_U8)
                ((uint8_t *)out)[at] = (uint8_t)level;
            else
                ((uint16_t *)out)[at] = (uint16_t)level;
        }
        sum -= hidden_at(median, hidden, x - radius);
    }
}

/* ---------------------------------------------------------------------------------- networks */

/* Samples from rank to rank: whole cache lines, and a pixel of zeros behind the last one, for edges
 * that count as zero. */
static size_t rank_pitch(const struct median *median)
{
    return (dpk_row_count(&median->in) + median->in.shape[2] + 63) / 64 * 64;
}

static void by_network(const struct median *median, dpk_span span, void *scratch)
{
    const struct network *network = &networks[median->radius - 1][median->in.type == DPK_U16];
    ptrdiff_t radius = (ptrdiff_t)median->radius, channels = (ptrdiff_t)median->in.shape[2];
    ptrdiff_t columns = (ptrdiff_t)median->in.shape[1], samples = columns * channels;
    size_t pitch = rank_pitch(median), bytes = pitch * dpk_type_size(median->in.type);
    char *ranks = scratch;
    uint8_t *hidden = (uint8_t *)ranks + (2 * median->radius + 1) * bytes;
    for (size_t k = 0; k <= 2 * median->radius; k++)
        memset(ranks + k * bytes + dpk_row_bytes(&median->in), 0, dpk_pixel_bytes(&median->in));

    for (size_t y = span.begin; y < span.end; y++) {
        const void *in[SIDE_NETWORK];
        ptrdiff_t distance[SIDE_NETWORK];
        void *out = dpk_row(&median->out, y);
        dpk_row_window(&median->in, y, median->radius, median->edge, median->zeros, in);
        network->columns(in, ranks, samples, (ptrdiff_t)pitch);

        /* Pixel by pixel where the row's ends are near, all others at once. */
        for (ptrdiff_t x = 0, next; x < columns; x = next) {
            next = x >= radius && x < columns - radius ? columns - radius : x + 1;
            for (ptrdiff_t k = -radius; k <= radius; k++) {
                ptrdiff_t at = column_at(median, x + k);
                distance[k + radius] = ((at < 0 ? columns : at) - x) * channels;
            }
            network->windows(ranks, (ptrdiff_t)pitch, out, x * channels, next * channels, distance);
        }
        if (to_alpha(median, 0) > 0)
            DPK_CALL_U8_U16(median->in.type, visible_medians, median, in, ranks, hidden, out);
    }
}

/* ------------------------------------------------------------------------------------- kernel */

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct median *median = self;
    if (median->radius == 0)
        for (size_t y = span.begin; y < span.end; y++)
            memcpy(dpk_row(&median->out, y), dpk_row(&median->in, y), dpk_row_bytes(&median->in));
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
    size_t rank = rank_pitch(median) * dpk_type_size(median->in.type);
    if (median->radius <= RADIUS_NETWORK)
        return (2 * (size_t)median->radius + 1) * rank + median->in.shape[1];
    return median->in.type == DPK_U8 ? sizeof(struct histograms) : sizeof(struct window);
}

static size_t rows(const void *self)
{
    const struct median *median = self;
    return dpk_image_rows(&median->in);
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct median *median = self;
    return dpk_edge_zeros(&median->in, median->edge, &median->zeros, arena, err);
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
    return dpk_reads_window(&median->in, out, median->radius, median->edge);
}

/* Adds those samples of a channel to `count` that are in the window of pixel (y, x) and count;
 * returns how many. */
static size_t count_window(const struct median *median, ptrdiff_t y, ptrdiff_t x, size_t channel,
                           unsigned *count)
{
    const dpk_array *in = &median->in;
    ptrdiff_t r = (ptrdiff_t)median->radius;
    size_t channels = in->shape[2], colours = dpk_colour_channels(in), all = 0;
    for (ptrdiff_t i = y - r; i <= y + r; i++)
        for (ptrdiff_t j = x - r; j <= x + r; j++) {
            bool hidden = channel < colours && colours < channels &&
                          dpk_sample_at(in, i, j, colours, median->edge) == 0;
            if (!hidden)
                count[(size_t)dpk_sample_at(in, i, j, channel, median->edge)]++;
            all += !hidden;
        }
    return all;
}

/* The median is the least value that more than half of the samples do not exceed. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct median *median = self;
    const dpk_array *in = &median->in;
    size_t width = in->shape[1], channels = in->shape[2];
    size_t bytes = ((size_t)dpk_white(in->type) + 1) * sizeof(unsigned);
    unsigned *count = dpk_alloc(arena, bytes, NULL);

    for (size_t i = 0; i < dpk_count(in) && count != NULL; i++) {
        size_t y = i / channels / width, x = i / channels % width;
        memset(count, 0, bytes);
        size_t all = count_window(median, (ptrdiff_t)y, (ptrdiff_t)x, i % channels, count);
        size_t value = 0;
        for (size_t seen = count[0]; all > 0 && seen <= all / 2; seen += count[value])
            value++;
        dpk_sample_put(&median->out, i, all > 0 ? (double)value : dpk_sample_get(in, i));
    }
    return count != NULL;
}

static dpk_cost cost(const void *self)
{
    const struct median *median = self;
    return dpk_image_cost(&median->in, &median->out, 0);
}

static const dpk_param params[] = {
    DPK_PARAM(struct median, radius, .def = "1", .min = 0, .max = RADIUS_MOST, .unit = "px",
              .help = "windows are 2 * radius + 1 pixels wide and high"),
    DPK_PARAM_EDGE(struct median, edge),
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

DPK_KERNEL(
    median, .summary = "median filter: removes specks, keeps edges", .group = "image",
    .details =
        "out(y, x) = median of all in(v, u) with |v - y| <= radius and |u - x| <= radius, for "
        "every channel. Where pictures have alpha, colours are the medians of those pixels that "
        "are not fully transparent, and stay where all are.\n\n"
        "Up to radius 3 sorting networks find it (D. E. Knuth: The Art of Computer Programming, "
        "volume 3); beyond, histograms of columns for 8 bits (S. Perreault, P. Hebert: Median "
        "Filtering in Constant Time, IEEE Trans. Image Processing 16, 2007) and of a moving window "
        "for 16 bits (T. S. Huang, G. J. Yang, G. Y. Tang: A Fast Two-Dimensional Median Filtering "
        "Algorithm, IEEE Trans. ASSP 27, 1979).",
    .examples = (const char *const[]){ "dpk median data/coast.png out.png",
                                       "dpk median data/coast.png out.png --radius=10", NULL },
    .size = sizeof(struct median), .params = params, .ports = ports, .prepare = prepare,
    .passes = passes, .reference = reference,
    /* a second or so with the largest window */
    .reference_limit = 4096,
    .checks = (const char *const[]){ "--radius=2", "--radius=3", "--radius=4", "--radius=20",
                                     "--radius=3 --edge=wrap", "--radius=2 --edge=zero",
                                     "--radius=5 --edge=zero", "--radius=9 --edge=mirror",
                                     "--radius=20 --edge=wrap", NULL },
    .cost = cost);
