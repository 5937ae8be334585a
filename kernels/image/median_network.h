/* SPDX-License-Identifier: MIT */
/* median_network.h: medians of windows of 3, 5 and 7 rows by sorting networks, for many columns at
 * a time. */
#ifndef DPK_KERNEL_MEDIAN_NETWORK_H
#define DPK_KERNEL_MEDIAN_NETWORK_H

#include "median.h"

/* Sorting networks with the fewest exchanges, see D. E. Knuth: The Art of Computer Programming,
 * volume 3, section 5.3.4. They work on arrays of variables that stay in registers. Compilers
 * drop minima and maxima that are not used. */
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

/* First step: sort each column of n rows. The k-th smallest of all columns make rank k, which the
 * n windows a column belongs to share. Ranks are `pitch` samples apart. */
#define INPUT(k) in[k]
#define SAMPLE(k) row[k][i]
#define RANKED(k) rank[k * pitch + i] = v[k]
#define COLUMNS(type, n)                                                                           \
    static void columns_##n##_##type(const void *const in[], void *ranks, ptrdiff_t samples,       \
                                     ptrdiff_t pitch)                                              \
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
 * given.  Sort each rank across the window, too, and there are (k+1)(j+1) samples not above element
 * j of rank k and (n-k)(n-j) not below it: the median is near the diagonal k + j = n-1. Sorting
 * this and the neighbouring diagonals leaves few candidates. They were found, and the networks
 * proved right, by trying all inputs of zeros and ones: a network that is right for these is right
 * for all numbers (the 0-1 principle). */
#define DISTANCE(j) distance[j]
#define NEAR(k, j) rank[k * pitch + i + at[j]]
#define R3(k) r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2) }
#define R5(k) r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2), NEAR(k, 3), NEAR(k, 4) }
#define R7(k)                                                                                      \
    r##k[] = { NEAR(k, 0), NEAR(k, 1), NEAR(k, 2), NEAR(k, 3), NEAR(k, 4), NEAR(k, 5), NEAR(k, 6) }
#define WINDOWS(type, n)                                                                           \
    static void windows_##n##_##type(const void *ranks, ptrdiff_t pitch, void *medians,            \
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
    void (*columns)(const void *const in[], void *ranks, ptrdiff_t samples, ptrdiff_t pitch);
    void (*windows)(const void *ranks, ptrdiff_t pitch, void *medians, ptrdiff_t begin,
                    ptrdiff_t end, const ptrdiff_t distance[]);
} networks[RADIUS_NETWORK][2] = {
    { { columns_3_uint8_t, windows_3_uint8_t }, { columns_3_uint16_t, windows_3_uint16_t } },
    { { columns_5_uint8_t, windows_5_uint8_t }, { columns_5_uint16_t, windows_5_uint16_t } },
    { { columns_7_uint8_t, windows_7_uint8_t }, { columns_7_uint16_t, windows_7_uint16_t } },
};

#endif
