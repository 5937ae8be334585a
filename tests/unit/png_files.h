/* SPDX-License-Identifier: MIT */
/* png_files.h: PNG files put together chunk by chunk, and read with and without libpng. */
#ifndef DPK_TEST_PNG_FILES_H
#define DPK_TEST_PNG_FILES_H

#include "files.h"
#include "formats/png/png_plain.h"

#include <zlib.h>

extern const dpk_format dpk_format_png;

/* The file being made. */
static unsigned char built[1 << 24];
static size_t built_size;

static inline void begin_file(void)
{
    memcpy(built, "\x89PNG\r\n\x1a\n", 8);
    built_size = 8;
}

static inline void add_number(uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        built[built_size++] = (unsigned char)(value >> shift);
}

static inline void add_chunk(const char *type, const void *body, size_t size)
{
    cr_assert_lt(built_size + size + 12, sizeof built);
    add_number((uint32_t)size);
    unsigned char *start = built + built_size;
    memcpy(start, type, 4);
    if (size > 0)
        memcpy(start + 4, body, size);
    built_size += 4 + size;
    add_number((uint32_t)crc32(0, start, (uInt)(4 + size)));
}

static inline void add_text_chunk(const char *type, const char *body)
{
    add_chunk(type, body, strlen(body));
}

static inline void add_header(uint32_t columns, uint32_t rows, int depth, int colour)
{
    unsigned char body[13] = { 0 };
    for (int i = 0; i < 4; i++) {
        body[i] = (unsigned char)(columns >> (24 - 8 * i));
        body[4 + i] = (unsigned char)(rows >> (24 - 8 * i));
    }
    body[8] = (unsigned char)depth;
    body[9] = (unsigned char)colour;
    add_chunk("IHDR", body, sizeof body);
}

static inline void end_file(const char *path)
{
    add_chunk("IEND", NULL, 0);
    put_file(path, built, built_size);
}

/* Reads path in bands of `band` rows. plain: whether the short way may be taken, and on return,
 * whether it was, to the end. The session is to be ended whatever the status. */
static inline dpk_status read_png(struct session *session, const char *path, size_t band,
                                  bool *plain)
{
    bool allowed = *plain;
    *plain = false;
    *session = (struct session){ .reader = { .limit_pixels = 1 << 24, .isa = dpk_isa_best() } };
    dpk_reader *reader = &session->reader;
    dpk_error *err = &session->error;
    cr_assert_eq(dpk_arena_open(&session->arena, DPK_MEMORY_PRIVATE, true, err), DPK_OK);
    reader->arena = &session->arena;
    cr_assert_eq(dpk_source_open(&reader->source, path, err), DPK_OK);
    dpk_status status = dpk_format_png.open(reader, err);
    if (status != DPK_OK)
        return status;
    reader->format = &dpk_format_png;
    if (!allowed)
        *dpk_png_plain_of(reader) = NULL;
    reader->array.data = dpk_alloc(&session->arena, dpk_array_bytes(&reader->array), err);
    cr_assert_not_null(reader->array.data);
    memset(reader->array.data, 0, dpk_array_bytes(&reader->array));
    size_t rows = reader->array.shape[0];
    for (size_t y = 0; y < rows && status == DPK_OK; y += band)
        status = dpk_format_png.rows(reader, y, y + band < rows ? y + band : rows, err);
    *plain = *dpk_png_plain_of(reader) != NULL;
    cr_expect(dpk_arena_intact(&session->arena), "%s: written beyond the array", path);
    return status;
}

/* Reads path both ways, which must come to the same, whatever it is. Returns the status; *plain
 * tells whether the short way did it. */
static inline dpk_status read_both(const char *path, size_t band, bool *plain, const char *what)
{
    struct session tested, oracle;
    bool never = false;
    *plain = true;
    dpk_status status = read_png(&tested, path, band, plain);
    cr_expect_eq(read_png(&oracle, path, band, &never), status, "%s: %s", what, tested.error.text);
    cr_expect_str_eq(tested.error.text, oracle.error.text, "%s", what);
    cr_expect_str_eq(tested.reader.note, oracle.reader.note, "%s", what);
    if (status == DPK_OK)
        cr_expect(same_array(&tested.reader.array, &oracle.reader.array), "%s: pixels", what);
    end_session(&tested);
    end_session(&oracle);
    return status;
}

#endif
