/* SPDX-License-Identifier: MIT */
/* batch_lead.c: one file, by the worker that leads it. */
#include "engine/batch_state.h"
#include "engine/batch_store.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdatomic.h>

/* Pages that a worker keeps for its next file, at most; and a share of the limit. */
enum { KEPT_MOST = 64 << 20, KEPT_SHARE = 4 };

static size_t memory_to_keep(const dpk_batch_board *board)
{
    return dpk_size_min(KEPT_MOST, board->limit / board->jobs / KEPT_SHARE);
}

static dpk_status prepare(dpk_batch_worker *worker, size_t file, dpk_job **job, dpk_error *err)
{
    const dpk_batch *batch = worker->batch;
    bool alone = worker->backend == NULL || batch->fates[file].runs_alone ||
                 atomic_load(&worker->board->cells[file].alone);
    dpk_status status = dpk_batch_make_job(batch, &batch->files[file], job, err);
    if (status != DPK_OK)
        return status;
    (*job)->arena = worker->arena;
    (*job)->backend = alone ? dpk_backend_find("seq") : worker->backend;
    (*job)->host = alone ? NULL : worker;
    (*job)->settings.jobs = alone ? 1 : worker->board->jobs;
    (*job)->temporary_name = batch->name + file;
    return dpk_job_prepare(*job, err);
}

static void take_notes(dpk_batch_board *board, dpk_batch_cell *cell, const dpk_job *job)
{
    char lines[2048];
    dpk_text text = dpk_text_begin(lines, sizeof lines);
    for (size_t i = 0; i < job->note_count; i++)
        dpk_text_add(&text, "%s%s", i > 0 ? "\n" : "", job->notes[i]);
    if (job->note_count > 0)
        cell->notes = dpk_batch_keep_text(board, lines);
}

/* All but putting the output in its place, and what is said then. */
static dpk_status compute(dpk_batch_worker *worker, size_t file, dpk_job *job, dpk_sink *sink,
                          dpk_error *err)
{
    dpk_status status = dpk_job_compute(job, err);
    if (status != DPK_OK)
        return status;
    *sink = job->sinks[0];
    job->sinks[0] = (dpk_sink){ .name = sink->name, .descriptor = -1, .overwritten = -1 };
    job->writers[0].sink = NULL;
    status = dpk_job_save(job, err);
    if (status == DPK_OK)
        take_notes(worker->board, &worker->board->cells[file], job);
    else
        dpk_sink_abandon(sink);
    return status;
}

/* Who has no guests waits for nobody. */
static uint64_t waited(const dpk_job *job, const dpk_batch_cell *cell)
{
    const dpk_run *run = job != NULL ? job->run : NULL;
    if (atomic_load(&cell->helpers) == 0)
        return 0;
    return run != NULL && run->team.workers != NULL ? run->team.workers[0].account.ns[DPK_WAIT] : 0;
}

static void fail(dpk_batch_worker *worker, size_t file, dpk_status status, const char *text)
{
    dpk_batch_cell *cell = &worker->board->cells[file];
    cell->status = status;
    cell->text = dpk_batch_keep_text(worker->board, text);
    cell->took = dpk_now() - cell->began;
    dpk_batch_finish(worker, file, DPK_BATCH_CELL_FAILED);
}

void dpk_batch_lead(dpk_batch_worker *worker, size_t file)
{
    dpk_batch_board *board = worker->board;
    dpk_batch_seat *seat = &board->seats[worker->number];
    dpk_batch_cell *cell = &board->cells[file];
    dpk_sink sink = { .descriptor = -1, .overwritten = -1 };
    dpk_job *job = NULL;
    dpk_error err;
    uint64_t began = cell->began = dpk_now();
    atomic_store(&seat->since, began);
    dpk_limit_renew(&worker->limits);
    atomic_store(&cell->helpers, 0);
    worker->file = file;
    worker->weight = worker->batch->files[file].cost;
    dpk_status status = prepare(worker, file, &job, &err);
    if (status == DPK_OK)
        status = compute(worker, file, job, &sink, &err);
    uint64_t waits = waited(job, cell);
    dpk_job_free(job);
    dpk_arena_rewind(worker->arena, memory_to_keep(board));
    if (status != DPK_OK)
        fail(worker, file, status, err.text);
    else
        dpk_batch_store_put(worker, file, &sink);
    uint64_t took = dpk_now() - began;
    atomic_store(&seat->since, 0);
    atomic_fetch_add(&seat->busy, took > waits ? took - waits : 0);
    atomic_store(&seat->file, 0);
    dpk_batch_hold(board, worker->number, dpk_batch_kept(worker));
    dpk_eventcount_notify(&board->changes);
}
