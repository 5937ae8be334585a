/* SPDX-License-Identifier: MIT */
/* png_inflate.h: decodes a raw deflate stream incrementally, with ISA-L or else zlib. Allocates no
 * memory. */
#ifndef DPK_PNG_INFLATE_H
#define DPK_PNG_INFLATE_H

#include <dpk/dpk.h>

#include <zlib.h>

#ifdef DPK_HAVE_ISAL
#    include <isa-l.h>
#endif

typedef struct dpk_png_inflate {
#ifdef DPK_HAVE_ISAL
    struct inflate_state state;
#else
    z_stream stream;
    bool between;                                /* what was taken last ended with a block */
    size_t used;                                 /* bytes of heap */
    _Alignas(64) unsigned char heap[128 * 1024]; /* zlib wants some 40 KiB */
#endif
} dpk_png_inflate;

typedef struct dpk_png_span {
    const unsigned char *at;
    size_t left;
} dpk_png_span;

typedef enum dpk_png_progress {
    DPK_PNG_STARVED, /* all input is taken: give more */
    DPK_PNG_FULL,    /* all room is used */
    DPK_PNG_ENDED,   /* the last block has ended */
    DPK_PNG_BROKEN,  /* not a deflate stream */
} dpk_png_progress;

/* Prepares for a new stream. Returns false if there is not enough memory. */
bool dpk_png_inflate_begin(dpk_png_inflate *decoder);

/* Decodes from `from` to `to`, which has room for `room` bytes, as far as possible. Adds the bytes
 * written to *written. At most 2 GiB each. */
dpk_png_progress dpk_png_inflate_step(dpk_png_inflate *decoder, dpk_png_span *from,
                                      unsigned char *to, size_t room, size_t *written);

/* After DPK_PNG_ENDED: copies the bytes that were consumed but follow the stream, up to 8, and
 * returns how many there are. */
size_t dpk_png_inflate_rest(const dpk_png_inflate *decoder, unsigned char rest[8]);

/* After DPK_PNG_STARVED: returns whether the input ended between two blocks and at a byte boundary.
 * Then what is decoded next does not depend on what came before, except for references into the
 * window. */
bool dpk_png_inflate_is_between(const dpk_png_inflate *decoder);

#endif
