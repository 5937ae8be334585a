/* SPDX-License-Identifier: MIT */
/* harness.c: in place of the arena, which would ask the kernel for memory with every input, memory
 * that is there once and for all. Blocks have zones of known bytes around them: the address
 * sanitizer refuses access there, and what assembly of other libraries has written is found when
 * the input is done. */
#include "harness.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#    define SANITIZED
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define SANITIZED
#    endif
#endif
#ifdef SANITIZED
#    include <sanitizer/asan_interface.h>
#else
#    define ASAN_POISON_MEMORY_REGION(begin, bytes) ((void)(begin), (void)(bytes))
#    define ASAN_UNPOISON_MEMORY_REGION(begin, bytes) ((void)(begin), (void)(bytes))
#endif

/* Enough for three readings of the largest picture there may be, 8 bytes a pixel, and of a file of
 * nothing but chunks to be carried. */
enum { PIXELS_MOST = 1 << 16, INPUT_MOST = 1 << 20, BLOCKS_MOST = 1 << 14, MEMORY = 1 << 24 };

enum { ZONE = 64, ZONE_BYTE = 0xa5 };

static _Alignas(ZONE) unsigned char memory[MEMORY];
static size_t used;
static struct block {
    unsigned char *end, *next;
} blocks[BLOCKS_MOST];
static size_t block_count;

/* ---------------------------------------------------------------------------------------- memory
 */

/* Each block is filled with another byte: rows that are not written differ between readings. */
void *dpk_alloc(dpk_arena *arena, size_t bytes, dpk_error *err)
{
    (void)arena;
    size_t room = (bytes + ZONE - 1) / ZONE * ZONE + ZONE;
    if (bytes > sizeof memory || used + room > sizeof memory || block_count == BLOCKS_MOST) {
        (void)dpk_fail(err, DPK_LIMIT, "the harness has no memory left");
        return NULL;
    }
    unsigned char *block = memory + used;
    used += room;
    blocks[block_count] = (struct block){ block + bytes, block + room };
    ASAN_UNPOISON_MEMORY_REGION(block, room);
    memset(block, (int)block_count++ & 0xff, bytes);
    memset(block + bytes, ZONE_BYTE, room - bytes);
    ASAN_POISON_MEMORY_REGION(block + bytes, room - bytes);
    return block;
}

void fuzz_end(void)
{
    ASAN_UNPOISON_MEMORY_REGION(memory, used);
    for (size_t i = 0; i < block_count; i++)
        for (const unsigned char *at = blocks[i].end; at < blocks[i].next; at++)
            if (*at != ZONE_BYTE) {
                fprintf(stderr, "written beyond the end of block %zu\n", i);
                abort();
            }
    ASAN_POISON_MEMORY_REGION(memory, used);
    used = block_count = 0;
}

/* A place whose end is the end of what can be read. */
static unsigned char *place_for_input(void)
{
    unsigned char *place = mmap(NULL, INPUT_MOST + (size_t)sysconf(_SC_PAGESIZE),
                                PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED ||
        mprotect(place + INPUT_MOST, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE) != 0)
        abort();
    return place;
}

dpk_source fuzz_begin(const unsigned char *data, size_t size)
{
    static unsigned char *place;
    if (place == NULL)
        place = place_for_input();
    size = size < INPUT_MOST ? size : INPUT_MOST;
    unsigned char *copy = place + INPUT_MOST - size;
    memcpy(copy, data, size);
    return (dpk_source){ .name = "input", .data = copy, .size = size };
}

/* --------------------------------------------------------------------------------------- sessions
 */

void fuzz_open(fuzz_session *session, const dpk_format *format, const dpk_source *source,
               dpk_isa isa)
{
    *session =
        (fuzz_session){ .reader = { .source = *source, .limit_pixels = PIXELS_MOST, .isa = isa } };
    dpk_reader *reader = &session->reader;
    session->status = format->open(reader, &session->error);
    if (session->status != DPK_OK)
        return;
    reader->format = format;
    reader->array.data = dpk_alloc(NULL, dpk_array_bytes(&reader->array), &session->error);
    if (reader->array.data == NULL)
        abort();
}

void fuzz_close(fuzz_session *session)
{
    if (session->reader.format != NULL && session->reader.format->close != NULL)
        session->reader.format->close(&session->reader);
}

uint32_t fuzz_choice(const dpk_source *source)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < source->size; i++)
        hash = (hash ^ source->data[i]) * 16777619;
    return hash >> 8;
}

/* -------------------------------------------------------------------------------------- comparing
 */

static void print(const fuzz_session *session)
{
    char text[96];
    dpk_array_text(&session->reader.array, text, sizeof text);
    fprintf(stderr, "    status %d, %s; error '%s', note '%s'\n", session->status,
            session->reader.format != NULL ? text : "not opened", session->error.text,
            session->reader.note);
}

_Noreturn void fuzz_fail(const char *what, const fuzz_session *a, const fuzz_session *b)
{
    fprintf(stderr, "%s\n", what);
    print(a);
    print(b);
    abort();
}

void fuzz_compare_words(const fuzz_session *a, const fuzz_session *b)
{
    if (a->status != b->status)
        fuzz_fail("verdicts differ", a, b);
    if (strcmp(a->error.text, b->error.text) != 0 || strcmp(a->reader.note, b->reader.note) != 0)
        fuzz_fail("words differ", a, b);
    if (a->status != DPK_OK && strlen(a->error.text) < 10)
        fuzz_fail("no sentence", a, b);
}

void fuzz_compare_rows(const fuzz_session *a, const fuzz_session *b, size_t y0, size_t y1)
{
    const dpk_array *one = &a->reader.array, *other = &b->reader.array;
    if (one->type != other->type || one->rank != other->rank ||
        memcmp(one->shape, other->shape, sizeof one->shape) != 0)
        fuzz_fail("types or shapes differ", a, b);
    size_t bytes = dpk_row_count(one) * dpk_type_size(one->type);
    for (size_t y = y0; y < y1; y++)
        if (memcmp(dpk_row(one, y), dpk_row(other, y), bytes) != 0)
            fuzz_fail("rows differ", a, b);
}
