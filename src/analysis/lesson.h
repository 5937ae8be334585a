/* SPDX-License-Identifier: MIT */
/* lesson.h: whether what a scenario teaches is so on this machine. */
#ifndef DPK_LESSON_H
#define DPK_LESSON_H

#include <dpk/lesson.h>

#include "analysis/comparison.h"

typedef enum dpk_outcome {
    DPK_NO_LESSON,   /* no scenario, or no threads and as many processes compared; where threads
                      * are refused, no processes and one worker */
    DPK_CONFIRMED,   /* the expected ones win, and a sign of the explanation is measured; where it
                      * is about death: they deliver what the others take with them */
    DPK_UNEXPLAINED, /* it is as expected, but the signs of the explanation are not measured */
    DPK_NOT_SEEN,    /* a winner is expected, but both are alike; death, but threads live */
    DPK_DENIED, /* it is the other way round, or there is a difference where none is expected */
    DPK_NOISY,  /* times vary too much, or are too few, for any of these */
} dpk_outcome;

/* Threads and processes surely differ by less than this where neither wins. */
#define DPK_NEITHER_WITHIN 0.03

/* "confirmed" and the like; NULL for no lesson. */
const char *dpk_outcome_name(dpk_outcome outcome);

/* Writes the sentence, "" for no lesson: what is expected and why, what was measured. */
dpk_outcome dpk_lesson_check(const dpk_comparison *comparison, char *text, size_t size);

#endif
