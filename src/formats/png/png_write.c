/* SPDX-License-Identifier: MIT */
/* png_write.c: the file around the pixels. libpng writes the head and what travels along; then the
 * bands (png_band.h) follow as they are, and the end, by hand: libpng would miss the pixels it has
 * not written itself. As in png_read.c, every function that calls libpng has its own setjmp first.
 */
#include "formats/png/png_band.h"
#include "formats/png/png_restart.h"

#include <string.h>

struct writing {
    png_structp png;
    png_infop info;
    dpk_sink *sink;
    dpk_error error; /* of the sink */
    dpk_png_log log;
    dpk_png_coding coding;
    uint32_t adler; /* of all bands appended so far */

    /* For dpk_png_write(). */
    size_t written; /* rows */
    void *piece, *scratch;
};

static void write_bytes(png_structp png, png_bytep from, size_t count)
{
    struct writing *writing = png_get_io_ptr(png);
    if (dpk_sink_write(writing->sink, from, count, &writing->error) != DPK_OK)
        png_error(png, writing->error.text);
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static dpk_status unwritable(dpk_writer *writer, dpk_error *err)
{
    const struct writing *writing = writer->state;
    dpk_png_abandon(writer);
    if (writing->error.status != DPK_OK)
        return dpk_fail(err, writing->error.status, "%s", writing->error.text);
    return dpk_fail(err, DPK_OUTPUT_FAILED, "cannot encode '%s' as PNG: %s", writer->sink->name,
                    writing->log.error);
}

/* Must come before the pixels. */
static void write_restart(png_structp png, const dpk_array *array)
{
    size_t rows = dpk_png_band_rows(array);
    unsigned char body[DPK_PNG_RESTART_BYTES];
    if (rows == array->shape[0])
        return;
    dpk_png_store32(body, (uint32_t)rows);
    png_write_chunk(png, (png_const_bytep)DPK_PNG_RESTART_TYPE, body, sizeof body);
}

static dpk_status write_head(dpk_writer *writer, dpk_error *err)
{
    static const int colour_types[] = { 0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                        PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA };
    struct writing *writing = writer->state;
    const dpk_array *array = writer->array;
    if (setjmp(png_jmpbuf(writing->png)) != 0)
        return unwritable(writer, err);
    png_set_write_fn(writing->png, writing, write_bytes, flush_nothing);
    png_set_user_limits(writing->png, DPK_PNG_EXTENT_MAX, DPK_PNG_EXTENT_MAX);
    png_set_IHDR(writing->png, writing->info, (png_uint_32)array->shape[1],
                 (png_uint_32)array->shape[0], array->type == DPK_U16 ? 16 : 8,
                 colour_types[array->shape[2]], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writing->png, writing->info);
    dpk_png_write_meta(writing->png, writer);
    write_restart(writing->png, array);
    return DPK_OK;
}

dpk_status dpk_png_begin(dpk_writer *writer, dpk_error *err)
{
    struct writing *writing = dpk_alloc(writer->arena, sizeof *writing, err);
    if (writing == NULL)
        return DPK_LIMIT;
    *writing = (struct writing){ .sink = writer->sink, .adler = 1 };
    writing->coding = dpk_png_coding_of(writer->array, writer->effort);
    writer->state = writing;
    writing->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writing->log, dpk_png_stop,
                                           dpk_png_remember);
    if (writing->png != NULL)
        writing->info = png_create_info_struct(writing->png);
    if (writing->info != NULL)
        return write_head(writer, err);
    dpk_png_abandon(writer);
    return dpk_fail(err, DPK_LIMIT, "not enough memory to encode '%s'", writer->sink->name);
}

size_t dpk_png_piece_bound(const dpk_writer *writer, size_t rows)
{
    const struct writing *writing = writer->state;
    return dpk_png_band_bound(&writing->coding, rows);
}

size_t dpk_png_encode_scratch(const dpk_writer *writer)
{
    const struct writing *writing = writer->state;
    return dpk_png_band_scratch(&writing->coding, writer->array);
}

size_t dpk_png_encode(const dpk_writer *writer, size_t y0, size_t y1, void *piece, void *scratch)
{
    const struct writing *writing = writer->state;
    return dpk_png_band_encode(&writing->coding, writer->array, y0, y1, piece, scratch);
}

dpk_status dpk_png_append(dpk_writer *writer, size_t y0, size_t y1, const void *piece, size_t bytes,
                          dpk_error *err)
{
    struct writing *writing = writer->state;
    dpk_png_piece head;
    memcpy(&head, piece, sizeof head);
    size_t raw = (y1 - y0) * (1 + writing->coding.row_bytes);
    writing->adler = (uint32_t)adler32_combine(writing->adler, head.adler, (z_off_t)raw);
    return dpk_sink_write(writer->sink, (const char *)piece + sizeof head, bytes - sizeof head,
                          err);
}

/* Every band whose last row is there. */
dpk_status dpk_png_write(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    struct writing *writing = writer->state;
    size_t band = dpk_png_band_rows(writer->array), height = writer->array->shape[0];
    if (y0 == 0) {
        writing->piece = dpk_alloc(writer->arena, dpk_png_piece_bound(writer, band), err);
        writing->scratch = dpk_alloc(writer->arena, dpk_png_encode_scratch(writer), err);
        if (writing->piece == NULL || writing->scratch == NULL)
            return DPK_LIMIT;
    }
    dpk_status status = DPK_OK;
    while (status == DPK_OK && writing->written < y1) {
        size_t begin = writing->written, end = begin + band < height ? begin + band : height;
        if (end > y1)
            break;
        size_t bytes = dpk_png_encode(writer, begin, end, writing->piece, writing->scratch);
        status = dpk_png_append(writer, begin, end, writing->piece, bytes, err);
        writing->written = end;
    }
    return status;
}

dpk_status dpk_png_finish(dpk_writer *writer, dpk_error *err)
{
    struct writing *writing = writer->state;
    unsigned char chunk[12 + DPK_PNG_CLOSING] = { [3] = DPK_PNG_CLOSING };
    static const unsigned char end[] = { 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };
    memcpy(chunk + 4, "IDAT\3", 6); /* an empty block, marked as the last: bits 1, 1, and 0 */
    dpk_png_store32(chunk + 10, writing->adler);
    dpk_png_store32(chunk + 14, dpk_png_crc(0, chunk + 4, 4 + DPK_PNG_CLOSING));
    dpk_status status = dpk_sink_write(writer->sink, chunk, sizeof chunk, err);
    if (status == DPK_OK)
        status = dpk_sink_write(writer->sink, end, sizeof end, err);
    dpk_png_abandon(writer);
    return status;
}

void dpk_png_abandon(dpk_writer *writer)
{
    struct writing *writing = writer->state;
    if (writing != NULL)
        png_destroy_write_struct(&writing->png, &writing->info);
}
