/* SPDX-License-Identifier: MIT */
/* supervise.h: who works on which items, and what is done again when workers die. This is the
 * bookkeeping alone: it starts nobody, tells nobody and waits for nothing, so the same events and
 * the same table of claims always lead to the same decisions.
 *
 * As long as nobody dies, workers take chunks from the table of claims without asking anyone. When
 * one dies, the table says which chunk it had. These items are done again, in halves: passes allow
 * that for any part of a chunk. So what kills workers is narrowed to single items (delta debugging
 * in its simplest form; A. Zeller, R. Hildebrandt, Simplifying and isolating failure-inducing
 * input, IEEE TSE 28, 2002). An item on which alone more than `retries` workers have died has
 * failed. After fewer deaths, it may have been chance: someone kills processes, or memory ran
 * short. */
#ifndef DPK_SUPERVISE_H
#define DPK_SUPERVISE_H

#include "workers/backend.h"
#include "workers/claims.h"

/* After more deaths than this, a team gives up: a kernel that dies of everything ends within
 * seconds, as a worker is replaced within a millisecond or so. */
enum { DPK_DEATHS_MOST = 2 * DPK_FAILED_MOST };

/* The same for workers that had nothing to do: so many, and twice as many as there are workers, one
 * after the other while nobody finishes anything. */
enum { DPK_IDLE_DEATHS_MOST = 16 };

typedef struct dpk_supervision dpk_supervision;

/* For a team of so many workers, none of which has anything to do. narrows: even without retries,
 * single items are found. NULL if there is no memory. */
dpk_supervision *dpk_supervision_new(unsigned workers, unsigned retries, bool narrows);
void dpk_supervision_free(dpk_supervision *supervision);

/* The next job of the first `jobs` workers, whose chunks are free in the table. Both must outlive
 * the supervision of it; workers may write to the table. The job before is complete, or given up.
 */
void dpk_supervision_begin(dpk_supervision *supervision, const dpk_loop *job, dpk_claims *claims,
                           unsigned jobs);

/* What a worker is to do: items, or all chunks that it can take from the table; with a static
 * schedule these are those of one worker's share. */
typedef struct dpk_assignment {
    bool takes;
    unsigned share;
    dpk_span span;
} dpk_assignment;

/* Gives a worker something that has nothing. Returns false if there is nothing now: all is done, or
 * others have the rest. */
bool dpk_supervision_give(dpk_supervision *supervision, unsigned worker,
                          dpk_assignment *assignment);

/* The worker has done what it was given, if anything. */
void dpk_supervision_done(dpk_supervision *supervision, unsigned worker);

/* What follows from a worker's death. */
typedef enum dpk_death {
    DPK_DEATH_AGAIN,   /* what the worker had, if anything, will be given to others */
    DPK_DEATH_FAILED,  /* what it had will not be done; without retries, or one item */
    DPK_DEATH_GIVE_UP, /* too many workers have died */
} dpk_death;

/* What a dead worker had in hand. */
typedef struct dpk_loss {
    dpk_span span;   /* empty: nothing */
    unsigned deaths; /* of workers that had the same item alone, this one included; else 0 */
} dpk_loss;

dpk_death dpk_supervision_died(dpk_supervision *supervision, unsigned worker, dpk_loss *loss);

/* The same for a worker of a stream, which knows itself what its workers have. Returns whether too
 * many have died. */
bool dpk_supervision_counts(dpk_supervision *supervision, bool had_something);

/* Nobody takes the place of a worker that has died: others get its share. */
void dpk_supervision_abandon(dpk_supervision *supervision, unsigned worker);

/* When nobody has anything to do or to be given: whether all is done. Chunks that are not, because
 * a worker has written to the table what is not true, will be given again. */
bool dpk_supervision_complete(dpk_supervision *supervision);

/* Whether the table has been found wrong so often that it is of no use. */
bool dpk_supervision_is_deceived(const dpk_supervision *supervision);

/* Deaths so far, of the whole team's life. */
size_t dpk_supervision_deaths(const dpk_supervision *supervision);

#endif
