/* SPDX-License-Identifier: MIT */
/* png_meta.c: what a PNG file says besides its pixels reaches the output as it is, or is told, or
 * would be untrue; and cannot be made to cost memory. */
#include "png_files.h"

#include <png.h>
#include <sys/resource.h>

TestSuite(png_meta, .init = enter_directory, .fini = remove_directory);

/* One pixel, after begin_picture(). */
static size_t pixel_bytes;

static void begin_picture(int depth, int colour)
{
    static const size_t channels[] = { 1, 0, 3, 1, 2, 0, 4 };
    pixel_bytes = (channels[colour] * (size_t)depth + 7) / 8;
    begin_file();
    add_header(1, 1, depth, colour);
}

static void add_pixels(void)
{
    static const unsigned char row[9] = { 0 };
    unsigned char body[64];
    uLongf size = sizeof body;
    cr_assert_eq(compress(body, &size, row, 1 + pixel_bytes), Z_OK);
    add_chunk("IDAT", body, size);
}

/* --------------------------------------------------------------------------- what is carried */

enum { ROOM = 4096 };

/* Chunks an output has to have, in order. */
static struct bytes wanted(void (*add)(void))
{
    static unsigned char data[ROOM];
    size_t begin = built_size;
    add();
    struct bytes bytes = { data, built_size - begin };
    cr_assert_leq(bytes.size, ROOM);
    memcpy(data, built + begin, bytes.size);
    built_size = begin;
    return bytes;
}

static void add_nothing(void) {}

/* Writes a picture of this type and so many channels with the metadata of in.png. Compares what is
 * said while reading, what is between the output's header and its pixels, and what is said of it.
 */
static void expect_written(dpk_type type, size_t channels, const char *read_note, void (*add)(void),
                           const char *write_note)
{
    struct session session;
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 1), DPK_OK, "%s",
                 session.error.text);
    cr_expect_str_eq(session.reader.note, read_note);
    dpk_array array = make_array(type, 3, 1, 1, channels, 0);
    char note[160];
    cr_assert_eq(write_path(&dpk_format_png, "out.png", &array, &session.reader.meta, 2, note,
                            &session.error),
                 DPK_OK);
    end_session(&session);
    free(array.data);
    cr_expect_str_eq(note, write_note);
    struct bytes file = get_file("out.png"), chunks = wanted(add);
    const size_t begin = 8 + 12 + 13;
    cr_assert_gt(file.size, begin + chunks.size + 8);
    cr_expect(memcmp(file.data + begin, chunks.data, chunks.size) == 0);
    cr_expect(memcmp(file.data + begin + chunks.size + 4, "IDAT", 4) == 0, "%.4s instead",
              (const char *)file.data + begin + chunks.size + 4);
    free(file.data);
    cr_assert_eq(read_path(&session, &dpk_format_png, "out.png", 100), DPK_OK);
    cr_expect_str_empty(session.reader.note);
    end_session(&session);
}

static void add_profile(void)
{
    add_chunk("iCCP", "name\0\0\x78\x9c...", 11);
}

static void add_gamma(void)
{
    add_chunk("gAMA", "\0\0\xb1\x8f", 4);
}

static void add_early(void)
{
    static const unsigned char small[32] = { [3] = 1 };
    add_chunk("cICP", "\1\15\0\1", 4);
    add_profile();
    add_gamma();
    add_chunk("cHRM", small, 32);
    add_chunk("mDCV", small, 24);
    add_chunk("cLLI", small, 8);
    add_chunk("pHYs", "\0\0\1\0\0\0\1\0\1", 9);
    add_chunk("oFFs", "\xff\xff\xff\xff\0\0\0\1\0", 9);
    add_chunk("sCAL",
              "\1"
              "1.5e-3\0+20",
              11);
    add_chunk("sTER", "\1", 1);
    add_chunk("tEXt", "Title\0anything", 14);
    add_chunk("prVt", "private, safe to copy", 21);
    add_chunk("zTXt", "Title\0\0\x78\x9c...", 12);
    add_chunk("eXIf", "MM\0*....", 8);
    add_chunk("tEXt", "Title\0", 6);
}

static void add_text(void)
{
    add_chunk("iTXt", "Title\0\0\0de\0Titel\0Text", 21);
}

static void add_all(void)
{
    add_early();
    add_text();
}

Test(png_meta, is_carried_byte_for_byte)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_early();
    add_pixels();
    add_text();
    end_file("in.png");
    expect_written(DPK_U8, 1, "", add_all, "");
    expect_written(DPK_U16, 2, "", add_all, "");
}

