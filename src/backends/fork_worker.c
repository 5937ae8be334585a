/* SPDX-License-Identifier: MIT */
/* fork_worker.c: taking chunks from the table in shared memory, or doing the span one was told. */
#include "backends/fork_worker.h"

#include "machine/pin.h"
#include "workers/children.h"
#include "workers/fault.h"
#include "workers/orders.h"

static bool take(const dpk_fork_board *board, size_t *begin, size_t end, unsigned w, size_t *i)
{
    if (board->job.schedule != DPK_STATIC)
        return dpk_claims_take_next(board->claims, w, i);
    while (*begin < end) {
        *i = (*begin)++;
        if (dpk_claims_take(board->claims, *i, w))
            return true;
    }
    return false;
}

/* A static share may be that of another worker, which has died and has done a part of it. */
static void take_chunks(const dpk_fork_board *board, unsigned share, unsigned w)
{
    size_t begin = 0, end = 0, i;
    dpk_static_share(board->job.chunks, board->jobs, share, &begin, &end);
    while (take(board, &begin, end, w, &i)) {
        dpk_chunk(&board->job, i, &board->workers[w]);
        dpk_claims_done(board->claims, i);
        if (dpk_child_orphaned())
            return;
    }
}

/* Of an arena in which other things lie by now than when the worker was born. */
static bool populate(const dpk_fork_birth *birth, size_t bytes, unsigned w, unsigned jobs)
{
    dpk_arena arena = *birth->arena;
    arena.work.used = bytes;
    return dpk_arena_populate(&arena, w, jobs, NULL) == DPK_OK;
}

static void obey(const dpk_fork_order *order, unsigned w)
{
    const dpk_fork_board *board = order->board;
    const dpk_loop *job = &board->job;
    dpk_worker *worker = &board->workers[w];
    dpk_usage before = dpk_loop_enter(job, worker);
    switch (order->what) {
    case DPK_ORDER_TAKE_CHUNKS:
        if (job->stream)
            dpk_chunk(job, w, worker);
        else
            take_chunks(board, order->share, w);
        break;
    case DPK_ORDER_DO_SPAN:
        dpk_execute(job, order->span, worker);
        break;
    case DPK_ORDER_STAND_IN:
        job->stand_in(job->self, worker);
        break;
    case DPK_ORDER_REDO:
        job->redo(job->self, order->span, worker);
        break;
    case DPK_ORDER_POPULATE:
        break;
    }
    dpk_loop_leave(worker, &before);
}

void dpk_fork_serve(void *context, unsigned w, int socket)
{
    const dpk_fork_birth *birth = context;
    dpk_fork_order order;
    if (birth->replaces)
        dpk_limit_no_core();
    dpk_arena_protect_inputs(birth->arena);
    dpk_limit_self(&birth->limits);
    dpk_fault_start(w);
    dpk_pin_worker(w, birth->here);
    if (birth->populates && !populate(birth, birth->arena->work.used, w, birth->jobs))
        return;
    while (dpk_orders_next(birth->orders, w, socket, &order, sizeof order)) {
        if (order.what != DPK_ORDER_POPULATE)
            obey(&order, w);
        else if (!populate(birth, order.span.end, w, order.share))
            return;
    }
    dpk_fault_stop(w);
}
