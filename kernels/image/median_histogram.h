/* SPDX-License-Identifier: MIT */
/* median_histogram.h: medians of large windows by counting samples. */
#ifndef DPK_KERNEL_MEDIAN_HISTOGRAM_H
#define DPK_KERNEL_MEDIAN_HISTOGRAM_H

#include "median.h"

/* -------------------------------------------------------------------------- column histograms */

/* Perreault and Hebert's method. Each column of 2r + 1 samples has a histogram, which moves down a
 * row by counting one sample and forgetting another. The sum of 2r + 1 of them is the histogram of
 * a window, which moves right by adding one and subtracting another. Histograms have two levels: 16
 * coarse bins with 16 fine ones in each, of which only those around a median are kept up to date.
 *
 * Here a bin counts the samples in all lower bins of its 16, too. Such bins add up like others, and
 * a median is found in them by bisection. */
enum { BINS = 16 };

/* Columns of the image that are filtered at a time: their histograms, 272 bytes each, fit a
 * second-level cache. */
enum { STRIP = 512, COLUMNS_MOST = STRIP + 2 * RADIUS_MOST };

struct histograms {
    uint16_t coarse[BINS], fine[BINS][BINS]; /* of the window */
    ptrdiff_t fine_at[BINS];                 /* its first column when fine[b] was summed */
    size_t sample[COLUMNS_MOST];             /* where in a row the column's sample is */
    size_t first, last;                      /* columns first … last - 1 lie in the image */
    uint8_t column_coarse[COLUMNS_MOST][BINS], column_fine[BINS][COLUMNS_MOST][BINS];
};

static inline void count(uint8_t *restrict bins, const uint8_t *restrict step)
{
#pragma omp simd
    for (size_t b = 0; b < BINS; b++)
        bins[b] = (uint8_t)(bins[b] + step[b]);
}

/* Counts a row's samples in the columns' histograms; `by` is 1, or -1 modulo 256. Those whose
 * alpha, `to_alpha` samples behind, is 0 do not count. */
static inline void count_row(struct histograms *h, const uint8_t *row, uint8_t by, size_t to_alpha)
{
    uint8_t step[2 * BINS];
    memset(step, 0, BINS);
    memset(step + BINS, by, BINS);
    for (size_t j = h->first; j < h->last; j++) {
        const uint8_t *sample = row + h->sample[j];
        if (to_alpha > 0 && sample[to_alpha] == 0)
            continue;
        size_t value = *sample;
        count(h->column_coarse[j], step + BINS - value / BINS);
        count(h->column_fine[value / BINS][j], step + BINS - value % BINS);
    }
}

/* Empty histograms for `all` columns of a channel, of which the first is left of column `left` by
 * the radius. Columns beyond the edges that count as zero have a sample of 0 in every row, except
 * of colours that alpha hides. */
