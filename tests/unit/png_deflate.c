/* SPDX-License-Identifier: MIT */
/* png_deflate.c: what is compressed is, to zlib, a segment of a deflate stream that holds what was
 * put in and ends between two blocks. */
#include "formats/png/png_deflate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum { MOST = 300000, KINDS = 9 };

/* Bytes of many kinds, such as filters and drawings leave. */
static void fill(unsigned char *data, size_t bytes, unsigned kind)
{
    for (size_t i = 0; i < bytes; i++) {
        int random = rand() >> 8, value = 0;
        switch (kind) {
        case 0: /* noise: to be stored */
            value = random;
            break;
        case 1: /* one long run */
            break;
        case 2: /* runs of all lengths */
            value = random % 40 == 0 || i == 0 ? random >> 8 : data[i - 1];
            break;
        case 3: /* the noise of a photograph */
            value = (random & 15) * (random >> 4 & 15) / 64 - (random >> 8 & 3);
            break;
        case 4: /* runs of seven */
            value = (int)(i / 7);
            break;
        case 5: /* each value half as often as the one before: long codes */
            while (value < 40 && (rand() >> 8 & 1) != 0)
                value++;
            break;
        case 6: /* zeros between single values */
            value = random % 3 == 0 ? random >> 8 : 0;
            break;
        case 7: /* repetitions that are no runs */
            value = i % 40 < 38 ? (int)(i % 40) : random;
            break;
        case 8: /* noise, then a run, and so on */
            value = i / 1000 % 2 ? 0 : random;
            break;
        }
        data[i] = (unsigned char)value;
    }
}

/* Memory of `bytes` that ends at an inaccessible page. */
static unsigned char *guarded(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (bytes + page - 1) / page * page;
    unsigned char *memory =
        mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(memory != MAP_FAILED);
    cr_assert_eq(mprotect(memory + size, page, PROT_NONE), 0);
    return memory + size - bytes;
}

static void release(unsigned char *memory, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (bytes + page - 1) / page * page;
    munmap(memory + bytes - size, size + page);
}

/* Checks that a segment holds `bytes` of data, no more, and is not the end. */
static void check_segment(const unsigned char *segment, size_t size, const unsigned char *data,
                          size_t bytes, const char *what)
{
    unsigned char *copy = malloc(bytes + 1);
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)segment,
                        .avail_in = (uInt)size,
                        .next_out = copy,
                        .avail_out = (uInt)bytes + 1 };
    inflateInit2(&stream, -MAX_WBITS);
    int result = inflate(&stream, Z_SYNC_FLUSH);
    cr_assert(result == Z_OK || result == Z_BUF_ERROR, "%s: %d", what, result);
    cr_assert_eq(stream.data_type, 128, "%s: does not end between blocks", what);
    cr_assert(stream.avail_in == 0 && stream.avail_out == 1, "%s: wrong size", what);
    cr_assert(memcmp(copy, data, bytes) == 0, "%s: wrong bytes", what);
    inflateEnd(&stream);
    free(copy);
}

static size_t check_effort(dpk_png_effort effort, const unsigned char *data, size_t bytes,
                           const char *what)
{
    size_t bound = dpk_png_deflate_bound(bytes), need = dpk_png_deflate_scratch(effort, bytes);
    unsigned char *segment = guarded(bound);
    void *scratch = aligned_alloc(64, (need + 63) / 64 * 64);
    memset(scratch, 0xa5, need);
    size_t size = dpk_png_deflate(effort, segment, data, bytes, scratch);
    cr_assert_leq(size, bound);
    check_segment(segment, size, data, bytes, what);
    release(segment, bound);
    free(scratch);
    return size;
}

Test(png_deflate, all_kinds_and_sizes, .timeout = 300)
{
    unsigned char *data = guarded(MOST);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned round = 0; round < 260; round++) {
            size_t bytes = round < 200   ? round
                           : round < 250 ? (size_t)rand() % 4000
                                         : (size_t)rand() % MOST;
            char what[64];
            snprintf(what, sizeof what, "kind %u, %zu bytes", kind, bytes);
            unsigned char *from = data + MOST - bytes;
            fill(from, bytes, kind);
            check_effort(DPK_PNG_FAST, from, bytes, what);
            check_effort(DPK_PNG_BALANCED, from, bytes, what);
            if (bytes < 4000)
                check_effort(DPK_PNG_SMALL, from, bytes, what);
        }
    release(data, MOST);
}

