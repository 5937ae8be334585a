/* SPDX-License-Identifier: MIT */
/* batch_processes.c: workers of a batch that are processes, and their supervisor. It does no file
 * itself. It waits for news, tells the caller what has become of files, and when a worker dies,
 * takes from the board what it had, gives that back, and starts another worker in its place. */
#include "engine/batch_deaths.h"
#include "engine/batch_state.h"
#include "engine/batch_store.h"

#include "base/clock.h"
#include "machine/pin.h"
#include "workers/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long the supervisor sleeps at most, in ms: as often it looks who hangs, and whether the
 * caller wants to stop. */
enum { LOOK_MS = 50 };

/* Of the worker in whose place this one is: they may still be in its memory. */
static void wait_for_guests(const dpk_batch *batch, unsigned w)
{
    dpk_batch_offer *offer = &batch->board->seats[w].offer;
    while (atomic_load(&batch->board->end) != DPK_BATCH_OVER) {
        uint32_t seen = dpk_eventcount_read(&offer->news);
        if (!dpk_batch_has_guests(offer))
            return;
        dpk_eventcount_wait(&offer->news, seen);
    }
}

/* A worker's life. */
static void serve(void *context, unsigned w, int socket)
{
    const dpk_batch *batch = context;
    const dpk_backend *backend = batch->jobs > 1 ? &dpk_batch_processes : NULL;
    dpk_batch_worker *worker = dpk_batch_make_worker(batch, w, backend, socket);
    dpk_fault_start(w);
    dpk_pin_worker(w, batch->here);
    wait_for_guests(batch, w);
    dpk_arena_forget(worker->arena);
    if (!dpk_batch_store_open(worker, true))
        return;
    worker->limits = dpk_job_limits(&batch->model->settings);
    dpk_limit_self(&worker->limits);
    dpk_batch_work(worker, NULL);
    dpk_batch_store_close(worker);
    dpk_fault_stop(w);
}

static void give_up_all(dpk_supervisor *supervisor)
{
    dpk_batch *batch = supervisor->batch;
    dpk_crew_end(&supervisor->crew, true);
    for (unsigned w = 0; w < batch->jobs; w++)
        dpk_batch_settle(supervisor, w, false);
}

/* Since when the worker has been busy; 0: it is not. One may have been stopped before it has said
 * so, or while it only stores files, and be waited for by others: for it, a number that no time has
 * and that is another one for another file. */
static uint64_t busy_since(const dpk_batch_seat *seat)
{
    uint64_t since = atomic_load(&seat->since);
    if (since == 0 && (atomic_load(&seat->file) != 0 || atomic_load(&seat->guest) != 0))
        since = 1;
    for (int i = 0; i < DPK_BATCH_STORING && since == 0; i++) {
        size_t storing = atomic_load(&seat->storing[i]);
        since = storing > 0 ? storing + 1 : 0;
    }
    return since;
}

/* Ends the workers that have been busy with the same file for too long. Time in which this process
 * itself was stopped does not count. */
static void look_who_hangs(dpk_supervisor *supervisor)
{
    dpk_batch *batch = supervisor->batch;
    uint64_t limit = dpk_batch_time_limit(batch), now = dpk_now(), step = now - supervisor->looked;
    supervisor->looked = now;
    step = step < 4 * LOOK_MS * UINT64_C(1000000) ? step : 4 * LOOK_MS * UINT64_C(1000000);
    for (unsigned w = 0; w < batch->jobs; w++) {
        uint64_t since = busy_since(&batch->board->seats[w]);
        dpk_patience *patience = &supervisor->patience[w];
        if (since == 0 || since != patience->since)
            *patience = (dpk_patience){ .since = since };
        else
            patience->spent += step;
        if (limit > 0 && since != 0 && patience->spent > limit && !patience->over &&
            dpk_crew_is_there(&supervisor->crew, w)) {
            patience->over = true;
            dpk_crew_kill(&supervisor->crew, w);
        }
    }
}

