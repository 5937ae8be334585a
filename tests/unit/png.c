/* SPDX-License-Identifier: MIT */
/* png.c: what is written reads back the same, no damaged file gets through, and what the pixels do
 * not depend on keeps no file from being read. Metadata: png_meta.c; every kind of valid file:
 * pngsuite.c. */
#include "png_files.h"

#include <png.h>

TestSuite(png, .init = enter_directory, .fini = remove_directory);

/* ----------------------------------------------------------------------------- files by hand */

enum { PIXELS = 40 };

/* Compressed rows of a picture of 3 × 4 RGB pixels: filter byte 0 and 9 samples each. */
static uLongf compress_pixels(unsigned char *body, uLongf size)
{
    unsigned char raw[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        raw[i] = (unsigned char)(i % 10 == 0 ? 0 : i * 5);
    cr_assert_eq(compress(body, &size, raw, PIXELS), Z_OK);
    return size;
}

static void add_pixels(void)
{
    unsigned char body[128];
    add_chunk("IDAT", body, compress_pixels(body, sizeof body));
}

/* ------------------------------------------------------------------------------- round trips */

Test(png, what_is_written_reads_back)
{
    static const size_t sizes[][2] = { { 1, 1 }, { 5, 3 }, { 17, 1 }, { 1, 17 }, { 67, 129 } };
    static const dpk_type types[] = { DPK_U8, DPK_U16 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t channels = 1; channels <= 4; channels++)
            for (int type = 0; type < 2; type++) {
                size_t rows = sizes[i][0], columns = sizes[i][1];
                dpk_array array = make_array(types[type], 3, rows, columns, channels, 0);
                dpk_array copy = make_array(types[type], 3, rows, columns, channels, 0);
                dpk_error error;
                struct session session;
                cr_assert_eq(dpk_format_png.accepts(&array, "png", &error), DPK_OK);
                cr_assert_eq(
                    write_path(&dpk_format_png, "x.png", &array, NULL, i % 3 + 1, NULL, &error),
                    DPK_OK);
                cr_expect(same_array(&array, &copy), "writing changed the array");
                cr_assert_eq(read_path(&session, &dpk_format_png, "x.png", i % 4 + 1), DPK_OK, "%s",
                             session.error.text);
                cr_expect(same_array(&array, &session.reader.array), "%zu x %zu x %zu", rows,
                          columns, channels);
                cr_expect(session.reader.image);
                cr_expect_str_empty(session.reader.note);
                end_session(&session);
                free(array.data);
                free(copy.data);
            }
}

static void expect_refused(const dpk_array *array, const char *hint)
{
    dpk_error error = { 0 };
    expect_failure(dpk_format_png.accepts(array, "png", &error), DPK_USAGE, &error, hint);
    cr_expect_not_null(strstr(error.text, ".npy"));
}

Test(png, what_does_not_fit_is_refused)
{
    const size_t big = (size_t)1 << 31;
    struct {
        dpk_type type;
        unsigned rank;
        size_t shape[DPK_MAX_RANK];
    } cases[] = { { DPK_F32, 3, { 2, 2, 3 } }, { DPK_I32, 3, { 2, 2, 1 } },
                  { DPK_U8, 2, { 2, 2 } },     { DPK_U8, 0, { 0 } },
                  { DPK_U8, 3, { 2, 2, 5 } },  { DPK_U8, 3, { 2, 2, 0 } },
                  { DPK_U8, 3, { 0, 0, 3 } },  { DPK_U8, 3, { 0, 2, 3 } },
                  { DPK_U8, 3, { 2, 0, 3 } },  { DPK_U8, 3, { big, 1, 1 } },
                  { DPK_U8, 3, { 1, big, 1 } } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dpk_array array = { 0 };
        dpk_array_shape(&array, cases[i].type, cases[i].rank, cases[i].shape);
        expect_refused(&array, "case");
    }
}

Test(png, full_disk_is_the_sinks_sentence)
{
    dpk_error error = { 0 };
    dpk_array array = make_array(DPK_U8, 3, 300, 300, 3, 0);
    expect_failure(write_path(&dpk_format_png, "/dev/full", &array, NULL, 300, NULL, &error),
                   DPK_OUTPUT_FAILED, &error, "full");
    cr_expect_str_eq(error.text, "cannot write '/dev/full': No space left on device");
    free(array.data);
}

/* ------------------------------------------------------------------------------------ damage */

static dpk_status status_of(const unsigned char *data, size_t size, dpk_error *error)
{
    struct session session;
    put_file("in.png", data, size);
    dpk_status status = read_path(&session, &dpk_format_png, "in.png", 2);
    *error = session.error;
    end_session(&session);
    return status;
}

static void expect_bad_file(const char *what)
{
    dpk_error error;
    add_chunk("IEND", NULL, 0);
    expect_failure(status_of(built, built_size, &error), DPK_BAD_INPUT, &error, what);
    cr_expect_not_null(strstr(error.text, "in.png"));
}

static void small_file(void)
{
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_pixels();
}

Test(png, every_truncation_is_an_error)
{
    small_file();
    add_chunk("IEND", NULL, 0);
    dpk_error error;
    cr_assert_eq(status_of(built, built_size, &error), DPK_OK);
    for (size_t size = 0; size < built_size; size++)
        expect_failure(status_of(built, size, &error), DPK_BAD_INPUT, &error, "cut");
}

Test(png, every_changed_byte_is_an_error)
{
    small_file();
    add_chunk("IEND", NULL, 0);
    for (size_t i = 0; i < built_size; i++)
        for (int bit = 0; bit < 8; bit++) {
            dpk_error error = { 0 };
            built[i] ^= (unsigned char)(1 << bit);
            cr_expect_neq(status_of(built, built_size, &error), DPK_OK, "byte %zu bit %d", i, bit);
            cr_expect_str_not_empty(error.text);
            built[i] ^= (unsigned char)(1 << bit);
        }
}

Test(png, pixels_that_do_not_fill_the_picture)
{
    unsigned char body[128];
    uLongf size = compress_pixels(body, sizeof body);
    begin_file();
    add_header(3, 5, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size);
    expect_bad_file("too few rows");
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size - 4);
    expect_bad_file("no checksum");
    body[size - 1] ^= 1;
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size);
    expect_bad_file("wrong checksum");
}

