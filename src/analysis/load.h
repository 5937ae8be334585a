/* SPDX-License-Identifier: MIT */
/* load.h: whether the load of the machine was another while something was measured than while
 * something else was, and how far that may explain a difference of times. */
#ifndef DPK_LOAD_H
#define DPK_LOAD_H

#include "observe/environment.h"

typedef struct dpk_load_change {
    /* How many times as long times may have become by it, when all that others took is taken from
     * what was measured: 1 if there is no more load than before, INFINITY if no bound is known. */
    double explains;
    char text[240]; /* what differs, "" for nothing: "other programs used 86 % of …, and 42 % …" */
} dpk_load_change;

/* Loads are compared by what others took of the processors, by pressure where that is unknown, and
 * by throttling. What is unknown of either changes nothing. then: "in the baseline" or the like. */
dpk_load_change dpk_load_compare(const dpk_load *now, const dpk_load *before, const char *then);

#endif
