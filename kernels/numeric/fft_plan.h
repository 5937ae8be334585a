/* SPDX-License-Identifier: MIT */
/* fft_plan.h: the steps of a transform of any lengths. */
#ifndef DPK_KERNEL_FFT_PLAN_H
#define DPK_KERNEL_FFT_PLAN_H

#include "fft_step.h"

#include <string.h>

enum {
    MAX_LINE = 2048,  /* split beyond: two batches fill half a cache of 1 MiB */
    MIN_SPLIT = 64,   /* not split to there, however few lines there are */
    MAX_STEPS = 12,   /* six for each axis */
    MAX_SLICES = 256, /* of a step, enough to balance some ten workers */
};

struct plan {
    struct axis axis[2];
    unsigned steps;
    struct step step[MAX_STEPS];
    size_t longest;            /* line of any step */
    size_t slices;             /* of every step */
    bool overflow[MAX_SLICES]; /* whether a slice of the last step wrote what is not finite */
};

/* Whether n has no prime factor above `largest`. */
static inline bool is_smooth(size_t n, size_t largest)
{
    for (size_t p = 2; p <= largest; p++)
        while (n % p == 0)
            n /= p;
    return n == 1;
}

/* A length for the convolution of n numbers that is quick to transform and that a matrix whose
 * sides are whole batches has. */
static inline size_t convolution_length(size_t n)
{
    size_t m = dpk_ceil_div(2 * n - 1, LINES * LINES) * LINES * LINES;
    while (!is_smooth(m, 5))
        m += LINES * LINES;
    return m;
}

static inline size_t divisor_near_root(size_t n)
{
    size_t divisor = (size_t)sqrt((double)n);
    while (n % divisor)
        divisor--;
    return divisor;
}

static inline bool make_axis(struct axis *axis, size_t n, size_t count, dpk_arena *arena,
                             dpk_error *err)
{
    bool smooth = is_smooth(n, MAX_PRIME);
    bool split = !smooth || n > MAX_LINE || (n > MIN_SPLIT && count < LINES);
    if (!smooth && n > UINT32_MAX) { /* squares are taken in 64 bits */
        (void)dpk_fail(err, DPK_LIMIT,
                       "a length with a prime factor above %d can be 2^32 - 1 at most", MAX_PRIME);
        return false;
    }
    size_t m = smooth ? n : convolution_length(n), columns = split ? divisor_near_root(m) : m;
    axis->n = n;
    axis->m = m;
    axis->count = count;
    axis->filter = allocate(smooth ? 0 : 1, m, arena, err);
    axis->work[0] = allocate(split ? count : 0, m, arena, err);
    axis->work[1] = allocate(smooth ? 0 : count, m, arena, err);
    return axis->filter != NULL && axis->work[0] != NULL && axis->work[1] != NULL &&
           make_line(&axis->columns, columns, arena, err) &&
           make_line(&axis->rows, m / columns, arena, err) &&
           make_roots(&axis->roots, m, arena, err) && make_roots(&axis->chirp, 2 * n, arena, err);
}

static inline void add_step(struct plan *plan, struct step step)
{
    plan->step[plan->steps++] = step;
    if (plan->longest < step.line->length)
        plan->longest = step.line->length;
    if (plan->slices < batches(&step))
        plan->slices = dpk_smaller(batches(&step), MAX_SLICES);
}

static inline struct numbers rows_of(dpk_complex *data, size_t length)
{
    return (struct numbers){ MEMORY, data, DPK_C128, length, .scale = 1 };
}

/* The rows of `from` become the columns of `to`. */
static inline void plan_split(struct plan *plan, const struct axis *axis, size_t rows,
                              struct numbers from, enum factor before, struct numbers to)
{
    struct numbers work = rows_of(axis->work[0], axis->m);
    add_step(plan, (struct step){ axis, &axis->columns, rows, axis->rows.length, from, work,
                                  .before = before, .after = TWIDDLE });
    add_step(plan, (struct step){ axis, &axis->rows, rows, axis->columns.length, work, to,
                                  .along = true, .interleaved = true });
}

/* With b[j] = exp(πi·j²/n), X = b*·((b*·x) ⊛ b). The convolution's inverse transform takes the
 * steps of a split backwards: rows, then columns. */
static inline void plan_bluestein(struct plan *plan, const struct axis *axis, struct numbers from,
                                  struct numbers to)
{
    size_t m = axis->m, count = axis->count;
    struct numbers ones = { .length = m }, filter = rows_of(axis->filter, m);
    struct numbers work = rows_of(axis->work[0], m), convolved = rows_of(axis->work[1], m);
    struct numbers exchanged = convolved;
    exchanged.exchange = true;
    to.exchange = !to.exchange;
    to.scale /= (double)m;

    plan_split(plan, axis, 1, ones, CHIRP, filter);
    add_step(plan, (struct step){ axis, &axis->columns, count, axis->rows.length, from, work,
                                  .before = CHIRP_CONJUGATE, .after = TWIDDLE });
    add_step(plan, (struct step){ axis, &axis->rows, count, axis->columns.length, work, exchanged,
                                  .along = true, .after = FILTER });
    add_step(plan, (struct step){ axis, &axis->rows, count, axis->columns.length, convolved, work,
                                  .after = TWIDDLE });
    add_step(plan, (struct step){ axis, &axis->columns, count, axis->rows.length, work, to,
                                  .along = true, .interleaved = true, .after = CHIRP });
}

static inline void plan_axis(struct plan *plan, const struct axis *axis, struct numbers from,
                             struct numbers to)
{
    bool split = axis->rows.length > 1;
    from.length = to.length = split ? axis->n : axis->n * axis->count;
    if (axis->m > axis->n)
        plan_bluestein(plan, axis, from, to);
    else if (split)
        plan_split(plan, axis, axis->count, from, ONE, to);
    else
        add_step(plan,
                 (struct step){ axis, &axis->columns, 1, axis->count, from, to, .along = true });
}

/* A transform of a vector, or of a matrix along both axes: the first one leaves a transposed
 * matrix, and the second turns it back. */
static inline dpk_status make_plan(struct plan *plan, const dpk_array *in, const dpk_array *out,
                                   bool inverse, dpk_arena *arena, dpk_error *err)
{
    size_t count = dpk_count(in), rows = in->rank == 2 ? in->shape[0] : 1;
    struct numbers x = { .place = INPUT, .type = in->type, .exchange = inverse };
    struct numbers y = { .place = OUTPUT,
                         .type = out->type,
                         .exchange = inverse,
                         .scale = inverse ? 1 / (double)count : 1 };
    struct numbers between = rows_of(allocate(in->rank - 1, count, arena, err), 0);
    if (between.data == NULL || !make_axis(&plan->axis[0], count / rows, rows, arena, err) ||
        !make_axis(&plan->axis[1], rows, count / rows, arena, err))
        return DPK_LIMIT;
    plan_axis(plan, &plan->axis[0], x, in->rank == 2 ? between : y);
    if (in->rank == 2)
        plan_axis(plan, &plan->axis[1], between, y);
    return DPK_OK;
}

#endif
