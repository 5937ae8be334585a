/* SPDX-License-Identifier: MIT */
/* batch_run.c: a batch from its making to its end: what is done in which order, by whom, and what
 * the caller is told. */
#include "engine/batch_state.h"

#include "base/clock.h"
#include "machine/machine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Of the memory that is left, the part for files in flight. */
enum { MEMORY_SHARE = 4 };

dpk_status dpk_batch_make(dpk_batch **made, const dpk_job *model, dpk_batch_file *files,
                          size_t count, const dpk_batch_options *options, dpk_error *err)
{
    *made = NULL;
    dpk_status status = dpk_batch_takes(model, err);
    if (status != DPK_OK)
        return status;
    dpk_batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL)
        batch->fates = calloc(count + 1, sizeof *batch->fates);
    if (batch == NULL || batch->fates == NULL || count > UINT32_MAX) {
        free(batch);
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a batch");
    }
    batch->model = model;
    batch->options = *options;
    batch->files = files;
    batch->count = count;
    *made = batch;
    return DPK_OK;
}

void dpk_batch_free(dpk_batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < batch->text_count; i++)
        free(batch->texts[i]);
    free(batch->texts);
    free(batch->fates);
    free(batch);
}

void dpk_batch_stop(dpk_batch *batch, dpk_batch_halt how)
{
    batch->halt = how > batch->halt ? how : batch->halt;
}

void dpk_batch_note(const dpk_batch *batch, const char *text)
{
    if (batch->options.note != NULL)
        batch->options.note(batch->options.context, text);
}

void dpk_batch_tick(const dpk_batch *batch)
{
    if (batch->options.tick != NULL)
        batch->options.tick(batch->options.context);
}

/* NULL, which means none, if there is no memory. */
const char *dpk_batch_add_text(dpk_batch *batch, const char *text)
{
    if (batch->text_count == batch->text_most) {
        size_t most = 2 * batch->text_most + 16;
        char **more = realloc(batch->texts, most * sizeof *more);
        if (more == NULL)
            return NULL;
        batch->texts = more;
        batch->text_most = most;
    }
    char *copy = strdup(text);
    if (copy != NULL)
        batch->texts[batch->text_count++] = copy;
    return copy;
}

/* The time-out is the file's, which the batch sees to. */
dpk_status dpk_batch_make_job(const dpk_batch *batch, const dpk_batch_file *file, dpk_job **job,
                              dpk_error *err)
{
    dpk_status status = dpk_job_make_like(job, batch->model, err);
    if (status != DPK_OK)
        return status;
    (*job)->settings.timeout = NULL;
    (*job)->settings.schedule = DPK_DYNAMIC; /* nobody knows who will be there */
    (*job)->inputs[0].path = file->input;
    (*job)->outputs[0].path = file->output;
    return DPK_OK;
}

/* ----------------------------------------------------------------------------------- the results
 */

static bool has_failed(const dpk_batch_file *file)
{
    return file->state == DPK_BATCH_FAILED || file->state == DPK_BATCH_TIMED_OUT ||
           file->state == DPK_BATCH_LOST;
}

static bool is_refused(const dpk_batch_file *file)
{
    return file->state == DPK_BATCH_FAILED && file->attempts == 0;
}

static void count(dpk_batch_totals *totals, const dpk_batch_file *file)
{
    bool counts = file->state != DPK_BATCH_SKIPPED && !is_refused(file);
    totals->files++;
    totals->waiting += file->state == DPK_BATCH_WAITING;
    totals->done += file->state == DPK_BATCH_DONE;
    totals->skipped += file->state == DPK_BATCH_SKIPPED;
    totals->failed += has_failed(file);
    totals->lost += file->state == DPK_BATCH_LOST;
    totals->cost += counts ? file->cost : 0;
    totals->cost_done += counts && file->state != DPK_BATCH_WAITING ? file->cost : 0;
}

/* While it runs, they are kept up to date, as callers may ask after each of very many files. */
dpk_batch_totals dpk_batch_total(const dpk_batch *batch)
{
    dpk_batch_totals totals = batch->totals;
    for (size_t i = 0; i < batch->count && batch->board == NULL; i++)
        count(&totals, &batch->files[i]);
    return totals;
}

bool dpk_batch_is_halted(const dpk_batch_options *options, size_t failures, size_t files)
{
    return failures > 0 && ((options->halt_failures > 0 && failures >= options->halt_failures) ||
                            (options->halt_percent > 0 &&
                             100.0 * (double)failures >= options->halt_percent * (double)files));
}

static void apply_halt_rule(dpk_batch *batch)
{
    if (dpk_batch_is_halted(&batch->options, batch->failures, batch->count))
        dpk_batch_stop(batch, batch->options.halt);
}

