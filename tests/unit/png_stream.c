/* SPDX-License-Identifier: MIT */
/* png_stream.c: the short way through PNG files comes to the same as libpng: pixels of every layout
 * and filter, however the stream is cut, and the same words for every fault. */
#include "formats/png/png_stream.h"

#include "formats/png/png_deflate.h"
#include "png_files.h"

TestSuite(png_stream, .init = enter_directory, .fini = remove_directory);

/* ----------------------------------------------------------------------------------- the decoder
 */

enum { RAW = 200000 };

static void fill(unsigned char *data, size_t bytes, unsigned kind)
{
    for (size_t i = 0; i < bytes; i++) {
        int random = rand() >> 8;
        data[i] = (unsigned char)(kind == 0   ? random
                                  : kind == 1 ? random % 9
                                  : kind == 2 ? (int)(i % 700)
                                              : 0);
    }
}

/* A raw stream, complete or ending in a full flush. Returns its size. */
static size_t deflate_raw(unsigned char *to, size_t room, const unsigned char *from, size_t bytes,
                          int level, int strategy, int flush)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)from,
                        .avail_in = (uInt)bytes,
                        .next_out = to,
                        .avail_out = (uInt)room };
    deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 8, strategy);
    deflate(&stream, flush);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

/* Feeds a stream and takes what comes out in small pieces; what is behind it must be left. */
static void check_pieces(dpk_png_inflate *decoder, const unsigned char *stream, size_t size,
                         size_t behind, const unsigned char *raw, size_t bytes, size_t piece)
{
    unsigned char *out = malloc(bytes + 1), rest[8];
    size_t fed = 0, written = 0;
    dpk_png_progress progress = DPK_PNG_STARVED;
    dpk_png_span input = { stream, 0 };
    cr_assert(dpk_png_inflate_begin(decoder));
    while (progress == DPK_PNG_STARVED || progress == DPK_PNG_FULL) {
        if (input.left == 0 && progress == DPK_PNG_STARVED) {
            input.left = piece < size - fed ? piece : size - fed;
            fed += input.left;
        }
        size_t room = 1 + (size_t)rand() % (2 * piece), left = bytes + 1 - written;
        progress = dpk_png_inflate_step(decoder, &input, out + written, room < left ? room : left,
                                        &written);
        cr_assert_leq(written, bytes);
    }
    cr_assert_eq(progress, DPK_PNG_ENDED);
    cr_assert(written == bytes && memcmp(out, raw, bytes) == 0);
    size_t taken = dpk_png_inflate_rest(decoder, rest);
    cr_assert_eq(taken + input.left + size - fed, behind);
    cr_assert_arr_eq(rest, stream + size - behind, taken);
    free(out);
}

Test(png_stream, decoder_takes_and_gives_any_pieces, .timeout = 120)
{
    static const size_t pieces[] = { 1, 2, 7, 300, 5000, 100000 };
    dpk_png_inflate *decoder = malloc(sizeof *decoder);
    unsigned char *raw = malloc(RAW), *stream = malloc(2 * RAW);
    for (unsigned kind = 0; kind < 4; kind++)
        for (int level = 0; level < 10; level += 3)
            for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
                for (size_t behind = 0; behind < 12; behind += 4) {
                    size_t bytes = pieces[i] * 1000 < RAW ? pieces[i] * 1000 : RAW;
                    fill(raw, bytes, kind);
                    size_t size = deflate_raw(stream, 2 * RAW, raw, bytes, level,
                                              kind == 1 ? Z_FIXED : Z_DEFAULT_STRATEGY, Z_FINISH);
                    memset(stream + size, 0x77, behind);
                    check_pieces(decoder, stream, size + behind, behind, raw, bytes, pieces[i]);
                }
    free(decoder);
    free(raw);
    free(stream);
}

