/* SPDX-License-Identifier: MIT */
/* png_chunks.h: the chunks of a PNG file. A chunk consists of the length of its body (4 bytes,
 * big-endian), a type (4 letters), the body, and the CRC-32 of type and body (4 bytes). The first
 * chunk follows the 8 bytes of the signature. If bit 5 of a type's first letter is set, the chunk
 * is ancillary: a reader may skip it. Otherwise it is critical. */
#ifndef DPK_PNG_CHUNKS_H
#define DPK_PNG_CHUNKS_H

#include "files/sink.h"
#include "files/source.h"

/* PNG stores rows, columns and chunk lengths in 31 bits. */
#define DPK_PNG_EXTENT_MAX ((size_t)0x7fffffff)

enum {
    DPK_PNG_FIRST_CHUNK = 8, /* position in the file */
    DPK_PNG_CHUNK_HEAD = 8,  /* bytes before the body */
    DPK_PNG_CHUNK_TAIL = 4,  /* bytes behind it */
};

typedef struct dpk_png_chunk {
    const unsigned char *type; /* 4 letters, followed by the body */
    const unsigned char *body; /* followed by the CRC */
    size_t size;               /* of the body, bytes */
} dpk_png_chunk;

/* Reads the chunk at *position and advances *position past it. Returns false at the end of the
 * file, and if the file is cut inside the chunk. */
bool dpk_png_next_chunk(const dpk_source *source, size_t *position, dpk_png_chunk *chunk);

bool dpk_png_is_type(const dpk_png_chunk *chunk, const char *type);
bool dpk_png_is_header(const dpk_png_chunk *chunk);    /* IHDR, of its size */
bool dpk_png_is_ancillary(const dpk_png_chunk *chunk); /* a well-formed type, and not critical */

/* Returns whether the CRC is right. Releases the memory of a large body piece by piece. */
bool dpk_png_is_intact(const dpk_source *source, const dpk_png_chunk *chunk);

/* Writes a chunk of this type and body. If `source` is not NULL, a large body must lie in it, and
 * its memory is released piece by piece. */
dpk_status dpk_png_write_chunk(dpk_sink *sink, const char *type, const void *body, size_t size,
                               const dpk_source *source, dpk_error *err);

/* Stores a number as PNG does, in big-endian order. */
static inline void dpk_png_store32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

#endif
