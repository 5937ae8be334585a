/* SPDX-License-Identifier: MIT */
/* png_chunks.c: the chunks that travel from a PNG input to a PNG output, byte for byte. Those
 * that describe how pixels are stored (PLTE, tRNS, sBIT, hIST, …) do not: the pixels are stored
 * anew. A chunk is: length (4 bytes, big-endian), type (4), body, CRC-32 of type and body (4). */
#include "formats/png/png_parts.h"

#include "base/bytes.h"
#include "formats/limit.h"
#include "formats/png/png_deflate.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK_HEAD = 8, CHUNK_TAIL = 4, IHDR_BODY = 13 };

static const struct carried {
    char type[5];
    bool once;  /* may occur once */
    bool early; /* only counts before the pixels */
} carried[] = {
    { "cICP", true, true },   { "iCCP", true, true },   { "sRGB", true, true },
    { "gAMA", true, true },   { "cHRM", true, true },   { "mDCV", true, true },
    { "cLLI", true, true },   { "pHYs", true, true },   { "eXIf", true, false },
    { "tIME", true, false },  { "tEXt", false, false }, { "zTXt", false, false },
    { "iTXt", false, false },
};

enum { CARRIED = sizeof carried / sizeof *carried };

bool dpk_png_next_chunk(const dpk_source *source, size_t *position, dpk_png_chunk *chunk)
{
    if (*position > source->size || source->size - *position < CHUNK_HEAD + CHUNK_TAIL)
        return false;
    const unsigned char *head = source->data + *position;
    size_t left = source->size - *position - CHUNK_HEAD - CHUNK_TAIL;
    *chunk = (dpk_png_chunk){ head + 4, head + CHUNK_HEAD, dpk_load_be32(head) };
    if (chunk->size > DPK_PNG_EXTENT_MAX || chunk->size > left)
        return false;
    size_t next = *position + CHUNK_HEAD + chunk->size + CHUNK_TAIL;
    dpk_source_move_on(source, *position, next);
    *position = next;
    return true;
}

bool dpk_png_is_type(const dpk_png_chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

bool dpk_png_is_header(const dpk_png_chunk *chunk)
{
    return dpk_png_is_type(chunk, "IHDR") && chunk->size == IHDR_BODY;
}

bool dpk_png_is_intact(const dpk_png_chunk *chunk)
{
    return dpk_png_crc(0, chunk->type, 4 + chunk->size) == dpk_load_be32(chunk->body + chunk->size);
}

/* Looks at the claimed size ahead of libpng, which calls a picture of 2^31 columns invalid where
 * the user should hear that it is too large. */
static dpk_status check_size(const dpk_reader *reader, const dpk_png_chunk *header, dpk_error *err)
{
    if (!dpk_png_is_header(header) || !dpk_png_is_intact(header))
        return DPK_OK;
    return dpk_check_pixels(reader, dpk_load_be32(header->body), dpk_load_be32(header->body + 4),
                            err);
}

/* Files with a chunk twice, or with both an ICC profile and the sRGB mark, exist. The first one
 * counts, as it does for libpng. */
static bool is_wanted(const dpk_meta *meta, const dpk_png_chunk *chunk, bool pixels_seen)
{
    for (int i = 0; i < CARRIED; i++) {
        if (!dpk_png_is_type(chunk, carried[i].type))
            continue;
        if (carried[i].early && pixels_seen)
            return false;
        if (carried[i].once && dpk_meta_find(meta, carried[i].type) != NULL)
            return false;
        if (dpk_png_is_type(chunk, "iCCP") && dpk_meta_find(meta, "sRGB") != NULL)
            return false;
        if (dpk_png_is_type(chunk, "sRGB") && dpk_meta_find(meta, "iCCP") != NULL)
            return false;
        return dpk_png_is_intact(chunk);
    }
    return false;
}

dpk_status dpk_png_survey(dpk_reader *reader, dpk_error *err)
{
    size_t position = DPK_PNG_FIRST_CHUNK;
    dpk_png_chunk chunk;
    if (!dpk_png_next_chunk(&reader->source, &position, &chunk))
        return DPK_OK;
    dpk_status status = check_size(reader, &chunk, err);
    bool pixels_seen = false;
    while (status == DPK_OK && dpk_png_next_chunk(&reader->source, &position, &chunk)) {
        if (dpk_png_is_type(&chunk, "IEND"))
            break;
        if (dpk_png_is_type(&chunk, "IDAT"))
            pixels_seen = true;
        else if (dpk_png_is_type(&chunk, "acTL"))
            snprintf(reader->note, sizeof reader->note,
                     "an animation, of which only the first picture was read");
        else if (is_wanted(&reader->meta, &chunk, pixels_seen)) {
            dpk_meta_item item = { .body = chunk.body, .size = chunk.size };
            memcpy(item.type, chunk.type, 4);
            status = dpk_meta_add(&reader->meta, reader->arena, &item, err);
        }
    }
    return status;
}

/* An ICC profile is made for grey or for RGB pixels, and is an error in a file of the other. */
static bool profile_fits(const dpk_writer *writer)
{
    return (writer->meta->channels <= 2) == (writer->array->shape[2] <= 2);
}

void dpk_png_write_meta(png_structp png, dpk_writer *writer)
{
    const dpk_meta_item *item = writer->meta != NULL ? writer->meta->first : NULL;
    for (; item != NULL; item = item->next) {
        if (strcmp(item->type, "iCCP") == 0 && !profile_fits(writer)) {
            snprintf(writer->note, sizeof writer->note,
                     "the ICC profile was left out: it is for %s pictures",
                     writer->meta->channels <= 2 ? "grey" : "colour");
            continue;
        }
        png_write_chunk(png, (png_const_bytep)item->type, item->body, item->size);
    }
}
