/* SPDX-License-Identifier: MIT */
/* What kernels on images share, against the pictures in the help of the edge modes. */
#include <dpk/image.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What positions -8 … 11 of "abcd" show; a dot where they count as zero. */
static const char *const shown[] = {
    [DPK_EDGE_CLAMP] = "aaaaaaaaabcddddddddd",
    [DPK_EDGE_MIRROR] = "abcddcbaabcddcbaabcd",
    [DPK_EDGE_WRAP] = "abcdabcdabcdabcdabcd",
    [DPK_EDGE_ZERO] = "........abcd........",
};

enum { FIRST = -8, LAST = 11, MODES = sizeof shown / sizeof *shown };

static char sample_at(ptrdiff_t i, unsigned edge)
{
    ptrdiff_t at = dpk_edge_at(i, 4, edge);
    return at < 0 ? '.' : "abcd"[at];
}

Test(image, edge_modes_show_what_their_help_says)
{
    for (unsigned edge = 0; edge < MODES; edge++)
        for (ptrdiff_t i = FIRST; i <= LAST; i++)
            cr_expect_eq(sample_at(i, edge), shown[edge][i - FIRST], "%s at %td",
                         dpk_edge_choices[edge].name, i);
}

Test(image, all_positions_of_an_empty_row_count_as_zero)
{
    for (unsigned edge = 0; edge < MODES; edge++)
        for (ptrdiff_t i = -3; i <= 3; i++)
            cr_expect_eq(dpk_edge_at(i, 0, edge), -1);
}

Test(image, a_row_of_one_pixel_shows_it_everywhere)
{
    for (unsigned edge = 0; edge < MODES; edge++)
        for (ptrdiff_t i = -3; i <= 3; i++)
            cr_expect_eq(dpk_edge_at(i, 1, edge), i != 0 && edge == DPK_EDGE_ZERO ? -1 : 0);
}

Test(image, reads_are_exactly_the_rows_that_are_shown)
{
    for (unsigned edge = 0; edge < MODES; edge++)
        for (size_t n = 0; n <= 6; n++)
            for (ptrdiff_t begin = -20; begin < 26; begin++)
                for (ptrdiff_t end = begin + 1; end <= 26; end++) {
                    size_t first = SIZE_MAX, last = 0, count = 0;
                    for (ptrdiff_t i = begin; i < end; i++) {
                        ptrdiff_t at = dpk_edge_at(i, n, edge);
                        first = at >= 0 && (size_t)at < first ? (size_t)at : first;
                        last = at >= 0 && (size_t)at > last ? (size_t)at : last;
                        count += at >= 0;
                    }
                    dpk_span rows = dpk_edge_reads(begin, end, n, edge);
                    if (count == 0)
                        cr_assert_eq(rows.begin, rows.end);
                    else
                        cr_assert(rows.begin == first && rows.end == last + 1,
                                  "%s, %td … %td of %zu: %zu … %zu", dpk_edge_choices[edge].name,
                                  begin, end, n, rows.begin, rows.end);
                }
}

Test(image, parts_of_a_span_read_parts_of_what_it_reads)
{
    for (unsigned edge = 0; edge < MODES; edge++)
        for (ptrdiff_t begin = -9; begin < 14; begin++)
            for (ptrdiff_t end = begin + 2; end <= 14; end++) {
                dpk_span all = dpk_edge_reads(begin, end, 4, edge);
                dpk_span less[] = { dpk_edge_reads(begin + 1, end, 4, edge),
                                    dpk_edge_reads(begin, end - 1, 4, edge) };
                for (size_t i = 0; i < 2; i++)
                    cr_assert(less[i].begin == less[i].end ||
                              (less[i].begin >= all.begin && less[i].end <= all.end));
            }
}

Test(image, rows_are_extended_in_every_mode)
{
    for (unsigned edge = 0; edge < MODES; edge++) {
        char row[2 * (LAST - FIRST + 1)], *first = row - 2 * FIRST;
        memset(row, '?', sizeof row);
        for (size_t i = 0; i < 4; i++)
            first[2 * i] = first[2 * i + 1] = "abcd"[i];
        dpk_row_extend(first, 4, 2, -FIRST, LAST - 3, edge);
        for (size_t i = 0; i < sizeof row; i++) {
            char right = shown[edge][i / 2];
            cr_expect_eq(row[i], right == '.' ? 0 : right);
        }
    }
}

Test(image, a_window_has_the_rows_around_one)
{
    uint8_t samples[4] = { 'a', 'b', 'c', 'd' }, zero = '.';
    dpk_array image = {
        .data = samples, .type = DPK_U8, .rank = 3, .shape = { 4, 1, 1 }, .stride = { 1, 1, 1 }
    };
    for (unsigned edge = 0; edge < MODES; edge++)
        for (size_t y = 0; y < 4; y++) {
            const void *rows[13];
            dpk_row_window(&image, y, 6, edge, &zero, rows);
            for (size_t k = 0; k < 13; k++)
                cr_expect_eq(*(const char *)rows[k], shown[edge][y + k + 2]);
        }
}

Test(image, samples_are_rounded_and_saturate)
{
    uint8_t u8;
    uint16_t u16;
    float f32;
    dpk_array image = { .data = &u8, .type = DPK_U8, .rank = 3, .shape = { 1, 1, 1, 1 } };
    const struct {
        double value, u8, u16;
    } cases[] = { { -3, 0, 0 },         { 0.49, 0, 0 },      { 0.5, 1, 1 },
                  { 254.5, 255, 255 },  { 255.4, 255, 255 }, { 65534.5, 255, 65535 },
                  { 1e300, 255, 65535 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image.data = &u8, image.type = DPK_U8;
        dpk_sample_put(&image, 0, cases[i].value);
        cr_expect_eq(dpk_sample_get(&image, 0), cases[i].u8);
        image.data = &u16, image.type = DPK_U16;
        dpk_sample_put(&image, 0, cases[i].value);
        cr_expect_eq(dpk_sample_get(&image, 0), cases[i].u16);
        image.data = &f32, image.type = DPK_F32;
        dpk_sample_put(&image, 0, cases[i].value);
        cr_expect_eq(dpk_sample_get(&image, 0), (double)(float)cases[i].value);
    }
}

Test(image, alpha_is_copied_where_there_is_any)
{
    for (size_t channels = 1; channels <= 5; channels++) {
        dpk_array image = { .type = DPK_U16, .rank = 3, .shape = { 1, 3, channels, 1 } };
        uint16_t from[15], to[15] = { 0 };
        for (size_t i = 0; i < 15; i++)
            from[i] = (uint16_t)(i + 1);
        dpk_copy_alpha(&image, from, to);
        for (size_t i = 0; i < 3 * channels; i++)
            cr_expect_eq(to[i], dpk_sample_is_alpha(&image, i) ? from[i] : 0);
    }
}