/* After each prefix of a stream with several flushes: the same as zlib sees. */
Test(png_stream, decoder_knows_when_it_is_between_blocks)
{
    enum { BYTES = 300 };
    dpk_png_inflate *decoder = malloc(sizeof *decoder);
    unsigned char raw[BYTES], stream[4 * BYTES], out[4 * BYTES + 1];
    size_t size = 0, found = 0;
    for (unsigned kind = 0; kind < 4; kind++) {
        fill(raw, BYTES, kind);
        size += deflate_raw(stream + size, sizeof stream - size, raw, BYTES, (int)kind * 2,
                            Z_DEFAULT_STRATEGY, Z_FULL_FLUSH);
    }
    for (size_t cut = 1; cut <= size; cut++) {
        z_stream oracle = { .next_in = stream, .next_out = out, .avail_in = (uInt)cut };
        oracle.avail_out = sizeof out;
        inflateInit2(&oracle, -MAX_WBITS);
        inflate(&oracle, Z_SYNC_FLUSH);
        bool between = oracle.data_type == 128;
        inflateEnd(&oracle);

        dpk_png_span input = { stream, cut };
        size_t written = 0;
        cr_assert(dpk_png_inflate_begin(decoder));
        cr_assert_eq(dpk_png_inflate_step(decoder, &input, out, sizeof out, &written),
                     DPK_PNG_STARVED);
        cr_expect_eq(dpk_png_inflate_is_between(decoder), between, "%zu of %zu", cut, size);
        found += between;
    }
    cr_expect_geq(found, 4);
    free(decoder);
}

/* Bytes that are no stream: refused at some point, and nothing else happens. */
Test(png_stream, decoder_refuses_noise)
{
    dpk_png_inflate *decoder = malloc(sizeof *decoder);
    unsigned char *noise = malloc(5000), *out = malloc(5000);
    for (int round = 0; round < 2000; round++) {
        fill(noise, 5000, round % 2 == 0 ? 0 : 1);
        cr_assert(dpk_png_inflate_begin(decoder));
        dpk_png_span input = { noise, 5000 };
        dpk_png_progress progress = DPK_PNG_FULL;
        for (int step = 0; step < 100000 && progress == DPK_PNG_FULL; step++) {
            size_t written = 0;
            progress = dpk_png_inflate_step(decoder, &input, out, 5000, &written);
        }
        cr_assert_neq(progress, DPK_PNG_FULL);
    }
    free(decoder);
    free(noise);
    free(out);
}

/* ----------------------------------------------------------------------------------------- files
 */

enum { COLUMNS = 61, ROWS = 47, ROW_MOST = 1 + 8 * COLUMNS };

static const struct layout {
    int depth, colour;
    size_t pixel;
} layouts[] = { { 8, 0, 1 },  { 8, 4, 2 },  { 8, 2, 3 },  { 8, 6, 4 },
                { 16, 0, 2 }, { 16, 4, 4 }, { 16, 2, 6 }, { 16, 6, 8 } };

enum { LAYOUTS = sizeof layouts / sizeof *layouts };

/* Filtered rows of noise, with filters in turn; a zlib stream of them. */
static unsigned char rows_data[ROWS * ROW_MOST], stream_data[2 * sizeof rows_data];

static size_t make_stream(const struct layout *layout, size_t rows, int window)
{
    size_t row = 1 + COLUMNS * layout->pixel, bytes = rows * row;
    for (size_t i = 0; i < bytes; i++)
        rows_data[i] = (unsigned char)(i % row == 0 ? i / row * 2 % 5 : rand() >> 8 & 31);
    z_stream stream = { .next_in = rows_data, .avail_in = (uInt)bytes, .next_out = stream_data };
    stream.avail_out = sizeof stream_data;
    deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return sizeof stream_data - stream.avail_out;
}

/* A file with IDAT chunks of `cut` bytes each. */
static void make_file(const struct layout *layout, size_t size, size_t cut)
{
    begin_file();
    add_header(COLUMNS, ROWS, layout->depth, layout->colour);
    for (size_t done = 0; done < size; done += cut)
        add_chunk("IDAT", stream_data + done, cut < size - done ? cut : size - done);
}

Test(png_stream, all_layouts_filters_and_cuts, .timeout = 300)
{
    static const size_t cuts[] = { 2, 3, 5, 100, 1000, sizeof stream_data };
    for (size_t i = 0; i < LAYOUTS; i++)
        for (size_t cut = 0; cut < sizeof cuts / sizeof *cuts; cut++) {
            char what[64];
            bool plain;
            snprintf(what, sizeof what, "%d bits, colour %d, cut %zu", layouts[i].depth,
                     layouts[i].colour, cuts[cut]);
            make_file(&layouts[i], make_stream(&layouts[i], ROWS, MAX_WBITS), cuts[cut]);
            end_file("x.png");
            cr_assert_eq(read_both("x.png", 1 + cut * 9, &plain, what), DPK_OK, "%s", what);
            cr_expect(plain, "%s", what);
        }
}

