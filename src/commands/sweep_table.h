/* SPDX-License-Identifier: MIT */
/* sweep_table.h: the results of a sweep, and how they are printed. */
#ifndef DPK_SWEEP_TABLE_H
#define DPK_SWEEP_TABLE_H

#include "analysis/comparison.h"
#include "commands/sweep_points.h"

/* Where a variant's time and page faults went: means over the workers, faults of all of them
 * outside of passes; and by pass. */
typedef struct dpk_parts {
    double start, stop, faults;
    double pass_seconds[DPK_MAX_PASSES], pass_faults[DPK_MAX_PASSES];
} dpk_parts;

/* What was measured at one value. */
typedef struct dpk_point {
    size_t variants;
    double seconds[DPK_VARIANTS_MAX];   /* medians */
    bool few_workers[DPK_VARIANTS_MAX]; /* fewer than requested */
    bool few_rounds;                    /* nothing can be proven */
    dpk_parts parts[DPK_VARIANTS_MAX];
    /* [a][b]: what is proven of b against a. */
    unsigned char verdict[DPK_VARIANTS_MAX][DPK_VARIANTS_MAX];
} dpk_point;

typedef struct dpk_swept {
    const dpk_kernel *kernel;
    dpk_points points;
    dpk_point *measured; /* at the first `done` of the points */
    size_t done;
    dpk_variant *variants; /* room for DPK_VARIANTS_MAX: names, backends and jobs alone */
    size_t variant_count;
} dpk_swept;

/* Prints the line of point i, or why it is skipped, with the table's head before the first; and, at
 * the end, what the marks mean. */
void dpk_swept_print_point(const dpk_swept *swept, size_t i);
void dpk_swept_print_left_out(const dpk_swept *swept, size_t i, const char *why);
void dpk_swept_print_marks(const dpk_swept *swept);

/* What starting, each pass and ending took, and the page faults in it. */
void dpk_swept_print_passes(const dpk_swept *swept);

/* Who wins, over values and numbers of workers. */
void dpk_swept_print_map(const dpk_swept *swept);

#endif
