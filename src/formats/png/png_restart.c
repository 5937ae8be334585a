/* SPDX-License-Identifier: MIT */
/* png_restart.c: finds the parts of a file and decodes one of them. */
#include "formats/png/png_restart.h"

#include "base/bytes.h"
#include "formats/png/png_deflate.h"

#include <string.h>

static const unsigned char last_block[] = { 3, 0 };

/* --------------------------------------------------------------------------------------- finding
 */

/* Returns the number of rows in each part according to the file, 0 if it does not say. */
static size_t claimed_rows(const dpk_source *source, size_t first)
{
    size_t position = DPK_PNG_FIRST_CHUNK;
    dpk_png_chunk chunk;
    while (position < first && dpk_png_next_chunk(source, &position, &chunk))
        if (dpk_png_is_type(&chunk, DPK_PNG_RESTART_TYPE))
            return chunk.size == DPK_PNG_RESTART_BYTES && dpk_png_is_intact(source, &chunk)
                       ? dpk_load_be32(chunk.body)
                       : 0;
    return 0;
}

/* Returns whether there are `count` IDAT chunks at `position`, followed by the one that ends the
 * stream. */
static bool chunks_fit(const dpk_source *source, size_t position, size_t count, uint32_t *adler)
{
    dpk_png_chunk chunk;
    for (size_t i = 0; i <= count; i++)
        if (!dpk_png_next_chunk(source, &position, &chunk) || !dpk_png_is_type(&chunk, "IDAT"))
            return false;
    if (chunk.size != DPK_PNG_CLOSING || memcmp(chunk.body, last_block, sizeof last_block) != 0 ||
        !dpk_png_is_intact(source, &chunk))
        return false;
    *adler = dpk_load_be32(chunk.body + sizeof last_block);
    return dpk_png_next_chunk(source, &position, &chunk) && !dpk_png_is_type(&chunk, "IDAT");
}

dpk_status dpk_png_find_parts(const dpk_reader *reader, dpk_png_plain *plain, dpk_error *err)
{
    const dpk_source *source = &reader->source;
    size_t height = reader->array.shape[0], rows = claimed_rows(source, plain->first);
    if (rows == 0 || rows >= height)
        return DPK_OK;
    size_t count = (height - 1) / rows + 1, position = plain->first;
    if (!chunks_fit(source, position, count, &plain->adler))
        return DPK_OK;
    plain->parts = dpk_alloc(reader->arena, count * sizeof *plain->parts, err);
    if (plain->parts == NULL)
        return DPK_LIMIT;
    for (size_t i = 0; i < count; i++)
        dpk_png_next_chunk(source, &position, &plain->parts[i].chunk);
    plain->part_rows = rows;
    plain->part_count = count;
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------- one part */

struct scratch {
    dpk_png_inflate decoder;
    _Alignas(64) unsigned char stage[];
};

size_t dpk_png_part_scratch(const dpk_png_plain *plain)
{
    return sizeof(struct scratch) + dpk_png_stage_bytes(plain);
}

/* Decodes `rows` rows from row y on into the stage and from there into the array. */
static bool decode_rows(const dpk_png_plain *plain, dpk_png_part *part, dpk_png_span *input,
                        const dpk_array *array, size_t y, size_t rows, bool top,
                        struct scratch *scratch)
{
    unsigned char *stage = dpk_png_stage_rows(plain, scratch->stage);
    size_t bytes = rows * (1 + plain->row_bytes), written = 0;
    dpk_png_progress progress =
        dpk_png_inflate_step(&scratch->decoder, input, stage, bytes, &written);
    if (progress == DPK_PNG_BROKEN || written < bytes || (top && stage[0] > DPK_PNG_SUB))
        return false;
    part->adler = dpk_png_adler(part->adler, stage, bytes);
    for (size_t i = 0; i < rows; i++)
        if (!dpk_png_unfilter(plain, scratch->stage, i, array, y + i, top && i == 0))
            return false;
    dpk_png_keep_last(plain, scratch->stage, rows);
    return true;
}

static bool ends_between_blocks(dpk_png_inflate *decoder, dpk_png_span *input)
{
    unsigned char nothing[1];
    size_t written = 0;
    return dpk_png_inflate_step(decoder, input, nothing, 1, &written) == DPK_PNG_STARVED &&
           written == 0 && dpk_png_inflate_is_between(decoder);
}

bool dpk_png_decode_part(const dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1,
                         void *scratch_memory)
{
    struct scratch *scratch = scratch_memory;
    dpk_png_part *part = &plain->parts[y0 / plain->part_rows];
    size_t skipped = y0 == 0 ? 2 : 0; /* the zlib stream's head */
    if (!dpk_png_is_intact(plain->stream.source, &part->chunk) || part->chunk.size < skipped ||
        !dpk_png_inflate_begin(&scratch->decoder))
        return false;
    dpk_png_span input = { part->chunk.body + skipped, part->chunk.size - skipped };
    part->adler = 1;
    for (size_t y = y0, rows; y < y1; y += rows) {
        rows = y1 - y < plain->stage_rows ? y1 - y : plain->stage_rows;
        if (!decode_rows(plain, part, &input, array, y, rows, y == y0, scratch))
            return false;
    }
    return ends_between_blocks(&scratch->decoder, &input);
}

bool dpk_png_parts_agree(const dpk_png_plain *plain, const dpk_array *array)
{
    uLong adler = plain->parts[0].adler;
    for (size_t i = 1; i < plain->part_count; i++) {
        size_t begin = i * plain->part_rows, left = array->shape[0] - begin;
        size_t rows = left < plain->part_rows ? left : plain->part_rows;
        adler =
            adler32_combine(adler, plain->parts[i].adler, (z_off_t)(rows * (1 + plain->row_bytes)));
    }
    return adler == plain->adler;
}
