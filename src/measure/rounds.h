/* SPDX-License-Identifier: MIT */
/* rounds.h: measuring. First every variant's result is compared with the sequential one. Then come
 * rounds: in each, every variant is executed once, in random order, so that what the machine does
 * meanwhile hits all alike. After some rounds all hosts are replaced by new ones: a generation.
 * It ends when the intervals of all ratios are narrow, or time is up. */
#ifndef DPK_ROUNDS_H
#define DPK_ROUNDS_H

#include "analysis/comparison.h"

typedef struct dpk_measuring {
    /* Words of the command line: what all variants have in common (parameters, options), ends with
     * NULL. */
    const char *const *words;
    int inputs;               /* descriptor of a payload, for DPK_SCOPE_COMPUTE */
    const char *const *files; /* inputs and the output, ends with NULL, for DPK_SCOPE_RUN */

    size_t rounds;   /* exactly so many; 0: as it goes */
    double min_time; /* seconds of measuring, at least */

    /* Asked between executions, with what is done: the part (0 to 1) of time or rounds, whichever
     * bound is nearer, or -1 for what cannot be told. Returns false to end early. */
    bool (*go_on)(const dpk_comparison *comparison, double part);
} dpk_measuring;

/* The comparison says which variants of what, by which budget. Their samples are allocated here,
 * and freed by dpk_comparison_free. Errors: DPK_MISMATCH for results that differ, before anything
 * is timed; DPK_WORKER_LOST for variants that do not come to their end, before anything is timed
 * (dpk_comparison_is_fatal) or later; DPK_FAILED, DPK_LIMIT, and what the kernel and the files
 * give. */
dpk_status dpk_measure(dpk_comparison *comparison, const dpk_measuring *measuring, dpk_error *err);

void dpk_comparison_free(dpk_comparison *comparison);

#endif
