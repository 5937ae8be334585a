/* SPDX-License-Identifier: MIT */
/* fft_line.h: Fourier transforms of short lines, eight at a time, one to a vector lane. */
#ifndef DPK_KERNEL_FFT_LINE_H
#define DPK_KERNEL_FFT_LINE_H

#include "fft_roots.h"

#if defined(__AVX512F__)
enum { VECTOR = 64 };
#elif defined(__AVX__)
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif

enum {
    WIDTH = VECTOR / sizeof(double),
    LINES = 8,              /* transformed together, a batch */
    POINTS = LINES / WIDTH, /* vectors for one element of a batch */
    MAX_PRIME = 127,        /* factors; up to there a convolution takes three times as long */
    MAX_STAGES = 40,        /* 3^40 > 2^63 */
};

typedef double vector __attribute__((vector_size(VECTOR), may_alias));

/* One element of WIDTH lines. */
struct point {
    vector re, im;
};

struct line {
    size_t length;
    unsigned stages;
    unsigned radix[MAX_STAGES];
    dpk_complex *root; /* all of them, of order length */
};

static inline struct point add(struct point a, struct point b)
{
    return (struct point){ a.re + b.re, a.im + b.im };
}

static inline struct point subtract(struct point a, struct point b)
{
    return (struct point){ a.re - b.re, a.im - b.im };
}

static inline struct point multiply(struct point a, dpk_complex w)
{
    return (struct point){ a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re };
}

static inline void butterfly_2(struct point *z)
{
    struct point a = z[0];
    z[0] = add(a, z[1]);
    z[1] = subtract(a, z[1]);
}

static inline void butterfly_4(struct point *z)
{
    struct point a = add(z[0], z[2]), b = subtract(z[0], z[2]);
    struct point c = add(z[1], z[3]), d = subtract(z[1], z[3]);
    struct point turned = { d.im, -d.re };
    z[0] = add(a, c);
    z[1] = add(b, turned);
    z[2] = subtract(a, c);
    z[3] = subtract(b, turned);
}

/* By pairs: z[j]·w + z[-j]·w* = (z[j] + z[-j])·Re w + i·(z[j] - z[-j])·Im w, indices mod radix. The
 * roots of order radix are `stride` apart. */
static inline void butterfly_odd(struct point *z, size_t radix, const dpk_complex *roots,
                                 size_t stride)
{
    struct point sum[MAX_PRIME / 2 + 1], difference[MAX_PRIME / 2 + 1], total = z[0];
    for (size_t j = 1; j <= radix / 2; j++) {
        sum[j] = add(z[j], z[radix - j]);
        difference[j] = subtract(z[j], z[radix - j]);
        total = add(total, sum[j]);
    }
    for (size_t k = 1; k <= radix / 2; k++) {
        struct point even = z[0], odd = { { 0 }, { 0 } };
        for (size_t j = 1; j <= radix / 2; j++) {
            dpk_complex w = roots[j * k % radix * stride];
            even = add(even, (struct point){ sum[j].re * w.re, sum[j].im * w.re });
            odd = add(odd, (struct point){ -difference[j].im * w.im, difference[j].re * w.im });
        }
        z[k] = add(even, odd);
        z[radix - k] = subtract(even, odd);
    }
    z[0] = total;
}

/* One stage of Stockham's algorithm; `done` is the product of the radices before it. */
static inline void stage(const struct line *line, size_t radix, size_t done,
                         const struct point *from, struct point *to)
{
    size_t left = line->length / done / radix, run = done * POINTS;
    for (size_t p = 0; p < left; p++)
        for (size_t q = 0; q < run; q++) {
            struct point z[MAX_PRIME];
            z[0] = from[p * run + q];
            for (size_t j = 1; j < radix; j++)
                z[j] = from[(j * left + p) * run + q];
            if (radix == 2)
                butterfly_2(z);
            else if (radix == 4)
                butterfly_4(z);
            else
                butterfly_odd(z, radix, line->root, line->length / radix);
            to[p * radix * run + q] = z[0];
            for (size_t k = 1; k < radix; k++)
                to[(p * radix + k) * run + q] = multiply(z[k], line->root[p * k * done]);
        }
}

/* Transforms the batch in z, using spare, and returns the one of them that holds the result. The
 * constants unroll the loops of the frequent radices. */
static inline struct point *transform(const struct line *line, struct point *z, struct point *spare)
{
    size_t done = 1;
    for (unsigned s = 0; s < line->stages; s++) {
        if (line->radix[s] == 2)
            stage(line, 2, done, z, spare);
        else if (line->radix[s] == 3)
            stage(line, 3, done, z, spare);
        else if (line->radix[s] == 4)
            stage(line, 4, done, z, spare);
        else if (line->radix[s] == 5)
            stage(line, 5, done, z, spare);
        else
            stage(line, line->radix[s], done, z, spare);
        done *= line->radix[s];
        struct point *result = spare;
        spare = z;
        z = result;
    }
    return z;
}

static inline bool make_line(struct line *line, size_t length, dpk_arena *arena, dpk_error *err)
{
    line->length = length;
    line->root = allocate(1, length, arena, err);
    for (size_t j = 0; j < length && line->root != NULL; j++)
        line->root[j] = root_of_unity(j, length);
    for (unsigned radix = 4; length > 1;) {
        if (length % radix == 0) {
            line->radix[line->stages++] = radix;
            length /= radix;
        } else {
            radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
        }
    }
    return line->root != NULL;
}

#endif
