/* SPDX-License-Identifier: MIT */
/* array.h: names of element types, and sizes of arrays. */
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

/* Returns the end, at most y1, of the rows from y on that are contiguous in memory. In an array
 * that is a ring they end where the ring does. */
static inline size_t dpk_rows_together(const dpk_array *array, size_t y, size_t y1)
{
    size_t left = array->ring == 0 ? y1 - y : array->ring - y % array->ring;
    return y1 - y < left ? y1 : y + left;
}

/* Whether the number of bytes fits half of size_t. Check it before any arithmetic with sizes. */
bool dpk_array_fits(dpk_type type, unsigned rank, const size_t shape[DPK_MAX_RANK]);

#endif