/* What says how pixels were stored, or when, says nothing of new ones. */
Test(png_meta, is_left_out_where_nothing_is_lost)
{
    begin_picture(4, PNG_COLOR_TYPE_PALETTE);
    add_chunk("sBIT", "\10\10\10", 3);
    add_chunk("PLTE", "abcdef", 6);
    add_chunk("hIST", "\0\1\0\0", 4);
    add_chunk("tIME", "\7\352\1\1\0\0\0", 7);
    add_chunk("maRK", "\0\0\0\1", 4);
    add_pixels();
    end_file("in.png");
    expect_written(DPK_U8, 3, "", add_nothing, "");
}

Test(png_meta, is_told_where_it_would_be_untrue)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_chunk("sBIT", "\5", 1);
    add_chunk("pCAL", "a\0..........m", 13);
    add_chunk("caBX", "x", 1);
    add_chunk("caBX", "y", 1);
    add_gamma();
    add_chunk("sPLT", "z", 1);
    add_pixels();
    end_file("in.png");
    expect_written(
        DPK_U8, 1, "", add_gamma,
        "left out: sBIT (true of the input's pixels only), "
        "pCAL (true of the input's pixels only), caBX (true of the input's pixels only), …");
}

/* PNG forbids to move a chunk of which one knows only that it may be copied. */
Test(png_meta, of_unknown_kind_stays_behind_the_pixels)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_pixels();
    add_chunk("prVt", "private", 7);
    end_file("in.png");
    expect_written(DPK_U8, 1, "", add_nothing, "");
    struct bytes file = get_file("out.png");
    cr_assert_gt(file.size, 12 + 19);
    cr_expect(memcmp(file.data + file.size - 12 - 15, "prVtprivate", 11) == 0);
    free(file.data);
}

Test(png_meta, colour_profile_stays_with_its_kind_of_pixels)
{
    begin_picture(8, PNG_COLOR_TYPE_RGB);
    add_profile();
    add_pixels();
    end_file("in.png");
    expect_written(DPK_U8, 3, "", add_profile, "");
    expect_written(DPK_U8, 4, "", add_profile, "");
    expect_written(DPK_U8, 1, "", add_nothing, "left out: iCCP (for colour pictures)");
    expect_written(DPK_U8, 2, "", add_nothing, "left out: iCCP (for colour pictures)");
    begin_picture(2, PNG_COLOR_TYPE_GRAY);
    add_profile();
    add_pixels();
    end_file("in.png");
    expect_written(DPK_U8, 1, "", add_profile, "");
    expect_written(DPK_U8, 3, "", add_nothing, "left out: iCCP (for grey pictures)");
}

/* ------------------------------------------------------------------------------- the background */

static unsigned char background[6];
static size_t background_size;

static void add_background(void)
{
    add_chunk("bKGD", background, background_size);
}

/* A background of `size` bytes in a picture of this kind, and what it is for `channels` of a type.
 */
static void expect_background(int depth, int colour, const char *body, size_t size, dpk_type type,
                              size_t channels, const char *made, size_t made_size)
{
    begin_picture(depth, colour);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        add_chunk("PLTE", "\1\2\3\377\200\0", 6);
    add_chunk("bKGD", body, size);
    add_pixels();
    end_file("in.png");
    memcpy(background, made, made_size);
    background_size = made_size;
    expect_written(type, channels, "", made_size > 0 ? add_background : add_nothing,
                   made_size > 0 ? "" : "left out: bKGD (a colour)");
}

Test(png_meta, background_is_that_of_the_new_pixels)
{
    expect_background(8, PNG_COLOR_TYPE_GRAY, "\0\10", 2, DPK_U8, 1, "\0\10", 2);
    expect_background(8, PNG_COLOR_TYPE_GRAY, "\0\10", 2, DPK_U16, 2, "\10\10", 2);
    expect_background(2, PNG_COLOR_TYPE_GRAY, "\0\2", 2, DPK_U8, 1, "\0\252", 2);
    expect_background(16, PNG_COLOR_TYPE_RGB, "\1\2\3\4\5\6", 6, DPK_U16, 4, "\1\2\3\4\5\6", 6);
    expect_background(16, PNG_COLOR_TYPE_RGB, "\0\200\0\201\377\377", 6, DPK_U8, 3,
                      "\0\0\0\1\0\377", 6);
    expect_background(4, PNG_COLOR_TYPE_PALETTE, "\1", 1, DPK_U8, 3, "\0\377\0\200\0\0", 6);
    expect_background(4, PNG_COLOR_TYPE_PALETTE, "\1", 1, DPK_U8, 1, "", 0);
    expect_background(8, PNG_COLOR_TYPE_RGB, "\0\7\0\7\0\7", 6, DPK_U8, 1, "\0\7", 2);
}

