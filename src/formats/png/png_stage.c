/* SPDX-License-Identifier: MIT */
/* png_stage.c: unfilters rows on their way from the stage to the array. */
#include "formats/png/png_stage.h"

#include "base/bytes.h"

#include <string.h>

void dpk_png_keep_last(const dpk_png_plain *plain, unsigned char *stage, size_t staged)
{
    size_t stride = 1 + plain->row_bytes;
    if (plain->swapped && staged > 0)
        memcpy(stage, stage + staged * stride, stride);
}

/* Rows whose bytes must be swapped are unfiltered in the stage, where the previous row is in file
 * order. Other rows are unfiltered into the array, where the previous row is. */
bool dpk_png_unfilter(const dpk_png_plain *plain, unsigned char *stage, size_t place,
                      const dpk_array *array, size_t y, bool top)
{
    size_t stride = 1 + plain->row_bytes;
    unsigned char *from = dpk_png_stage_rows(plain, stage) + place * stride;
    unsigned filter = from[0];
    if (filter >= DPK_PNG_FILTERS)
        return false;
    unsigned char *row = plain->swapped ? from + 1 : dpk_row(array, y);
    const unsigned char *above = NULL;
    if (!top)
        above = plain->swapped ? row - stride : dpk_row(array, y - 1);
    plain->filter->undo(filter, row, from + 1, above, plain->row_bytes, plain->pixel);
    if (plain->swapped)
        dpk_copy_swapped(dpk_row(array, y), row, plain->row_bytes / 2, 2);
    return true;
}
