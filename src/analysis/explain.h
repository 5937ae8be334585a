/* SPDX-License-Identifier: MIT */
/* explain.h: where the difference of a variant's times from the first variant's comes from. */
#ifndef DPK_EXPLAIN_H
#define DPK_EXPLAIN_H

#include "analysis/comparison.h"
#include "base/text.h"

/* One for each phase, and one for sharing the work among another number of workers. */
enum { DPK_PARTS = DPK_PHASES + 1 };

typedef struct dpk_part {
    int phase;   /* dpk_phase, or DPK_PHASES for sharing */
    double more; /* seconds */
} dpk_part;

typedef struct dpk_explanation {
    const dpk_summary *summary;
    unsigned first_workers, workers;
    double least; /* seconds: what is less is a trifle */
    size_t count;
    dpk_part parts[DPK_PARTS]; /* those worth telling, largest first */
    double rest;               /* seconds that they leave of the whole */
    bool queue_told;
} dpk_explanation;

/* Finds the parts that are no trifle compared with `whole` (seconds). */
dpk_explanation dpk_explain(const dpk_comparison *comparison, const dpk_variant *variant,
                            double whole);

/* Whether large parts of both signs leave little. */
bool dpk_explain_cancels_out(const dpk_explanation *of);

/* "start +1.20 ms, work +2.30 ms (in the operating system +1.9 ms)" */
void dpk_explain_parts(dpk_explanation *of, dpk_text *to);

/* ": +3.90 ms = " and the parts, and the rest of them. The median of ratios and the mean of
 * differences are two things: where times are wild, the one may be sure and the other not. Then
 * that is what is said. slower: what the ratio proves. */
void dpk_explain_difference(dpk_explanation *of, bool slower, dpk_text *to);

/* "; its workers were without a processor for 4.0 ms more": queueing is named even where more
 * important things are to be told, but not twice. */
void dpk_explain_queue(dpk_explanation *of, dpk_text *to);

#endif
