/* SPDX-License-Identifier: MIT */
/* pnm.c: each of Netpbm's formats, as its specification writes it and as people do. */
#include "files.h"

extern const dpk_format dpk_format_pnm;

TestSuite(pnm, .init = enter_directory, .fini = remove_directory);

/* Reads the file made of a string literal (which may hold zeros) and compares the elements. */
#define EXPECT_PIXELS(text, type_, rows_, columns_, channels_, ...)                                \
    do {                                                                                           \
        const unsigned wanted[] = { __VA_ARGS__ };                                                 \
        expect_pixels(text, sizeof text - 1, type_, rows_, columns_, channels_, wanted);           \
    } while (0)

static void expect_pixels(const char *text, size_t size, dpk_type type, size_t rows, size_t columns,
                          size_t channels, const unsigned *wanted)
{
    struct session session;
    put_file("x.pnm", text, size);
    cr_assert_eq(read_path(&session, &dpk_format_pnm, "x.pnm", 1), DPK_OK, "%s: %s", text,
                 session.error.text);
    const dpk_array *array = &session.reader.array;
    cr_assert(session.reader.image && array->rank == 3 && array->type == type, "%s", text);
    cr_assert(array->shape[0] == rows && array->shape[1] == columns, "%s", text);
    cr_assert_eq(array->shape[2], channels, "%s", text);
    for (size_t i = 0; i < rows * columns * channels; i++) {
        unsigned got =
            type == DPK_U8 ? ((const uint8_t *)array->data)[i] : ((const uint16_t *)array->data)[i];
        cr_expect_eq(got, wanted[i], "%s: element %zu is %u, not %u", text, i, got, wanted[i]);
    }
    end_session(&session);
}

Test(pnm, raw_formats)
{
    EXPECT_PIXELS("P4 10 2\n\x80\x40\x00\x80", DPK_U8, 2, 10, 1, 0, 255, 255, 255, 255, 255, 255,
                  255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255);
    EXPECT_PIXELS("P5\n3 1\n255\n\x01\x80\xff", DPK_U8, 1, 3, 1, 1, 128, 255);
    EXPECT_PIXELS("P5\n2 1\n65535\n\x01\x02\xff\xfe", DPK_U16, 1, 2, 1, 0x102, 0xfffe);
    EXPECT_PIXELS("P6 1 2 255 abcdef", DPK_U8, 2, 1, 3, 'a', 'b', 'c', 'd', 'e', 'f');
    EXPECT_PIXELS(
        "P7\nWIDTH 1\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\n"
        "ENDHDR\nabcd",
        DPK_U8, 2, 1, 2, 'a', 'b', 'c', 'd');
    EXPECT_PIXELS("P7\nMAXVAL 65535\nDEPTH 4\nHEIGHT 1\nWIDTH 1\nENDHDR\nabcdefgh", DPK_U16, 1, 1,
                  4, 0x6162, 0x6364, 0x6566, 0x6768);
    EXPECT_PIXELS(
        "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n"
        "\x00\x01",
        DPK_U8, 1, 2, 1, 0, 255);
}

Test(pnm, plain_formats)
{
    EXPECT_PIXELS("P1 3 2 101\n0 1 0", DPK_U8, 2, 3, 1, 0, 255, 0, 255, 0, 255);
    EXPECT_PIXELS("P2\n2 2\n255\n0 1\n 254 255\n", DPK_U8, 2, 2, 1, 0, 1, 254, 255);
    EXPECT_PIXELS("P3 1 1 65535 1 2 65535", DPK_U16, 1, 1, 3, 1, 2, 65535);
    EXPECT_PIXELS("P2 2 1 9 # nine\n4#four\n9", DPK_U8, 1, 2, 1, 113, 255);
}

Test(pnm, other_ranges_are_stretched)
{
    EXPECT_PIXELS("P5 4 1 7 \x00\x01\x03\x07", DPK_U8, 1, 4, 1, 0, 36, 109, 255);
    EXPECT_PIXELS("P5 3 1 1023 \x00\x00\x01\xff\x03\xff", DPK_U16, 1, 3, 1, 0, 32735, 65535);
    EXPECT_PIXELS("P5 2 1 256 \x00\x01\x01\x00", DPK_U16, 1, 2, 1, 256, 65535);
}

Test(pnm, comments_and_white_space)
{
    EXPECT_PIXELS("P5#a\n# b\r 3\t#c\n1\v255#d\nabc", DPK_U8, 1, 3, 1, 'a', 'b', 'c');
    EXPECT_PIXELS("P5 1 1 255\n#", DPK_U8, 1, 1, 1, '#');
    EXPECT_PIXELS("P6 1 1 255\n\n\n\n", DPK_U8, 1, 1, 3, '\n', '\n', '\n');
    EXPECT_PIXELS(
        "P7\n# WIDTH 7\n\n  WIDTH 1 \nHEIGHT\t1\r\nTUPLTYPE A B\nDEPTH 1\nMAXVAL 255\n"
        "ENDHDR\nx",
        DPK_U8, 1, 1, 1, 'x');
}

