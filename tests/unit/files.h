/* SPDX-License-Identifier: MIT */
/* files.h: what the tests of formats, sources and sinks share: a directory of their own, files as
 * byte strings, and a format's steps in the order in which a run takes them. */
#ifndef DPK_TEST_FILES_H
#define DPK_TEST_FILES_H

#include "base/array.h"
#include "files/format.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------------------------- directory */

static char test_directory[64];

/* .init and .fini of a suite: each test runs in a process, and a directory, of its own. */
static inline void enter_directory(void)
{
    strcpy(test_directory, "/tmp/dpk-test-XXXXXX");
    cr_assert_not_null(mkdtemp(test_directory));
    cr_assert_eq(chdir(test_directory), 0);
}

static inline int remove_entry(const char *path, const struct stat *status, int type,
                               struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static inline void remove_directory(void)
{
    nftw(test_directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Entries of a directory, without . and .. */
static inline int count_entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    cr_assert_not_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2;
}

/* -------------------------------------------------------------------------------------- files */

struct bytes {
    unsigned char *data;
    size_t size;
};

static inline void put_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* Writes a file and the folders it is in, below the test's own. */
static inline void put_text(const char *path, const char *text)
{
    char parent[256];
    snprintf(parent, sizeof parent, "%s", path);
    for (char *slash = strchr(parent, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(parent, 0777);
        *slash = '/';
    }
    put_file(path, text, strlen(text));
}

static inline struct bytes get_file(const char *path)
{
    struct bytes bytes = { NULL, 0 };
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    for (size_t got = 1; got > 0; bytes.size += got) {
        bytes.data = realloc(bytes.data, bytes.size + 65536);
        got = fread(bytes.data + bytes.size, 1, 65536, file);
    }
    fclose(file);
    return bytes;
}

static inline bool file_is(const char *path, const char *contents)
{
    struct bytes bytes = get_file(path);
    bool equal = bytes.size == strlen(contents) && memcmp(bytes.data, contents, bytes.size) == 0;
    free(bytes.data);
    return equal;
}

/* ------------------------------------------------------------------------------------ formats */

struct session {
    dpk_arena arena;
    dpk_reader reader;
    dpk_error error;
};

/* Decodes the rows of an opened reader, `band` at a time, into array, by way of a window of one row
 * more where the format can do with that. Guard pages end both. */
static inline dpk_status read_bands(struct session *session, dpk_array *array, size_t band)
{
    dpk_reader *reader = &session->reader;
    dpk_error *err = &session->error;
    const size_t rows = dpk_array_rows(array);
    array->data = dpk_alloc(&session->arena, dpk_array_bytes(array), err);
    reader->array = *array;
    if (!reader->whole && band < rows) {
        size_t bytes = (band + 1) * (size_t)array->stride[0];
        reader->array.ring = band + 1;
        reader->array.data = dpk_alloc(&session->arena, bytes, err);
    }
    if (array->data == NULL || reader->array.data == NULL)
        return DPK_LIMIT;
    dpk_status status = DPK_OK;
    for (size_t y0 = 0; y0 < rows && status == DPK_OK; y0 += band) {
        size_t y1 = y0 + band < rows ? y0 + band : rows;
        status = reader->format->rows(reader, y0, y1, err);
        for (size_t y = y0; y < y1 && reader->array.ring > 0; y++)
            memcpy(dpk_row(array, y), dpk_row(&reader->array, y), (size_t)array->stride[0]);
    }
    return status;
}

/* Reads path in bands of `band` rows. The session is to be ended whatever the status. */
static inline dpk_status read_path(struct session *session, const dpk_format *format,
                                   const char *path, size_t band)
{
    *session = (struct session){ 0 };
    dpk_reader *reader = &session->reader;
    dpk_error *err = &session->error;
    cr_assert_eq(dpk_arena_open(&session->arena, DPK_MEMORY_PRIVATE, true, err), DPK_OK);
    reader->arena = &session->arena;
    reader->limit_pixels = 1 << 24;
    reader->isa = dpk_isa_best();
    dpk_status status = dpk_source_open(&reader->source, path, err);
    if (status == DPK_OK)
        status = format->open(reader, err);
    if (status != DPK_OK)
        return status;
    reader->format = format;
    dpk_array array = reader->array;
    status = read_bands(session, &array, band);
    reader->array = array;
    cr_expect(dpk_arena_intact(&session->arena), "%s: written beyond the array", path);
    return status;
}

static inline void end_session(struct session *session)
{
    if (session->reader.format != NULL && session->reader.format->close != NULL)
        session->reader.format->close(&session->reader);
    dpk_source_close(&session->reader.source);
    dpk_arena_close(&session->arena);
}

/* Fails where `error` is not a status and a sentence. */
static inline void expect_failure(dpk_status status, dpk_status wanted, const dpk_error *error,
                                  const char *what)
{
    cr_expect_eq(status, wanted, "%s: status %d, not %d (%s)", what, status, wanted, error->text);
    cr_expect_eq(error->status, wanted, "%s", what);
    cr_expect(strlen(error->text) > 10, "%s: no sentence", what);
}

/* Gives the array the memory of a window of `band` rows and one more, between guard pages, if it
 * has more rows than that and the format does not want to see them again. */
static inline void make_window(dpk_arena *arena, const dpk_format *format, dpk_array *array,
                               size_t band, dpk_error *err)
{
    if (format->encode != NULL || band >= dpk_array_rows(array))
        return;
    array->ring = band + 1;
    array->data = dpk_alloc(arena, array->ring * (size_t)array->stride[0], err);
    cr_assert_not_null(array->data);
}

/* Writes array by an opened writer, which has it or a window of it, `band` rows at a time: every
 * second band comes after all others where the format does not mind. */
static inline dpk_status write_bands(dpk_writer *writer, const dpk_array *array, size_t band,
                                     dpk_error *err)
{
    const size_t rows = dpk_array_rows(array), rounds = dpk_writes_in_place(writer) ? 2 : 1;
    dpk_status status = DPK_OK;
    for (size_t round = rounds; round-- > 0;)
        for (size_t y0 = round * band; y0 < rows && status == DPK_OK; y0 += rounds * band) {
            size_t y1 = y0 + band < rows ? y0 + band : rows;
            for (size_t y = y0; y < y1 && writer->array->ring > 0; y++)
                memcpy(dpk_row(writer->array, y), dpk_row(array, y), (size_t)array->stride[0]);
            status = writer->format->write(writer, y0, y1, err);
        }
    return status;
}

/* Writes array to path in bands of `band` rows; note, of 160 bytes, may be NULL. */
static inline dpk_status write_path(const dpk_format *format, const char *path,
                                    const dpk_array *array, const dpk_meta *meta, size_t band,
                                    char *note, dpk_error *err)
{
    dpk_arena arena;
    dpk_sink sink;
    dpk_array window = *array;
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, true, err), DPK_OK);
    make_window(&arena, format, &window, band, err);
    const char *dot = strrchr(path, '.');
    dpk_writer writer = {
        .format = format, .sink = &sink, .array = &window, .meta = meta, .arena = &arena
    };
    writer.isa = dpk_isa_best();
    writer.suffix = dot != NULL ? dot + 1 : "";
    dpk_status status = dpk_sink_open(&sink, path, err);
    if (status == DPK_OK)
        status = format->begin(&writer, err);
    if (status == DPK_OK)
        status = write_bands(&writer, array, band, err);
    if (status == DPK_OK)
        status = format->finish(&writer, err);
    if (status == DPK_OK)
        status = dpk_sink_commit(&sink, err);
    else if (format->abandon != NULL)
        format->abandon(&writer);
    dpk_sink_abandon(&sink);
    dpk_arena_close(&arena);
    if (note != NULL)
        strcpy(note, writer.note);
    return status;
}

/* An array of its own memory (free array.data) filled with bytes that differ from row to row. */
static inline dpk_array make_array(dpk_type type, unsigned rank, size_t a, size_t b, size_t c,
                                   size_t d)
{
    const size_t shape[DPK_MAX_RANK] = { a, b, c, d };
    dpk_array array = { 0 };
    dpk_array_shape(&array, type, rank, shape);
    size_t bytes = dpk_array_bytes(&array);
    unsigned char *data = malloc(bytes + 1);
    uint32_t random = 1;
    for (size_t i = 0; i < bytes; i++) {
        random = random * 1664525 + 1013904223;
        data[i] = (unsigned char)(random >> 24);
    }
    array.data = data;
    return array;
}

static inline bool same_array(const dpk_array *a, const dpk_array *b)
{
    return a->type == b->type && a->rank == b->rank &&
           memcmp(a->shape, b->shape, sizeof a->shape) == 0 &&
           memcmp(a->stride, b->stride, sizeof a->stride) == 0 &&
           (dpk_array_bytes(a) == 0 || memcmp(a->data, b->data, dpk_array_bytes(a)) == 0);
}

#endif
