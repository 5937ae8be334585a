/* SPDX-License-Identifier: MIT */
/* rounds.h: measures a comparison. First it compares every variant's result with the sequential
 * one. Then come rounds, in each of which every variant is executed once, in random order, so that
 * disturbances hit all variants alike. After some rounds, which form a generation, new hosts
 * replace all hosts. It ends when the intervals of all ratios are narrow, or the time is up. */
#ifndef DPK_ROUNDS_H
#define DPK_ROUNDS_H

#include "analysis/comparison.h"

typedef struct dpk_measuring {
    /* Words of the command line that all variants share (parameters, options), ending with NULL. */
    const char *const *words;
    int inputs;               /* descriptor of a payload, for DPK_SCOPE_COMPUTE */
    const char *const *files; /* inputs and the output, ending with NULL, for DPK_SCOPE_RUN */

    size_t rounds;   /* their exact number; 0: until the intervals are narrow */
    double min_time; /* seconds of measuring, at least */

    /* Called between executions. part: how much of the time or the rounds is done, from 0 to 1,
     * whichever bound is nearer; -1 if unknown. Returns false to end early. */
    bool (*go_on)(const dpk_comparison *comparison, double part);
} dpk_measuring;

/* Measures the comparison's variants within its budget. Allocates their samples, which
 * dpk_comparison_free frees. Errors: DPK_MISMATCH if results differ, before anything is timed;
 * DPK_WORKER_LOST if a variant dies, before anything is timed (dpk_comparison_is_fatal) or later;
 * DPK_FAILED, DPK_LIMIT, and those of the kernel and the files. */
dpk_status dpk_measure(dpk_comparison *comparison, const dpk_measuring *measuring, dpk_error *err);

void dpk_comparison_free(dpk_comparison *comparison);

#endif
