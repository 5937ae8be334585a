/* SPDX-License-Identifier: MIT */
/* data.h: what arrays made up for tests and measurements are filled with: numbers that look random
 * and are the same whenever the seed is. */
#ifndef DPK_DATA_H
#define DPK_DATA_H

#include <dpk/dpk.h>

typedef enum dpk_data {
    DPK_DATA_PLAIN,   /* any value of an integer type; floats between -1 and 1 */
    DPK_DATA_MIXED,   /* stretches of equal, extreme, tiny and large values */
    DPK_DATA_SPECIAL, /* floats: plain ones, with NaN, infinities, -0 and the like among them */
} dpk_data;

/* "plain", "mixed", "special" */
const char *dpk_data_name(dpk_data data);

/* Fills elements[0 … count). */
void dpk_data_fill(void *elements, dpk_type type, size_t count, dpk_data data, uint64_t seed);

/* The next number of the sequence that *state is at, uniform over 64 bits. */
uint64_t dpk_random(uint64_t *state);

/* The numbers from 0 to count - 1 in random order. */
void dpk_shuffle(uint32_t *order, size_t count, uint64_t *state);

#endif
