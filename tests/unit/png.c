/* SPDX-License-Identifier: MIT */
/* png.c: what is written reads back the same, metadata travels, and no damaged file gets through.
 * That every kind of valid file is read rightly is the matter of pngsuite.c. */
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

/* ---------------------------------------------------------------------------------- metadata */

/* Types and bodies of the chunks of a file that come before IDAT, in order, without IHDR. */
static size_t list_chunks(const struct bytes *file, char *list, size_t size)
{
    size_t used = 0, position = 8;
    for (list[0] = '\0'; position + 12 <= file->size;) {
        const unsigned char *head = file->data + position;
        uint32_t length = png_get_uint_32(head);
        if (memcmp(head + 4, "IDAT", 4) == 0)
            break;
        if (memcmp(head + 4, "IHDR", 4) != 0)
            used += (size_t)snprintf(list + used, size - used, "%.4s=%.*s ", (const char *)head + 4,
                                     (int)length, (const char *)head + 8);
        position += 12 + length;
    }
    return used;
}

/* Reads in.png, writes it with its metadata as u8 with `channels` to out.png, and compares what
 * the output has before its pixels. */
static void expect_carried(size_t channels, const char *wanted, bool noted)
{
    struct session session;
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 100), DPK_OK, "%s",
                 session.error.text);
    dpk_array array = make_array(DPK_U8, 3, 2, 2, channels, 0);
    char note[160], list[1024];
    cr_assert_eq(write_path(&dpk_format_png, "out.png", &array, &session.reader.meta, 2, note,
                            &session.error),
                 DPK_OK);
    end_session(&session);
    free(array.data);
    cr_expect_eq(note[0] != '\0', noted, "%s", note);
    struct bytes file = get_file("out.png");
    list_chunks(&file, list, sizeof list);
    cr_expect_str_eq(list, wanted);
    free(file.data);
    cr_assert_eq(read_path(&session, &dpk_format_png, "out.png", 100), DPK_OK);
    end_session(&session);
}

Test(png, metadata_is_carried_as_it_is)
{
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_text_chunk("cICP", "cicp");
    add_text_chunk("sBIT", "888");
    add_text_chunk("iCCP", "profile");
    add_text_chunk("gAMA", "gama");
    add_text_chunk("cHRM", "chromaticities");
    add_text_chunk("mDCV", "mastering");
    add_text_chunk("cLLI", "light");
    add_text_chunk("bKGD", "bkgd");
    add_text_chunk("pHYs", "density");
    add_text_chunk("tEXt", "one");
    add_text_chunk("prVt", "private");
    add_text_chunk("zTXt", "two");
    add_text_chunk("eXIf", "MM");
    add_text_chunk("tEXt", "");
    add_pixels();
    add_text_chunk("iTXt", "three");
    add_text_chunk("tIME", "time");
    end_file("in.png");
    expect_carried(3,
                   "cICP=cicp iCCP=profile gAMA=gama cHRM=chromaticities mDCV=mastering "
                   "cLLI=light pHYs=density tEXt=one zTXt=two eXIf=MM tEXt= iTXt=three tIME=time ",
                   false);
}

Test(png, colour_profile_stays_with_its_kind_of_pixels)
{
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_text_chunk("iCCP", "profile");
    add_text_chunk("gAMA", "gama");
    add_pixels();
    end_file("in.png");
    expect_carried(3, "iCCP=profile gAMA=gama ", false);
    expect_carried(4, "iCCP=profile gAMA=gama ", false);
    expect_carried(1, "gAMA=gama ", true);
    expect_carried(2, "gAMA=gama ", true);
}

Test(png, grey_profile_stays_with_grey)
{
    static const unsigned char row[] = { 0, 0x1b };
    unsigned char body[64];
    uLongf size = sizeof body;
    cr_assert_eq(compress(body, &size, row, sizeof row), Z_OK);
    begin_file();
    add_header(4, 1, 2, PNG_COLOR_TYPE_GRAY);
    add_text_chunk("iCCP", "profile");
    add_chunk("IDAT", body, size);
    end_file("in.png");
    expect_carried(1, "iCCP=profile ", false);
    expect_carried(3, "", true);
}

Test(png, illegal_duplicates_and_latecomers_are_left_out)
{
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_text_chunk("sRGB", "1");
    add_text_chunk("sRGB", "2");
    add_text_chunk("iCCP", "profile");
    add_text_chunk("tIME", "first");
    add_pixels();
    add_text_chunk("gAMA", "late");
    add_text_chunk("tIME", "second");
    end_file("in.png");
    expect_carried(3, "sRGB=1 tIME=first ", false);
}

Test(png, damaged_metadata_is_left_out_with_a_note)
{
    struct session session;
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_text_chunk("tEXt", "good");
    add_text_chunk("tEXt", "bad");
    built[built_size - 6] ^= 1;
    add_pixels();
    end_file("in.png");
    expect_carried(3, "tEXt=good ", false);
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 4), DPK_OK);
    cr_expect_str_not_empty(session.reader.note);
    end_session(&session);
}

Test(png, animation_is_noted)
{
    struct session session;
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_text_chunk("acTL", "12345678");
    add_pixels();
    end_file("in.png");
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 4), DPK_OK);
    cr_expect_not_null(strstr(session.reader.note, "animation"));
    end_session(&session);
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
    add_header(3, 3, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size);
    expect_bad_file("too many rows");
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size - 4);
    expect_bad_file("no checksum");
    begin_file();
    add_header(3, 4, 8, PNG_COLOR_TYPE_RGB);
    add_chunk("IDAT", body, size + 8);
    expect_bad_file("garbage after the pixels");
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
