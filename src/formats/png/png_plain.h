/* SPDX-License-Identifier: MIT */
/* png_plain.h: the short way through files that are as most are: 8 or 16 bits, no palette, no
 * transparent colour, not interlaced, and without any fault. At the first doubt it steps aside, and
 * libpng decodes the file from the beginning and says what there is to say, so that what is
 * accepted, and with which words it is refused, is libpng's alone. With one exception: ISA-L takes
 * Huffman codes that leave patterns of bits unused, which zlib refuses and RFC 1951 does not
 * mention. The checksums are the judge of what such a stream decodes to. */
#ifndef DPK_PNG_PLAIN_H
#define DPK_PNG_PLAIN_H

#include "formats/png/png_filter.h"
#include "formats/png/png_stream.h"

/* A part of the file that can be decoded without the others: see png_restart.h. */
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

/* The reader's own, for tests: whether it has one left, and to take it away. */
dpk_png_plain **dpk_png_plain_of(const dpk_reader *reader);

/* After libpng has read the head of the file and reader->array is known. *plain is NULL if the file
 * needs libpng further. Errors: DPK_LIMIT. */
dpk_status dpk_png_plain_open(const dpk_reader *reader, dpk_png_plain **plain, dpk_error *err);

/* Decodes rows [y0, y1), which must be the next ones. False where libpng is to take over, from the
 * beginning. */
bool dpk_png_plain_rows(dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1);

/* After the last row: whether the file ends as it should. */
bool dpk_png_plain_end(dpk_png_plain *plain);

/* Memory for a stage: its rows, and before them the last row of what was there before. */
static inline size_t dpk_png_stage_bytes(const dpk_png_plain *plain)
{
    return (1 + plain->stage_rows) * (1 + plain->row_bytes);
}

/* Where the rows in a stage begin. */
static inline unsigned char *dpk_png_stage_rows(const dpk_png_plain *plain, unsigned char *stage)
{
    return stage + 1 + plain->row_bytes;
}

/* Undoes the filter of row y, number `place` in the stage, after that of the row before, unless it
 * is on top: then it has nothing above it. False for an unknown filter. */
bool dpk_png_unfilter(const dpk_png_plain *plain, unsigned char *stage, size_t place,
                      const dpk_array *array, size_t y, bool top);

/* To be called before the stage is filled again. */
void dpk_png_keep_last(const dpk_png_plain *plain, unsigned char *stage, size_t staged);

#endif