/* The LF behind maxval is the first pixel only where every byte is one. */
Test(pnm, lines_may_end_as_on_windows)
{
    EXPECT_PIXELS("P5\r\n3 2\r\n255\r\n\x0a\x0d\x20\x0a\x23\xc8", DPK_U8, 2, 3, 1, 10, 13, 32, 10,
                  35, 200);
    EXPECT_PIXELS("P5\r\n3 1\r\n255\r\nab", DPK_U8, 1, 3, 1, 10, 'a', 'b');
    EXPECT_PIXELS("P5 3 1 255\r\nab", DPK_U8, 1, 3, 1, 10, 'a', 'b');
    EXPECT_PIXELS("P5\r\n1 1\r\n255\r\n\nP5\r\n", DPK_U8, 1, 1, 1, 10);
    EXPECT_PIXELS("P5 1 1 255\n\n\n", DPK_U8, 1, 1, 1, 10);
    EXPECT_PIXELS("P4\r\n8 1\r\n\xaa", DPK_U8, 1, 8, 1, 0, 255, 0, 255, 0, 255, 0, 255);
    EXPECT_PIXELS("P6\r\n1 1\r\n65535\r\nabcdef", DPK_U16, 1, 1, 3, 0x6162, 0x6364, 0x6566);
    EXPECT_PIXELS("P2\r\n2 1\r\n255\r\n1\r\n2\r\n", DPK_U8, 1, 2, 1, 1, 2);
    EXPECT_PIXELS(
        "P7\r\nWIDTH 1\r\nHEIGHT 1\r\nDEPTH 3\r\nMAXVAL 255\r\nTUPLTYPE RGB\r\nENDHDR\r\nabc",
        DPK_U8, 1, 1, 3, 'a', 'b', 'c');
}

Test(pnm, only_the_first_of_several_pictures)
{
    struct session session;
    put_file("x", "P5 1 1 255\naP5 1 1 255\nb", 24);
    cr_assert_eq(read_path(&session, &dpk_format_pnm, "x", 1), DPK_OK);
    cr_expect_eq(*(uint8_t *)session.reader.array.data, 'a');
    cr_expect_str_not_empty(session.reader.note);
    end_session(&session);
}

static void expect_refused(const char *text, dpk_status wanted)
{
    struct session session;
    put_file("x.pnm", text, strlen(text));
    expect_failure(read_path(&session, &dpk_format_pnm, "x.pnm", 1), wanted, &session.error, text);
    cr_expect_not_null(strstr(session.error.text, "x.pnm"), "%s", session.error.text);
    end_session(&session);
}

