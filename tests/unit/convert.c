/* SPDX-License-Identifier: MIT */
/* Conversions of images at every ISA level, against the formulas in double. */
#include "engine/convert.h"
#include "base/data.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { COLUMNS = 257, SAMPLES = COLUMNS * 4 }; /* no multiple of any vector */

static dpk_array row_of(dpk_type type, size_t columns, size_t channels, void *data)
{
    dpk_array array = { .data = data };
    const size_t shape[DPK_MAX_RANK] = { 1, columns, channels };
    dpk_array_shape(&array, type, 3, shape);
    return array;
}

/* Runs the conversion on one row, from one array to another. */
static void convert(dpk_conversion_kind kind, dpk_isa isa, dpk_array from, dpk_array to)
{
    const dpk_conversion conversion = { .from = from, .to = to };
    const dpk_span first_row = { .begin = 0, .end = 1 };
    dpk_conversion_kernel(kind, isa)->passes[0].work(&conversion, first_row, NULL);
}

static unsigned sample(dpk_type type, const void *samples, size_t i)
{
    return type == DPK_U8 ? ((const uint8_t *)samples)[i] : ((const uint16_t *)samples)[i];
}

/* There, where it is what it should be, and back, where it is what it was. */
static void round_trip(dpk_isa isa, dpk_type type, size_t channels, void *straight)
{
    float between[SAMPLES];
    uint16_t back[SAMPLES];
    double max = type == DPK_U8 ? 255 : 65535;
    dpk_array floats = row_of(DPK_F32, COLUMNS, channels, between);
    convert(DPK_PREMULTIPLY, isa, row_of(type, COLUMNS, channels, straight), floats);
    convert(DPK_UNPREMULTIPLY, isa, floats, row_of(type, COLUMNS, channels, back));
    for (size_t i = 0; i < COLUMNS * channels; i++) {
        unsigned value = sample(type, straight, i);
        unsigned alpha = sample(type, straight, i / channels * channels + channels - 1);
        bool is_alpha = i % channels == channels - 1;
        double expected = is_alpha ? alpha : value * (double)alpha / max;
        cr_assert_float_eq(between[i], expected, is_alpha ? 0 : 1.2e-7 * expected);
        cr_assert_eq(sample(type, back, i), alpha == 0 ? 0 : value);
    }
}

Test(convert, every_colour_comes_back_under_every_alpha)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        for (size_t channels = 2; channels <= 4; channels += 2) {
            for (unsigned alpha = 0; alpha < 256; alpha++) {
                uint8_t in[SAMPLES];
                for (size_t i = 0; i < SAMPLES; i++)
                    in[i] = (uint8_t)(i % channels == channels - 1 ? alpha : i / channels);
                round_trip(isa, DPK_U8, channels, in);
            }
        }
    }
}

Test(convert, sixteen_bits_come_back_even_when_nearly_transparent)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        for (size_t channels = 2; channels <= 4; channels += 2) {
            for (unsigned alpha = 1; alpha < 65536; alpha = alpha * 2 + 1) {
                uint16_t in[SAMPLES];
                for (size_t i = 0; i < SAMPLES; i++)
                    in[i] = (uint16_t)(i % channels == channels - 1 ? alpha : i / channels * 255);
                round_trip(isa, DPK_U16, channels, in);
            }
        }
    }
}

Test(convert, all_levels_make_the_same_bytes)
{
    static float in[SAMPLES], base[SAMPLES], out[SAMPLES];
    static uint16_t straight[SAMPLES], base_back[SAMPLES], back[SAMPLES];
    uint64_t random = 1;
    for (size_t i = 0; i < SAMPLES; i++) {
        straight[i] = (uint16_t)dpk_random(&random);
        in[i] = (float)(dpk_random(&random) % 80000) / 1.17f - 1000;
    }
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        bool first = isa == DPK_ISA_BASE;
        convert(DPK_PREMULTIPLY, isa, row_of(DPK_U16, COLUMNS, 4, straight),
                row_of(DPK_F32, COLUMNS, 4, first ? base : out));
        convert(DPK_UNPREMULTIPLY, isa, row_of(DPK_F32, COLUMNS, 4, in),
                row_of(DPK_U16, COLUMNS, 4, first ? base_back : back));
        cr_expect(first || memcmp(base, out, sizeof base) == 0);
        cr_expect(first || memcmp(base_back, back, sizeof base_back) == 0);
    }
}

Test(convert, nothing_outside_the_range_gets_through)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        float odd[12] = { NAN, INFINITY, -1, NAN, 400, -INFINITY, 3, 300, 1, INFINITY, NAN, 0.4f };
        uint8_t out[12];
        convert(DPK_UNPREMULTIPLY, isa, row_of(DPK_F32, 3, 4, odd), row_of(DPK_U8, 3, 4, out));
        static const uint8_t expected[12] = { 0, 0, 0, 0, 255, 0, 3, 255, 0, 0, 0, 0 };
        for (int i = 0; i < 12; i++)
            cr_expect_eq(out[i], expected[i], "sample %d is %d", i, out[i]);
    }
}

/* However small an alpha is, the colour of floats comes back; under none there is none. */
Test(convert, floats_come_back_under_every_alpha)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        float in[12] = { 0.25f, 0.5f, 1, 1, 0.75f, 0.125f, 1, 0x1p-20f, 0.5f, 0.25f, 0.125f, 0 };
        const float between[12] = { 0.25f,    0.5f,     1,        1, 0.75f * 0x1p-20f,
                                    0x1p-23f, 0x1p-20f, 0x1p-20f, 0, 0,
                                    0,        0 };
        const float expected[12] = { 0.25f, 0.5f, 1, 1, 0.75f, 0.125f, 1, 0x1p-20f, 0, 0, 0, 0 };
        float premultiplied[12], back[12];
        dpk_array floats = row_of(DPK_F32, 3, 4, premultiplied);
        convert(DPK_PREMULTIPLY, isa, row_of(DPK_F32, 3, 4, in), floats);
        convert(DPK_UNPREMULTIPLY, isa, floats, row_of(DPK_F32, 3, 4, back));
        cr_expect_arr_eq(premultiplied, between, sizeof between);
        cr_expect_arr_eq(back, expected, sizeof expected);
    }
}

Test(convert, floats_are_rounded_to_the_nearest_level)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        float odd[6] = { -3, 0.49f, 0.5f, 254.4f, 254.6f, 1e9f };
        const uint8_t expected[6] = { 0, 0, 1, 254, 255, 255 };
        uint8_t narrow[6], levels[6] = { 0, 1, 2, 127, 254, 255 };
        float wide[6];
        convert(DPK_NARROW, isa, row_of(DPK_F32, 2, 3, odd), row_of(DPK_U8, 2, 3, narrow));
        cr_expect_arr_eq(narrow, expected, sizeof expected);
        convert(DPK_WIDEN, isa, row_of(DPK_U8, 2, 3, levels), row_of(DPK_F32, 2, 3, wide));
        for (int i = 0; i < 6; i++)
            cr_expect_eq(wide[i], levels[i]);
    }
}
