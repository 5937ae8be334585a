/* SPDX-License-Identifier: MIT */
/* data.c: values that expose mistakes: the ends of a type's range, where sums overflow; runs of
 * equal values, where comparisons have edge cases; and magnitudes far apart. */
#include "base/data.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *dpk_data_name(dpk_data data)
{
    static const char *const names[] = {
        [DPK_DATA_PLAIN] = "plain",
        [DPK_DATA_MIXED] = "mixed",
        [DPK_DATA_SPECIAL] = "special",
    };
    return names[data];
}

/* SplitMix64 (Steele, Lea and Flood 2014) accepts every seed, also 0 and consecutive ones. */
uint64_t dpk_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The shuffle of Fisher and Yates. */
void dpk_shuffle(uint32_t *order, size_t count, uint64_t *state)
{
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        size_t j = dpk_random(state) % i;
        uint32_t swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
}

/* Mixed data consists of runs, each of one of these kinds. */
enum stretch { ANYTHING, CONSTANT, EXTREME, SMALL, STRETCHES };

/* A row of a picture has several runs, and a run fills a vector register. */
enum { STRETCH_MOST = 40 };

/* A run of floats is scaled by 2^-20 to 2^20: squares of such numbers, and sums of them, stay far
 * from the limits of f32. */
enum { MAGNITUDE_BITS = 20 };

/* State of the generator. */
struct mixer {
    uint64_t random;
    dpk_data data;
    enum stretch stretch;
    size_t left; /* elements of the run that are still to come */
    uint64_t constant;
    int exponent; /* of the run's floats */
};

static void next_stretch(struct mixer *mixer)
{
    mixer->stretch = (enum stretch)(dpk_random(&mixer->random) % STRETCHES);
    mixer->left = 1 + dpk_random(&mixer->random) % STRETCH_MOST;
    mixer->constant = dpk_random(&mixer->random);
    mixer->exponent = (int)(dpk_random(&mixer->random) % (2 * MAGNITUDE_BITS + 1)) - MAGNITUDE_BITS;
}

/* Returns the bits from which the next element is made. */
static uint64_t next_bits(struct mixer *mixer)
{
    uint64_t bits = dpk_random(&mixer->random);
    if (mixer->data != DPK_DATA_MIXED)
        return bits;
    if (mixer->left == 0)
        next_stretch(mixer);
    mixer->left--;
    switch (mixer->stretch) {
    case CONSTANT:
        return mixer->constant;
    case EXTREME: /* all ones or all zeros, the sign bit on its own */
        return (bits & 1 ? UINT64_MAX >> 1 : 0) | (bits & 2 ? UINT64_C(1) << 63 : 0);
    case SMALL:
        return bits % 4;
    default:
        return bits;
    }
}

static double special(uint64_t bits)
{
    static const double values[] = {
        NAN,      -NAN,         INFINITY,     -INFINITY, 0.0, -0.0,  FLT_MIN / 8,
        -FLT_MAX, FLT_TRUE_MIN, DBL_TRUE_MIN, DBL_MIN,   1.0, 255.5,
    };
    return values[bits % (sizeof values / sizeof *values)];
}

static double next_double(struct mixer *mixer)
{
    uint64_t bits = next_bits(mixer);
    double uniform = (double)(int64_t)bits / 9223372036854775808.0;
    if (mixer->data == DPK_DATA_SPECIAL && dpk_random(&mixer->random) % 8 == 0)
        return special(bits);
    return mixer->data == DPK_DATA_MIXED ? ldexp(uniform, mixer->exponent) : uniform;
}

/* Integers are made of the upper bits, so that extreme values stay extreme; small ones are made of
 * the lower bits. */
static uint64_t next_integer(struct mixer *mixer, unsigned width)
{
    uint64_t bits = next_bits(mixer);
    return bits < 4 ? bits : bits >> (64 - width);
}

void dpk_data_fill(void *elements, dpk_type type, size_t count, dpk_data data, uint64_t seed)
{
    struct mixer mixer = { .random = seed, .data = data };
    size_t parts = type == DPK_C64 || type == DPK_C128 ? 2 : 1;
    for (size_t i = 0; i < count * parts; i++) {
        switch (type) {
        case DPK_U8:
            ((uint8_t *)elements)[i] = (uint8_t)next_integer(&mixer, 8);
            break;
        case DPK_U16:
            ((uint16_t *)elements)[i] = (uint16_t)next_integer(&mixer, 16);
            break;
        case DPK_I32:
            ((int32_t *)elements)[i] = (int32_t)next_integer(&mixer, 32);
            break;
        case DPK_I64:
            ((int64_t *)elements)[i] = (int64_t)next_integer(&mixer, 64);
            break;
        case DPK_F32:
        case DPK_C64:
            ((float *)elements)[i] = (float)next_double(&mixer);
            break;
        case DPK_F64:
        case DPK_C128:
            ((double *)elements)[i] = next_double(&mixer);
            break;
        }
    }
}
