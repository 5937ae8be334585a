/* SPDX-License-Identifier: MIT */
/* worker.h: what workers do that wait for tasks: threads and processes of a pool alike. */
#ifndef DPK_EXECUTOR_WORKER_H
#define DPK_EXECUTOR_WORKER_H

#include "executor/board.h"

/* One worker, in its own thread or process. */
typedef struct dpk_hand {
    dpk_board *board;
    unsigned number;
    int socket; /* to the caller; -1: it waits on board->caller */
} dpk_hand;

/* Begins, if that is asked for. Returns false if that failed: the block says so. */
bool dpk_hand_begin(const dpk_hand *hand);

/* Executes tasks until it is told to stop, is to be renewed, or its parent is gone. */
void dpk_hand_work(const dpk_hand *hand);

#endif
