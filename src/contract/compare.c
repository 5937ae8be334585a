/* SPDX-License-Identifier: MIT */
/* compare.c: equal bytes, or values within a tolerance. For floats it is normwise,
 *
 *     |got - wanted| <= epsilons * epsilon * max |wanted|
 *
 * with the maximum over the whole array: what error bounds of numerical methods are stated in.
 * Complex numbers are compared by components. */
#include "contract/compare.h"

#include "base/array.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "[3, 0, 2]" for element number i; "" for an array of rank 0. */
static const char *index_text(const dpk_array *array, size_t i, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned axis = 0; axis < array->rank && used < size; axis++) {
        size_t inner = 1;
        for (unsigned next = axis + 1; next < array->rank; next++)
            inner *= array->shape[next];
        used +=
            (size_t)snprintf(text + used, size - used, "%s%zu%s", axis == 0 ? "[" : ", ",
                             i / inner % array->shape[axis], axis + 1 == array->rank ? "]" : "");
    }
    return text;
}

static const char *element_text(const dpk_array *array, size_t i, char *text, size_t size)
{
    const void *data = array->data;
    switch (array->type) {
    case DPK_U8:
        snprintf(text, size, "%u", ((const uint8_t *)data)[i]);
        break;
    case DPK_U16:
        snprintf(text, size, "%u", ((const uint16_t *)data)[i]);
        break;
    case DPK_I32:
        snprintf(text, size, "%ld", (long)((const int32_t *)data)[i]);
        break;
    case DPK_I64:
        snprintf(text, size, "%lld", (long long)((const int64_t *)data)[i]);
        break;
    case DPK_F32:
        snprintf(text, size, "%.9g", (double)((const float *)data)[i]);
        break;
    case DPK_F64:
        snprintf(text, size, "%.17g", ((const double *)data)[i]);
        break;
    case DPK_C64:
        snprintf(text, size, "%.9g%+.9gi", (double)((const float *)data)[2 * i],
                 (double)((const float *)data)[2 * i + 1]);
        break;
    case DPK_C128:
        snprintf(text, size, "%.17g%+.17gi", ((const double *)data)[2 * i],
                 ((const double *)data)[2 * i + 1]);
        break;
    }
    return text;
}

static void tell(const dpk_array *got, const dpk_array *wanted, size_t i, char *text, size_t size)
{
    char index[96], is[64], should[64];
    snprintf(text, size, "%s is %s, not %s", index_text(got, i, index, sizeof index),
             element_text(got, i, is, sizeof is), element_text(wanted, i, should, sizeof should));
}

bool dpk_compare_shapes(const dpk_array *got, const dpk_array *wanted, char *text, size_t size)
{
    char is[96], should[96];
    dpk_array_text(got, is, sizeof is);
    dpk_array_text(wanted, should, sizeof should);
    snprintf(text, size, " is %s, not %s", is, should);
    return strcmp(is, should) == 0;
}

bool dpk_compare_rows(const dpk_array *got, const dpk_array *wanted, size_t begin, size_t end,
                      char *text, size_t size)
{
    size_t element = dpk_type_size(got->type), row = dpk_row_count(got);
    for (size_t i = begin * row; i < end * row; i++) {
        if (memcmp((const char *)got->data + i * element, (const char *)wanted->data + i * element,
                   element) != 0) {
            tell(got, wanted, i, text, size);
            return false;
        }
    }
    return true;
}

bool dpk_compare_bytes(const dpk_array *got, const dpk_array *wanted, char *text, size_t size)
{
    size_t bytes = dpk_array_bytes(got);
    if (bytes == 0 || memcmp(got->data, wanted->data, bytes) == 0)
        return true;
    return dpk_compare_rows(got, wanted, 0, dpk_array_rows(got), text, size);
}

/* Component number i of an array of floats; a complex element has two. */
static double component(const dpk_array *array, size_t i)
{
    bool wide = array->type == DPK_F64 || array->type == DPK_C128;
    return wide ? ((const double *)array->data)[i] : (double)((const float *)array->data)[i];
}

static bool near_floats(const dpk_array *got, const dpk_array *wanted, double epsilons, char *text,
                        size_t size)
{
    bool wide = got->type == DPK_F64 || got->type == DPK_C128;
    size_t parts = got->type == DPK_C64 || got->type == DPK_C128 ? 2 : 1;
    size_t count = dpk_count(got) * parts;
    double norm = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(component(wanted, i)))
            norm = fmax(norm, fabs(component(wanted, i)));

    double epsilon = wide ? DBL_EPSILON : FLT_EPSILON;
    for (size_t i = 0; i < count; i++) {
        double is = component(got, i), should = component(wanted, i);
        bool same = is == should || (isnan(is) && isnan(should));
        if (same || fabs(is - should) <= epsilons * epsilon * norm)
            continue;
        tell(got, wanted, i / parts, text, size);
        size_t used = strlen(text);
        if (norm > 0 && isfinite(is) && isfinite(should))
            snprintf(text + used, size - used, " (%.3g epsilons apart where %.3g are allowed)",
                     fabs(is - should) / (epsilon * norm), epsilons);
        return false;
    }
    return true;
}

static int64_t whole(const dpk_array *array, size_t i)
{
    switch (array->type) {
    case DPK_U8:
        return ((const uint8_t *)array->data)[i];
    case DPK_U16:
        return ((const uint16_t *)array->data)[i];
    case DPK_I32:
        return ((const int32_t *)array->data)[i];
    default:
        return ((const int64_t *)array->data)[i];
    }
}

static bool near_integers(const dpk_array *got, const dpk_array *wanted, double levels, char *text,
                          size_t size)
{
    for (size_t i = 0; i < dpk_count(got); i++) {
        int64_t is = whole(got, i), should = whole(wanted, i);
        uint64_t apart =
            is > should ? (uint64_t)is - (uint64_t)should : (uint64_t)should - (uint64_t)is;
        if (apart == 0 || (double)apart <= levels)
            continue;
        tell(got, wanted, i, text, size);
        size_t used = strlen(text);
        snprintf(text + used, size - used, " (a difference of %.3g is allowed)", levels);
        return false;
    }
    return true;
}

bool dpk_compare_values(const dpk_array *got, const dpk_array *wanted,
                        const dpk_tolerance *tolerance, char *text, size_t size)
{
    if (got->type & (DPK_U8 | DPK_U16 | DPK_I32 | DPK_I64))
        return near_integers(got, wanted, tolerance->levels, text, size);
    return near_floats(got, wanted, tolerance->epsilons, text, size);
}
