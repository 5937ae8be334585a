/* SPDX-License-Identifier: MIT */
/* png_parts.h: what the files of the PNG format share.
 *
 *     png.c        the descriptor
 *     png_chunks   which chunks travel from input to output
 *     png_read     reading by libpng, or where it can be done:
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
#include "model/isa.h"

#include <png.h>

/* PNG stores rows, columns and chunk lengths in 31 bits. */
#define DPK_PNG_EXTENT_MAX ((size_t)0x7fffffff)

/* The ISA level for what is compiled more than once: the CPU's best, unless the environment
 * variable DPK_ISA names another. */
dpk_isa dpk_png_isa(void);

/* What libpng says while it works: its reason for giving up, and the first complaint that was
 * none. It is the error pointer of every png_struct here. */
typedef struct dpk_png_log {
    char error[96];
    char warning[96];
} dpk_png_log;

/* libpng's error and warning functions. stop() notes the reason and jumps to png_jmpbuf(). */
PNG_FUNCTION(void, dpk_png_stop, (png_structp png, png_const_charp reason), PNG_NORETURN);
void dpk_png_remember(png_structp png, png_const_charp complaint);

/* Longest row that is written, in bytes: it becomes one chunk, which may be a bit larger. */
#define DPK_PNG_ROW_MAX ((size_t)1 << 30)

/* A chunk: length (4 bytes, big-endian), type (4), body, CRC-32 of type and body (4). The first
 * one follows the signature. */
#define DPK_PNG_FIRST_CHUNK ((size_t)8)

typedef struct dpk_png_chunk {
    const unsigned char *type; /* 4 letters, followed by the body */
    const unsigned char *body; /* followed by the CRC */
    size_t size;               /* of the body, bytes */
} dpk_png_chunk;

/* The chunk at *position, which moves behind it; false at the end, and where the file is cut. */
bool dpk_png_next_chunk(const dpk_source *source, size_t *position, dpk_png_chunk *chunk);
bool dpk_png_is_type(const dpk_png_chunk *chunk, const char *type);
bool dpk_png_is_header(const dpk_png_chunk *chunk); /* IHDR, of its size */
bool dpk_png_is_intact(const dpk_png_chunk *chunk); /* by its CRC */

/* A number as chunks spell it: big-endian. */
static inline void dpk_png_store32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

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
void dpk_png_abandon(dpk_writer *writer);

/* Walks through the chunks of a source before libpng sees it: refuses a picture over the pixel
 * limit (DPK_LIMIT) and collects reader->meta. Damage is not its business: it stops there. */
dpk_status dpk_png_survey(dpk_reader *reader, dpk_error *err);

/* Writes writer->meta, between the header and the pixels. Jumps like any libpng call. */
void dpk_png_write_meta(png_structp png, dpk_writer *writer);

#endif
