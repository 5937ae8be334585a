/* SPDX-License-Identifier: MIT */
/* roof_loops.c: copying, and multiplying and adding, as fast as plain code can. Compiled with
 * -ffp-contract=fast, so that a product and a sum become one fused instruction wherever the ISA
 * level has it. */
#include "observe/roof_loops.h"

/* The exclusive or keeps compilers from calling memcpy, which writes long arrays around the cache,
 * as no kernel does: it spares reading the lines that are written. */
static void copy(uint64_t *restrict to, const uint64_t *restrict from, size_t count, uint64_t key)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        to[i] = from[i] ^ key;
}

#if defined(__AVX512F__)
#    define WIDTH 64
#elif defined(__AVX__)
#    define WIDTH 32
#else
#    define WIDTH 16
#endif

/* An FMA takes 4 or 5 cycles and two start in each: 8 to 10 must be under way that do not depend
 * on each other. With factor and term, 12 still leave two of AVX's 16 registers. */
enum { CHAINS = 12 };

/* clang would rather split vectors of 64 bytes. */
#if defined(__clang__) && WIDTH == 64
#    define WHOLE_VECTORS __attribute__((min_vector_width(512)))
#else
#    define WHOLE_VECTORS
#endif

#define MULTIPLY_ADD(name, type)                                                                   \
    typedef type name##_vector __attribute__((vector_size(WIDTH)));                                \
    WHOLE_VECTORS static double name(size_t rounds, double factor, double term)                    \
    {                                                                                              \
        const name##_vector f = (type)factor - (name##_vector){ 0 };                               \
        const name##_vector t = (type)term - (name##_vector){ 0 };                                 \
        name##_vector x[CHAINS];                                                                   \
        for (int chain = 0; chain < CHAINS; chain++)                                               \
            x[chain] = t * (type)chain;                                                            \
        for (size_t round = 0; round < rounds; round++)                                            \
            for (int chain = 0; chain < CHAINS; chain++)                                           \
                x[chain] = x[chain] * f + t;                                                       \
        name##_vector sum = t;                                                                     \
        for (int chain = 0; chain < CHAINS; chain++)                                               \
            sum += x[chain];                                                                       \
        double result = 0;                                                                         \
        for (size_t lane = 0; lane < WIDTH / sizeof(type); lane++)                                 \
            result += (double)sum[lane];                                                           \
        return result;                                                                             \
    }

MULTIPLY_ADD(fma32, float)
MULTIPLY_ADD(fma64, double)

const dpk_roof_loops DPK_JOIN(dpk_roof_loops_variant, DPK_ISA_SUFFIX) = {
    .copy = copy,
    .fma32 = fma32,
    .fma64 = fma64,
    .operations32 = 2 * CHAINS * (WIDTH / sizeof(float)),
    .operations64 = 2 * CHAINS * (WIDTH / sizeof(double)),
};