/* Chunks are looked at before libpng refuses the header. */
Test(png_meta, header_may_say_anything)
{
    for (int depth = 0; depth < 256; depth++)
        for (int colour = 0; colour < 8; colour++) {
            struct session session;
            begin_file();
            add_header(1, 1, depth, colour);
            add_chunk("sBIT", "\1", 1);
            add_chunk("bKGD", "\0\0\0\0\0\0", colour == 3 ? 1 : colour & 2 ? 6 : 2);
            end_file("in.png");
            cr_expect_eq(read_path(&session, &dpk_format_png, "in.png", 1), DPK_BAD_INPUT);
            end_session(&session);
        }
}

/* ----------------------------------------------------------------------------- what is ignored */

static void expect_ignored(const char *type, const char *body, size_t size, const char *reason)
{
    char note[96];
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_chunk(type, body, size);
    add_pixels();
    end_file("in.png");
    snprintf(note, sizeof note, "ignored: %s (%s)", type, reason);
    expect_written(DPK_U8, 1, note, add_nothing, "");
}

/* Of wrong length, or with values there are none of: the output would be invalid as well. */
Test(png_meta, invalid_chunks_are_ignored)
{
    static const struct {
        const char *type, *body;
        size_t size;
    } cases[] = {
        { "gAMA", "\0\0\xb1", 3 },
        { "gAMA", "\0\0\0\0", 4 },
        { "gAMA", "\x80\0\0\0", 4 },
        { "pHYs", "\0\0\xb1", 3 },
        { "pHYs", "\0\0\1\0\0\0\1\0\2", 9 },
        { "sRGB", "\x09", 1 },
        { "sRGB", "", 0 },
        { "cHRM", "\0", 1 },
        { "cICP", "\1\15\1\1", 4 },
        { "cICP", "\1\15\0\2", 4 },
        { "iCCP", "profile", 7 },
        { "iCCP", "name\0\1\x78\x9c", 8 },
        { "iCCP", "name\0\0\x78\x9d", 8 },
        { "tEXt", "", 0 },
        { "tEXt", "\0abc", 4 },
        { "tEXt", "keyword", 7 },
        { "tEXt", " a\0b", 4 },
        { "tEXt", "a \0b", 4 },
        { "tEXt", "a  b\0", 5 },
        { "tEXt", "a\nb\0", 4 },
        { "tEXt", "a\x90\0", 3 },
        { "tEXt",
          "12345678901234567890123456789012345678901234567890123456789012345678901234567890", 81 },
        { "zTXt", "a\0", 2 },
        { "iTXt", "a\0\0\0", 4 },
        { "iTXt", "a\0\2\0\0\0", 6 },
        { "iTXt", "a\0\0\1\0\0", 6 },
        { "iTXt", "a\0\0\0en\0a", 8 },
        { "eXIf", "Exif", 4 },
        { "eXIf", "MM", 2 },
        { "oFFs", "\0", 1 },
        { "sTER", "\2", 1 },
        { "sCAL",
          "\0"
          "1\0"
          "2",
          4 },
        { "sCAL",
          "\1"
          "12",
          3 },
        { "sCAL",
          "\1"
          "1\0a",
          4 },
        { "sCAL",
          "\1"
          "1\0",
          3 },
        { "bKGD", "\1", 1 },
        { "bKGD", "\1\0", 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_ignored(cases[i].type, cases[i].body, cases[i].size, "invalid");
}

Test(png_meta, damaged_chunks_are_ignored)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_chunk("pHYs", "\0\0\1\0\0\0\1\0\1", 9);
    built[built_size - 6] ^= 1;
    add_gamma();
    add_pixels();
    end_file("in.png");
    expect_written(DPK_U8, 1, "ignored: pHYs (damaged)", add_gamma, "");
}

static void add_srgb(void)
{
    add_chunk("sRGB", "\1", 1);
}

Test(png_meta, illegal_duplicates_and_latecomers_are_ignored)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_srgb();
    add_chunk("sRGB", "\2", 1);
    add_profile();
    add_pixels();
    add_gamma();
    add_gamma();
    end_file("in.png");
    expect_written(DPK_U8, 1,
                   "ignored: sRGB (repeated), iCCP (beside sRGB), gAMA (after the pixels)",
                   add_srgb, "");
}

Test(png_meta, is_ignored_ahead_of_the_header)
{
    begin_file();
    add_gamma();
    add_header(1, 1, 8, PNG_COLOR_TYPE_GRAY);
    pixel_bytes = 1;
    add_pixels();
    end_file("in.png");
    expect_written(DPK_U8, 1, "ignored: gAMA (before the header)", add_nothing, "");
}