/* Larger than any buffer on the way, and with noise that does not compress. */
Test(png_stream, larger_files)
{
    for (size_t i = 0; i < LAYOUTS; i += 5) {
        size_t channels = layouts[i].colour == 2 ? 3 : layouts[i].colour == 0 ? 1 : 2;
        dpk_array array =
            make_array(layouts[i].depth == 16 ? DPK_U16 : DPK_U8, 3, 700, 900, channels, 0);
        dpk_error error;
        bool plain;
        cr_assert_eq(write_path(&dpk_format_png, "x.png", &array, NULL, 700, NULL, &error), DPK_OK);
        cr_assert_eq(read_both("x.png", 33, &plain, "large"), DPK_OK);
        cr_expect(plain);
        free(array.data);
    }
}

static void expect_plain(bool wanted, dpk_status status, const char *what)
{
    bool plain;
    put_file("x.png", built, built_size);
    cr_expect_eq(read_both("x.png", 10, &plain, what), status, "%s", what);
    cr_expect_eq(plain, wanted, "%s", what);
}

/* Chunks behind the pixels: what libpng does not see may be skipped, about others it decides. */
Test(png_stream, what_surrounds_the_pixels)
{
    const struct layout *rgb = &layouts[2];
    size_t size = make_stream(rgb, ROWS, MAX_WBITS);
    static const struct {
        const char *type, *body;
    } behind[] = {
        { "tEXt", "Title" }, { "tIME", "anything" }, { "gAMA", "late" }, { "prVt", "private" },
        { "tRNS", "late" },  { "IDAT", "" },         { "IEND", "full" }, { "CRIT", "critical" },
        { "IDAT", "extra" }, { "a\1bC", "type" },
    };
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        make_file(rgb, size, 500);
        add_text_chunk(behind[i].type, behind[i].body);
        add_chunk("IEND", NULL, 0);
        bool plain;
        put_file("x.png", built, built_size);
        (void)read_both("x.png", 10, &plain, behind[i].type);
        cr_expect_eq(plain, i < 7, "%s", behind[i].type);
    }
}

Test(png_stream, faults_in_the_stream)
{
    const struct layout *rgb = &layouts[2];
    size_t row = 1 + COLUMNS * 3, size = make_stream(rgb, ROWS, MAX_WBITS);

    stream_data[size - 1] ^= 1;
    make_file(rgb, size, 1 << 20);
    add_chunk("IEND", NULL, 0);
    expect_plain(false, DPK_BAD_INPUT, "wrong Adler-32");
    stream_data[size - 1] ^= 1;

    make_file(rgb, size - 1, 1 << 20);
    add_chunk("IEND", NULL, 0);
    bool plain;
    put_file("x.png", built, built_size);
    (void)read_both("x.png", 10, &plain, "part of the Adler-32");
    cr_expect(!plain);

    memset(stream_data + size, 0, 3);
    make_file(rgb, size + 3, 1 << 20);
    add_chunk("IEND", NULL, 0);
    expect_plain(false, DPK_OK, "bytes behind the stream");

    make_file(rgb, size / 2, 1 << 20);
    add_chunk("IEND", NULL, 0);
    expect_plain(false, DPK_BAD_INPUT, "half of the stream");

    make_file(rgb, make_stream(rgb, ROWS - 1, MAX_WBITS), 300);
    add_chunk("IEND", NULL, 0);
    expect_plain(false, DPK_BAD_INPUT, "a row too few");

    size = make_stream(rgb, ROWS, 9);
    make_file(rgb, size, 300);
    add_chunk("IEND", NULL, 0);
    expect_plain(false, DPK_OK, "a small window");

    make_stream(rgb, ROWS, MAX_WBITS);
    for (unsigned filter = 5; filter < 256; filter += 125) {
        uLongf packed = sizeof stream_data;
        rows_data[row * (ROWS / 2)] = (unsigned char)filter;
        compress(stream_data, &packed, rows_data, row * ROWS);
        make_file(rgb, packed, 300);
        add_chunk("IEND", NULL, 0);
        expect_plain(false, DPK_BAD_INPUT, "an unknown filter");
    }
}

