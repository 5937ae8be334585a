/* SPDX-License-Identifier: MIT */
/* keep.h: the arena that a job leaves to the next one, with the workers that belong to it and the
 * pages that it has used. One job at a time has it; another one at the same time does without. */
#ifndef DPK_KEEP_H
#define DPK_KEEP_H

#include "base/arena.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

/* Zeroed at first. */
typedef struct dpk_keep {
    _Atomic bool taken;
    _Atomic bool outdated; /* workers lack what the process has loaded since they were started */
    pid_t process;         /* that has opened it, */
    pthread_t thread;      /* with whose end workers would end */
    dpk_arena arena;       /* size 0: not open */
} dpk_keep;

/* The arena, of shared memory and as new, or NULL when another job has it, or when there is no
 * memory. To be given back when nobody uses it any more. */
dpk_arena *dpk_keep_take(dpk_keep *keep);
void dpk_keep_give_back(dpk_keep *keep);

/* What is kept now is not used for another job. */
void dpk_keep_outdate(dpk_keep *keep);

/* Ends what is kept. Nobody has it. */
void dpk_keep_close(dpk_keep *keep);

#endif
