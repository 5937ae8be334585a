/* SPDX-License-Identifier: MIT */
/* png_write.c: encoding by libpng, with its own choice of filters and zlib's default level. As in
 * png_read.c, every function that calls libpng has its own setjmp first. */
#include "png_parts.h"

#include "bytes.h"

struct writing {
    png_structp png;
    png_infop info;
    dpk_sink *sink;
    dpk_error error; /* of the sink */
    dpk_png_log log;
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
    if (dpk_is_little_endian())
        png_set_swap(writing->png);
    return DPK_OK;
}

dpk_status dpk_png_begin(dpk_writer *writer, dpk_error *err)
{
    struct writing *writing = dpk_alloc(writer->arena, sizeof *writing, err);
    if (writing == NULL)
        return DPK_LIMIT;
    *writing = (struct writing){ .sink = writer->sink };
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

dpk_status dpk_png_write(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    struct writing *writing = writer->state;
    if (setjmp(png_jmpbuf(writing->png)) != 0)
        return unwritable(writer, err);
    for (size_t y = y0; y < y1; y++)
        png_write_row(writing->png, dpk_row(writer->array, y));
    return DPK_OK;
}

dpk_status dpk_png_finish(dpk_writer *writer, dpk_error *err)
{
    struct writing *writing = writer->state;
    if (setjmp(png_jmpbuf(writing->png)) != 0)
        return unwritable(writer, err);
    png_write_end(writing->png, NULL);
    dpk_png_abandon(writer);
    return DPK_OK;
}

void dpk_png_abandon(dpk_writer *writer)
{
    struct writing *writing = writer->state;
    if (writing != NULL)
        png_destroy_write_struct(&writing->png, &writing->info);
}
