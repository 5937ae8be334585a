/* SPDX-License-Identifier: MIT */
/* fork_state.h: what the parent knows of a team whose workers are processes. */
#ifndef DPK_FORK_STATE_H
#define DPK_FORK_STATE_H

#include "backends/fork_worker.h"
#include "workers/crew.h"
#include "workers/hung.h"
#include "workers/supervise.h"

/* What the parent knows of a worker. */
typedef struct dpk_fork_member {
    uint64_t orders; /* it was told so far */
    bool starting;   /* its next answer says that it is there */
    bool serves;     /* it stands in for the leader of a stream, or does a part of it once more */
    bool hung;       /* it is being ended for that */
} dpk_fork_member;

/* team->state, in memory of the parent alone. */
typedef struct dpk_fork_state {
    dpk_crew crew;
    dpk_fork_birth birth;
    dpk_fork_board *board;
    dpk_claims *claims; /* the board's */
    dpk_fork_member *members;
    dpk_supervision *supervision;
    dpk_hung *hung; /* NULL: workers may take as long as they like */
    bool alone;     /* no process could be started: this one computes */
    bool ends;      /* the leader of a stream has come to its end */
} dpk_fork_state;

#endif
