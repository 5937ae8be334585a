/* SPDX-License-Identifier: MIT */
/* numeric.h: what kernels on numbers share: one body for several element types, sums that keep what
 * their additions round away, the lines of an array along an axis, and access by index for
 * references. All of it is inline. */
#ifndef DPK_NUMERIC_H
#define DPK_NUMERIC_H

#include <dpk/dpk.h>

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------------------- element types */

/* Sets of types for a port. */
#define DPK_INTEGERS (DPK_U8 | DPK_U16 | DPK_I32 | DPK_I64)
#define DPK_REALS (DPK_F32 | DPK_F64)
#define DPK_COMPLEX (DPK_C64 | DPK_C128)

/* X(suffix, C type, DPK type), once for each type. */
#define DPK_TYPES_INTEGER(X)                                                                       \
    X(u8, uint8_t, DPK_U8)                                                                         \
    X(u16, uint16_t, DPK_U16)                                                                      \
    X(i32, int32_t, DPK_I32)                                                                       \
    X(i64, int64_t, DPK_I64)
#define DPK_TYPES_REAL(X)                                                                          \
    X(f32, float, DPK_F32)                                                                         \
    X(f64, double, DPK_F64)

/* Calls function(…, TYPE), a DPK_TEMPLATE, where TYPE is the constant equal to type_: once a chunk,
 * not once an element. */
#define DPK_CALL_INTEGER(type_, function, ...)                                                     \
    ((type_) == DPK_U8    ? function(__VA_ARGS__, DPK_U8)                                          \
     : (type_) == DPK_U16 ? function(__VA_ARGS__, DPK_U16)                                         \
     : (type_) == DPK_I32 ? function(__VA_ARGS__, DPK_I32)                                         \
                          : function(__VA_ARGS__, DPK_I64))
#define DPK_CALL_REAL(type_, function, ...)                                                        \
    ((type_) == DPK_F32 ? function(__VA_ARGS__, DPK_F32) : function(__VA_ARGS__, DPK_F64))

/* ----------------------------------------------------------------------------------- elements */

/* Element i of integers, modulo 2^64. */
DPK_TEMPLATE uint64_t dpk_integer_get(const void *data, size_t i, dpk_type type)
{
    return type == DPK_U8    ? ((const uint8_t *)data)[i]
           : type == DPK_U16 ? ((const uint16_t *)data)[i]
           : type == DPK_I32 ? (uint64_t)((const int32_t *)data)[i]
                             : ((const uint64_t *)data)[i];
}

/* Element i of real numbers; of complex ones, their parts have the numbers 2i and 2i + 1. */
DPK_TEMPLATE double dpk_real_get(const void *data, size_t i, dpk_type type)
{
    return type == DPK_F32 || type == DPK_C64 ? (double)((const float *)data)[i]
                                              : ((const double *)data)[i];
}

DPK_TEMPLATE void dpk_real_put(void *data, size_t i, double value, dpk_type type)
{
    if (type == DPK_F32 || type == DPK_C64)
        ((float *)data)[i] = (float)value;
    else
        ((double *)data)[i] = value;
}

/* C's own complex product looks for NaNs, which keeps it from being vectorised. */
typedef struct dpk_complex {
    double re, im;
} dpk_complex;

/* Element i of real or complex numbers. */
DPK_TEMPLATE dpk_complex dpk_complex_get(const void *data, size_t i, dpk_type type)
{
    bool real = type == DPK_F32 || type == DPK_F64;
    dpk_complex z = { dpk_real_get(data, real ? i : 2 * i, type),
                      real ? 0 : dpk_real_get(data, 2 * i + 1, type) };
    return z;
}

DPK_TEMPLATE void dpk_complex_put(void *data, size_t i, dpk_complex z, dpk_type type)
{
    dpk_real_put(data, 2 * i, z.re, type);
    dpk_real_put(data, 2 * i + 1, z.im, type);
}

static inline dpk_complex dpk_complex_product(dpk_complex a, dpk_complex b)
{
    dpk_complex z = { a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
    return z;
}

/* --------------------------------------------------------------------------------------- sums */

/* Adds x to *sum, and to *error what that rounds away:
 *
 *     t = s + x,   b = t - s,   e = (s - (t - b)) + (x - b)     so that   s + x = t + e exactly
 *
 * (D. E. Knuth, The Art of Computer Programming, vol. 2, section 4.2.2). It has no branch and can
 * be vectorised: a sum of floating-point numbers then has the same bits at every ISA level. */
static inline void dpk_two_sum(double x, double *sum, double *error)
{
    double t = *sum + x, b = t - *sum;
    *error += (*sum - (t - b)) + (x - b);
    *sum = t;
}

/* The same by comparing magnitudes (A. Neumaier, Z. Angew. Math. Mech. 54, 1974): for references,
 * which should not share a fault with what they check. */
static inline void dpk_neumaier(double x, double *sum, double *error)
{
    double t = *sum + x;
    *error += fabs(*sum) >= fabs(x) ? (*sum - t) + x : (x - t) + *sum;
    *sum = t;
}

/* The sum, rounded once. An infinite sum, or one that is no number, has no meaningful error. */
static inline double dpk_sum_rounded(double sum, double error)
{
    return isfinite(sum) ? sum + error : sum;
}

/* --------------------------------------------------------------------------------------- axes */

/* An array seen along one axis: element k of line (o, i) has the number (o length + k) inner + i.
 */
typedef struct dpk_lines {
    size_t outer, length, inner; /* outer × inner lines of `length` elements, `inner` apart */
} dpk_lines;

/* Axes are counted from 0, or from the end with negative numbers. Errors: DPK_BAD_INPUT when the
 * array has no such axis. */
static inline dpk_status dpk_lines_along(const dpk_array *array, dpk_axis axis, dpk_lines *lines,
                                         dpk_error *err)
{
    int rank = (int)array->rank, at = axis.value < 0 ? axis.value + rank : axis.value;
    if (at < 0 || at >= rank)
        return dpk_fail(err, DPK_BAD_INPUT, "an array of rank %d has no axis %d", rank, axis.value);
    lines->outer = lines->inner = 1;
    lines->length = array->shape[at];
    for (int i = 0; i < rank; i++) {
        if (i < at)
            lines->outer *= array->shape[i];
        if (i > at)
            lines->inner *= array->shape[i];
    }
    return DPK_OK;
}

/* -------------------------------------------------------------------------------------- sizes */

static inline size_t dpk_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many groups of b hold a elements. */
static inline size_t dpk_ceil_div(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

#ifdef __cplusplus
}
#endif

#endif
