/* SPDX-License-Identifier: MIT */
/* png_band.h: a band of rows becomes an IDAT chunk, without knowledge of other bands. */
#ifndef DPK_PNG_BAND_H
#define DPK_PNG_BAND_H

#include "files/format.h"
#include "formats/png/png_deflate.h"
#include "formats/png/png_filter.h"

/* How rows are encoded; the same for all bands. */
typedef struct dpk_png_coding {
    const dpk_png_filter *filter;
    dpk_png_effort effort;
    size_t row_bytes; /* without the filter's number before it */
    size_t pixel;     /* bytes */
    bool swapped;     /* 16 bits, in another byte order than this machine's */
} dpk_png_coding;

/* What encoding a band leaves: the head, and behind it the chunk, ready to be written. */
typedef struct dpk_png_piece {
    uint32_t adler; /* of the filtered rows */
    uint32_t bytes; /* of the chunk */
} dpk_png_piece;

dpk_png_coding dpk_png_coding_of(const dpk_array *array, dpk_png_effort effort, dpk_isa isa);

/* As in format.h. */
size_t dpk_png_band_rows(const dpk_array *array);
size_t dpk_png_band_bound(const dpk_png_coding *coding, size_t rows);
size_t dpk_png_band_scratch(const dpk_png_coding *coding, const dpk_array *array);
size_t dpk_png_band_encode(const dpk_png_coding *coding, const dpk_array *array, size_t y0,
                           size_t y1, void *piece, void *scratch);

#endif