/* The file has come to its end, and its state is set. */
static void tell(dpk_batch *batch, size_t i)
{
    dpk_batch_file *file = &batch->files[i];
    batch->fates[i].reported = true;
    batch->unfinished--;
    if (file->state == DPK_BATCH_DONE)
        batch->took[batch->took_count++] = file->took;
    batch->failures += has_failed(file);
    batch->totals.waiting--;
    batch->totals.files--;
    count(&batch->totals, file);
    batch->totals.cost -= file->cost;
    if (batch->options.finished != NULL)
        batch->options.finished(batch->options.context, file);
    apply_halt_rule(batch);
}

void dpk_batch_look(dpk_batch *batch, dpk_batch_end halted)
{
    atomic_store(&batch->board->rung, false);
    dpk_batch_collect(batch);
    dpk_batch_tick(batch);
    if (batch->halt != DPK_HALT_NEVER)
        atomic_store(&batch->board->end, halted);
}

static const char *text_of(dpk_batch *batch, size_t place)
{
    const dpk_batch_board *board = batch->board;
    return place > 0 && place < board->text_bytes ? dpk_batch_add_text(batch, board->texts + place)
                                                  : NULL;
}

void dpk_batch_report(dpk_batch *batch, size_t i)
{
    const dpk_batch_cell *cell = &batch->board->cells[i];
    dpk_batch_file *file = &batch->files[i];
    uint64_t word = atomic_load(&cell->word);
    if (batch->fates[i].reported)
        return;
    file->state =
        dpk_batch_cell_state_of(word) == DPK_BATCH_CELL_DONE ? DPK_BATCH_DONE : DPK_BATCH_FAILED;
    file->status = cell->status;
    file->text = text_of(batch, cell->text);
    file->notes = text_of(batch, cell->notes);
    file->began = cell->began;
    file->took = cell->took;
    file->worker = (unsigned)(word >> 8) - 1;
    file->helpers = atomic_load(&cell->helpers);
    file->attempts = batch->fates[i].deaths + 1;
    file->bytes_out = file->state == DPK_BATCH_DONE ? cell->bytes_out : 0;
    tell(batch, i);
}

void dpk_batch_collect(dpk_batch *batch)
{
    for (unsigned w = 0; w < batch->jobs; w++) {
        const dpk_batch_seat *seat = &batch->board->seats[w];
        while (batch->seen[w] < atomic_load(&seat->logged)) {
            size_t file = seat->log[batch->seen[w]++];
            if (file < batch->count)
                dpk_batch_report(batch, file);
        }
    }
}

void dpk_batch_end_file(dpk_batch *batch, size_t i, dpk_batch_state state, const char *text)
{
    const dpk_batch_cell *cell = &batch->board->cells[i];
    dpk_batch_file *file = &batch->files[i];
    atomic_store(&batch->board->cells[i].word,
                 dpk_batch_cell_word(DPK_BATCH_CELL_FAILED, file->worker));
    file->state = state;
    file->status = DPK_WORKER_LOST;
    file->text = dpk_batch_add_text(batch, text);
    file->began = cell->began;
    file->took = dpk_now() - cell->began;
    file->attempts = batch->fates[i].deaths;
    tell(batch, i);
}

/* ------------------------------------------------------------------------------------- the order
 */

static int compare_costs(const void *a, const void *b, void *context)
{
    const dpk_batch_file *files = context;
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    if (files[one].cost != files[other].cost)
        return files[one].cost > files[other].cost ? -1 : 1;
    return one < other ? -1 : 1;
}

static void put_in_order(dpk_batch *batch)
{
    dpk_batch_board *board = batch->board;
    board->ordered = 0;
    for (size_t i = 0; i < batch->count; i++) {
        board->memory[i] = batch->files[i].memory;
        count(&batch->totals, &batch->files[i]);
        if (batch->files[i].state == DPK_BATCH_WAITING)
            board->order[board->ordered++] = (uint32_t)i;
    }
    qsort_r(board->order, board->ordered, sizeof *board->order, compare_costs, batch->files);
    batch->unfinished = board->ordered;
}

/* ------------------------------------------------------------------------------------ the memory
 */

/* What an arena must have room for: the files' needs are estimated, and addresses cost nothing. */
static size_t arena_size(const dpk_batch *batch)
{
    size_t most = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->files[i].state == DPK_BATCH_WAITING)
            most = dpk_size_max(most, batch->files[i].memory);
    return dpk_size_min(most + most / 2 + ((size_t)16 << 20), dpk_machine_memory());
}

