/* SPDX-License-Identifier: MIT */
/* Numbers as people write them. */
#include "base/number.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(number, whole_numbers_are_exact)
{
    static const struct {
        const char *text;
        int64_t whole;
    } cases[] = { { "9007199254740993", INT64_C(9007199254740993) },
                  { "9223372036854775807", INT64_MAX },
                  { "-9223372036854775808", INT64_MIN },
                  { "8191Ti", INT64_C(8191) << 40 },
                  { "9007199254740993k", INT64_C(9007199254740993000) },
                  { "1.001k", 1001 },
                  { "1.5Ki", 1536 },
                  { "2.5e3", 2500 },
                  { "-0", 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dpk_number number;
        cr_assert(dpk_number_parse(cases[i].text, &number), "%s", cases[i].text);
        cr_expect(number.is_whole, "%s", cases[i].text);
        cr_expect_eq(number.whole, cases[i].whole, "%s", cases[i].text);
    }
}

Test(number, others_are_not_whole)
{
    static const char *const cases[] = { "9223372036854775808", "0.5",   "1e19",
                                         "8388608Ti",           "1e999", "-0.0001Ki" };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dpk_number number = { .is_whole = true };
        cr_assert_gt(dpk_number_read(cases[i], &number), 0, "%s", cases[i]);
        cr_expect_not(number.is_whole, "%s", cases[i]);
    }
}

/* Readers of lists and ranges go on where a number ends. */
Test(number, ends_where_it_ends)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = { { "1..4", 1 }, { "1.5..4", 3 }, { "1Ki..4Ki", 3 }, { "1,2", 1 },  { "5%", 1 },
                  { "4x", 1 },   { "1e", 1 },     { "1e+", 1 },      { "1e5,", 3 }, { "1e5k", 3 },
                  { "0x10", 1 }, { "..4", 0 },    { ".", 0 },        { "-.", 0 },   { "-.5", 3 },
                  { "kilo", 0 }, { " 1", 0 },     { "", 0 },         { "1mi", 1 },  { "1kib", 3 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dpk_number number;
        cr_expect_eq(dpk_number_read(cases[i].text, &number), cases[i].length, "%s", cases[i].text);
    }
}

Test(number, endless_digits_are_no_number)
{
    static char digits[5000];
    dpk_number number;
    memset(digits, '1', sizeof digits - 1);
    cr_expect_eq(dpk_number_read(digits, &number), 0);
}

Test(number, percentages)
{
    double share = 0;
    cr_expect(dpk_percent_parse("5%", &share));
    cr_expect_eq(share, 0.05);
    cr_expect(dpk_percent_parse("0.5", &share));
    cr_expect_eq(share, 0.005);
    cr_expect_not(dpk_percent_parse("5%%", &share));
    cr_expect_not(dpk_percent_parse("%", &share));
    cr_expect_not(dpk_percent_parse(" 5%", &share));
    cr_expect_not(dpk_percent_parse("0x5%", &share));
}

Test(number, text_is_short_and_reads_back)
{
    char text[32];
    cr_expect_str_eq(dpk_number_text(0.1, text, sizeof text), "0.1");
    cr_expect_str_eq(dpk_number_text(1.0 / 3, text, sizeof text), "0.3333333333333333");
    cr_expect_str_eq(dpk_number_text_float(0.1F, text, sizeof text), "0.1");
    cr_expect_str_eq(dpk_number_text_float(16777217.0F, text, sizeof text), "16777216");
    const double odd[] = { -0x1.fffffffffffffp-1022, 0x1p-1074, 1e22, 123456789.123456789 };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        dpk_number number;
        cr_assert(dpk_number_parse(dpk_number_text(odd[i], text, sizeof text), &number), "%s",
                  text);
        cr_expect_eq(number.value, odd[i], "%s", text);
    }
}
