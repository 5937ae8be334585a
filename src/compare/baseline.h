/* SPDX-License-Identifier: MIT */
/* baseline.h: a comparison against an earlier one, from its JSON. */
#ifndef DPK_BASELINE_H
#define DPK_BASELINE_H

#include "comparison.h"

#include <stdio.h>

/* Compares each variant's median with that of the same name in the file and prints a line for each.
 * Errors: DPK_BAD_INPUT for a file that is no such thing, or of another kernel or machine;
 * DPK_REGRESSION when a variant is proven to be slower by more than `most` (0.05 is 5 %). Without
 * jansson: DPK_USAGE. */
dpk_status dpk_baseline_check(FILE *stream, const dpk_comparison *comparison, const char *path,
                              double most, dpk_error *err);

#endif
