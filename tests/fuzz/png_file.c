/* SPDX-License-Identifier: MIT */
/* png_file.c: chunks in, chunks out, and the zlib stream they hold. Not the code under test, and
 * not quick: zlib does the work. */
#include "png_file.h"

#include "base/bytes.h"

#include <string.h>
#include <zlib.h>

static const unsigned char signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

static void store_be32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* ---------------------------------------------------------------------------------------- chunks
 */

png_piece *png_insert(png_file *file, size_t place, const char *type, size_t size)
{
    if (file->count == PNG_CHUNKS_MOST || size > sizeof file->pool - file->used)
        return NULL;
    png_piece *piece = file->pieces + place;
    memmove(piece + 1, piece, (file->count - place) * sizeof *piece);
    *piece = (png_piece){ .body = file->pool + file->used, .size = size };
    memcpy(piece->type, type, 4);
    file->used += size;
    file->count++;
    return piece;
}

void png_remove(png_file *file, size_t place)
{
    png_piece *piece = file->pieces + place;
    memmove(piece, piece + 1, (--file->count - place) * sizeof *piece);
}

size_t png_find(const png_file *file, const char *type)
{
    size_t place = 0;
    while (place < file->count && memcmp(file->pieces[place].type, type, 4) != 0)
        place++;
    return place;
}

void png_take_apart(png_file *file, const unsigned char *data, size_t size)
{
    file->count = file->used = 0;
    for (size_t at = sizeof signature; size >= 12 && at <= size - 12;) {
        size_t bytes = dpk_load_be32(data + at);
        if (bytes > size - 12 - at)
            break;
        png_piece *piece = png_insert(file, file->count, (const char *)data + at + 4, bytes);
        if (piece == NULL)
            break;
        memcpy(piece->body, data + at + 8, bytes);
        at += 12 + bytes;
    }
}

size_t png_put_together(const png_file *file, unsigned char *to, size_t room)
{
    size_t at = sizeof signature;
    if (room < at)
        return 0;
    memcpy(to, signature, at);
    for (const png_piece *piece = file->pieces; piece < file->pieces + file->count; piece++) {
        if (piece->size + 12 > room - at)
            return 0;
        unsigned char *chunk = to + at;
        store_be32(chunk, (uint32_t)piece->size);
        memcpy(chunk + 4, piece->type, 4);
        memcpy(chunk + 8, piece->body, piece->size);
        store_be32(chunk + 8 + piece->size, (uint32_t)crc32(0, chunk + 4, (uInt)(4 + piece->size)));
        at += 12 + piece->size;
    }
    return at;
}

/* ---------------------------------------------------------------------------------------- header
 */

void png_start(png_file *file, const png_header *header)
{
    file->count = file->used = 0;
    memset(png_insert(file, 0, "IHDR", 13)->body, 0, 13);
    png_set_header(file, header);
}

void png_set_header(png_file *file, const png_header *header)
{
    unsigned char *body = file->pieces[0].body;
    store_be32(body, header->columns);
    store_be32(body + 4, header->rows);
    body[8] = (unsigned char)header->depth;
    body[9] = (unsigned char)header->colour;
    body[12] = (unsigned char)header->interlaced;
}

bool png_header_of(const png_file *file, png_header *header)
{
    if (file->count == 0 || file->pieces[0].size != 13)
        return false;
    const unsigned char *body = file->pieces[0].body;
    *header = (png_header){ .columns = dpk_load_be32(body),
                            .rows = dpk_load_be32(body + 4),
                            .depth = body[8],
                            .colour = body[9],
                            .interlaced = body[12] };
    return true;
}

size_t png_row_bytes(const png_header *header)
{
    static const size_t channels[7] = { 1, 0, 3, 1, 2, 0, 4 };
    if (header->colour >= 7 || header->depth > 16 || header->columns > PNG_RAW_MOST)
        return 0;
    size_t bits = header->columns * channels[header->colour] * header->depth;
    return bits == 0 ? 0 : 1 + (bits + 7) / 8;
}

/* ---------------------------------------------------------------------------------------- pixels
 */

/* All IDAT chunks one after the other, in the pool. */
static unsigned char *gather(png_file *file, size_t *size)
{
    unsigned char *stream = file->pool + file->used;
    *size = 0;
    for (const png_piece *piece = file->pieces; piece < file->pieces + file->count; piece++) {
        if (memcmp(piece->type, "IDAT", 4) != 0 || piece->size > sizeof file->pool - file->used)
            continue;
        memcpy(file->pool + file->used, piece->body, piece->size);
        file->used += piece->size;
        *size += piece->size;
    }
    return stream;
}

/* Returns what is left of the stream behind the last block, or NULL if it does not come to an end.
 */