/* libpng skips what is ahead of the header, even what looks like one: rows of 8 bits are not what
 * this file has. */
Test(png_stream, a_chunk_ahead_of_the_header)
{
    static const unsigned char false_header[13] = { 0, 0, 0, 1, 0, 0, 0, 2, 8 };
    static const unsigned char pixels[] = { 0, 0x80, 0, 0x40 };
    bool plain;
    uLongf size = sizeof stream_data;
    compress(stream_data, &size, pixels, sizeof pixels);
    begin_file();
    add_chunk("sBIT", false_header, sizeof false_header);
    add_header(1, 2, 1, 0);
    add_chunk("IDAT", stream_data, size);
    end_file("x.png");
    cr_expect_eq(read_both("x.png", 1, &plain, "sBIT"), DPK_OK);
    cr_expect(!plain);
}

/* Two rows of grey, under codes one of which leaves patterns of bits unused: that of distances, of
 * literals, of the lengths of codes. zlib refuses those, ISA-L does not. */
Test(png_stream, incomplete_codes)
{
    static const unsigned char pixels[] = { 0, 1, 1, 0, 0, 1, 0, 1 };
    static const char *const blocks[] = {
        "\x05\xc0\x01\x09\x00\x00\x00\x80\x20\xfb\x7f\x3a\x14\x69", /* all complete */
        "\x05\xc1\x01\x09\x00\x00\x00\x80\x20\xfb\x7f\xba\x52\xa4\x01",
        "\x05\xc0\x01\x09\x00\x00\x00\x80\xa0\xfa\x7f\x3a\x50\x10\x03",
        "\x05\xc0\x01\x09\x00\x00\x00\xc0\x20\xd7\xbf\xf4\x50\xa4\x01",
    };
#ifdef DPK_HAVE_ISAL
    const bool taken = true;
#else
    const bool taken = false;
#endif
    for (size_t i = 0; i < 4; i++) {
        unsigned char body[] = "\x78\x9c***************\x00\x19\x00\x05";
        size_t size = i == 0 ? 14 : 15;
        struct session session;
        bool plain = true;
        memcpy(body + 2, blocks[i], size);
        memmove(body + 2 + size, body + 17, 4);
        begin_file();
        add_header(3, 2, 8, 0);
        add_chunk("IDAT", body, 2 + size + 4);
        end_file("x.png");
        dpk_status status = read_png(&session, "x.png", 1, &plain);
        cr_expect_eq(status, i == 0 || taken ? DPK_OK : DPK_BAD_INPUT, "%zu", i);
        if (status == DPK_OK)
            for (size_t y = 0; y < 2; y++)
                cr_expect_arr_eq(dpk_row(&session.reader.array, y), pixels + 4 * y + 1, 3);
        end_session(&session);
    }
}

/* Any bit of a small file: as libpng sees it, which does not see text. */
Test(png_stream, any_bit_changed, .timeout = 300)
{
    static const unsigned char pixels[] = { 4, 1, 2, 3, 4, 5, 6, 3, 1, 1, 1, 1, 1, 1 };
    uLongf size = sizeof stream_data;
    compress(stream_data, &size, pixels, sizeof pixels);
    begin_file();
    add_header(2, 2, 8, 2);
    add_chunk("IDAT", stream_data, 9);
    add_chunk("IDAT", stream_data + 9, size - 9);
    size_t text = built_size;
    add_text_chunk("tEXt", "Title");
    size_t end = built_size;
    add_chunk("IEND", NULL, 0);
    for (size_t at = 8; at < built_size; at++)
        for (int bit = 0; bit < 8; bit++) {
            bool plain;
            built[at] ^= (unsigned char)(1 << bit);
            put_file("x.png", built, built_size);
            dpk_status status = read_both("x.png", 1, &plain, "a bit");
            cr_expect(!plain || (at >= text && at < end), "byte %zu, bit %d", at, bit);
            cr_expect_eq(status, plain ? DPK_OK : DPK_BAD_INPUT, "byte %zu, bit %d", at, bit);
            built[at] ^= (unsigned char)(1 << bit);
        }
}
