/* SPDX-License-Identifier: MIT */
/* png_restart.c: files that can be decoded by parts come out the same in any order, and files that
 * only say they can are found out. */
#include "formats/png/png_restart.h"

#include "formats/png/png_band.h"
#include "png_files.h"

TestSuite(png_restart, .init = enter_directory, .fini = remove_directory);

/* ------------------------------------------------------------------------------- honest files */

/* Decodes all parts of an opened reader, the last one first; false if one of them is refused, or
 * all together. */
static bool decode_parts(struct session *session)
{
    dpk_reader *reader = &session->reader;
    size_t height = reader->array.shape[0], rows = reader->part_rows;
    size_t need = dpk_format_png.part_scratch(reader);
    void *scratch = dpk_alloc(&session->arena, need, &session->error);
    cr_assert_not_null(scratch);
    for (size_t part = (height - 1) / rows + 1; part-- > 0;) {
        size_t begin = part * rows, end = begin + rows < height ? begin + rows : height;
        memset(scratch, 0xa5, need);
        if (!dpk_format_png.decode_part(reader, begin, end, scratch))
            return false;
    }
    return dpk_format_png.parts_agree(reader);
}

static dpk_status open_png(struct session *session, const char *path)
{
    *session = (struct session){ .reader.limit_pixels = 1 << 24 };
    dpk_reader *reader = &session->reader;
    cr_assert_eq(dpk_arena_open(&session->arena, DPK_MEMORY_PRIVATE, true, &session->error),
                 DPK_OK);
    reader->arena = &session->arena;
    cr_assert_eq(dpk_source_open(&reader->source, path, &session->error), DPK_OK);
    dpk_status status = dpk_format_png.open(reader, &session->error);
    if (status != DPK_OK)
        return status;
    reader->format = &dpk_format_png;
    reader->array.data =
        dpk_alloc(&session->arena, dpk_array_bytes(&reader->array), &session->error);
    cr_assert_not_null(reader->array.data);
    return DPK_OK;
}

static void expect_parts(const char *path, const dpk_array *wanted, size_t part_rows)
{
    struct session session;
    cr_assert_eq(open_png(&session, path), DPK_OK, "%s", session.error.text);
    cr_assert_eq(session.reader.part_rows, part_rows);
    cr_expect(decode_parts(&session));
    cr_expect(dpk_arena_intact(&session.arena));
    cr_expect(same_array(wanted, &session.reader.array));
    end_session(&session);
}

/* Smooth, so that filters and runs have something to do. */
static dpk_array make_picture(dpk_type type, size_t rows, size_t columns, size_t channels)
{
    dpk_array array = make_array(type, 3, rows, columns, channels, 0);
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < columns * channels; i++) {
            size_t value = (y * i / 300 + y + i / channels) * (type == DPK_U16 ? 37 : 1);
            if (type == DPK_U16)
                ((uint16_t *)dpk_row(&array, y))[i] ^= (uint16_t)(value << 4);
            else
                ((uint8_t *)dpk_row(&array, y))[i] =
                    (uint8_t)(value + ((uint8_t *)dpk_row(&array, y))[i] % 3);
        }
    return array;
}

