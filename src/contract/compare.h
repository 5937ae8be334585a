/* SPDX-License-Identifier: MIT */
/* compare.h: are two arrays the same, or near enough? If not, where do they part first. All
 * arrays are C-contiguous. A difference is told as "[3, 0, 2] is 17, not 18". */
#ifndef DPK_COMPARE_H
#define DPK_COMPARE_H

#include <dpk/dpk.h>

/* Same type and shape. */
bool dpk_compare_shapes(const dpk_array *got, const dpk_array *wanted, char *text, size_t size);

/* Same bytes, of arrays of the same shape. */
bool dpk_compare_bytes(const dpk_array *got, const dpk_array *wanted, char *text, size_t size);

/* Same bytes in rows [begin, end). */
bool dpk_compare_rows(const dpk_array *got, const dpk_array *wanted, size_t begin, size_t end,
                      char *text, size_t size);

/* No further apart than tolerance says. Where wanted is not finite, got must be the same: the same
 * infinity, or NaN for NaN. */
bool dpk_compare_values(const dpk_array *got, const dpk_array *wanted,
                        const dpk_tolerance *tolerance, char *text, size_t size);

#endif
