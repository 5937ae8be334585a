/* SPDX-License-Identifier: MIT */
/* text_format.c: printed numbers read back as the same numbers. */
#include "files.h"

#include <math.h>

extern const dpk_format dpk_format_text;

TestSuite(text_format, .init = enter_directory, .fini = remove_directory);

static void expect_text(void *data, dpk_type type, unsigned rank, size_t a, size_t b,
                        const char *wanted)
{
    const size_t shape[DPK_MAX_RANK] = { a, b };
    dpk_array array = { .data = data };
    dpk_error error;
    dpk_array_shape(&array, type, rank, shape);
    cr_assert_eq(write_path(&dpk_format_text, "x", &array, NULL, SIZE_MAX / 2, NULL, &error),
                 DPK_OK);
    struct bytes file = get_file("x");
    cr_expect(file_is("x", wanted), "%.*s", (int)file.size, (const char *)file.data);
    free(file.data);
}

Test(text_format, elements_of_all_types)
{
    uint8_t u8[] = { 0, 1, 255, 7 };
    uint16_t u16[] = { 65535, 1 };
    int32_t i32[] = { INT32_MIN, INT32_MAX };
    int64_t i64[] = { INT64_MIN, INT64_MAX };
    float f32[] = { 0.1f, 16777216, -1.5e-45f, 3.4028235e38f };
    double f64[] = { 0.1, 1.0 / 3, 4.9e-324, -1e300, 0.1 + 0.2, -0.0 };
    double special[] = { INFINITY, -INFINITY, NAN };
    float complex c64[] = { 1.5f - 2 * I, 0.1f + 0.25f * I };
    double complex c128[] = { -1 + 1e-7 * I };
    expect_text(u8, DPK_U8, 0, 0, 0, "0\n");
    expect_text(u8, DPK_U8, 1, 3, 0, "0\n1\n255\n");
    expect_text(u8, DPK_U8, 2, 2, 2, "0 1\n255 7\n");
    expect_text(u16, DPK_U16, 2, 1, 2, "65535 1\n");
    expect_text(i32, DPK_I32, 2, 1, 2, "-2147483648 2147483647\n");
    expect_text(i64, DPK_I64, 2, 1, 2, "-9223372036854775808 9223372036854775807\n");
    expect_text(f32, DPK_F32, 1, 4, 0, "0.1\n16777216\n-1.4013e-45\n3.4028235e+38\n");
    expect_text(f64, DPK_F64, 1, 6, 0,
                "0.1\n0.3333333333333333\n4.94065645841247e-324\n-1e+300\n0.30000000000000004\n"
                "-0\n");
    expect_text(special, DPK_F64, 2, 1, 3, "inf -inf nan\n");
    expect_text(c64, DPK_C64, 2, 1, 2, "1.5-2i 0.1+0.25i\n");
    expect_text(c128, DPK_C128, 0, 0, 0, "-1+1e-07i\n");
}

Test(text_format, empty_arrays_print_nothing, .timeout = 5)
{
    expect_text(NULL, DPK_F64, 1, 0, 0, "");
    expect_text(NULL, DPK_F64, 2, (size_t)1 << 50, 0, "");
}