Test(png_meta, animation_is_noted)
{
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_chunk("gAMA", "", 0);
    add_chunk("acTL", "12345678", 8);
    add_chunk("fcTL", "", 0);
    add_pixels();
    add_chunk("fdAT", "", 0);
    end_file("in.png");
    expect_written(
        DPK_U8, 1,
        "an animation, of which only the first picture was read; ignored: gAMA (invalid)",
        add_nothing, "");
}

/* ------------------------------------------------------------------------------------ how much */

static dpk_status status_of_texts(int count, dpk_error *error)
{
    struct session session;
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    for (int i = 0; i < count; i++)
        add_chunk("tEXt", "Comment", 8);
    add_pixels();
    end_file("in.png");
    dpk_status status = read_path(&session, &dpk_format_png, "in.png", 1);
    *error = session.error;
    end_session(&session);
    return status;
}

Test(png_meta, number_of_chunks_is_limited)
{
    dpk_error error = { 0 };
    cr_expect_eq(status_of_texts(10000, &error), DPK_OK);
    expect_failure(status_of_texts(10001, &error), DPK_LIMIT, &error, "10001 chunks");
    cr_expect_str_eq(error.text, "'in.png' has more chunks of metadata than the limit of 10000");
}

/* A chunk that claims 2 GiB and is not there: nobody takes memory for it. */
#ifndef DPK_SANITIZED /* the address sanitizer itself needs more memory than this allows */
Test(png_meta, truncated_chunks_take_no_memory)
{
    static const char *const types[] = { "tEXt", "zTXt", "iCCP", "prVt", "tRNS", "PLTE", "CRIT" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct session session;
        struct rlimit before, low;
        begin_picture(8, PNG_COLOR_TYPE_GRAY);
        add_number(0x7fffffff);
        memcpy(built + built_size, types[i], 4);
        put_file("in.png", built, built_size + 20);
        cr_assert_eq(getrlimit(RLIMIT_DATA, &before), 0);
        low = before;
        low.rlim_cur = (rlim_t)1 << 30;
        cr_assert_eq(setrlimit(RLIMIT_DATA, &low), 0);
        cr_expect_eq(read_path(&session, &dpk_format_png, "in.png", 1), DPK_BAD_INPUT);
        cr_expect_null(strstr(session.error.text, "memory"), "%s: %s", types[i],
                       session.error.text);
        end_session(&session);
        cr_assert_eq(setrlimit(RLIMIT_DATA, &before), 0);
    }
}
#endif

/* Most memory this process has had since the last call, in MiB. */
static long peak(void)
{
    long kib = -1;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
            break;
    if (status != NULL)
        fclose(status);
    FILE *reset = fopen("/proc/self/clear_refs", "w");
    bool done = reset != NULL && fputs("5", reset) >= 0;
    done = reset != NULL && fclose(reset) == 0 && done;
    return done && kib >= 0 ? kib / 1024 : -1;
}

/* The text of a mapped file is checked and written a piece at a time. */
Test(png_meta, large_texts_do_not_fill_the_memory)
{
    enum { MIB = 1 << 20, TEXT = 100 };
    unsigned char *piece = malloc(MIB);
    cr_assert_not_null(piece);
    memset(piece, 'x', MIB);
    begin_picture(8, PNG_COLOR_TYPE_GRAY);
    add_pixels();
    FILE *file = fopen("in.png", "wb");
    cr_assert_not_null(file);
    fwrite(built, 1, built_size, file);
    uLong crc = crc32(0, (const unsigned char *)"tEXtComment", 12);
    built_size = 0;
    add_number(TEXT * MIB + 8);
    memcpy(built + 4, "tEXtComment", 12);
    fwrite(built, 1, 16, file);
    for (int i = 0; i < TEXT; i++) {
        fwrite(piece, 1, MIB, file);
        crc = crc32(crc, piece, MIB);
    }
    built_size = 0;
    add_number((uint32_t)crc);
    add_chunk("IEND", NULL, 0);
    fwrite(built, 1, built_size, file);
    free(piece);
    cr_assert_eq(fclose(file), 0);

    struct session session;
    long before = peak();
    if (before < 0)
        cr_skip_test("/proc does not tell the peak of memory");
    before = peak();
    cr_assert_eq(read_path(&session, &dpk_format_png, "in.png", 1), DPK_OK);
    dpk_array array = make_array(DPK_U8, 3, 1, 1, 1, 0);
    cr_assert_eq(write_path(&dpk_format_png, "out.png", &array, &session.reader.meta, 1, NULL,
                            &session.error),
                 DPK_OK);
    end_session(&session);
    long most = peak();
    cr_expect_lt(most - before, 24, "%ld MiB", most - before);
    struct stat in, out;
    cr_assert(stat("in.png", &in) == 0 && stat("out.png", &out) == 0);
    cr_expect_gt(out.st_size, TEXT * MIB);
    free(array.data);
}
