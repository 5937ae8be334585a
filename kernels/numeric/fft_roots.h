/* SPDX-License-Identifier: MIT */
/* fft_roots.h: roots of unity, and memory for complex numbers. */
#ifndef DPK_KERNEL_FFT_ROOTS_H
#define DPK_KERNEL_FFT_ROOTS_H

#include <dpk/numeric.h>

/* exp(-2πi·j/n), 0 ≤ j < n. Quarter turns are taken off exactly and leave an angle within π/4. */
static inline dpk_complex root_of_unity(int64_t j, int64_t n)
{
    int64_t turns = (8 * j + n) / (2 * n);
    double angle = 1.57079632679489661923 * ((double)(4 * j - turns * n) / (double)n);
    dpk_complex w = { cos(angle), -sin(angle) };
    for (; turns > 0; turns--)
        w = (dpk_complex){ w.im, -w.re };
    return w;
}

/* All roots of one order from a table of about 2·√order: w^j = high[j >> bits]·low[j mod 2^bits].
 */
struct roots {
    size_t order;
    unsigned bits;
    dpk_complex *low, *high;
};

static inline dpk_complex root(const struct roots *roots, size_t j)
{
    size_t mask = ((size_t)1 << roots->bits) - 1;
    return dpk_complex_product(roots->high[j >> roots->bits], roots->low[j & mask]);
}

static inline dpk_complex *allocate(size_t rows, size_t columns, dpk_arena *arena, dpk_error *err)
{
    size_t bytes;
    if (!__builtin_mul_overflow(rows, columns, &bytes) &&
        !__builtin_mul_overflow(bytes, sizeof(dpk_complex), &bytes))
        return dpk_alloc(arena, bytes, err);
    (void)dpk_fail(err, DPK_LIMIT,
                   "this transform would need more memory than there are addresses");
    return NULL;
}

static inline bool make_roots(struct roots *roots, size_t order, dpk_arena *arena, dpk_error *err)
{
    roots->order = order;
    while (order >> roots->bits >> roots->bits)
        roots->bits++;
    size_t low = (size_t)1 << roots->bits, high = (order >> roots->bits) + 1;
    roots->low = allocate(1, low + high, arena, err);
    if (roots->low == NULL)
        return false;
    roots->high = roots->low + low;
    for (size_t j = 0; j < low; j++)
        roots->low[j] = root_of_unity(j % order, order);
    for (size_t j = 0; j < high; j++)
        roots->high[j] = root_of_unity((j << roots->bits) % order, order);
    return true;
}

#endif
