/* SPDX-License-Identifier: MIT */
/* array.h: names and sizes of arrays, for the layers above kernels. */
#ifndef DPK_ARRAY_H
#define DPK_ARRAY_H

#include <dpk/dpk.h>

#define DPK_TYPES_ALL                                                                              \
    (DPK_U8 | DPK_U16 | DPK_I32 | DPK_I64 | DPK_F32 | DPK_F64 | DPK_C64 | DPK_C128)

/* "u8", "f32", … */
const char *dpk_type_name(dpk_type type);

/* Writes a set of types as "u8, u16 or f32". */
const char *dpk_types_text(unsigned types, char *text, size_t size);

/* Writes type and shape as "u8 1080x1920x3", and "f64" for a rank-0 array. */
const char *dpk_array_text(const dpk_array *array, char *text, size_t size);

static inline size_t dpk_array_bytes(const dpk_array *array)
{
    return dpk_count(array) * dpk_type_size(array->type);
}

/* Items of the first axis; a rank-0 array is one row of one element. */
static inline size_t dpk_array_rows(const dpk_array *array)
{
    return array->rank == 0 ? 1 : array->shape[0];
}

/* Rows [y, returned), before y1, follow each other in memory: a ring has an end. */
static inline size_t dpk_rows_together(const dpk_array *array, size_t y, size_t y1)
{
    size_t left = array->ring == 0 ? y1 - y : array->ring - y % array->ring;
    return y1 - y < left ? y1 : y + left;
}

/* False when the number of bytes does not fit half of size_t: refuse before any arithmetic. */
bool dpk_array_fits(dpk_type type, unsigned rank, const size_t shape[DPK_MAX_RANK]);

#endif
