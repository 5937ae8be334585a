/* SPDX-License-Identifier: MIT */
/* fork_worker.c: taking chunks from the table in shared memory, or doing the span one was told. */
#include "backends/fork_worker.h"

#include "machine/pin.h"
#include "workers/children.h"
#include "workers/crew.h"
#include "workers/exchange.h"
#include "workers/fault.h"

#include <sys/resource.h>

static void take_chunks(dpk_fork_board *board, unsigned w)
{
    const dpk_loop *job = &board->job;
    size_t begin = 0, end = 0, i;
    bool fixed = job->schedule == DPK_STATIC;
    if (fixed)
        dpk_static_share(job->chunks, board->jobs, w, &begin, &end);
    while (fixed ? begin < end && dpk_claims_take(board->claims, i = begin++, w)
                 : dpk_claims_take_next(board->claims, w, &i)) {
        dpk_chunk(job, i, &board->workers[w]);
        dpk_claims_done(board->claims, i);
        if (dpk_child_orphaned())
            return;
    }
}

static void obey(const dpk_fork_order *order, unsigned w)
{
    dpk_fork_board *board = order->board;
    dpk_worker *worker = &board->workers[w];
    dpk_usage before = dpk_loop_enter(&board->job, worker);
    switch (order->what) {
    case DPK_ORDER_TAKE_CHUNKS:
        take_chunks(board, w);
        break;
    case DPK_ORDER_DO_SPAN:
        dpk_execute(&board->job, order->span, worker);
        break;
    case DPK_ORDER_STAND_IN:
        board->job.stand_in(board->job.self, worker);
        break;
    }
    dpk_loop_leave(worker, &before);
}

void dpk_fork_serve(void *context, unsigned w, int socket)
{
    const dpk_fork_birth *birth = context;
    dpk_fork_order order;
    if (birth->replaces) /* the first one has left a core file, if there are to be any */
        setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
    dpk_fault_start(w);
    dpk_pin_worker(w, birth->here);
    if (birth->populates && dpk_arena_populate(birth->arena, w, birth->jobs, NULL) != DPK_OK)
        return;
    while (dpk_crew_answer(socket) && dpk_receive_all(socket, &order, sizeof order))
        obey(&order, w);
    dpk_fault_stop(w);
}
