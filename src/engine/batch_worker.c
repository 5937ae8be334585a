/* SPDX-License-Identifier: MIT */
/* batch_worker.c: what a worker does next: a file, a part of another worker's file, or nothing. */
#include "engine/batch_state.h"

#include "base/clock.h"
#include "workers/children.h"
#include "workers/crew.h"
#include "workers/seat.h"

#include <stdatomic.h>

dpk_batch_worker *dpk_batch_make_worker(const dpk_batch *batch, unsigned w,
                                        const dpk_backend *backend, int socket)
{
    dpk_batch_worker *worker = &batch->workers[w];
    *worker = (dpk_batch_worker){ .batch = batch,
                                  .board = batch->board,
                                  .number = w,
                                  .arena = &batch->arenas[w],
                                  .backend = backend,
                                  .socket = socket };
    pthread_mutex_init(&worker->logging, NULL);
    return worker;
}

void dpk_batch_ring(dpk_batch_worker *worker)
{
    dpk_batch_board *board = worker->board;
    if (atomic_exchange(&board->rung, true))
        return;
    if (worker->socket >= 0)
        (void)!dpk_crew_answer(worker->socket);
    else
        dpk_eventcount_notify(&board->news);
}

void dpk_batch_finish(dpk_batch_worker *worker, size_t file, dpk_batch_cell_state state)
{
    pthread_mutex_lock(&worker->logging);
    atomic_store(&worker->board->cells[file].word, dpk_batch_cell_word(state, worker->number));
    dpk_batch_log(worker->board, worker->number, file);
    pthread_mutex_unlock(&worker->logging);
    dpk_batch_ring(worker);
}

/* Who has nothing to do keeps no memory from others. */
static void wait(dpk_batch_worker *worker, uint32_t seen)
{
    dpk_batch_board *board = worker->board;
    if (atomic_load(&board->seats[worker->number].memory) != 0) {
        dpk_arena_rewind(worker->arena, 0);
        dpk_batch_hold(board, worker->number, 0);
        dpk_eventcount_notify(&board->changes);
    } else {
        dpk_eventcount_wait(&board->changes, seen);
    }
}

void dpk_batch_work(dpk_batch_worker *worker, void (*between)(dpk_batch *batch))
{
    dpk_batch_board *board = worker->board;
    size_t file;
    while (atomic_load(&board->end) != DPK_BATCH_OVER && !dpk_child_orphaned()) {
        uint32_t seen = dpk_eventcount_read(&board->changes);
        if (dpk_batch_take(board, worker->number, dpk_batch_kept(worker), &file)) {
            dpk_batch_lead(worker, file);
            if (between != NULL)
                between((dpk_batch *)(uintptr_t)worker->batch);
        } else if (between != NULL) {
            return;
        } else if (worker->backend == NULL || !dpk_batch_join(worker)) {
            wait(worker, seen);
        }
    }
}
