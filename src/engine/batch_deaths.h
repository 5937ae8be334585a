/* SPDX-License-Identifier: MIT */
/* batch_deaths.h: what follows from a worker's death, in the process that supervises a batch. */
#ifndef DPK_BATCH_DEATHS_H
#define DPK_BATCH_DEATHS_H

#include "engine/batch_state.h"
#include "workers/crew.h"

/* How long a worker has been busy with the same file. */
typedef struct dpk_patience {
    uint64_t since; /* as its seat says */
    uint64_t spent; /* ns */
    bool over;      /* it has been killed */
} dpk_patience;

typedef struct dpk_supervisor {
    dpk_batch *batch;
    dpk_crew crew;
    dpk_patience *patience; /* by worker */
    uint64_t looked;        /* when, last */
    size_t idle_deaths;     /* of workers that had nothing in hand */
    bool killed;            /* somebody has killed the last one from outside */
} dpk_supervisor;

/* A worker has ended: says so, if it had not been told to, and gives back what it had. */
void dpk_batch_bury(dpk_supervisor *supervisor, const dpk_crew_news *news);

/* Takes from the board what a dead worker had. Files of which the output has taken its place are
 * done; others wait again, or have come to their end. blamed: the file that it led has cost an
 * attempt. Returns whether it had anything. */
bool dpk_batch_settle(dpk_supervisor *supervisor, unsigned worker, bool blamed);

/* ns that a file may take at present; 0: any. */
uint64_t dpk_batch_time_limit(const dpk_batch *batch);

#endif
