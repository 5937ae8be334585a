/* SPDX-License-Identifier: MIT */
/* png_stream.h: decodes the zlib stream (RFC 1950) in the IDAT chunks of a PNG file piece by piece,
 * and verifies all checksums. */
#ifndef DPK_PNG_STREAM_H
#define DPK_PNG_STREAM_H

#include "formats/png/png_chunks.h"
#include "formats/png/png_inflate.h"

typedef struct dpk_png_stream {
    const dpk_source *source;
    size_t position;     /* of the chunk after this one */
    dpk_png_chunk chunk; /* that is being read */
    dpk_png_span input;  /* what is left of it */
    uint32_t crc;        /* of its type and what has been read of it */
    uint32_t adler;      /* of all that came out */
    dpk_png_inflate *decoder;
} dpk_png_stream;

/* Returns whether a stream begins with the usual two bytes: deflate, distances of up to 32 KiB, no
 * dictionary. Streams that declare a smaller window are left to libpng, which enforces it. */
static inline bool dpk_png_stream_is_usual(const unsigned char *head)
{
    return head[0] == 0x78 && !(head[1] & 0x20) && (head[0] << 8 | head[1]) % 31 == 0;
}

/* Begins at the IDAT chunk at `position` and skips the first two bytes of the stream. Returns false
 * if they are missing, or if there is not enough memory. */
bool dpk_png_stream_begin(dpk_png_stream *stream, const dpk_source *source, size_t position,
                          dpk_png_inflate *decoder);

/* Decodes the next `bytes` bytes, at most 2 GiB. Returns false if anything is wrong. */
bool dpk_png_stream_read(dpk_png_stream *stream, unsigned char *to, size_t bytes);

/* Returns whether the stream has ended, its checksums are right, and only empty IDAT chunks follow.
 */
bool dpk_png_stream_end(dpk_png_stream *stream);

/* Returns whether the stream of a file ends where its IDAT chunks end. Decodes all of it to find
 * out. */
bool dpk_png_stream_is_exact(const dpk_source *source, dpk_png_inflate *decoder);

#endif
