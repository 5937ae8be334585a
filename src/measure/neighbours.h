/* SPDX-License-Identifier: MIT */
/* neighbours.h: processes that only keep processors busy, so that the measured program must share
 * them, as on a machine with other users. */
#ifndef DPK_NEIGHBOURS_H
#define DPK_NEIGHBOURS_H

#include <dpk/dpk.h>

#include <sys/types.h>

typedef struct dpk_neighbours {
    pid_t *pids;
    unsigned count;
} dpk_neighbours;

/* Starts `count` neighbours, which die with this process at the latest. Call dpk_neighbours_end
 * even if this fails. Errors: DPK_LIMIT, DPK_FAILED. */
dpk_status dpk_neighbours_begin(dpk_neighbours *neighbours, unsigned count, dpk_error *err);

/* Ends and reaps them, and returns the seconds of processor time they took. lost: how many had
 * already ended. */
double dpk_neighbours_end(dpk_neighbours *neighbours, unsigned *lost);

#endif
