/* SPDX-License-Identifier: MIT */
/* png_deflate.c: chooses the compressor of a segment. dpk_png_runs() is best for photographs, both
 * in size and in speed. It does not find the repetitions in drawings and text; dictionary coders
 * do: ISA-L (or else zlib) quickly, libdeflate (or else zlib) thoroughly. The smaller result is
 * kept, so trying a compressor costs only time. */
#include "formats/png/png_deflate.h"

#include "formats/png/png_isal.h"

#include <string.h>
#include <zlib.h>

#ifdef DPK_HAVE_LIBDEFLATE
#    include <libdeflate.h>
#endif

/* Photographs shrink to a third or a quarter of their size. If runs alone do much better than that,
 * the band probably has repetitions as well. */
enum { REPETITIVE = 8 };

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#ifdef DPK_HAVE_ISAL
#    define QUICK                                                                                  \
        "ISA-L " TEXT(ISAL_MAJOR_VERSION) "." TEXT(ISAL_MINOR_VERSION) "." TEXT(                   \
            ISAL_PATCH_VERSION) ", "
#else
#    define QUICK ""
#endif
#ifdef DPK_HAVE_LIBDEFLATE
#    define THOROUGH "libdeflate " LIBDEFLATE_VERSION_STRING ", "
#else
#    define THOROUGH ""
#endif

const char *dpk_png_engine(void)
{
    return QUICK THOROUGH "zlib " ZLIB_VERSION;
}

uint32_t dpk_png_crc(uint32_t crc, const void *data, size_t bytes)
{
#ifdef DPK_HAVE_ISAL
    crc = crc32_gzip_refl(crc, data, bytes);
    dpk_png_after_isal();
    return crc;
#else
    return (uint32_t)crc32_z(crc, data, bytes);
#endif
}

uint32_t dpk_png_adler(uint32_t adler, const void *data, size_t bytes)
{
#ifdef DPK_HAVE_ISAL
    adler = isal_adler32(adler, data, bytes);
    dpk_png_after_isal();
    return adler;
#else
    return (uint32_t)adler32_z(adler, data, bytes);
#endif
}

/* -------------------------------------------------------------------------------- dictionaries */

/* Each of these functions writes a segment of at most `room` bytes, or returns 0 if it would be
 * longer. */

#if !defined(DPK_HAVE_ISAL) || !defined(DPK_HAVE_LIBDEFLATE)

static size_t zlib_segment(int level, int strategy, unsigned char *to, size_t room,
                           const unsigned char *from, size_t bytes)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)from,
                        .avail_in = (uInt)bytes,
                        .next_out = to,
                        .avail_out = (uInt)room };
    if (deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, strategy) != Z_OK)
        return 0;
    int result = deflate(&stream, Z_FULL_FLUSH);
    size_t written = room - stream.avail_out;
    bool complete = result == Z_OK && stream.avail_out > 0;
    deflateEnd(&stream);
    return complete ? written : 0;
}

#endif

#ifdef DPK_HAVE_ISAL

struct quick {
    struct isal_zstream stream;
    unsigned char level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

static size_t quick_segment(unsigned char *to, size_t room, const unsigned char *from, size_t bytes,
                            struct quick *quick)
{
    struct isal_zstream *stream = &quick->stream;
    isal_deflate_stateless_init(stream);
    stream->level = 1;
    stream->level_buf = quick->level_buffer;
    stream->level_buf_size = sizeof quick->level_buffer;
    stream->flush = FULL_FLUSH;
    stream->next_in = (uint8_t *)(uintptr_t)from;
    stream->avail_in = (uint32_t)bytes;
    stream->next_out = to;
    stream->avail_out = (uint32_t)room;
    int result = isal_deflate_stateless(stream);
    dpk_png_after_isal();
    return result == COMP_OK ? room - stream->avail_out : 0;
}

#else

struct quick {
    char unused;
};

static size_t quick_segment(unsigned char *to, size_t room, const unsigned char *from, size_t bytes,
                            struct quick *quick)
{
    (void)quick;
    return zlib_segment(3, Z_DEFAULT_STRATEGY, to, room, from, bytes);
}

#endif

#ifdef DPK_HAVE_LIBDEFLATE

/* Finds where the last block of a complete stream begins and ends, in bits. zlib stops between
 * blocks and reports how many bits of the last byte are unused. */
static bool find_last_block(const unsigned char *data, size_t bytes, size_t *begin, size_t *end)
{
    unsigned char ignored[4096];
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)bytes };
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    int result = Z_OK;
    *begin = *end = 0;
    while (result == Z_OK) {
        stream.next_out = ignored;
        stream.avail_out = sizeof ignored;
        result = inflate(&stream, Z_BLOCK);
        if (!(stream.data_type & 128))
            continue;
        *begin = *end;
        *end = 8 * (bytes - stream.avail_in) - (size_t)(stream.data_type & 7);
    }
    inflateEnd(&stream);
    return result == Z_STREAM_END;
}

/* libdeflate only makes complete streams. This clears the mark of the last block and appends the
 * empty stored block. */
static size_t thorough_segment(unsigned char *to, size_t room, const unsigned char *from,
                               size_t bytes)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(12);
    if (compressor == NULL)
        return 0;
    size_t written = libdeflate_deflate_compress(compressor, from, bytes, to, room - 5);
    size_t begin, end;
    libdeflate_free_compressor(compressor);
    if (written == 0 || !find_last_block(to, written, &begin, &end))
        return 0;
    to[begin / 8] &= (unsigned char)~(1u << begin % 8);

    /* The head of a stored block is three zero bits; zero bits also fill up the last byte. */
    to[written] = 0;
    size_t at = (end + 3 + 7) / 8;
    memcpy(to + at, "\0\0\377\377", 4);
    return at + 4;
}

#else

static size_t thorough_segment(unsigned char *to, size_t room, const unsigned char *from,
                               size_t bytes)
{
    return zlib_segment(9, Z_FILTERED, to, room, from, bytes);
}

#endif

/* ------------------------------------------------------------------------------------ choosing */

struct scratch {
    dpk_png_runs_scratch runs;
    struct quick quick;
    _Alignas(64) unsigned char other[]; /* the second result, if it is smaller than the first */
};

size_t dpk_png_deflate_bound(size_t bytes)
{
    return dpk_png_runs_bound(bytes);
}

size_t dpk_png_deflate_scratch(dpk_png_effort effort, size_t bytes)
{
    if (effort == DPK_PNG_FAST)
        return sizeof(dpk_png_runs_scratch);
    size_t other = effort == DPK_PNG_SMALL ? dpk_png_deflate_bound(bytes) : bytes / REPETITIVE;
    return sizeof(struct scratch) + other;
}

size_t dpk_png_deflate(dpk_png_effort effort, unsigned char *to, const unsigned char *from,
                       size_t bytes, void *scratch_memory)
{
    struct scratch *scratch = scratch_memory;
    size_t best = dpk_png_runs(to, from, bytes, &scratch->runs), other = 0;
    if (effort == DPK_PNG_BALANCED && best < bytes / REPETITIVE)
        other = quick_segment(scratch->other, best, from, bytes, &scratch->quick);
    if (effort == DPK_PNG_SMALL)
        other = thorough_segment(scratch->other, best, from, bytes);
    if (other == 0 || other >= best)
        return best;
    memcpy(to, scratch->other, other);
    return other;
}
