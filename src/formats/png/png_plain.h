/* SPDX-License-Identifier: MIT */
/* png_plain.h: the short way through files that are as most are: 8 or 16 bits, no palette, no
 * transparent colour, not interlaced, and without any fault. At the first doubt it steps aside, and
 * libpng decodes the file from the beginning and says what there is to say, so that what is
 * accepted, and with which words it is refused, is libpng's alone. With one exception: ISA-L takes
 * Huffman codes that leave patterns of bits unused, which zlib refuses and RFC 1951 does not
 * mention. The checksums are the judge of what such a stream decodes to. */
#ifndef DPK_PNG_PLAIN_H
#define DPK_PNG_PLAIN_H

#include "files/format.h"
#include "formats/png/png_stage.h"

/* The reader's own, for tests: whether it has one left, and to take it away. */
dpk_png_plain **dpk_png_plain_of(const dpk_reader *reader);

/* After libpng has read the head of the file and reader->array is known. *plain is NULL if the file
 * needs libpng further. Errors: DPK_LIMIT. */
dpk_status dpk_png_plain_open(const dpk_reader *reader, dpk_png_inflate *decoder,
                              dpk_png_plain **plain, dpk_error *err);

/* Decodes rows [y0, y1), which must be the next ones. False where libpng is to take over, from the
 * beginning. */
bool dpk_png_plain_rows(dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1);

/* After the last row: whether the file ends as it should. */
bool dpk_png_plain_end(dpk_png_plain *plain);

#endif