/* Counts that grow like Fibonacci's numbers make Huffman's tree as deep as it can be: 21 levels,
 * where 14 are allowed. */
Test(png_deflate, codes_that_would_be_too_long)
{
    enum { SYMBOLS = 22 };
    unsigned char *data = malloc(65536);
    size_t bytes = 0;
    for (unsigned symbol = 0, count = 1, before = 0; symbol < SYMBOLS; symbol++) {
        for (unsigned i = 0; i < count; i++)
            data[bytes++] = (unsigned char)symbol;
        unsigned next = count + before;
        before = count;
        count = next;
    }
    for (size_t i = bytes - 1; i > 0; i--) {
        size_t j = (size_t)rand() % (i + 1);
        unsigned char swap = data[i];
        data[i] = data[j];
        data[j] = swap;
    }
    check_effort(DPK_PNG_FAST, data, bytes, "fibonacci");
    free(data);
}

Test(png_deflate, runs_of_every_length)
{
    unsigned char *data = malloc(2048);
    for (size_t length = 1; length < 1100; length++)
        for (size_t before = 0; before < 5; before++) {
            char what[64];
            snprintf(what, sizeof what, "%zu bytes, then %zu", before, length);
            for (size_t i = 0; i < before; i++)
                data[i] = (unsigned char)(i * 50 + 7);
            memset(data + before, 99, length);
            data[before + length] = 1;
            check_effort(DPK_PNG_FAST, data, before + length + 1, what);
        }
    free(data);
}

/* Sizes around the limits of a block; noise takes the most room. */
Test(png_deflate, sizes_around_a_block)
{
    unsigned char *data = malloc(3 * DPK_PNG_RUNS_BLOCK);
    for (unsigned kind = 0; kind < 4; kind += 3) {
        fill(data, 3 * DPK_PNG_RUNS_BLOCK, kind);
        for (size_t blocks = 1; blocks < 3; blocks++)
            for (size_t more = 0; more < 5; more++)
                check_effort(DPK_PNG_FAST, data, blocks * DPK_PNG_RUNS_BLOCK + more - 2, "block");
    }
    free(data);
}

Test(png_deflate, segments_follow_one_another)
{
    enum { SEGMENTS = 3 * KINDS, BYTES = 5000 };
    unsigned char *data = malloc(SEGMENTS * BYTES), *all = malloc(2 * SEGMENTS * BYTES);
    size_t size = 0, need = dpk_png_deflate_scratch(DPK_PNG_SMALL, BYTES);
    void *scratch = aligned_alloc(64, (need + 63) / 64 * 64);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        fill(data + (size_t)i * BYTES, BYTES, i % KINDS);
        size += dpk_png_deflate((dpk_png_effort)(i % 3), all + size, data + (size_t)i * BYTES,
                                BYTES, scratch);
    }
    check_segment(all, size, data, (size_t)SEGMENTS * BYTES, "all");
    free(scratch);
    free(data);
    free(all);
}

Test(png_deflate, efforts_are_worth_it)
{
    enum { BYTES = 200000 };
    unsigned char *data = malloc(BYTES);
    fill(data, BYTES, 7);
    size_t fast = check_effort(DPK_PNG_FAST, data, BYTES, "fast");
    cr_expect_lt(check_effort(DPK_PNG_SMALL, data, BYTES, "small"), fast / 2);
    memset(data, 0, BYTES);
    for (size_t i = 0; i < BYTES; i++)
        if (i % 100 < 8)
            data[i] = (unsigned char)("repeated"[i % 100]);
    fast = check_effort(DPK_PNG_FAST, data, BYTES, "fast");
    cr_expect_lt(check_effort(DPK_PNG_BALANCED, data, BYTES, "balanced"), fast / 2);
    free(data);
}

Test(png_deflate, sums_are_zlibs)
{
    unsigned char data[3000];
    fill(data, sizeof data, 0);
    for (size_t bytes = 0; bytes < sizeof data; bytes += 1 + bytes / 20) {
        cr_expect_eq(dpk_png_crc(0, data, bytes), crc32(0, data, (uInt)bytes));
        cr_expect_eq(dpk_png_crc(0x12345678, data, bytes), crc32(0x12345678, data, (uInt)bytes));
        cr_expect_eq(dpk_png_adler(1, data, bytes), adler32(1, data, (uInt)bytes));
        cr_expect_eq(dpk_png_adler(0xfff0ffef, data, bytes),
                     adler32(0xfff0ffef, data, (uInt)bytes));
    }
}
