/* SPDX-License-Identifier: MIT */
/* png_write.c: writes the file around the encoded bands (png_band.h): signature, header, metadata
 * and end. */
#include "formats/png/png_band.h"
#include "formats/png/png_parts.h"
#include "formats/png/png_restart.h"

#include <string.h>
#include <zlib.h>

struct writing {
    dpk_png_coding coding;
    uint32_t adler; /* of all bands appended so far */

    /* For dpk_png_write(). */
    size_t written; /* rows */
    void *piece, *scratch;
};

/* The header consists of columns, rows, bits of a sample, colour type, and three zeros: deflate,
 * the usual filters, not interlaced. */
static dpk_status write_header(const dpk_writer *writer, dpk_error *err)
{
    static const unsigned char signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    static const unsigned char colour_types[] = { 0, 0, 4, 2, 6 };
    const dpk_array *array = writer->array;
    unsigned char body[13] = {
        [8] = array->type == DPK_U16 ? 16 : 8, [9] = colour_types[array->shape[2]]
    };
    dpk_png_store32(body, (uint32_t)array->shape[1]);
    dpk_png_store32(body + 4, (uint32_t)array->shape[0]);
    dpk_status status = dpk_sink_write(writer->sink, signature, sizeof signature, err);
    if (status != DPK_OK)
        return status;
    return dpk_png_write_chunk(writer->sink, "IHDR", body, sizeof body, NULL, err);
}

/* Writes the chunk that announces parts; it must precede the pixels. */
static dpk_status write_restart(const dpk_writer *writer, dpk_error *err)
{
    size_t rows = dpk_png_band_rows(writer->array);
    unsigned char body[DPK_PNG_RESTART_BYTES];
    if (rows == writer->array->shape[0])
        return DPK_OK;
    dpk_png_store32(body, (uint32_t)rows);
    return dpk_png_write_chunk(writer->sink, DPK_PNG_RESTART_TYPE, body, sizeof body, NULL, err);
}

dpk_status dpk_png_begin(dpk_writer *writer, dpk_error *err)
{
    struct writing *writing = dpk_alloc(writer->arena, sizeof *writing, err);
    if (writing == NULL)
        return DPK_LIMIT;
    const dpk_png_options *options = writer->options;
    dpk_png_effort effort = options != NULL ? (dpk_png_effort)options->png : DPK_PNG_BALANCED;
    *writing = (struct writing){ .coding = dpk_png_coding_of(writer->array, effort, writer->isa),
                                 .adler = 1 };
    writer->state = writing;
    dpk_status status = write_header(writer, err);
    if (status == DPK_OK)
        status = dpk_png_write_meta(writer, false, err);
    return status == DPK_OK ? write_restart(writer, err) : status;
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

/* Encodes and appends every band that is complete. */
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
    unsigned char closing[DPK_PNG_CLOSING] = { 3 }; /* an empty block, marked as the last */
    dpk_png_store32(closing + 2, writing->adler);
    dpk_status status =
        dpk_png_write_chunk(writer->sink, "IDAT", closing, sizeof closing, NULL, err);
    if (status == DPK_OK)
        status = dpk_png_write_meta(writer, true, err);
    return status == DPK_OK ? dpk_png_write_chunk(writer->sink, "IEND", NULL, 0, NULL, err)
                            : status;
}