Test(png_restart, what_is_written_can_be_read_by_parts, .timeout = 120)
{
    static const size_t sizes[][2] = { { 1500, 700 }, { 2, 400000 }, { 9000, 60 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t channels = 1; channels <= 4; channels++)
            for (dpk_type type = DPK_U8; type <= DPK_U16; type <<= 1) {
                dpk_array array = make_picture(type, sizes[i][0], sizes[i][1], channels);
                size_t rows = dpk_png_band_rows(&array);
                dpk_error error;
                bool plain;
                cr_assert_eq(write_path(&dpk_format_png, "x.png", &array, NULL, array.shape[0],
                                        NULL, &error),
                             DPK_OK);
                expect_parts("x.png", &array, rows < array.shape[0] ? rows : 0);
                cr_expect_eq(read_both("x.png", 100, &plain, "written"), DPK_OK);
                cr_expect(plain);
                free(array.data);
            }
}

/* ------------------------------------------------------------------------------ files by hand */

/* Grey, so many columns; filtered rows, and what they are compressed to. */
enum { COLUMNS = 50, ROW = 1 + COLUMNS, ROWS = 12, PART = 4, PARTS = ROWS / PART };

static unsigned char raw[ROWS * ROW];

struct part {
    unsigned char data[8 * PART * ROW];
    size_t size;
};

static struct part parts[PARTS];

static void fill_rows(unsigned first_filter)
{
    for (size_t y = 0; y < ROWS; y++)
        for (size_t i = 0; i < ROW; i++)
            raw[y * ROW + i] = (unsigned char)(i > 0           ? i * i / 7 + y / PART
                                               : y % PART == 0 ? first_filter
                                                               : DPK_PNG_UP);
}

/* The rows as one stream with a flush after each part. */
static void compress_parts(int flush)
{
    z_stream stream = { .next_in = raw };
    deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    for (size_t i = 0; i < PARTS; i++) {
        stream.avail_in = PART * ROW;
        stream.next_out = parts[i].data;
        stream.avail_out = sizeof parts[i].data;
        deflate(&stream, flush);
        parts[i].size = sizeof parts[i].data - stream.avail_out;
    }
    deflateEnd(&stream);
}

static void add_closing(uint32_t adler)
{
    unsigned char body[] = { 3,
                             0,
                             (unsigned char)(adler >> 24),
                             (unsigned char)(adler >> 16),
                             (unsigned char)(adler >> 8),
                             (unsigned char)adler };
    add_chunk("IDAT", body, sizeof body);
}

static uint32_t true_sum(void)
{
    return (uint32_t)adler32(1, raw, sizeof raw);
}

static void add_claim(uint32_t rows)
{
    const unsigned char body[] = { (unsigned char)(rows >> 24), (unsigned char)(rows >> 16),
                                   (unsigned char)(rows >> 8), (unsigned char)rows };
    add_chunk(DPK_PNG_RESTART_TYPE, body, sizeof body);
}

static void begin_claim(uint32_t rows)
{
    begin_file();
    add_header(COLUMNS, ROWS, 8, 0);
    if (rows > 0)
        add_claim(rows);
}

static void add_parts(void)
{
    for (size_t i = 0; i < PARTS; i++) {
        unsigned char body[2 + sizeof parts[i].data];
        size_t head = i == 0 ? 2 : 0;
        memcpy(body, "\x78\x9c", head);
        memcpy(body + head, parts[i].data, parts[i].size);
        add_chunk("IDAT", body, head + parts[i].size);
    }
}

static void finish_file(void)
{
    add_parts();
    add_closing(true_sum());
    end_file("x.png");
}

/* Both: whoever reads it in order gets what libpng makes of it, and no one is fooled by parts. */
static void expect_lie(dpk_status status, const char *what)
{
    struct session session;
    bool plain;
    cr_expect_eq(read_both("x.png", 5, &plain, what), status, "%s", what);
    if (open_png(&session, "x.png") == DPK_OK && session.reader.part_rows > 0)
        cr_expect(!decode_parts(&session), "%s", what);
    end_session(&session);
}

Test(png_restart, an_honest_claim_is_believed)
{
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_FULL_FLUSH);
    begin_claim(PART);
    finish_file();
    struct session session;
    bool plain;
    cr_assert_eq(read_both("x.png", 5, &plain, "honest"), DPK_OK);
    cr_assert_eq(open_png(&session, "x.png"), DPK_OK);
    cr_assert_eq(session.reader.part_rows, PART);
    cr_expect(decode_parts(&session));
    end_session(&session);
}

Test(png_restart, claims_that_chunks_contradict_are_ignored)
{
    static const uint32_t claims[] = { 1, 2, 3, 6, ROWS, ROWS + 1, 0x7fffffff, 0xffffffff };
    fill_rows(DPK_PNG_NONE);
    compress_parts(Z_FULL_FLUSH);
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct session session;
        begin_claim(claims[i]);
        finish_file();
        cr_assert_eq(open_png(&session, "x.png"), DPK_OK);
        cr_expect_eq(session.reader.part_rows, 0, "%u", claims[i]);
        end_session(&session);
        expect_lie(DPK_OK, "number of rows");
    }
    begin_claim(0);
    add_chunk(DPK_PNG_RESTART_TYPE, "\0\0\0\4", 3);
    finish_file();
    expect_lie(DPK_OK, "three bytes");
    begin_claim(0);
    add_claim(5);
    add_claim(PART);
    finish_file();
    expect_lie(DPK_OK, "the first of two claims");
}

/* Three chunks as claimed, but cut elsewhere. */
Test(png_restart, parts_of_other_rows)
{
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_FULL_FLUSH);
    begin_claim(5);
    finish_file();
    expect_lie(DPK_OK, "5 rows claimed, 4 there");
}