Test(png, structures_that_are_none)
{
    begin_file();
    expect_bad_file("no header");
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    expect_bad_file("no pixels");
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_PALETTE);
    add_pixels();
    expect_bad_file("no palette");
    begin_file();
    add_header(0, 4, 8, PNG_COLOR_TYPE_RGB);
    add_pixels();
    expect_bad_file("no columns");
    small_file();
    add_text_chunk("CRIT", "unknown critical chunk");
    expect_bad_file("critical chunk");
}

/* libpng skips chunks ahead of the header. */
Test(png, claimed_size_is_limited)
{
    static const uint32_t sizes[][2] = {
        { 0x80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 1, (1 << 24) + 1 }, { 4097, 4096 }
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dpk_error error = { 0 };
        begin_file();
        if (i == 3)
            add_text_chunk("eXIf", "early");
        add_header(sizes[i][0], sizes[i][1], 16, PNG_COLOR_TYPE_RGB_ALPHA);
        add_pixels();
        expect_failure(status_of(built, built_size, &error), DPK_LIMIT, &error, "size");
        cr_expect_not_null(strstr(error.text, "--limit-pixels"));
    }
}

/* ------------------------------------------------------------------- what pixels do not depend on
 */

/* The file that is being built reads as the small one does, and is noted for what is wrong. */
static void expect_small(const char *what, const char *note)
{
    struct session session;
    const unsigned char *pixels;
    put_file("in.png", built, built_size);
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 2), DPK_OK, "%s: %s", what,
                 session.error.text);
    pixels = session.reader.array.data;
    for (int i = 0; i < 36; i++)
        cr_expect_eq(pixels[i], (i + i / 9 + 1) * 5, "%s: element %d", what, i);
    cr_expect_str_eq(session.reader.note, note, "%s", what);
    end_session(&session);
}

static const char surplus[] = "data after the pixels was ignored";

