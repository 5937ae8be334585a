/* SPDX-License-Identifier: MIT */
/* png_band.h: encodes a band of rows as an IDAT chunk, independently of other bands. */
#ifndef DPK_PNG_BAND_H
#define DPK_PNG_BAND_H

#include "files/format.h"
#include "formats/png/png_deflate.h"
#include "formats/png/png_filter.h"

/* How rows are encoded. All bands share it. */
typedef struct dpk_png_coding {
    const dpk_png_filter *filter;
    dpk_png_effort effort;
    size_t row_bytes; /* without the filter's number before it */
    size_t pixel;     /* bytes */
    bool swapped;     /* 16 bits, in another byte order than this machine's */
} dpk_png_coding;

/* The head of an encoded band. The complete chunk follows it. */
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
