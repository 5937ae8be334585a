/* SPDX-License-Identifier: MIT */
/* neighbours.h: processes that do nothing but keep processors busy, so that what is measured must
 * share them, as on a machine with other users. */
#ifndef DPK_NEIGHBOURS_H
#define DPK_NEIGHBOURS_H

#include <dpk/dpk.h>

#include <sys/types.h>

typedef struct dpk_neighbours {
    pid_t *pids;
    unsigned count;
} dpk_neighbours;

/* Starts so many; they die with this process at the latest. To be ended whatever this returns.
 * Errors: DPK_LIMIT, DPK_FAILED. */
dpk_status dpk_neighbours_begin(dpk_neighbours *neighbours, unsigned count, dpk_error *err);

/* Ends and reaps them; returns the seconds of processor time they took. lost: how many had ended
 * before. */
double dpk_neighbours_end(dpk_neighbours *neighbours, unsigned *lost);

#endif
