/* SPDX-License-Identifier: MIT */
/* array.c: shapes, names and sizes of arrays. */
#include "base/array.h"

#include "base/text.h"

static const struct {
    dpk_type type;
    const char *name;
} types[] = {
    { DPK_U8, "u8" },   { DPK_U16, "u16" }, { DPK_I32, "i32" }, { DPK_I64, "i64" },
    { DPK_F32, "f32" }, { DPK_F64, "f64" }, { DPK_C64, "c64" }, { DPK_C128, "c128" },
};

enum { TYPES = sizeof types / sizeof *types };

void dpk_array_shape(dpk_array *array, dpk_type type, unsigned rank,
                     const size_t shape[DPK_MAX_RANK])
{
    array->type = type;
    array->rank = rank;
    array->ring = 0;
    size_t stride = dpk_type_size(type); /* may wrap around: dpk_array_fits tells */
    for (unsigned axis = DPK_MAX_RANK; axis-- > 0;) {
        array->shape[axis] = axis < rank ? shape[axis] : 1;
        array->stride[axis] = (ptrdiff_t)stride;
        stride *= array->shape[axis];
    }
}

bool dpk_array_fits(dpk_type type, unsigned rank, const size_t shape[DPK_MAX_RANK])
{
    /* Extents of zero do not shrink the product: their neighbours are multiplied elsewhere. */
    size_t bytes = dpk_type_size(type);
    for (unsigned axis = 0; axis < rank; axis++)
        if (__builtin_mul_overflow(bytes, shape[axis] ? shape[axis] : 1, &bytes))
            return false;
    return bytes <= PTRDIFF_MAX;
}

const char *dpk_type_name(dpk_type type)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].type == type)
            return types[i].name;
    return "?";
}

const char *dpk_types_text(unsigned set, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    for (int i = 0; i < TYPES; i++) {
        if (!(set & types[i].type))
            continue;
        set &= ~(unsigned)types[i].type;
        const char *before = to.used == 0 ? "" : set != 0 ? ", " : " or ";
        dpk_text_add(&to, "%s%s", before, types[i].name);
    }
    return text;
}

const char *dpk_array_text(const dpk_array *array, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(&to, "%s", dpk_type_name(array->type));
    for (unsigned axis = 0; axis < array->rank; axis++)
        dpk_text_add(&to, "%c%zu", axis ? 'x' : ' ', array->shape[axis]);
    return text;
}
