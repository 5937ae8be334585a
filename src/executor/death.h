/* SPDX-License-Identifier: MIT */
/* death.h: the end of a process that had a task, in words. */
#ifndef DPK_DEATH_H
#define DPK_DEATH_H

#include "executor/kind.h"
#include "workers/crew.h"

typedef struct dpk_death {
    bool meant; /* the caller has killed it for what it had in hand: set first */
    dpk_executing *executor;
    dpk_crew_news news;
    char text[200]; /* "worker 3 (process 4711) died of SIGSEGV" */
} dpk_death;

/* Fills in all but `meant`. */
void dpk_death_describe(dpk_death *death, dpk_executing *executor, const dpk_crew *crew,
                        const dpk_crew_news *news);

/* Says in its record what the death has made of a task after so many attempts. */
void dpk_death_tell(const dpk_death *death, dpk_task_record *record, unsigned attempts);

/* Notes that the task is done again. */
void dpk_death_note(const dpk_death *death, uint64_t task);

#endif
