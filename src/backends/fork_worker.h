/* SPDX-License-Identifier: MIT */
/* fork_worker.h: what a worker process does, and what it knows. All of it is inherited, in the
 * arena, or told over the worker's stream. */
#ifndef DPK_FORK_WORKER_H
#define DPK_FORK_WORKER_H

#include "workers/backend.h"
#include "workers/claims.h"
#include "workers/limits.h"

/* All that workers know of the team. In the arena. */
typedef struct dpk_fork_board {
    dpk_loop job;
    dpk_worker *workers;
    unsigned jobs;
    dpk_claims *claims;
} dpk_fork_board;

/* What a worker is told. */
typedef struct dpk_fork_order {
    enum {
        DPK_ORDER_TAKE_CHUNKS, /* of the table; with a static schedule, those of the share */
        DPK_ORDER_DO_SPAN,
        DPK_ORDER_STAND_IN,
        DPK_ORDER_REDO,     /* the span of a stream's pass */
        DPK_ORDER_POPULATE, /* the worker's part of the arena's first bytes, as many as the span */
    } what;
    dpk_fork_board *board;
    unsigned share;
    dpk_span span;
} dpk_fork_order;

/* What a new worker must know. It inherits the memory, so that later changes do not reach it. */
typedef struct dpk_fork_birth {
    const dpk_arena *arena;
    struct dpk_orders *orders; /* of the crew */
    unsigned jobs;             /* workers the team was to have */
    int here;                  /* the processor that they are started on */
    bool populates;            /* its part of what is allocated already */
    bool replaces;             /* one that has died */
    dpk_limits limits;
} dpk_fork_birth;

/* A worker's life, as workers/crew.h starts it; context is a dpk_fork_birth. */
void dpk_fork_serve(void *context, unsigned w, int socket);

#endif