/* One that cannot be replaced leaves its work to the others. */
static void replace(dpk_supervisor *supervisor, unsigned w)
{
    dpk_batch *batch = supervisor->batch;
    char text[160];
    if (batch->unfinished == 0 || batch->halt != DPK_HALT_NEVER)
        return;
    if (supervisor->idle_deaths > 3 * batch->jobs) {
        dpk_batch_note(batch,
                       "workers die before they have begun with a file; no more are "
                       "started");
        return;
    }
    if (dpk_crew_start(&supervisor->crew, w))
        return;
    snprintf(text, sizeof text, "worker %u cannot be replaced: %s", w, strerror(errno));
    dpk_batch_note(batch, text);
}

static dpk_status wait_for_news(dpk_supervisor *supervisor, dpk_error *err)
{
    dpk_crew_news news;
    dpk_status status = dpk_crew_hear_within(&supervisor->crew, LOOK_MS, &news, err);
    if (status == DPK_OK && news.worker != DPK_CREW_NOBODY && news.ended) {
        dpk_batch_bury(supervisor, &news);
        replace(supervisor, news.worker);
    }
    return status;
}

static void supervise_once(dpk_supervisor *supervisor)
{
    dpk_batch *batch = supervisor->batch;
    dpk_batch_look(batch, DPK_BATCH_NO_MORE);
    look_who_hangs(supervisor);
}

/* Whether there is something that is being done. */
static bool is_busy(const dpk_batch *batch)
{
    for (unsigned w = 0; w < batch->jobs; w++) {
        const dpk_batch_seat *seat = &batch->board->seats[w];
        if (atomic_load(&seat->file) != 0)
            return true;
        for (int i = 0; i < DPK_BATCH_STORING; i++)
            if (atomic_load(&seat->storing[i]) != 0)
                return true;
    }
    return false;
}

static bool is_over(const dpk_batch *batch)
{
    return batch->unfinished == 0 || batch->halt == DPK_HALT_NOW ||
           (batch->halt == DPK_HALT_SOON && !is_busy(batch));
}

static dpk_status supervise(dpk_supervisor *supervisor, dpk_error *err)
{
    dpk_batch *batch = supervisor->batch;
    dpk_status status = DPK_OK;
    supervise_once(supervisor);
    while (status == DPK_OK && !is_over(batch) &&
           dpk_crew_any_there(&supervisor->crew, batch->jobs)) {
        status = wait_for_news(supervisor, err);
        supervise_once(supervisor);
    }
    if (status != DPK_OK || batch->halt == DPK_HALT_NOW)
        give_up_all(supervisor);
    atomic_store(&batch->board->end, DPK_BATCH_OVER);
    dpk_eventcount_notify(&batch->board->changes);
    dpk_crew_end(&supervisor->crew, false);
    dpk_batch_collect(batch);
    return status;
}

static unsigned start_all(dpk_supervisor *supervisor)
{
    dpk_batch *batch = supervisor->batch;
    unsigned started = dpk_crew_start_missing(&supervisor->crew, batch->jobs);
    char text[160];
    if (started == 0) {
        snprintf(text, sizeof text, "no process can be started: %s", strerror(errno));
        dpk_batch_note(batch, text);
    } else if (started < batch->jobs) {
        snprintf(text, sizeof text, "only %u of %u processes can be started: %s", started,
                 batch->jobs, strerror(errno));
        dpk_batch_note(batch, text);
    }
    return started;
}

dpk_status dpk_batch_run_processes(dpk_batch *batch, unsigned *workers, dpk_error *err)
{
    dpk_supervisor supervisor = { .batch = batch, .looked = dpk_now() };
    supervisor.patience = calloc(batch->jobs, sizeof *supervisor.patience);
    dpk_status status = dpk_crew_open(&supervisor.crew, batch->jobs, serve, batch, err);
    *workers = 0;
    batch->here = dpk_pin_here();
    if (status == DPK_OK && supervisor.patience == NULL)
        status = dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", batch->jobs);
    if (status == DPK_OK)
        *workers = start_all(&supervisor);
    if (*workers > 0)
        status = supervise(&supervisor, err);
    dpk_crew_close(&supervisor.crew);
    free(supervisor.patience);
    return status;
}
