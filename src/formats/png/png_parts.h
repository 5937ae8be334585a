/* SPDX-License-Identifier: MIT */
/* png_parts.h: what the files of the PNG format share.
 *
 *     png.c        the descriptor
 *     png_chunks   walking through chunks, checking and writing them
 *     png_meta     which chunks there are besides pixels
 *     png_survey   those of an input, found before its pixels are decoded
 *     png_carry    those of an output
 *     png_read     reading by libpng, which gets a
 *     png_view         part of the file; or where it can be done:
 *     png_plain        rows in order, without libpng; from bytes of
 *     png_stream       the IDAT chunks, decoded by
 *     png_inflate      ISA-L or zlib
 *     png_restart      rows in any order, from files that allow it
 *     png_stage        what these two do with filtered rows
 *     png_write    the file around the pixels
 *     png_band         a band of rows as an IDAT chunk, compressed by
 *     png_deflate      one of several compressors, among them
 *     png_runs         our own
 *     png_filter   the row filters, both ways */
#ifndef DPK_PNG_PARTS_H
#define DPK_PNG_PARTS_H

#include "files/format.h"
#include "formats/png/png_chunks.h"

/* Options of an output. */
typedef struct dpk_png_options {
    unsigned png; /* dpk_png_effort */
} dpk_png_options;

/* Longest row that can be written, in bytes. It becomes one chunk, which may be slightly larger. */
#define DPK_PNG_ROW_MAX ((size_t)1 << 30)

/* The steps of dpk_format_png; see format.h. */
dpk_status dpk_png_open(dpk_reader *reader, dpk_error *err);
dpk_status dpk_png_rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err);
bool dpk_png_read_part(const dpk_reader *reader, size_t y0, size_t y1, void *scratch);
size_t dpk_png_read_scratch(const dpk_reader *reader);
bool dpk_png_read_agrees(const dpk_reader *reader);
void dpk_png_close(dpk_reader *reader);
dpk_status dpk_png_begin(dpk_writer *writer, dpk_error *err);
dpk_status dpk_png_write(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err);
size_t dpk_png_piece_bound(const dpk_writer *writer, size_t rows);
size_t dpk_png_encode_scratch(const dpk_writer *writer);
size_t dpk_png_encode(const dpk_writer *writer, size_t y0, size_t y1, void *piece, void *scratch);
dpk_status dpk_png_append(dpk_writer *writer, size_t y0, size_t y1, const void *piece, size_t bytes,
                          dpk_error *err);
dpk_status dpk_png_finish(dpk_writer *writer, dpk_error *err);

/* Walks through the chunks of a file: collects reader->meta and writes reader->note. Errors:
 * DPK_LIMIT for a picture over the pixel limit, or far too many chunks. */
dpk_status dpk_png_survey(dpk_reader *reader, dpk_error *err);

/* Writes the metadata that belong before the pixels or, if late, after them. */
dpk_status dpk_png_write_meta(dpk_writer *writer, bool late, dpk_error *err);

#endif
