/* SPDX-License-Identifier: MIT */
/* fork_team.h: what the backend fork knows of its workers, for the two ways it works with them:
 * together with them (fork.c), at its own risk (fork_risk.c), or only seeing to it that they do
 * (fork_supervise.c). */
#ifndef DPK_FORK_TEAM_H
#define DPK_FORK_TEAM_H

#include "workers/backend.h"

#include <poll.h>
#include <sys/types.h>

struct dpk_fork_child {
    pid_t pid;
    int socket; /* -1 when the worker is gone, or is this process */
    bool busy;  /* told of work, or just started; has not yet said that it is through */
};

struct dpk_fork_board;

struct dpk_fork_state {
    struct dpk_fork_board *board;    /* in the arena: every worker's */
    struct dpk_fork_child *children; /* by worker */
    struct pollfd *polls;            /* by worker */
    bool watched;                    /* dpk_fork_watch */

    /* Of a team that keeps going. */
    dpk_span *spans; /* in the arena: what each worker is to do */
    size_t deaths;   /* so far */
};

/* Starts worker w, which is busy until it says that it is there. anew: in place of one that has
 * died, which has left its core file, if there are to be any, and has populated its memory. */
bool dpk_fork_start(dpk_team *team, unsigned w, bool anew);

/* Reaps worker w, of which the stream has ended, and returns its wait status. */
int dpk_fork_bury(dpk_team *team, unsigned w);

/* Ends and reaps all workers. */
void dpk_fork_end(dpk_team *team, bool kill_them);

/* What worker w hears of its socket, without waiting. */
enum dpk_fork_news { DPK_FORK_NOTHING, DPK_FORK_READY, DPK_FORK_GONE };
enum dpk_fork_news dpk_fork_hear(dpk_team *team, unsigned w);

/* From here on, and until there, faults of the parent's part of the work lead back. */
void dpk_fork_watch(void);
void dpk_fork_unwatch(void);

/* The parent's part of the work. Returns the signal that ended it, 0 for none. */
int dpk_fork_at_own_risk(void (*work)(dpk_team *team), dpk_team *team);

/* Executes the job as the team that keeps going does. Errors: DPK_WORKER_LOST when too many workers
 * have died; then none is left. */
dpk_status dpk_fork_supervise(dpk_team *team, dpk_error *err);

#endif
