/* SPDX-License-Identifier: MIT */
/* batch_threads.c: workers of a batch that are threads of this process; and no workers at all,
 * where the caller does it alone. */
#include "engine/batch_state.h"
#include "engine/batch_store.h"

#include "machine/pin.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *serve(void *argument)
{
    dpk_batch_worker *worker = argument;
    dpk_pin_worker(worker->number, worker->batch->here);
    if (dpk_batch_store_open(worker, true))
        dpk_batch_work(worker, NULL);
    dpk_batch_store_close(worker);
    return NULL;
}

/* Returns how many there are. */
static unsigned start_all(dpk_batch *batch, pthread_t *threads)
{
    int error = 0;
    const dpk_backend *backend = batch->jobs > 1 ? &dpk_batch_threads : NULL;
    unsigned started = 0;
    for (; started < batch->jobs && error == 0; started += error == 0)
        error = pthread_create(&threads[started], NULL, serve,
                               dpk_batch_make_worker(batch, started, backend, -1));
    if (error != 0) {
        char text[160];
        snprintf(text, sizeof text, "only %u of %u threads can be started: %s", started,
                 batch->jobs, strerror(error));
        dpk_batch_note(batch, text);
    }
    return started;
}

static bool is_busy(const dpk_batch *batch)
{
    for (unsigned w = 0; w < batch->jobs; w++)
        if (atomic_load(&batch->board->seats[w].file) != 0)
            return true;
    return false;
}

/* A thread cannot be ended: what runs is finished, also when everything is to end now. */
static void wait_for_all(dpk_batch *batch)
{
    while (batch->unfinished > 0 && (batch->halt == DPK_HALT_NEVER || is_busy(batch))) {
        uint32_t seen = dpk_eventcount_read(&batch->board->news);
        dpk_batch_look(batch, DPK_BATCH_NO_MORE);
        if (batch->unfinished > 0)
            dpk_eventcount_wait(&batch->board->news, seen);
    }
    atomic_store(&batch->board->end, DPK_BATCH_OVER);
    dpk_eventcount_notify(&batch->board->changes);
}

dpk_status dpk_batch_run_threads(dpk_batch *batch, unsigned *workers, dpk_error *err)
{
    pthread_t *threads = calloc(batch->jobs, sizeof *threads);
    *workers = 0;
    if (threads == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", batch->jobs);
    batch->here = dpk_pin_here();
    *workers = start_all(batch, threads);
    if (*workers > 0)
        wait_for_all(batch);
    for (unsigned w = 0; w < *workers; w++)
        pthread_join(threads[w], NULL);
    dpk_batch_collect(batch);
    free(threads);
    return DPK_OK;
}

static void between(dpk_batch *batch)
{
    dpk_batch_look(batch, DPK_BATCH_OVER);
}

void dpk_batch_run_alone(dpk_batch *batch)
{
    dpk_batch_worker *worker = dpk_batch_make_worker(batch, 0, NULL, -1);
    dpk_batch_tick(batch);
    if (dpk_batch_store_open(worker, false))
        dpk_batch_work(worker, between);
    dpk_batch_store_close(worker);
    dpk_batch_collect(batch);
}
