/* SPDX-License-Identifier: MIT */
/* What kernels on numbers share. */
#include <dpk/numeric.h>

#include <criterion/criterion.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* Sums that plain addition gets wrong. */
static const struct {
    double terms[4], sum;
} sums[] = {
    { { 1, 1e100, 1, -1e100 }, 2 },
    { { 1e100, 1, -1e100, 1 }, 2 },
    { { DBL_EPSILON / 4, 1, -1, 0 }, DBL_EPSILON / 4 },
    { { 1e16, 1, 1, 1 }, 1e16 + 4 }, /* 3 rounded to the even neighbour */
};

Test(numeric, sums_keep_what_additions_lose)
{
    void (*const adds[])(double, double *, double *) = { dpk_two_sum, dpk_neumaier };
    for (size_t way = 0; way < 2; way++)
        for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
            double sum = 0, error = 0;
            for (size_t k = 0; k < 4; k++)
                adds[way](sums[i].terms[k], &sum, &error);
            cr_expect_eq(dpk_sum_rounded(sum, error), sums[i].sum, "sum %zu by way %zu", i, way);
        }
}

Test(numeric, infinite_sums_stay_infinite)
{
    double sum = 0, error = 0;
    for (int i = 0; i < 3; i++)
        dpk_two_sum(DBL_MAX, &sum, &error);
    cr_expect_eq(dpk_sum_rounded(sum, error), (double)INFINITY);
}

DPK_TEMPLATE uint64_t last_integer(const void *data, size_t count, dpk_type type)
{
    return dpk_integer_get(data, count - 1, type);
}

DPK_TEMPLATE double last_real(const void *data, size_t count, dpk_type type)
{
    return dpk_real_get(data, count - 1, type);
}

Test(numeric, functions_are_called_for_the_type_of_the_data){
#define EXPECT_LAST(suffix, element, type_)                                                        \
    {                                                                                              \
        element data[3] = { 1, 2, (element)-1 };                                                   \
        cr_expect_eq(DPK_CALL_INTEGER((dpk_type)type_, last_integer, data, 3),                     \
                     (uint64_t)(element)-1);                                                       \
    }
    DPK_TYPES_INTEGER(EXPECT_LAST)
#define EXPECT_LAST_REAL(suffix, element, type_)                                                   \
    {                                                                                              \
        element data[3] = { 1, 2, -0.5F };                                                         \
        cr_expect_eq(DPK_CALL_REAL((dpk_type)type_, last_real, data, 3), -0.5);                    \
    }
        DPK_TYPES_REAL(EXPECT_LAST_REAL)
}

Test(numeric, complex_numbers_are_read_and_written)
{
    const dpk_type types[] = { DPK_C64, DPK_C128 };
    for (size_t i = 0; i < 2; i++) {
        double memory[4] = { 0 };
        dpk_complex_put(memory, 1, (dpk_complex){ 3, -4 }, types[i]);
        dpk_complex z = dpk_complex_get(memory, 1, types[i]);
        cr_expect(z.re == 3 && z.im == -4);
        cr_expect_eq(dpk_complex_get(memory, 0, types[i]).re, 0);
    }
    float real = 7;
    dpk_complex z = dpk_complex_get(&real, 0, DPK_F32);
    cr_expect(z.re == 7 && z.im == 0);
}

Test(numeric, lines_cover_the_array_once)
{
    dpk_array array = { .type = DPK_F64, .rank = 4, .shape = { 2, 3, 5, 7 } };
    for (int axis = -4; axis < 4; axis++) {
        dpk_lines lines;
        cr_assert_eq(dpk_lines_along(&array, (dpk_axis){ axis }, &lines, NULL), DPK_OK);
        cr_expect_eq(lines.length, array.shape[axis < 0 ? axis + 4 : axis]);
        cr_expect_eq(lines.outer * lines.length * lines.inner, dpk_count(&array));
        cr_expect_eq(lines.inner, axis == 3 || axis == -1   ? 1
                                  : axis == 2 || axis == -2 ? 7
                                  : axis == 1 || axis == -3 ? 35
                                                            : 105);
    }
}

Test(numeric, an_axis_that_an_array_has_not_is_refused)
{
    dpk_error err;
    dpk_lines lines;
    dpk_array vector = { .type = DPK_F64, .rank = 1, .shape = { 2, 1, 1, 1 } };
    cr_expect_eq(dpk_lines_along(&vector, (dpk_axis){ 1 }, &lines, &err), DPK_BAD_INPUT);
    cr_expect_str_eq(err.text, "an array of rank 1 has no axis 1");
    cr_expect_eq(dpk_lines_along(&vector, (dpk_axis){ -2 }, &lines, &err), DPK_BAD_INPUT);
    vector.rank = 0;
    cr_expect_eq(dpk_lines_along(&vector, (dpk_axis){ 0 }, &lines, &err), DPK_BAD_INPUT);
}
