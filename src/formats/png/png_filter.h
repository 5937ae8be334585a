/* SPDX-License-Identifier: MIT */
/* png_filter.h: PNG's row filters, both ways. A filter predicts each byte from the bytes at the
 * same place of the pixel to the left (a), above (b) and above left (c), 0 outside the image, and
 * keeps the difference modulo 256. png_filter.c is compiled once for each ISA level; all give the
 * same bytes. */
#ifndef DPK_PNG_FILTER_H
#define DPK_PNG_FILTER_H

#include "model/isa.h"

/* As they are numbered in the byte before each row. */
enum {
    DPK_PNG_NONE,  /* 0 */
    DPK_PNG_SUB,   /* a */
    DPK_PNG_UP,    /* b */
    DPK_PNG_AVG,   /* (a + b) / 2, rounded down */
    DPK_PNG_PAETH, /* whichever of a, b, c is nearest to a + b - c; ties in that order */
    DPK_PNG_FILTERS
};

/* Sets of filters: bit f stands for filter f. */
#define DPK_PNG_ALONE (1u << DPK_PNG_NONE | 1u << DPK_PNG_SUB) /* those that leave out b and c */
#define DPK_PNG_QUICK (DPK_PNG_ALONE | 1u << DPK_PNG_UP | 1u << DPK_PNG_PAETH)
#define DPK_PNG_ALL (DPK_PNG_QUICK | 1u << DPK_PNG_AVG)

typedef struct dpk_png_filter {
    /* row (bytes long, pixels of `pixel` bytes: 1, 2, 3, 4, 6 or 8) from what `filter`, 0 to 4,
     * left of it. above is the row before, NULL for a row of zeros. row may be filtered, unless
     * pixels have 3 bytes. */
    void (*undo)(unsigned filter, unsigned char *row, const unsigned char *filtered,
                 const unsigned char *above, size_t bytes, size_t pixel);

    /* Writes the filter's number and the filtered row, 1 + bytes in all, to `filtered`. Of the
     * filters in the set it takes the one that leaves the least sum of absolute differences, seen
     * as signed bytes; the first of equals. above may be NULL if the set is within DPK_PNG_ALONE.
     */
    void (*apply)(unsigned set, unsigned char *filtered, const unsigned char *row,
                  const unsigned char *above, size_t bytes, size_t pixel);
} dpk_png_filter;

extern const dpk_png_filter dpk_png_filter_variant;
#ifdef DPK_HAVE_V3
extern const dpk_png_filter dpk_png_filter_variant_v3;
#endif

/* The variant for an ISA level this CPU runs. */
static inline const dpk_png_filter *dpk_png_filter_at(dpk_isa isa)
{
#ifdef DPK_HAVE_V3
    if (isa >= DPK_ISA_V3)
        return &dpk_png_filter_variant_v3;
#endif
    (void)isa;
    return &dpk_png_filter_variant;
}

#endif
