/* SPDX-License-Identifier: MIT */
/* png_chunks.c: walks through the chunks of a file, checks and writes chunks. */
#include "formats/png/png_chunks.h"

#include "base/bytes.h"
#include "formats/png/png_deflate.h"

#include <string.h>

enum { IHDR_BODY = 13 };

/* Bodies are read and written in pieces of this many bytes. A body can have 2 GiB. */
enum { PIECE = 1 << 20 };

bool dpk_png_next_chunk(const dpk_source *source, size_t *position, dpk_png_chunk *chunk)
{
    const size_t frame = DPK_PNG_CHUNK_HEAD + DPK_PNG_CHUNK_TAIL;
    if (*position > source->size || source->size - *position < frame)
        return false;
    const unsigned char *head = source->data + *position;
    *chunk = (dpk_png_chunk){ head + 4, head + DPK_PNG_CHUNK_HEAD, dpk_load_be32(head) };
    if (chunk->size > DPK_PNG_EXTENT_MAX || chunk->size > source->size - *position - frame)
        return false;
    size_t next = *position + frame + chunk->size;
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

static bool is_letter(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

bool dpk_png_is_ancillary(const dpk_png_chunk *chunk)
{
    const unsigned char *type = chunk->type;
    return is_letter(type[0]) && is_letter(type[1]) && is_letter(type[2]) && is_letter(type[3]) &&
           (type[0] & 0x20) != 0;
}

bool dpk_png_is_intact(const dpk_source *source, const dpk_png_chunk *chunk)
{
    size_t at = (size_t)(chunk->body - source->data), end = at + chunk->size;
    uint32_t crc = dpk_png_crc(0, chunk->type, 4);
    for (size_t next; at < end; at = next) {
        next = end - at < PIECE ? end : at + PIECE;
        crc = dpk_png_crc(crc, source->data + at, next - at);
        dpk_source_move_on(source, at, next);
    }
    return crc == dpk_load_be32(source->data + end);
}

dpk_status dpk_png_write_chunk(dpk_sink *sink, const char *type, const void *body, size_t size,
                               const dpk_source *source, dpk_error *err)
{
    const unsigned char *data = body;
    unsigned char head[DPK_PNG_CHUNK_HEAD], tail[DPK_PNG_CHUNK_TAIL];
    dpk_png_store32(head, (uint32_t)size);
    memcpy(head + 4, type, 4);
    uint32_t crc = dpk_png_crc(0, head + 4, 4);
    dpk_status status = dpk_sink_write(sink, head, sizeof head, err);
    for (size_t at = 0, next; at < size && status == DPK_OK; at = next) {
        next = size - at < PIECE ? size : at + PIECE;
        crc = dpk_png_crc(crc, data + at, next - at);
        status = dpk_sink_write(sink, data + at, next - at, err);
        if (source != NULL && next - at == PIECE)
            dpk_source_done(source, (size_t)(data + at - source->data),
                            (size_t)(data + next - source->data));
    }
    dpk_png_store32(tail, crc);
    return status == DPK_OK ? dpk_sink_write(sink, tail, sizeof tail, err) : status;
}
