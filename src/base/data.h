/* SPDX-License-Identifier: MIT */
/* data.h: pseudo-random contents for arrays in tests and measurements. The same seed gives the same
 * contents. */
#ifndef DPK_DATA_H
#define DPK_DATA_H

#include <dpk/dpk.h>

typedef enum dpk_data {
    DPK_DATA_PLAIN,   /* any value of an integer type; floats between -1 and 1 */
    DPK_DATA_MIXED,   /* runs of equal, extreme, tiny and large values */
    DPK_DATA_SPECIAL, /* floats: some of them NaN, infinite, -0 or subnormal */
} dpk_data;

/* "plain", "mixed", "special" */
const char *dpk_data_name(dpk_data data);

/* Fills elements[0 … count). */
void dpk_data_fill(void *elements, dpk_type type, size_t count, dpk_data data, uint64_t seed);

/* Returns the next number of a sequence, uniform over 64 bits, and advances *state. */
uint64_t dpk_random(uint64_t *state);

/* Fills order with the numbers from 0 to count - 1 in random order. */
void dpk_shuffle(uint32_t *order, size_t count, uint64_t *state);

#endif
