/* SPDX-License-Identifier: MIT */
/* png_plain.c: recognises plain files and decodes their rows in order. */
#include "formats/png/png_plain.h"

#include "base/bytes.h"
#include "formats/png/png_parts.h"
#include "formats/png/png_restart.h"

#include <string.h>

/* Bytes of filtered rows that are decoded at a time: many times deflate's window of 32 KiB, so that
 * ISA-L seldom copies the window, and few enough for the second-level cache. */
enum { STAGE_BYTES = 256 * 1024 };

/* The stage holds at least one row, and the decoders count in 32 bits. */
enum { ROW_BYTES_MOST = 1 << 26 };

/* ---------------------------------------------------------------------------------- recognition */

/* Returns whether this is the header and says that samples are stored just as the array holds them.
 */
static bool is_direct(const dpk_png_chunk *header, const dpk_array *array)
{
    static const unsigned char channels[] = { 1, 0, 3, 0, 2, 0, 4 };
    if (!dpk_png_is_header(header))
        return false;
    unsigned depth = header->body[8], colour = header->body[9], interlaced = header->body[12];
    return depth == (array->type == DPK_U16 ? 16u : 8u) && colour < sizeof channels &&
           channels[colour] == array->shape[2] && interlaced == 0;
}

/* Returns whether the file is plain, judging by its header and the order of its chunks, and finds
 * the first IDAT chunk. Chunks that libpng does not see (png_view.h) do not matter. */
static bool is_plain(const dpk_reader *reader, size_t *first)
{
    const dpk_source *source = &reader->source;
    size_t position = DPK_PNG_FIRST_CHUNK, before;
    dpk_png_chunk chunk;
    if (!dpk_png_next_chunk(source, &position, &chunk) || !is_direct(&chunk, &reader->array))
        return false;
    do {
        before = position;
        if (!dpk_png_next_chunk(source, &position, &chunk))
            return false;
    } while (!dpk_png_is_type(&chunk, "IDAT"));
    *first = before;
    if (chunk.size < 2 || !dpk_png_stream_is_usual(chunk.body))
        return false;
    while (dpk_png_is_type(&chunk, "IDAT"))
        if (!dpk_png_next_chunk(source, &position, &chunk))
            return false;
    while (dpk_png_is_ancillary(&chunk))
        if (!dpk_png_next_chunk(source, &position, &chunk))
            return false;
    return dpk_png_is_type(&chunk, "IEND") && dpk_png_is_intact(source, &chunk);
}

dpk_status dpk_png_plain_open(const dpk_reader *reader, dpk_png_inflate *decoder,
                              dpk_png_plain **opened, dpk_error *err)
{
    const dpk_array *array = &reader->array;
    size_t row_bytes = dpk_row_bytes(array), first;
    size_t stage_rows = STAGE_BYTES / (1 + row_bytes) + 1;
    *opened = NULL;
    if (row_bytes > ROW_BYTES_MOST || !is_plain(reader, &first))
        return DPK_OK;
    dpk_png_plain *plain = dpk_alloc(reader->arena, sizeof *plain, err);
    if (plain == NULL)
        return DPK_LIMIT;
    *plain = (dpk_png_plain){ .filter = dpk_png_filter_at(reader->isa),
                              .row_bytes = row_bytes,
                              .pixel = array->shape[2] * dpk_type_size(array->type),
                              .swapped = array->type == DPK_U16 && dpk_is_little_endian(),
                              .first = first,
                              .stage_rows =
                                  stage_rows < array->shape[0] ? stage_rows : array->shape[0] };
    plain->stage = dpk_alloc(reader->arena, dpk_png_stage_bytes(plain), err);
    if (plain->stage == NULL)
        return DPK_LIMIT;
    if (dpk_png_stream_begin(&plain->stream, &reader->source, first, decoder))
        *opened = plain;
    return dpk_png_find_parts(reader, plain, err);
}

/* ----------------------------------------------------------------------------------------- rows */

static bool fill_stage(dpk_png_plain *plain, size_t rows)
{
    dpk_png_keep_last(plain, plain->stage, plain->staged);
    plain->used = 0;
    plain->staged = rows < plain->stage_rows ? rows : plain->stage_rows;
    return dpk_png_stream_read(&plain->stream, dpk_png_stage_rows(plain, plain->stage),
                               plain->staged * (1 + plain->row_bytes));
}

bool dpk_png_plain_rows(dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1)
{
    if (y0 != plain->next)
        return false;
    for (; plain->next < y1; plain->next++) {
        size_t y = plain->next;
        if (plain->used == plain->staged && !fill_stage(plain, array->shape[0] - y))
            return false;
        if (!dpk_png_unfilter(plain, plain->stage, plain->used, array, y, y == 0))
            return false;
        plain->used++;
    }
    return true;
}

bool dpk_png_plain_end(dpk_png_plain *plain)
{
    return dpk_png_stream_end(&plain->stream);
}
