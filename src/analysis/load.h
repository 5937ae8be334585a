/* SPDX-License-Identifier: MIT */
/* load.h: whether the machine's load differed between two measurements, and how much of a
 * difference of times that may explain. */
#ifndef DPK_LOAD_H
#define DPK_LOAD_H

#include "observe/environment.h"

typedef struct dpk_load_change {
    /* By what factor it may have made times longer at most, if others took all of their processor
     * time from the measured program. 1 if there is no more load than before, INFINITY if no bound
     * is known. */
    double explains;
    char text[240]; /* the difference, "" for none: "other programs used 86 % of …, and 42 % …" */
} dpk_load_change;

/* Compares what others took of the processors, or pressure where that is unknown, and throttling. A
 * figure that is unknown for either load is ignored. then: "in the baseline", or the like. */
dpk_load_change dpk_load_compare(const dpk_load *now, const dpk_load *before, const char *then);

#endif
