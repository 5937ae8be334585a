/* SPDX-License-Identifier: MIT */
/* Premultiplied alpha and back at every ISA level, against the formulas in double. */
#include "engine/alpha.h"
#include "base/data.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { COLUMNS = 257, SAMPLES = COLUMNS * 4 }; /* no multiple of any vector */

static dpk_alpha_conversion conversion_of(dpk_type type, size_t columns, size_t channels,
                                          void *straight, float *premultiplied)
{
    dpk_alpha_conversion conversion = { .straight.data = straight,
                                        .premultiplied.data = premultiplied };
    const size_t shape[DPK_MAX_RANK] = { 1, columns, channels };
    dpk_array_shape(&conversion.straight, type, 3, shape);
    dpk_array_shape(&conversion.premultiplied, DPK_F32, 3, shape);
    return conversion;
}

static const dpk_span first_row = { .begin = 0, .end = 1 };

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
    dpk_alpha_conversion there = conversion_of(type, COLUMNS, channels, straight, between);
    dpk_alpha_conversion and_back = conversion_of(type, COLUMNS, channels, back, between);
    dpk_alpha_at(isa)->premultiply.work(&there, first_row, NULL);
    dpk_alpha_at(isa)->unpremultiply.work(&and_back, first_row, NULL);
    for (size_t i = 0; i < COLUMNS * channels; i++) {
        unsigned value = sample(type, straight, i);
        unsigned alpha = sample(type, straight, i / channels * channels + channels - 1);
        bool is_alpha = i % channels == channels - 1;
        double expected = is_alpha ? alpha : value * (double)alpha / max;
        cr_assert_float_eq(between[i], expected, is_alpha ? 0 : 1.2e-7 * expected);
        cr_assert_eq(sample(type, back, i), alpha == 0 ? 0 : value);
    }
}

Test(alpha, every_colour_comes_back_under_every_alpha)
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

Test(alpha, sixteen_bits_come_back_even_when_nearly_transparent)
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

Test(alpha, all_levels_make_the_same_bytes)
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
        dpk_alpha_conversion there =
            conversion_of(DPK_U16, COLUMNS, 4, straight, first ? base : out);
        dpk_alpha_conversion and_back =
            conversion_of(DPK_U16, COLUMNS, 4, first ? base_back : back, in);
        dpk_alpha_at(isa)->premultiply.work(&there, first_row, NULL);
        dpk_alpha_at(isa)->unpremultiply.work(&and_back, first_row, NULL);
        cr_expect(first || memcmp(base, out, sizeof base) == 0);
        cr_expect(first || memcmp(base_back, back, sizeof base_back) == 0);
    }
}

Test(alpha, nothing_outside_the_range_gets_through)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa <= dpk_isa_best(); isa++) {
        float odd[12] = { NAN, INFINITY, -1, NAN, 400, -INFINITY, 3, 300, 1, INFINITY, NAN, 0.4f };
        uint8_t out[12];
        dpk_alpha_conversion conversion = conversion_of(DPK_U8, 3, 4, out, odd);
        dpk_alpha_at(isa)->unpremultiply.work(&conversion, first_row, NULL);
        static const uint8_t expected[12] = { 0, 0, 0, 0, 255, 0, 3, 255, 0, 0, 0, 0 };
        for (int i = 0; i < 12; i++)
            cr_expect_eq(out[i], expected[i], "sample %d is %d", i, out[i]);
    }
}
