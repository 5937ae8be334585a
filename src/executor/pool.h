/* SPDX-License-Identifier: MIT */
/* pool.h: processes that wait for tasks, as their parent sees them. */
#ifndef DPK_EXECUTOR_POOL_H
#define DPK_EXECUTOR_POOL_H

#include "executor/lead.h"
#include "workers/crew.h"

/* Why the caller has killed a worker. */
typedef enum dpk_killed { DPK_KILLED_NOT, DPK_KILLED_FOR_TIME, DPK_KILLED_TO_CANCEL } dpk_killed;

/* What is observed of a worker. */
typedef struct dpk_watch {
    uint64_t served, since; /* it has begun so many tasks, and none since then; 0: it has none */
    dpk_killed killed;
    uint64_t target, target_served; /* what it had in hand when it was killed */
    uint64_t started;               /* when the process was */
    unsigned vain;                  /* successive ones that died soon, without a task */
    uint64_t served_before;         /* tasks begun by those before this one */
} dpk_watch;

typedef struct dpk_pool {
    dpk_lead lead;
    dpk_crew crew;
    dpk_watch *watches; /* by worker */
    int here;           /* the processor that workers are started on */
    bool opening;
    bool replaces;  /* the next one that is started replaces one that has died */
    unsigned begun; /* workers that have said so */
} dpk_pool;

/* Starts worker w. Returns false with errno set if that is not possible. */
bool dpk_pool_start(dpk_executing *executor, unsigned w);

/* Worker w is gone: does what is to be done about its tasks, and replaces it. */
void dpk_pool_lose(dpk_executing *executor, const dpk_crew_news *news);

/* Kills worker w because of what it has in hand. */
void dpk_pool_kill(dpk_pool *pool, unsigned w, dpk_killed why);

/* Kills workers that have taken too long. Returns when to look again. */
uint64_t dpk_pool_check_time(dpk_executing *executor);

#endif