static const unsigned char *unpack(const unsigned char *stream, size_t size, unsigned char *raw,
                                   size_t room, size_t *written)
{
    z_stream state = { .next_in = (Bytef *)(uintptr_t)stream + 2,
                       .avail_in = (uInt)size - 2,
                       .next_out = raw,
                       .avail_out = (uInt)room };
    *written = 0;
    if (size < 2 || inflateInit2(&state, -MAX_WBITS) != Z_OK)
        return NULL;
    int result = inflate(&state, Z_SYNC_FLUSH);
    inflateEnd(&state);
    *written = room - state.avail_out;
    return result == Z_STREAM_END ? state.next_in : NULL;
}

size_t png_unpack(png_file *file, unsigned char *raw, size_t room)
{
    size_t size, written, mark = file->used;
    const unsigned char *stream = gather(file, &size);
    unpack(stream, size, raw, room, &written);
    file->used = mark;
    return written;
}

void png_mend_adler(png_file *file)
{
    static unsigned char raw[PNG_RAW_MOST];
    size_t size, written, mark = file->used;
    const unsigned char *stream = gather(file, &size);
    const unsigned char *end = unpack(stream, size, raw, sizeof raw, &written);
    file->used = mark;
    if (end == NULL)
        return;
    unsigned char sum[4];
    store_be32(sum, (uint32_t)adler32(1, raw, (uInt)written));
    size_t at = (size_t)(end - stream), begin = 0;
    for (png_piece *piece = file->pieces; piece < file->pieces + file->count; piece++) {
        if (memcmp(piece->type, "IDAT", 4) != 0)
            continue;
        for (size_t i = 0; i < 4; i++)
            if (at + i >= begin && at + i < begin + piece->size)
                piece->body[at + i - begin] = sum[i];
        begin += piece->size;
    }
}

/* Compresses one stretch of the stream; returns how many bytes that makes. */
static size_t deflate_some(z_stream *state, const unsigned char *raw, size_t size,
                           unsigned char *to, size_t room, int flush)
{
    state->next_in = (Bytef *)(uintptr_t)raw;
    state->avail_in = (uInt)size;
    state->next_out = to;
    state->avail_out = (uInt)room;
    deflate(state, flush);
    return room - state->avail_out;
}

static void add(png_file *file, size_t *place, const unsigned char *bytes, size_t size)
{
    png_piece *piece = png_insert(file, *place, "IDAT", size);
    if (piece == NULL)
        return;
    memcpy(piece->body, bytes, size);
    ++*place;
}

static void add_claim(png_file *file, size_t *place, size_t rows)
{
    png_piece *piece = png_insert(file, *place, "maRK", 4);
    if (piece == NULL)
        return;
    store_be32(piece->body, (uint32_t)rows);
    ++*place;
}

static void pack_parts(png_file *file, size_t place, const unsigned char *raw, size_t size,
                       const png_packing *packing, size_t part)
{
    static unsigned char packed[2 * PNG_RAW_MOST];
    z_stream state = { .opaque = NULL };
    if (deflateInit2(&state, packing->level, Z_DEFLATED, -MAX_WBITS, 8, packing->strategy) != Z_OK)
        return;
    add_claim(file, &place, packing->part_rows);
    memcpy(packed, "\x78\x9c", 2);
    size_t head = 2;
    for (size_t at = 0; at < size; at += part, head = 0) {
        size_t bytes = part < size - at ? part : size - at;
        size_t made = deflate_some(&state, raw + at, bytes, packed + head, sizeof packed - head,
                                   packing->sloppy ? Z_SYNC_FLUSH : Z_FULL_FLUSH);
        add(file, &place, packed, head + made);
    }
    deflateEnd(&state);
    memcpy(packed, "\3\0", 2);
    store_be32(packed + 2, (uint32_t)adler32(1, raw, (uInt)size));
    add(file, &place, packed, 6);
}

static void pack_whole(png_file *file, size_t place, const unsigned char *raw, size_t size,
                       const png_packing *packing)
{
    static unsigned char packed[2 * PNG_RAW_MOST];
    z_stream state = { .opaque = NULL };
    if (deflateInit2(&state, packing->level, Z_DEFLATED, MAX_WBITS, 8, packing->strategy) != Z_OK)
        return;
    size_t made = deflate_some(&state, raw, size, packed, sizeof packed, Z_FINISH);
    deflateEnd(&state);
    size_t cut = packing->cut > 0 ? packing->cut : made;
    for (size_t at = 0; at < made; at += cut)
        add(file, &place, packed + at, cut < made - at ? cut : made - at);
}

void png_pack(png_file *file, const unsigned char *raw, size_t size, const png_packing *packing)
{
    png_header header;
    for (size_t place; (place = png_find(file, "maRK")) < file->count;)
        png_remove(file, place);
    size_t first = png_find(file, "IDAT");
    for (size_t place; (place = png_find(file, "IDAT")) < file->count;)
        png_remove(file, place);
    size_t row = png_header_of(file, &header) ? png_row_bytes(&header) : 0;
    if (packing->part_rows > 0 && row > 0)
        pack_parts(file, first, raw, size, packing, packing->part_rows * row);
    else
        pack_whole(file, first, raw, size, packing);
}
