/* SPDX-License-Identifier: MIT */
/* sweep_table.h: what a sweep has measured, and how it is told. */
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
    bool few_workers[DPK_VARIANTS_MAX]; /* fewer than were asked for */
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
    dpk_variant variants[DPK_VARIANTS_MAX]; /* names, backends and jobs alone */
    size_t variant_count;
} dpk_swept;

/* A line for point i, after the table's head before the first, or for why it is left out; and, when
 * all are there, what marks in it mean. */
void dpk_swept_print_point(const dpk_swept *swept, size_t i);
void dpk_swept_print_left_out(const dpk_swept *swept, size_t i, const char *why);
void dpk_swept_print_marks(const dpk_swept *swept);

/* What starting, each pass and ending took, and the page faults in it. */
void dpk_swept_print_passes(const dpk_swept *swept);

/* Who wins, over values and numbers of workers. */
void dpk_swept_print_map(const dpk_swept *swept);

#endif
