/* SPDX-License-Identifier: MIT */
/* supervise.h: who works on which items, and what is done again when workers die. This is the
 * bookkeeping alone: it starts nobody, tells nobody and waits for nothing, so the same table of
 * events always leads to the same decisions.
 *
 * A worker is given a span of items. If it dies, the span is done again, in halves: passes allow
 * that for any part of a chunk. So what kills workers is narrowed to single items (delta debugging
 * in its simplest form; A. Zeller, R. Hildebrandt, Simplifying and isolating failure-inducing
 * input, IEEE TSE 28, 2002). An item on which alone two workers have died has failed and is left
 * out. After one death, it may have been chance: someone kills processes, or memory ran short. */
#ifndef DPK_SUPERVISE_H
#define DPK_SUPERVISE_H

#include "workers/backend.h"

/* After more deaths than this, a team gives up: a kernel that dies of everything ends within
 * seconds, as a worker is replaced within a millisecond or so. */
enum { DPK_DEATHS_MOST = 2 * DPK_FAILED_MOST };

typedef struct dpk_supervision dpk_supervision;

/* For a team of so many workers, none of which has anything to do. NULL if there is no memory. */
dpk_supervision *dpk_supervision_new(unsigned workers);
void dpk_supervision_free(dpk_supervision *supervision);

/* The next job, which must outlive the supervision of it: all of its chunks are to be done. The
 * last one is complete. */
void dpk_supervision_begin(dpk_supervision *supervision, const dpk_loop *job);

/* Gives a worker that has nothing a span of items. Returns false if there is none now: all is done,
 * or others have the rest. */
bool dpk_supervision_give(dpk_supervision *supervision, unsigned worker, dpk_span *span);

/* The worker has done what it was given, if anything. */
void dpk_supervision_done(dpk_supervision *supervision, unsigned worker);

/* What follows from a worker's death. */
typedef enum dpk_death {
    DPK_DEATH_AGAIN,   /* what the worker had, if anything, will be given to others */
    DPK_DEATH_FAILED,  /* it had one item, which has failed: *item */
    DPK_DEATH_GIVE_UP, /* too many workers have died */
} dpk_death;

dpk_death dpk_supervision_died(dpk_supervision *supervision, unsigned worker, size_t *item);

/* Deaths so far, of the whole team's life. */
size_t dpk_supervision_deaths(const dpk_supervision *supervision);

#endif
