/* SPDX-License-Identifier: MIT */
/* fft_step.h: one step of a transform: lines are read from one array, transformed, multiplied
 * by factors and written to another. */
#ifndef DPK_KERNEL_FFT_STEP_H
#define DPK_KERNEL_FFT_STEP_H

#include "fft_line.h"

/* Where numbers are stored; ONES are not stored at all. The arrays of ports are looked up when a
 * step runs, as each worker may have arrays of its own. */
enum place { ONES, MEMORY, INPUT, OUTPUT };

/* Rows of `length` numbers. Those of real types have no imaginary part. */
struct numbers {
    enum place place;
    void *data; /* in memory */
    dpk_type type;
    size_t length;
    bool exchange; /* real and imaginary parts, on reading and on writing */
    double scale;  /* factor, on writing */
};

/* One of the lengths of the array, and how it is transformed. */
struct axis {
    size_t n, count;           /* `count` lines of n numbers */
    size_t m;                  /* n, or the length of the convolution */
    struct line columns, rows; /* lengths of m as a matrix; of one row if it is not split */
    struct roots roots;        /* of order m, for twiddle factors */
    struct roots chirp;        /* of order 2n */
    dpk_complex *filter;       /* the chirp transformed */
    dpk_complex *work[2];      /* count × m, between steps */
};

/* What numbers are multiplied by before or after a step. */
enum factor { ONE, TWIDDLE, CHIRP, CHIRP_CONJUGATE, FILTER };

/* Each row of `from` is a group of lines, stored along or across; they are transformed and stored
 * across: in rows of `to`, or interleaved, number i of all groups side by side. */
struct step {
    const struct axis *axis;
    const struct line *line;
    size_t groups, lines; /* lines of a group */
    struct numbers from, to;
    bool along, interleaved; /* otherwise across, and in rows */
    enum factor before, after;
};

/* The factor for element e of line l, which is number i of its group when stored across. */
static inline dpk_complex factor(const struct axis *axis, enum factor kind, size_t e, size_t l,
                                 size_t i)
{
    if (kind == TWIDDLE)
        return root(&axis->roots, e * l);
    if (kind == FILTER)
        return axis->filter[i];
    /* b[i] = exp(πi·i²/n) for -n < i < n, modulo m; what is between is never multiplied by data. */
    uint64_t distance = dpk_smaller(i, axis->m - i);
    if (distance >= axis->n)
        return (dpk_complex){ 0, 0 };
    dpk_complex w = root(&axis->chirp, (size_t)(distance * distance % axis->chirp.order));
    return (dpk_complex){ w.re, kind == CHIRP ? -w.im : w.im };
}

static inline dpk_complex exchanged(dpk_complex z, bool exchange)
{
    return exchange ? (dpk_complex){ z.im, z.re } : z;
}

/* The real part of element e of a lane; its imaginary part is WIDTH further on. */
static inline double *part(struct point *batch, size_t e, size_t lane)
{
    return (double *)(batch + e * POINTS + lane / WIDTH) + lane % WIDTH;
}

/* Sets lanes without a line, and numbers beyond the end of a row, to 0. */
DPK_TEMPLATE void load_typed(const struct step *step, size_t group, size_t first,
                             struct point *batch, dpk_type type)
{
    const struct numbers *from = &step->from;
    for (size_t e = 0; e < step->line->length; e++)
        for (size_t lane = 0; lane < LINES; lane++) {
            size_t l = first + lane, across = e * step->lines + l;
            size_t i = step->along ? l * step->line->length + e : across;
            dpk_complex z = { 0, 0 };
            if (l < step->lines && i < from->length)
                z = type == 0
                        ? (dpk_complex){ 1, 0 }
                        : exchanged(dpk_complex_get(from->data, group * from->length + i, type),
                                    from->exchange);
            if (l < step->lines && step->before != ONE)
                z = dpk_complex_product(z, factor(step->axis, step->before, e, l, across));
            part(batch, e, lane)[0] = z.re;
            part(batch, e, lane)[WIDTH] = z.im;
        }
}

static inline void load(const struct step *step, size_t group, size_t first, struct point *batch)
{
    if (step->from.place == ONES)
        load_typed(step, group, first, batch, (dpk_type)0);
    else if (step->from.type == DPK_F32)
        load_typed(step, group, first, batch, DPK_F32);
    else if (step->from.type == DPK_F64)
        load_typed(step, group, first, batch, DPK_F64);
    else if (step->from.type == DPK_C64)
        load_typed(step, group, first, batch, DPK_C64);
    else
        load_typed(step, group, first, batch, DPK_C128);
}

/* Returns whether all numbers that it wrote are finite, if it is to check that. */
DPK_TEMPLATE bool store_typed(const struct step *step, size_t group, size_t first,
                              struct point *batch, bool check, dpk_type type)
{
    const struct numbers *to = &step->to;
    size_t lines = dpk_smaller(LINES, step->lines - first);
    double zero = 0; /* until something is not finite */
    for (size_t e = 0; e < step->line->length; e++)
        for (size_t lane = 0; lane < lines; lane++) {
            size_t l = first + lane, i = e * step->lines + l;
            dpk_complex z = { part(batch, e, lane)[0], part(batch, e, lane)[WIDTH] };
            if (i >= to->length)
                return zero == 0;
            if (step->after != ONE)
                z = dpk_complex_product(z, factor(step->axis, step->after, e, l, i));
            z = exchanged((dpk_complex){ to->scale * z.re, to->scale * z.im }, to->exchange);
            if (check)
                zero += (z.re - z.re) + (z.im - z.im);
            size_t at = step->interleaved ? i * step->groups + group : group * to->length + i;
            dpk_complex_put(to->data, at, z, type);
        }
    return zero == 0;
}

static inline bool store(const struct step *step, size_t group, size_t first, struct point *batch)
{
    if (step->to.type == DPK_C64)
        return store_typed(step, group, first, batch, false, DPK_C64);
    if (step->to.place != OUTPUT)
        return store_typed(step, group, first, batch, false, DPK_C128);
    return store_typed(step, group, first, batch, true, DPK_C128);
}

static inline size_t batches(const struct step *step)
{
    return step->groups * dpk_ceil_div(step->lines, LINES);
}

#endif