static void begin_strip(const struct median *median, struct histograms *h, size_t left, size_t all,
                        size_t channel)
{
    size_t channels = median->in.shape[2];
    memset(h->column_coarse, 0, sizeof h->column_coarse);
    memset(h->column_fine, 0, sizeof h->column_fine);
    h->first = all;
    h->last = 0;
    for (size_t j = 0; j < all; j++) {
        ptrdiff_t at = (ptrdiff_t)(left + j) - (ptrdiff_t)median->radius;
        at = dpk_edge_at(at, median->in.shape[1], median->edge);
        if (at >= 0) {
            h->sample[j] = (size_t)at * channels + channel;
            h->first = j < h->first ? j : h->first;
            h->last = j + 1;
        } else if (to_alpha(median, channel) == 0) {
            memset(h->column_coarse[j], 2 * (int)median->radius + 1, BINS);
            memset(h->column_fine[0][j], 2 * (int)median->radius + 1, BINS);
        }
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

/* The fine bins of the window of n columns from x: moved or added up anew, whichever takes fewer
 * additions. */
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

/* The last coarse bin holds the number of all samples. Where there are none, the sample stays. */
static void strip_row(struct histograms *h, size_t width, ptrdiff_t n, const uint8_t *in,
                      uint8_t *out, size_t step)
{
    memset(h->coarse, 0, sizeof h->coarse);
    for (ptrdiff_t j = 0; j < n; j++)
        add(h->coarse, h->column_coarse[j]);
    for (size_t b = 0; b < BINS; b++)
        h->fine_at[b] = -n;

    for (ptrdiff_t x = 0; x < (ptrdiff_t)width; x++) {
        if (x > 0)
            replace(h->coarse, h->column_coarse[x - 1], h->column_coarse[x - 1 + n]);
        if (h->coarse[BINS - 1] == 0) {
            out[(size_t)x * step] = in[(size_t)x * step];
            continue;
        }
        unsigned rank = h->coarse[BINS - 1] / 2U;
        size_t coarse = find(h->coarse, &rank);
        size_t fine = find(fine_bins(h, coarse, x, n), &rank);
        out[(size_t)x * step] = (uint8_t)(coarse * BINS + fine);
    }
}

/* Counts the row that position y shows. The condition is outside of the loop over its samples. */
static void count_position(const struct median *median, struct histograms *h, ptrdiff_t y,
                           uint8_t by, size_t channel)
{
    const uint8_t *row = dpk_edge_row(&median->in, y, median->edge, median->zeros);
    if (to_alpha(median, channel) == 0)
        count_row(h, row, by, 0);
    else
        count_row(h, row, by, to_alpha(median, channel));
}

static void by_column_histograms(const struct median *median, dpk_span span, void *scratch)
{
    struct histograms *h = scratch;
    size_t columns = median->in.shape[1], channels = median->in.shape[2];
    size_t strips = (columns - 1) / STRIP + 1;
    ptrdiff_t radius = (ptrdiff_t)median->radius, begin = (ptrdiff_t)span.begin;

    for (size_t i = 0; i < strips * channels; i++) {
        size_t left = i / channels * STRIP, channel = i % channels;
        size_t width = columns - left < STRIP ? columns - left : STRIP,
               at = left * channels + channel;
        begin_strip(median, h, left, width + 2 * (size_t)radius, channel);
        for (ptrdiff_t y = begin - radius; y < begin + radius; y++)
            count_position(median, h, y, 1, channel);
        for (ptrdiff_t y = begin; y < (ptrdiff_t)span.end; y++) {
            const uint8_t *in = dpk_row(&median->in, (size_t)y);
            uint8_t *out = dpk_row(&median->out, (size_t)y);
            count_position(median, h, y + radius, 1, channel);
            strip_row(h, width, 2 * radius + 1, in + at, out + at, channels);
            count_position(median, h, y - radius, UINT8_MAX, channel);
        }
    }
}

/* --------------------------------------------------------------------------- moving histogram */

/* Huang, Yang and Tang's method: the window's histogram gains a column and loses one with every
 * step, and the new median is searched from the old one. Each bin has a bit that says whether it is
 * occupied, so that empty bins are skipped 64 at a time. */
struct window {
    uint16_t count[UINT16_MAX + 1];
    uint64_t occupied[(UINT16_MAX + 1) / 64];
    size_t median, below, all; /* below: how many of all samples are less than median */
    const void *row[2 * RADIUS_MOST + 1];
    size_t rows;
};

static inline void count_value(struct window *w, size_t value, int by)
{
    size_t bit = value % 64;
    w->count[value] = (uint16_t)(w->count[value] + by);
    uint64_t others = w->occupied[value / 64] & ~((uint64_t)1 << bit);
    w->occupied[value / 64] = others | (uint64_t)(w->count[value] > 0) << bit;
    w->below += value < w->median ? (size_t)by : 0;
    w->all += (size_t)by;
}

/* Counts the samples of the column that position x shows, or with -1 forgets them. */
static inline void count_column(const struct median *median, struct window *w, ptrdiff_t x,
                                size_t channel, int by)
{
    ptrdiff_t at = dpk_edge_at(x, median->in.shape[1], median->edge);
    size_t sample = (size_t)at * median->in.shape[2] + channel, alpha = to_alpha(median, channel);
    for (size_t k = 0; k < w->rows; k++) {
        const uint16_t *row = w->row[k];
        bool hidden = alpha > 0 && (at < 0 || row[sample + alpha] == 0);
        if (!hidden)
            count_value(w, at < 0 ? 0 : row[sample], by);
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
    size_t channels = median->in.shape[2];
    ptrdiff_t radius = (ptrdiff_t)median->radius, columns = (ptrdiff_t)median->in.shape[1];
    memset(w, 0, sizeof *w);
    w->rows = 2 * (size_t)radius + 1;

    for (size_t y = span.begin; y < span.end; y++) {
        dpk_row_window(&median->in, y, median->radius, median->edge, median->zeros, w->row);
        for (size_t channel = 0; channel < channels; channel++) {
            const uint16_t *in = (const uint16_t *)dpk_row(&median->in, y) + channel;
            uint16_t *out = (uint16_t *)dpk_row(&median->out, y) + channel;
            for (ptrdiff_t x = -radius; x < radius; x++)
                count_column(median, w, x, channel, 1);
            for (ptrdiff_t x = 0; x < columns; x++) {
                size_t at = (size_t)x * channels;
                count_column(median, w, x + radius, channel, 1);
                out[at] = w->all > 0 ? find_median(w, w->all / 2) : in[at];
                count_column(median, w, x - radius, channel, -1);
            }
            for (ptrdiff_t x = columns - radius; x < columns + radius; x++)
                count_column(median, w, x, channel, -1);
        }
    }
}

#endif
