/* SPDX-License-Identifier: MIT */
/* lesson.h: whether a scenario's lesson holds on this machine. */
#ifndef DPK_LESSON_H
#define DPK_LESSON_H

#include <dpk/lesson.h>

#include "analysis/comparison.h"

typedef enum dpk_outcome {
    DPK_NO_LESSON,   /* no scenario, or no threads and as many processes compared; where threads
                      * are refused, no processes and one worker */
    DPK_CONFIRMED,   /* the expected side wins, and a sign of the explanation was measured; if the
                      * lesson is about death: processes deliver what threads lose */
    DPK_UNEXPLAINED, /* as expected, but no sign of the explanation was measured */
    DPK_NOT_SEEN,    /* a winner is expected, but both are alike; death, but threads live */
    DPK_DENIED, /* it is the other way round, or there is a difference where none is expected */
    DPK_NOISY,  /* times vary too much, or are too few, for any of these */
} dpk_outcome;

/* Neither wins if threads and processes certainly differ by less than this. */
#define DPK_NEITHER_WITHIN 0.03

/* "confirmed" and the like; NULL for no lesson. */
const char *dpk_outcome_name(dpk_outcome outcome);

/* Writes what is expected, why, and what was measured; "" for no lesson. */
dpk_outcome dpk_lesson_check(const dpk_comparison *comparison, char *text, size_t size);

/* The same for the lesson's setting `timed`: what was measured is added to the text, which already
 * says what is expected and what became of it at the strongest setting. */
dpk_outcome dpk_lesson_check_timed(const dpk_comparison *comparison, char *text, size_t size);

#endif
