/* SPDX-License-Identifier: MIT */
/* png_filter.c: PNG's row filters against their definition, at every ISA level, for all sizes of
 * pixels, with inaccessible memory right behind every row. */
#include "formats/png/png_filter.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t pixels[] = { 1, 2, 3, 4, 6, 8 };

enum { PIXELS = sizeof pixels / sizeof *pixels, COLUMNS = 70, ROW = 8 * COLUMNS };

/* Three rows that end at pages nobody may touch. */
struct rows {
    unsigned char *row, *above, *filtered, *result; /* `filtered` has room for a filter's number */
};

static unsigned char *end_of_page(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *memory =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(memory != MAP_FAILED && page > ROW);
    cr_assert_eq(mprotect(memory + page, page, PROT_NONE), 0);
    return memory + page;
}

static struct rows end_rows(void)
{
    return (struct rows){ end_of_page(), end_of_page(), end_of_page(), end_of_page() };
}

static struct rows begin_rows(struct rows ends, size_t bytes)
{
    return (struct rows){ ends.row - bytes, ends.above - bytes, ends.filtered - bytes - 1,
                          ends.result - bytes };
}

/* Values near each other and values far apart, few and many. */
static void fill(struct rows rows, size_t bytes, unsigned kind)
{
    for (size_t i = 0; i < bytes; i++) {
        rows.row[i] = (unsigned char)(rand() >> 8 & (kind % 4 == 0 ? 3 : 255));
        rows.above[i] = (unsigned char)(kind % 4 == 1 ? rows.row[i] + rand() % 5 : rand() >> 8);
    }
}

static int paeth(int a, int b, int c)
{
    int p = a + b - c;
    int to_a = abs(p - a), to_b = abs(p - b), to_c = abs(p - c);
    return to_a <= to_b && to_a <= to_c ? a : to_b <= to_c ? b : c;
}

static void define(unsigned filter, unsigned char *filtered, const unsigned char *row,
                   const unsigned char *above, size_t bytes, size_t pixel)
{
    for (size_t i = 0; i < bytes; i++) {
        int a = i < pixel ? 0 : row[i - pixel], b = above == NULL ? 0 : above[i];
        int c = i < pixel || above == NULL ? 0 : above[i - pixel];
        const int guesses[] = { 0, a, b, (a + b) / 2, paeth(a, b, c) };
        filtered[i] = (unsigned char)(row[i] - guesses[filter]);
    }
}

static size_t weight(const unsigned char *filtered, size_t bytes)
{
    size_t sum = 0;
    for (size_t i = 0; i < bytes; i++)
        sum += (size_t)abs((signed char)filtered[i]);
    return sum;
}

static void check_undo(const dpk_png_filter *tested, struct rows rows, size_t bytes, size_t pixel)
{
    for (unsigned filter = 0; filter < DPK_PNG_FILTERS; filter++)
        for (int top = 0; top < 2; top++) {
            const unsigned char *above = top ? NULL : rows.above;
            define(filter, rows.filtered + 1, rows.row, above, bytes, pixel);
            memset(rows.result, 0x5a, bytes);
            tested->undo(filter, rows.result, rows.filtered + 1, above, bytes, pixel);
            cr_assert_arr_eq(rows.result, rows.row, bytes, "filter %u, %zu of %zu, top %d", filter,
                             bytes, pixel, top);
            if (pixel == 3)
                continue;
            tested->undo(filter, rows.filtered + 1, rows.filtered + 1, above, bytes, pixel);
            cr_assert_arr_eq(rows.filtered + 1, rows.row, bytes, "in place: filter %u, %zu of %zu",
                             filter, bytes, pixel);
        }
}

static void check_apply(const dpk_png_filter *tested, struct rows rows, size_t bytes, size_t pixel)
{
    static const unsigned sets[] = { 1, 2, 4, 8, 16, DPK_PNG_ALONE, DPK_PNG_QUICK, DPK_PNG_ALL };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        size_t least = SIZE_MAX;
        unsigned best = 0;
        for (unsigned filter = 0; filter < DPK_PNG_FILTERS; filter++) {
            define(filter, rows.result, rows.row, rows.above, bytes, pixel);
            if (sets[i] >> filter & 1 && weight(rows.result, bytes) < least) {
                least = weight(rows.result, bytes);
                best = filter;
            }
        }
        bool alone = (sets[i] & ~DPK_PNG_ALONE) == 0;
        tested->apply(sets[i], rows.filtered, rows.row, alone ? NULL : rows.above, bytes, pixel);
        define(best, rows.result, rows.row, rows.above, bytes, pixel);
        cr_assert_eq(rows.filtered[0], best, "set %u: %u, not %u", sets[i], rows.filtered[0], best);
        cr_assert_arr_eq(rows.filtered + 1, rows.result, bytes, "filter %u, %zu of %zu", best,
                         bytes, pixel);
    }
}

Test(png_filter, both_ways_by_definition)
{
    struct rows ends = end_rows();
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++)
        for (unsigned kind = 0; kind < 40; kind++)
            for (size_t p = 0; p < PIXELS; p++)
                for (size_t columns = 1; columns <= COLUMNS; columns++) {
                    size_t bytes = columns * pixels[p];
                    struct rows rows = begin_rows(ends, bytes);
                    fill(rows, bytes, kind);
                    check_undo(dpk_png_filter_at(isa), rows, bytes, pixels[p]);
                    check_apply(dpk_png_filter_at(isa), rows, bytes, pixels[p]);
                }
}

/* All a and c, in pixels of 8 bytes all b at once: the first pixel's bytes are a, the second's what
 * Paeth makes of 0. */
Test(png_filter, paeth_of_all_bytes, .timeout = 120)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++)
        for (int a = 0; a < 256; a++)
            for (int c = 0; c < 256; c++)
                for (int b = 0; b < 256; b += 8) {
                    unsigned char row[16], above[16], filtered[16] = { 0 };
                    memset(above, c, 8);
                    memset(filtered, a - c, 8);
                    for (int i = 0; i < 8; i++)
                        above[8 + i] = (unsigned char)(b + i);
                    dpk_png_filter_at(isa)->undo(DPK_PNG_PAETH, row, filtered, above, 16, 8);
                    for (int i = 0; i < 8; i++)
                        if (row[8 + i] != paeth(a, b + i, c))
                            cr_assert_fail("%d %d %d", a, b + i, c);
                }
}

/* Rows longer than what a partial sum can count, with the largest differences there are. */
Test(png_filter, long_rows_of_large_differences)
{
    enum { BYTES = 300000 };
    struct rows rows = { malloc(BYTES), malloc(BYTES), malloc(BYTES + 1), malloc(BYTES) };
    for (int step = 0; step < 3; step++) {
        for (size_t i = 0; i < BYTES; i++) {
            rows.row[i] = i % 6 < 3 ? 0 : 128;
            rows.above[i] = (unsigned char)(rows.row[i] + 64 * step);
        }
        for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++)
            check_apply(dpk_png_filter_at(isa), rows, BYTES, 3);
    }
    free(rows.row);
    free(rows.above);
    free(rows.filtered);
    free(rows.result);
}
