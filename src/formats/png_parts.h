/* SPDX-License-Identifier: MIT */
/* png_parts.h: what the files of the PNG format share. png.c is the descriptor, png_read.c and
 * png_write.c drive the two halves of libpng, png_chunks.c knows which chunks travel from input to
 * output. */
#ifndef DPK_PNG_PARTS_H
#define DPK_PNG_PARTS_H

#include "format.h"

#include <png.h>

/* PNG stores rows, columns and chunk lengths in 31 bits. */
#define DPK_PNG_EXTENT_MAX ((size_t)0x7fffffff)

/* What libpng says while it works: its reason for giving up, and the first complaint that was
 * none. It is the error pointer of every png_struct here. */
typedef struct dpk_png_log {
    char error[96];
    char warning[96];
} dpk_png_log;

/* libpng's error and warning functions. stop() notes the reason and jumps to png_jmpbuf(). */
PNG_FUNCTION(void, dpk_png_stop, (png_structp png, png_const_charp reason), PNG_NORETURN);
void dpk_png_remember(png_structp png, png_const_charp complaint);

/* The steps of dpk_format_png; see format.h. */
dpk_status dpk_png_open(dpk_reader *reader, dpk_error *err);
dpk_status dpk_png_rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err);
void dpk_png_close(dpk_reader *reader);
dpk_status dpk_png_begin(dpk_writer *writer, dpk_error *err);
dpk_status dpk_png_write(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err);
dpk_status dpk_png_finish(dpk_writer *writer, dpk_error *err);
void dpk_png_abandon(dpk_writer *writer);

/* Walks through the chunks of a source before libpng sees it: refuses a picture over the pixel
 * limit (DPK_LIMIT) and collects reader->meta. Damage is not its business: it stops there. */
dpk_status dpk_png_survey(dpk_reader *reader, dpk_error *err);

/* Writes writer->meta, between the header and the pixels. Jumps like any libpng call. */
void dpk_png_write_meta(png_structp png, dpk_writer *writer);

#endif
