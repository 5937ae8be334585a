/* SPDX-License-Identifier: MIT */
/* png_stream.c: decodes the bytes of IDAT chunks. The checksum of a chunk is updated with what the
 * decoder has just read, while that is in the cache. So damage is found only at the end of a chunk,
 * when decoded bytes may have been delivered already. */
#include "formats/png/png_stream.h"

#include "base/bytes.h"
#include "formats/png/png_deflate.h"

/* Most bytes of input per call: the decoders count in 32 bits. */
enum { INPUT_MOST = 1 << 30 };

static void begin_chunk(dpk_png_stream *stream)
{
    stream->input = (dpk_png_span){ stream->chunk.body, stream->chunk.size };
    stream->crc = dpk_png_crc(0, stream->chunk.type, 4);
}

static bool chunk_is_intact(const dpk_png_stream *stream)
{
    return stream->crc == dpk_load_be32(stream->chunk.body + stream->chunk.size);
}

static bool next_chunk(dpk_png_stream *stream)
{
    if (!chunk_is_intact(stream) ||
        !dpk_png_next_chunk(stream->source, &stream->position, &stream->chunk) ||
        !dpk_png_is_type(&stream->chunk, "IDAT"))
        return false;
    begin_chunk(stream);
    return true;
}

static void take(dpk_png_stream *stream, size_t bytes)
{
    size_t before = (size_t)(stream->input.at - stream->source->data);
    stream->crc = dpk_png_crc(stream->crc, stream->input.at, bytes);
    dpk_source_move_on(stream->source, before, before + bytes);
    stream->input.at += bytes;
    stream->input.left -= bytes;
}

/* Takes the next byte of the chunks, bypassing the decoder. */
static bool take_byte(dpk_png_stream *stream, unsigned char *byte)
{
    while (stream->input.left == 0)
        if (!next_chunk(stream))
            return false;
    *byte = *stream->input.at;
    take(stream, 1);
    return true;
}

bool dpk_png_stream_begin(dpk_png_stream *stream, const dpk_source *source, size_t position,
                          dpk_png_inflate *decoder)
{
    unsigned char head;
    *stream =
        (dpk_png_stream){ .source = source, .position = position, .adler = 1, .decoder = decoder };
    dpk_png_next_chunk(source, &stream->position, &stream->chunk);
    begin_chunk(stream);
    return take_byte(stream, &head) && take_byte(stream, &head) && dpk_png_inflate_begin(decoder);
}

/* Decodes until `room` bytes are written or the stream ends. Returns false if the data are damaged
 * or end before that. */
static bool advance(dpk_png_stream *stream, unsigned char *to, size_t room, size_t *written)
{
    for (;;) {
        size_t left = stream->input.left;
        dpk_png_span input = { stream->input.at, left < INPUT_MOST ? left : INPUT_MOST };
        dpk_png_progress progress =
            dpk_png_inflate_step(stream->decoder, &input, to + *written, room - *written, written);
        take(stream, (size_t)(input.at - stream->input.at));
        if (progress != DPK_PNG_STARVED)
            return progress != DPK_PNG_BROKEN;
        if (input.left > 0 || (stream->input.left == 0 && !next_chunk(stream)))
            return false;
    }
}

bool dpk_png_stream_read(dpk_png_stream *stream, unsigned char *to, size_t bytes)
{
    size_t written = 0;
    if (!advance(stream, to, bytes, &written) || written < bytes)
        return false;
    stream->adler = dpk_png_adler(stream->adler, to, bytes);
    return true;
}

/* Returns whether no data follow the stream. Empty IDAT chunks may. */
static bool ends_here(dpk_png_stream *stream)
{
    dpk_png_chunk chunk;
    do {
        if (!dpk_png_next_chunk(stream->source, &stream->position, &chunk))
            return false;
    } while (dpk_png_is_type(&chunk, "IDAT") && chunk.size == 0 &&
             dpk_png_is_intact(stream->source, &chunk));
    return !dpk_png_is_type(&chunk, "IDAT");
}

bool dpk_png_stream_end(dpk_png_stream *stream)
{
    unsigned char nothing[1], rest[8];
    size_t written = 0;
    if (!advance(stream, nothing, 1, &written) || written > 0)
        return false;
    size_t count = dpk_png_inflate_rest(stream->decoder, rest);
    for (; count < 4; count++)
        if (!take_byte(stream, &rest[count]))
            return false;
    return count == 4 && stream->adler == dpk_load_be32(rest) && stream->input.left == 0 &&
           chunk_is_intact(stream) && ends_here(stream);
}

bool dpk_png_stream_is_exact(const dpk_source *source, dpk_png_inflate *decoder)
{
    unsigned char piece[4096];
    dpk_png_stream stream;
    dpk_png_chunk chunk;
    size_t position = DPK_PNG_FIRST_CHUNK, before, written;
    do {
        before = position;
        if (!dpk_png_next_chunk(source, &position, &chunk))
            return false;
    } while (!dpk_png_is_type(&chunk, "IDAT"));
    if (!dpk_png_stream_begin(&stream, source, before, decoder))
        return false;
    do {
        written = 0;
        if (!advance(&stream, piece, sizeof piece, &written))
            return false;
        stream.adler = dpk_png_adler(stream.adler, piece, written);
    } while (written == sizeof piece);
    return dpk_png_stream_end(&stream);
}