Test(png_restart, parts_that_need_what_is_before)
{
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_SYNC_FLUSH);
    begin_claim(PART);
    finish_file();
    expect_lie(DPK_OK, "distances into the part before");

    for (unsigned filter = DPK_PNG_UP; filter < DPK_PNG_FILTERS; filter++) {
        fill_rows(filter);
        compress_parts(Z_FULL_FLUSH);
        begin_claim(PART);
        finish_file();
        expect_lie(DPK_OK, "a filter that looks above");
    }
}

/* One stream, cut at any two bytes: read in order it is right; parts may begin anywhere in it. */
Test(png_restart, parts_that_are_cut_anywhere, .timeout = 300)
{
    static unsigned char whole[sizeof raw * 2];
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_FULL_FLUSH);
    size_t size = 0, first = parts[0].size, second = parts[0].size + parts[1].size;
    for (size_t i = 0; i < PARTS; i++) {
        memcpy(whole + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    for (size_t a = 0; a <= size; a += 3)
        for (size_t b = a; b <= size; b += 1 + (b - a) / 4) {
            const size_t cuts[] = { 0, a, b, size };
            if (a == first && b == second)
                continue;
            for (size_t i = 0; i < PARTS; i++) {
                parts[i].size = cuts[i + 1] - cuts[i];
                memcpy(parts[i].data, whole + cuts[i], parts[i].size);
            }
            begin_claim(PART);
            finish_file();
            expect_lie(DPK_OK, "cut anywhere");
        }
}

/* The attack by which a file shows one picture to who reads it in order and another to who reads
 * it by parts: the first part ends within a stored block, which goes on as a part of its own right.
 */
Test(png_restart, a_part_within_a_stored_block)
{
    fill_rows(DPK_PNG_NONE);
    compress_parts(Z_FULL_FLUSH);
    struct part hidden = parts[1];
    size_t block = PART * ROW;

    /* Part 0: its rows, and the head of a stored block; part 1: what that block holds, which begins
     * like compressed rows; part 2: the rest of the rows. */
    memcpy(raw + block, hidden.data, hidden.size);
    raw[block] = DPK_PNG_NONE;
    unsigned char *head = parts[0].data + parts[0].size;
    memcpy(head, "\0\0\0\0\0", 5);
    head[1] = (unsigned char)block;
    head[2] = (unsigned char)(block >> 8);
    head[3] = (unsigned char)~head[1];
    head[4] = (unsigned char)~head[2];
    parts[0].size += 5;
    memcpy(parts[1].data, raw + block, block);
    for (size_t y = PART; y < ROWS; y++)
        raw[y * ROW] = parts[1].data[y % PART * ROW] = DPK_PNG_NONE;
    parts[1].size = block;
    parts[2].size = 0;
    z_stream stream = { .next_in = raw + 2 * block, .avail_in = (uInt)block };
    stream.next_out = parts[2].data;
    stream.avail_out = sizeof parts[2].data;
    deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    deflate(&stream, Z_FULL_FLUSH);
    deflateEnd(&stream);
    parts[2].size = sizeof parts[2].data - stream.avail_out;
    begin_claim(PART);
    finish_file();
    expect_lie(DPK_OK, "stored block across parts");
}

Test(png_restart, wrong_sums_and_ends)
{
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_FULL_FLUSH);

    struct session session;
    begin_claim(PART);
    add_parts();
    add_closing(true_sum() + 1);
    end_file("x.png");
    cr_assert_eq(open_png(&session, "x.png"), DPK_OK);
    cr_expect(!decode_parts(&session), "wrong Adler-32");
    end_session(&session);

    begin_claim(PART);
    size_t before = built_size;
    finish_file();
    for (size_t at = before; at < built_size; at++) {
        bool plain;
        built[at] ^= 0x20;
        put_file("x.png", built, built_size);
        (void)read_both("x.png", 5, &plain, "a bit");
        if (open_png(&session, "x.png") == DPK_OK && session.reader.part_rows > 0)
            cr_expect(!decode_parts(&session), "byte %zu", at);
        end_session(&session);
        built[at] ^= 0x20;
    }

    begin_claim(PART);
    add_parts();
    add_chunk("IDAT", "", 0);
    add_closing(true_sum());
    end_file("x.png");
    expect_lie(DPK_OK, "a chunk too many");
}

/* A part that is complete, and says it is the end of everything. */
Test(png_restart, a_last_block_too_early)
{
    fill_rows(DPK_PNG_SUB);
    compress_parts(Z_FULL_FLUSH);
    memcpy(parts[0].data + parts[0].size, "\3\0", 2);
    parts[0].size += 2;
    begin_claim(PART);
    finish_file();
    expect_lie(DPK_BAD_INPUT, "last block in part 0");
}
