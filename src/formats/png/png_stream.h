/* SPDX-License-Identifier: MIT */
/* png_stream.h: the bytes that a PNG file's IDAT chunks hold together: a zlib stream (RFC 1950),
 * decoded piece by piece, with every checksum checked. */
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

/* The two bytes all this is made for: deflate, distances of up to 32 KiB, no dictionary. What says
 * less than 32 KiB is left to libpng, which takes it at its word. */
static inline bool dpk_png_stream_is_usual(const unsigned char *head)
{
    return head[0] == 0x78 && !(head[1] & 0x20) && (head[0] << 8 | head[1]) % 31 == 0;
}

/* At the IDAT chunk at `position`, behind the stream's first two bytes. False when they are not
 * there, or there is not enough memory. */
bool dpk_png_stream_begin(dpk_png_stream *stream, const dpk_source *source, size_t position,
                          dpk_png_inflate *decoder);

/* The next `bytes` of it, up to 2 GiB; false if there is anything wrong. */
bool dpk_png_stream_read(dpk_png_stream *stream, unsigned char *to, size_t bytes);

/* Whether there is nothing more to come but empty IDAT chunks, and all was as it should be. */
bool dpk_png_stream_end(dpk_png_stream *stream);

/* Whether the stream of a file ends where its IDAT chunks do. Decodes all of it to find out. */
bool dpk_png_stream_is_exact(const dpk_source *source, dpk_png_inflate *decoder);

#endif