static dpk_status open_arenas(dpk_batch *batch, dpk_memory memory, dpk_error *err)
{
    const size_t size = arena_size(batch);
    batch->arenas = calloc(batch->jobs, sizeof *batch->arenas);
    batch->workers = calloc(batch->jobs, sizeof *batch->workers);
    batch->seen = calloc(batch->jobs, sizeof *batch->seen);
    batch->took = calloc(batch->count + 1, sizeof *batch->took);
    if (batch->arenas == NULL || batch->workers == NULL || batch->seen == NULL ||
        batch->took == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", batch->jobs);
    dpk_status status = DPK_OK;
    for (unsigned w = 0; w < batch->jobs && status == DPK_OK; w++) {
        status = dpk_arena_open_sized(&batch->arenas[w], memory, size, err);
        if (status == DPK_OK && memory == DPK_MEMORY_SHARED)
            dpk_arena_share_inputs(&batch->arenas[w]);
    }
    return status;
}

static void close_arenas(dpk_batch *batch)
{
    for (unsigned w = 0; w < batch->jobs && batch->arenas != NULL; w++)
        dpk_arena_close(&batch->arenas[w]);
    free(batch->arenas);
    free(batch->workers);
    free(batch->seen);
    free(batch->took);
    dpk_arena_close(&batch->memory);
    batch->arenas = NULL;
    batch->workers = NULL;
    batch->seen = NULL;
    batch->took = NULL;
    batch->took_count = 0;
    batch->board = NULL;
    batch->totals = (dpk_batch_totals){ .began = batch->totals.began,
                                        .wall = batch->totals.wall,
                                        .workers = batch->totals.workers,
                                        .deaths = batch->totals.deaths,
                                        .idle = batch->totals.idle,
                                        .memory_limit = batch->totals.memory_limit,
                                        .memory_most = batch->totals.memory_most };
}

static uint64_t choose_name(void)
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        bits = dpk_now();
    return bits | 1;
}

/* Workers beyond what there is to share would be started for nothing. */
static unsigned choose_jobs(const dpk_batch *batch, const dpk_backend *backend)
{
    size_t waiting = 0;
    bool shared = false;
    for (size_t i = 0; i < batch->count; i++) {
        bool waits = batch->files[i].state == DPK_BATCH_WAITING;
        waiting += waits;
        shared |= waits && !batch->fates[i].runs_alone;
    }
    unsigned jobs = backend->processes || backend->threads ? batch->model->settings.jobs : 1;
    return !shared && waiting < jobs ? (unsigned)dpk_size_max(1, waiting) : jobs;
}

static dpk_status begin(dpk_batch *batch, const dpk_backend *backend, dpk_error *err)
{
    dpk_memory memory = backend->processes ? DPK_MEMORY_SHARED : DPK_MEMORY_PRIVATE;
    batch->jobs = choose_jobs(batch, backend);
    batch->name = choose_name();
    size_t bytes = dpk_batch_board_bytes(batch->jobs, batch->count);
    dpk_status status = dpk_arena_open_sized(&batch->memory, memory, bytes, err);
    if (status == DPK_OK)
        status =
            dpk_batch_board_make(&batch->board, &batch->memory, batch->jobs, batch->count, err);
    if (status == DPK_OK)
        status = open_arenas(batch, memory, err);
    if (status != DPK_OK)
        return status;
    put_in_order(batch);
    batch->board->limit = batch->options.memory_limit;
    if (batch->board->limit == 0)
        batch->board->limit = dpk_machine_memory() / MEMORY_SHARE;
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------- running */

static dpk_status run_on(dpk_batch *batch, const dpk_backend *backend, unsigned *workers,
                         dpk_error *err)
{
    *workers = 0;
    if (batch->unfinished == 0)
        return DPK_OK;
    if (backend->processes)
        return dpk_batch_run_processes(batch, workers, err);
    return backend->threads ? dpk_batch_run_threads(batch, workers, err) : DPK_OK;
}

/* Where no worker can be started, or none is left, the caller does the rest. */
static void run_rest(dpk_batch *batch, const dpk_backend *backend)
{
    if (batch->unfinished == 0 || batch->halt != DPK_HALT_NEVER)
        return;
    if (backend->processes || backend->threads)
        dpk_batch_note(batch, "this process does the files itself, one after the other");
    batch->totals.workers = batch->totals.workers > 0 ? batch->totals.workers : 1;
    atomic_store(&batch->board->end, DPK_BATCH_GO);
    dpk_arena_forget(&batch->arenas[0]);
    dpk_batch_run_alone(batch);
}

static void sum_up(dpk_batch *batch)
{
    dpk_batch_totals *totals = &batch->totals;
    uint64_t busy = 0;
    totals->wall = dpk_now() - totals->began;
    for (unsigned w = 0; w < batch->jobs; w++)
        busy += atomic_load(&batch->board->seats[w].busy);
    double all = (double)totals->wall * totals->workers;
    totals->idle = all > 0 && (double)busy < all ? 1 - (double)busy / all : 0;
    totals->memory_limit = batch->board->limit;
    totals->memory_most = atomic_load(&batch->board->memory_most);
}

dpk_status dpk_batch_run(dpk_batch *batch, dpk_error *err)
{
    dpk_job_settings settings = batch->model->settings;
    settings.timeout = NULL;
    batch->totals.began = dpk_now();
    dpk_status status = dpk_job_settings_resolve(&settings, err);
    if (status != DPK_OK)
        return status;
    const dpk_backend *backend = settings.options.backend;
    batch->retries = settings.retries;
    status = begin(batch, backend, err);
    if (status == DPK_OK)
        status = run_on(batch, backend, &batch->totals.workers, err);
    if (status == DPK_OK) {
        run_rest(batch, backend);
        sum_up(batch);
    }
    close_arenas(batch);
    return status;
}
