/* SPDX-License-Identifier: MIT */
/* png_inflate.c: one interface to two decoders. */
#include "formats/png/png_inflate.h"

#include "formats/png/png_isal.h"

#ifdef DPK_HAVE_ISAL

bool dpk_png_inflate_begin(dpk_png_inflate *decoder)
{
    isal_inflate_init(&decoder->state);
    return true;
}

dpk_png_progress dpk_png_inflate_step(dpk_png_inflate *decoder, dpk_png_span *from,
                                      unsigned char *to, size_t room, size_t *written)
{
    struct inflate_state *state = &decoder->state;
    state->next_in = (uint8_t *)(uintptr_t)from->at;
    state->avail_in = (uint32_t)from->left;
    state->next_out = to;
    state->avail_out = (uint32_t)room;
    int result = isal_inflate(state);
    dpk_png_after_isal();
    *written += room - state->avail_out;
    *from = (dpk_png_span){ state->next_in, state->avail_in };
    if (result != ISAL_DECOMP_OK)
        return DPK_PNG_BROKEN;
    if (state->block_state == ISAL_BLOCK_FINISH)
        return DPK_PNG_ENDED;
    return state->avail_out == 0 ? DPK_PNG_FULL : DPK_PNG_STARVED;
}

/* ISA-L reads ahead. The unused bits of the last byte are padding. */
size_t dpk_png_inflate_rest(const dpk_png_inflate *decoder, unsigned char rest[8])
{
    const struct inflate_state *state = &decoder->state;
    size_t count = (size_t)state->read_in_length / 8;
    uint64_t bits = state->read_in >> state->read_in_length % 8;
    for (size_t i = 0; i < count; i++)
        rest[i] = (unsigned char)(bits >> 8 * i);
    return count;
}

/* At the end of its input, ISA-L already waits for the next block's head. */
bool dpk_png_inflate_is_between(const dpk_png_inflate *decoder)
{
    const struct inflate_state *state = &decoder->state;
    bool at_head = state->block_state == ISAL_BLOCK_NEW_HDR ||
                   (state->block_state == ISAL_BLOCK_HDR && state->tmp_in_size == 0);
    return at_head && state->avail_in == 0 && state->read_in_length == 0;
}

#else

static voidpf take(voidpf owner, uInt items, uInt size)
{
    dpk_png_inflate *decoder = owner;
    size_t bytes = ((size_t)items * size + 63) / 64 * 64;
    if (bytes > sizeof decoder->heap - decoder->used)
        return Z_NULL;
    decoder->used += bytes;
    return decoder->heap + decoder->used - bytes;
}

static void leave(voidpf owner, voidpf memory)
{
    (void)owner;
    (void)memory;
}

bool dpk_png_inflate_begin(dpk_png_inflate *decoder)
{
    decoder->used = 0;
    decoder->between = false;
    decoder->stream = (z_stream){ .zalloc = take, .zfree = leave, .opaque = decoder };
    return inflateInit2(&decoder->stream, -MAX_WBITS) == Z_OK;
}

dpk_png_progress dpk_png_inflate_step(dpk_png_inflate *decoder, dpk_png_span *from,
                                      unsigned char *to, size_t room, size_t *written)
{
    z_stream *stream = &decoder->stream;
    stream->next_in = (Bytef *)(uintptr_t)from->at;
    stream->avail_in = (uInt)from->left;
    stream->next_out = to;
    stream->avail_out = (uInt)room;
    int result = inflate(stream, Z_SYNC_FLUSH);
    /* Between blocks, data_type is 128 plus the number of unused bits, plus 64 in the last block. A
     * call that makes no progress resets it. */
    if (result != Z_BUF_ERROR)
        decoder->between = stream->data_type == 128;
    *written += room - stream->avail_out;
    *from = (dpk_png_span){ stream->next_in, stream->avail_in };
    if (result == Z_STREAM_END)
        return DPK_PNG_ENDED;
    if (result != Z_OK && result != Z_BUF_ERROR)
        return DPK_PNG_BROKEN;
    return stream->avail_out == 0 ? DPK_PNG_FULL : DPK_PNG_STARVED;
}

size_t dpk_png_inflate_rest(const dpk_png_inflate *decoder, unsigned char rest[8])
{
    (void)decoder;
    (void)rest;
    return 0;
}

bool dpk_png_inflate_is_between(const dpk_png_inflate *decoder)
{
    return decoder->between && decoder->stream.avail_in == 0;
}

#endif
