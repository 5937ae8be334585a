/* SPDX-License-Identifier: MIT */
/* text.c: the target `text:`, which prints the elements, one row per line. Floating numbers get as
 * many digits as reading them back needs; complex ones print as 1.5-2i. */
#include "files/format.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for the longest element: two doubles with sign, 17 digits, point and exponent, and an i. */
enum { ELEMENT = 64 };

/* Prints the fewest digits that read back as the value. FLT_DIG and DBL_DIG digits suffice for
 * decimals that short; at most three more distinguish any two values. `sign` is "+" to always print
 * the sign. */
static int print_number(char *text, size_t size, const char *sign, double value, bool single)
{
    int digits = single ? FLT_DIG : DBL_DIG, most = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    for (;; digits++) {
        int length = sign[0] != '\0' ? snprintf(text, size, "%+.*g", digits, value)
                                     : snprintf(text, size, "%.*g", digits, value);
        double back = single ? (double)strtof(text, NULL) : strtod(text, NULL);
        if (back == value || digits == most)
            return length;
    }
}

static int print_complex(char *text, size_t size, double real, double imaginary, bool single)
{
    int length = print_number(text, size, "", real, single);
    length += print_number(text + length, size - (size_t)length, "+", imaginary, single);
    return length + snprintf(text + length, size - (size_t)length, "i");
}

static int print_element(char *text, size_t size, dpk_type type, const void *row, size_t i)
{
    const float *f32 = row;
    const double *f64 = row;
    switch (type) {
    case DPK_U8:
        return snprintf(text, size, "%u", ((const uint8_t *)row)[i]);
    case DPK_U16:
        return snprintf(text, size, "%u", ((const uint16_t *)row)[i]);
    case DPK_I32:
        return snprintf(text, size, "%" PRId32, ((const int32_t *)row)[i]);
    case DPK_I64:
        return snprintf(text, size, "%" PRId64, ((const int64_t *)row)[i]);
    case DPK_F32:
        return print_number(text, size, "", (double)f32[i], true);
    case DPK_F64:
        return print_number(text, size, "", f64[i], false);
    case DPK_C64:
        return print_complex(text, size, (double)f32[2 * i], (double)f32[2 * i + 1], true);
    case DPK_C128:
        return print_complex(text, size, f64[2 * i], f64[2 * i + 1], false);
    }
    return 0;
}

static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    (void)writer;
    (void)err;
    return DPK_OK;
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    const dpk_array *array = writer->array;
    const size_t count = dpk_row_count(array);
    dpk_status status = DPK_OK;
    for (size_t y = y0; y < y1 && count > 0 && status == DPK_OK; y++) {
        const void *row = dpk_row(array, y);
        for (size_t i = 0; i < count && status == DPK_OK; i++) {
            char text[ELEMENT + 1];
            int length = print_element(text, ELEMENT, array->type, row, i);
            text[length] = i + 1 < count ? ' ' : '\n';
            status = dpk_sink_write(writer->sink, text, (size_t)length + 1, err);
        }
    }
    return status;
}

const dpk_format dpk_format_text = {
    .name = "text",
    .summary = "prints the elements, one row per line",
    .begin = begin,
    .write = write_rows,
    .finish = begin,
    .stdout_only = true,
};
