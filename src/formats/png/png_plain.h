/* SPDX-License-Identifier: MIT */
/* png_plain.h: a fast path for plain files: 8 or 16 bits, no palette, no transparent colour, not
 * interlaced, and without errors. If anything is wrong, libpng decodes the file from the beginning.
 * So libpng alone decides what is accepted and how errors are reported. There is one exception:
 * ISA-L accepts Huffman codes that leave patterns of bits unused, which zlib refuses and RFC 1951
 * does not mention. The checksums protect what such a stream decodes to. */
#ifndef DPK_PNG_PLAIN_H
#define DPK_PNG_PLAIN_H

#include "files/format.h"
#include "formats/png/png_stage.h"

/* The plain decoder of a reader, NULL if it does not use one (any more). Tests clear it to force
 * libpng. */
dpk_png_plain **dpk_png_plain_of(const dpk_reader *reader);

/* Makes a plain decoder, after libpng has read the head of the file and reader->array is known.
 * *plain is NULL if the file is not plain. Errors: DPK_LIMIT. */
dpk_status dpk_png_plain_open(const dpk_reader *reader, dpk_png_inflate *decoder,
                              dpk_png_plain **plain, dpk_error *err);

/* Decodes rows [y0, y1), which must be the next ones. Returns false if libpng has to decode the
 * file from the beginning. */
bool dpk_png_plain_rows(dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1);

/* Returns whether the file ends correctly after the last row. */
bool dpk_png_plain_end(dpk_png_plain *plain);

#endif
