/* SPDX-License-Identifier: MIT */
/* Premultiplied alpha and back, against the formulas in double. */
#include "alpha.h"

#include <criterion/criterion.h>
#include <math.h>

enum { COLUMNS = 256, CHANNELS = 4 };

/* Every colour under one alpha a row. */
static void round_trip(dpk_type type, unsigned alpha, unsigned step, void *straight, void *back)
{
    float between[COLUMNS * CHANNELS];
    dpk_alpha_conversion there = { .straight.data = straight, .premultiplied.data = between };
    const size_t shape[DPK_MAX_RANK] = { 1, COLUMNS, CHANNELS };
    dpk_array_shape(&there.straight, type, 3, shape);
    dpk_array_shape(&there.premultiplied, DPK_F32, 3, shape);
    dpk_alpha_conversion and_back = there;
    and_back.straight.data = back;
    dpk_span all = { .begin = 0, .end = 1 };
    dpk_alpha_premultiply.work(&there, all, NULL);
    double max = type == DPK_U8 ? 255 : 65535;
    for (size_t x = 0; x < COLUMNS; x++) {
        double expected = (double)x * step * alpha / max;
        cr_assert_float_eq(between[x * CHANNELS], expected, 1e-6 * (expected + 1));
        cr_assert_eq(between[x * CHANNELS + 3], (float)alpha);
    }
    dpk_alpha_unpremultiply.work(&and_back, all, NULL);
}

Test(alpha, every_colour_comes_back_under_every_alpha)
{
    uint8_t in[COLUMNS * CHANNELS], out[COLUMNS * CHANNELS];
    for (unsigned alpha = 0; alpha < 256; alpha++) {
        for (size_t i = 0; i < sizeof in; i++)
            in[i] = (uint8_t)(i % CHANNELS == 3 ? alpha : i / CHANNELS);
        round_trip(DPK_U8, alpha, 1, in, out);
        for (size_t i = 0; i < sizeof in; i++)
            cr_assert_eq(out[i], alpha == 0 ? 0 : in[i]);
    }
}

Test(alpha, sixteen_bits_come_back_even_when_nearly_transparent)
{
    uint16_t in[COLUMNS * CHANNELS], out[COLUMNS * CHANNELS];
    for (unsigned alpha = 1; alpha < 65536; alpha = alpha * 2 + 1) {
        for (size_t i = 0; i < COLUMNS * CHANNELS; i++)
            in[i] = (uint16_t)(i % CHANNELS == 3 ? alpha : i / CHANNELS * 257);
        round_trip(DPK_U16, alpha, 257, in, out);
        for (size_t i = 0; i < COLUMNS * CHANNELS; i++)
            cr_assert_eq(out[i], in[i]);
    }
}

Test(alpha, nothing_outside_the_range_gets_through)
{
    float odd[8] = { NAN, INFINITY, -1, NAN, 400, -INFINITY, 3, 300 };
    uint8_t out[8];
    dpk_alpha_conversion conversion = { .straight.data = out, .premultiplied.data = odd };
    const size_t shape[DPK_MAX_RANK] = { 1, 2, 4 };
    dpk_array_shape(&conversion.straight, DPK_U8, 3, shape);
    dpk_array_shape(&conversion.premultiplied, DPK_F32, 3, shape);
    dpk_alpha_unpremultiply.work(&conversion, (dpk_span){ .begin = 0, .end = 1 }, NULL);
    static const uint8_t expected[8] = { 0, 0, 0, 0, 255, 0, 3, 255 };
    for (int i = 0; i < 8; i++)
        cr_expect_eq(out[i], expected[i], "sample %d is %d", i, out[i]);
}