Test(png, data_after_the_pixels_is_noted_wherever_it_is)
{
    unsigned char body[256] = { 0 };
    uLongf size = compress_pixels(body, 128);
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size + 4);
    add_chunk("IEND", NULL, 0);
    expect_small("in the same chunk", surplus);

    small_file();
    add_text_chunk("IDAT", "abcd");
    add_chunk("IEND", NULL, 0);
    expect_small("in another chunk", surplus);

    small_file();
    add_text_chunk("tEXt", "Title");
    add_text_chunk("IDAT", "abcd");
    add_chunk("IEND", NULL, 0);
    expect_small("behind text", "ignored: tEXt (invalid); data after the pixels was ignored");

    unsigned char raw[PIXELS + 10] = { 0 };
    for (int i = 0; i < PIXELS; i++)
        raw[i] = (unsigned char)(i % 10 == 0 ? 0 : i * 5);
    uLongf longer = sizeof body;
    cr_assert_eq(compress(body, &longer, raw, sizeof raw), Z_OK);
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, longer);
    add_chunk("IEND", NULL, 0);
    expect_small("another row", surplus);
}

/* Where the stream ends is for the stream to say: no chunk is too many that holds a part of it. */
Test(png, end_of_the_stream_may_be_in_any_chunk)
{
    unsigned char body[128];
    uLongf size = compress_pixels(body, sizeof body);
    for (size_t cut = 0; cut <= size; cut++)
        for (int plain = 0; plain < 2; plain++) {
            struct session session;
            bool allowed = plain;
            begin_file();
            add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
            add_chunk("IDAT", body, cut);
            add_chunk("IDAT", body + cut, size - cut);
            add_chunk("IDAT", NULL, 0);
            end_file("in.png");
            cr_assert_eq(read_png(&session, "in.png", 3, &allowed), DPK_OK, "%zu", cut);
            cr_expect_str_empty(session.reader.note, "%zu: %s", cut, session.reader.note);
            end_session(&session);
        }
}

/* Other chunks than those noted for metadata. */
Test(png, late_chunks_are_noted)
{
    static const struct {
        const char *type, *note;
    } cases[] = {
        { "tRNS", "ignored: tRNS (after the pixels: nothing becomes transparent)" },
        { "PLTE", "ignored: PLTE (after the pixels)" },
        { "IEND", "ignored: IEND (has contents)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_file();
        add_chunk(cases[i].type, "\0\1\0\2\0\3", 6);
        add_chunk("IEND", NULL, 0);
        expect_small(cases[i].type, cases[i].note);
    }
}

/* libpng's limit is 8 000 000 bytes. */
Test(png, chunks_may_be_large)
{
    enum { LARGE = 8000001 };
    static unsigned char body[LARGE] = "Comment";
    memset(body + 8, 'x', LARGE - 8);
    for (int after = 0; after < 2; after++) {
        begin_file();
        add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
        if (after)
            add_pixels();
        add_chunk("tEXt", body, LARGE);
        if (!after)
            add_pixels();
        add_chunk("IEND", NULL, 0);
        expect_small(after ? "after" : "before", "");
    }
}

/* Stored blocks of 30 bytes: more bytes than the pixels, and than libpng's limit, in one chunk. */
Test(png, pixels_may_be_stored_wastefully)
{
    enum { ROWS = 250, ROW = 28801, BLOCK = 30 };
    static unsigned char raw[ROWS * ROW], body[ROWS * ROW / BLOCK * 36];
    size_t size = 2;
    memcpy(body, "\x78\x01", 2);
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (unsigned char)(i % ROW == 0 ? 0 : i * 7 >> 3);
    for (size_t i = 0, bytes; i < sizeof raw; i += bytes) {
        bytes = sizeof raw - i < BLOCK ? sizeof raw - i : BLOCK;
        const unsigned char head[5] = { i + bytes == sizeof raw, (unsigned char)bytes, 0,
                                        (unsigned char)~bytes, 0xff };
        memcpy(body + size, head, 5);
        memcpy(body + size + 5, raw + i, bytes);
        size += 5 + bytes;
    }
    cr_assert_gt(size, 8000000);
    uLong adler = adler32(1, raw, sizeof raw);
    for (int i = 0; i < 4; i++)
        body[size++] = (unsigned char)(adler >> (24 - 8 * i));
    for (size_t cut = 0; cut <= 100; cut += 100) {
        bool plain;
        begin_file();
        add_header((ROW - 1) / 3, ROWS, 8, PNG_COLOR_TYPE_RGB);
        if (cut > 0)
            add_chunk("IDAT", body, cut);
        add_chunk("IDAT", body + cut, size - cut);
        end_file("in.png");
        cr_expect_eq(read_both("in.png", 20, &plain, "stored"), DPK_OK);
        cr_expect(plain);
    }
}
