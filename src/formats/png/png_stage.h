/* SPDX-License-Identifier: MIT */
/* png_stage.h: what the decoders of rows in order (png_plain) and of parts of a file (png_restart)
 * share: the state of a plain file, and the stage, a buffer for rows that are still filtered. */
#ifndef DPK_PNG_STAGE_H
#define DPK_PNG_STAGE_H

#include "formats/png/png_filter.h"
#include "formats/png/png_stream.h"

/* A part of the file that can be decoded independently: see png_restart.h. */
typedef struct dpk_png_part {
    dpk_png_chunk chunk;
    uint32_t adler; /* of what it decodes to, once it is decoded */
} dpk_png_part;

typedef struct dpk_png_plain {
    const dpk_png_filter *filter;
    size_t row_bytes; /* without the filter's number before it */
    size_t pixel;     /* bytes */
    bool swapped;     /* 16 bits, in another byte order than this machine's */
    size_t first;     /* position of the first IDAT chunk */

    /* Rows as they come out of the stream, filtered, some of them at a time. */
    size_t stage_rows;
    unsigned char *stage; /* dpk_png_stage_bytes() */

    dpk_png_stream stream;
    size_t next;         /* row to be delivered */
    size_t staged, used; /* rows in the stage, and how many of them are delivered */

    size_t part_rows; /* of each part but the last; 0 if there are none */
    size_t part_count;
    dpk_png_part *parts;
    uint32_t adler; /* of all parts together, as the file says */
} dpk_png_plain;

/* Size of a stage: its rows, and before them the last row of its previous contents. */
static inline size_t dpk_png_stage_bytes(const dpk_png_plain *plain)
{
    return (1 + plain->stage_rows) * (1 + plain->row_bytes);
}

/* The first row in a stage. */
static inline unsigned char *dpk_png_stage_rows(const dpk_png_plain *plain, unsigned char *stage)
{
    return stage + 1 + plain->row_bytes;
}

/* Undoes the filter of row y, which is number `place` in the stage. The row before must be
 * unfiltered, unless `top` says that there is none. Returns false for an unknown filter. */
bool dpk_png_unfilter(const dpk_png_plain *plain, unsigned char *stage, size_t place,
                      const dpk_array *array, size_t y, bool top);

/* Keeps the last of the staged rows; call it before filling the stage again. */
void dpk_png_keep_last(const dpk_png_plain *plain, unsigned char *stage, size_t staged);

#endif