/* Colours of another kind would be taken for red, green, blue and opacity. */
Test(pnm, channels_of_unknown_meaning_are_refused)
{
    static const struct {
        int channels;
        const char *lines, *said;
    } cases[] = {
        { 4, "TUPLTYPE CMYK", "4 channels of TUPLTYPE 'CMYK'" },
        { 4, "TUPLTYPE RGB", "'RGB'" },
        { 3, "TUPLTYPE RGB_ALPHA", "'RGB_ALPHA'" },
        { 2, "TUPLTYPE GRAYSCALE\nTUPLTYPE  _ALPHA\t", "'GRAYSCALE _ALPHA'" },
        { 2, "TUPLTYPE a\x1b[31m", "'a\\x1b[31m'" },
        { 3, "TUPLTYPE 1234567890123456789012345678901234567890123", "'1234567890" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct session session;
        snprintf(text, sizeof text, "P7\nWIDTH 1\nHEIGHT 1\nDEPTH %d\nMAXVAL 255\n%s\nENDHDR\nabcd",
                 cases[i].channels, cases[i].lines);
        put_file("x.pam", text, strlen(text));
        expect_failure(read_path(&session, &dpk_format_pnm, "x.pam", 1), DPK_BAD_INPUT,
                       &session.error, cases[i].lines);
        cr_expect_not_null(strstr(session.error.text, cases[i].said), "%s", session.error.text);
        end_session(&session);
    }
}

Test(pnm, malformed_files_are_refused)
{
    static const char *const files[] = {
        "",
        "P",
        "P5",
        "P5 ",
        "P8 1 1 255 a",
        "P55 1 1 255 a",
        "P5 1",
        "P5 1 1",
        "P5 1 1 255",
        "P5 1 1 255 ",
        "P5 2 2 255 abc",
        "P5 -1 1 255 a",
        "P5 1 x 255 a",
        "P5 1x 1 255 a",
        "P5 0 0 255 ",
        "P5 0 1 255 a",
        "P5 1 0 255 a",
        "P5 1 1 0 a",
        "P5 1 1 65536 aa",
        "P5 1 1 99999999999999999999999999 aa",
        "P5 1 1 9 a",
        "P4 9 1 a",
        "P6 1 1 255 ab",
        "P2 1 1 255 256",
        "P2 1 1 255 a",
        "P2 2 1 255 1 ",
        "P2 2 1 255 1 -1",
        "P1 2 1 12",
        "P1 2 1 1",
        "P7 WIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR",
        "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\na",
        "P7\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na",
        "P7\nWIDTH 1\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na",
        "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nabcde",
        "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 0\nMAXVAL 255\nENDHDR\na",
        "P7\nWIDTH\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na",
        "P7\nWIDTH 1\nHEIGHT 1\nDEPTHS 1\nMAXVAL 255\nENDHDR\na",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        expect_refused(files[i], DPK_BAD_INPUT);
    expect_refused("P5 5000 5000 255 a", DPK_LIMIT);
    expect_refused("P5 2147483647 2147483647 255 a", DPK_LIMIT);
}

Test(pnm, what_is_written_reads_back)
{
    static const char *const names[] = { "x.pgm", "x.pam", "x.ppm", "x.pam", "x.pnm", "x.pnm" };
    static const size_t channels[] = { 1, 2, 3, 4, 1, 3 };
    static const dpk_type types[] = { DPK_U8, DPK_U16 };
    for (int i = 0; i < 6; i++)
        for (int type = 0; type < 2; type++) {
            struct session session;
            dpk_error error;
            dpk_array array = make_array(types[type], 3, 7, 1031, channels[i], 0);
            cr_assert_eq(dpk_format_pnm.accepts(&array, names[i] + 2, &error), DPK_OK);
            cr_assert_eq(write_path(&dpk_format_pnm, names[i], &array, NULL, 3, NULL, &error),
                         DPK_OK);
            cr_assert_eq(read_path(&session, &dpk_format_pnm, names[i], 2), DPK_OK);
            cr_expect(same_array(&array, &session.reader.array), "%s", names[i]);
            end_session(&session);
            free(array.data);
        }
}

static void expect_header(const char *path, dpk_type type, size_t channels, const char *header)
{
    dpk_error error;
    dpk_array array = make_array(type, 3, 2, 5, channels, 0);
    cr_assert_eq(write_path(&dpk_format_pnm, path, &array, NULL, 2, NULL, &error), DPK_OK);
    struct bytes file = get_file(path);
    size_t length = strlen(header);
    cr_expect_eq(file.size, length + dpk_array_bytes(&array), "%s", path);
    cr_expect_eq(memcmp(file.data, header, length), 0, "%s: %.*s", path, (int)length, file.data);
    free(file.data);
    free(array.data);
}

Test(pnm, suffix_decides_the_format)
{
    expect_header("x.pgm", DPK_U8, 1, "P5\n5 2\n255\n");
    expect_header("x.pnm", DPK_U16, 1, "P5\n5 2\n65535\n");
    expect_header("x.ppm", DPK_U8, 3, "P6\n5 2\n255\n");
    expect_header("x.PPM", DPK_U8, 3, "P6\n5 2\n255\n");
    expect_header("x", DPK_U16, 3, "P6\n5 2\n65535\n");
    expect_header("x.pam", DPK_U8, 1,
                  "P7\nWIDTH 5\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n");
    expect_header("y", DPK_U16, 4,
                  "P7\nWIDTH 5\nHEIGHT 2\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n");
}

Test(pnm, what_does_not_fit_is_refused_with_a_hint)
{
    const struct {
        const char *suffix;
        dpk_type type;
        unsigned rank;
        size_t shape[DPK_MAX_RANK];
        const char *hint;
    } cases[] = {
        { "pgm", DPK_U8, 3, { 2, 2, 3 }, ".pam" },  { "ppm", DPK_U8, 3, { 2, 2, 1 }, ".pam" },
        { "pnm", DPK_U8, 3, { 2, 2, 4 }, ".pam" },  { "pgm", DPK_U8, 3, { 2, 2, 2 }, ".pam" },
        { "pbm", DPK_U8, 3, { 2, 2, 1 }, ".pgm" },  { "pam", DPK_U8, 3, { 2, 2, 5 }, ".npy" },
        { "ppm", DPK_F32, 3, { 2, 2, 3 }, ".npy" }, { "pam", DPK_U8, 2, { 2, 2 }, ".npy" },
        { "pam", DPK_U8, 3, { 0, 2, 1 }, ".npy" },  { "pgm", DPK_U8, 3, { 0, 0, 1 }, ".npy" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dpk_error error = { 0 };
        dpk_array array = { 0 };
        dpk_array_shape(&array, cases[i].type, cases[i].rank, cases[i].shape);
        expect_failure(dpk_format_pnm.accepts(&array, cases[i].suffix, &error), DPK_USAGE, &error,
                       cases[i].suffix);
        cr_expect_not_null(strstr(error.text, cases[i].hint), "%s", error.text);
    }
}
