/* SPDX-License-Identifier: MIT */
/* baseline.h: a comparison against an earlier one, from its JSON. */
#ifndef DPK_BASELINE_H
#define DPK_BASELINE_H

#include "analysis/comparison.h"

#include <stdio.h>

typedef struct dpk_baseline dpk_baseline;

/* Reads the file, before anything is measured: what cannot serve as a baseline is refused at once,
 * and the new comparison may be written to the same file. To be closed. Errors: DPK_BAD_INPUT for a
 * file that is no such thing. Without jansson: DPK_USAGE. */
dpk_status dpk_baseline_open(dpk_baseline **baseline, const char *path, dpk_error *err);

/* Compares each variant's median with that of the same name in the file and prints a line for each,
 * and first whether the load was another. Errors: DPK_BAD_INPUT for a file of another kernel or
 * machine, or measured beside other neighbours; DPK_REGRESSION when a variant is proven to be
 * slower by more than `most` (0.05 is 5 %); DPK_UNDECIDED when variants are slower by more, but
 * more load than in the baseline may be the reason. */
dpk_status dpk_baseline_check(const dpk_baseline *baseline, FILE *stream,
                              const dpk_comparison *comparison, double most, dpk_error *err);

/* NULL is fine. */
void dpk_baseline_close(dpk_baseline *baseline);

#endif
