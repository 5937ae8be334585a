/* SPDX-License-Identifier: MIT */
/* batch.c: checks files, and does one after the other. */
#include "engine/batch.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct dpk_batch {
    const dpk_job *model;
    dpk_batch_options options;
    dpk_batch_file *files;
    size_t count;
    dpk_batch_halt halt;
    dpk_batch_totals totals;
    char **texts; /* of files: their sentences and notes */
    size_t text_count, text_most;
};

/* A file costs about this much before its first pixel: as much as so many bytes. */
enum { COST_OF_A_FILE = 64 * 1024 };

dpk_status dpk_batch_takes(const dpk_job *model, dpk_error *err)
{
    char name[64];
    if (model->input_count == 1 && model->output_count == 1)
        return DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "%s takes %zu input%s and makes %zu output%s: only kernels with one of each do "
                    "many files",
                    dpk_typed_name(model->kernel->name, name, sizeof name), model->input_count,
                    model->input_count == 1 ? "" : "s", model->output_count,
                    model->output_count == 1 ? "" : "s");
}

dpk_status dpk_batch_make(dpk_batch **made, const dpk_job *model, dpk_batch_file *files,
                          size_t count, const dpk_batch_options *options, dpk_error *err)
{
    *made = NULL;
    dpk_status status = dpk_batch_takes(model, err);
    if (status != DPK_OK)
        return status;
    dpk_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a batch");
    *batch = (dpk_batch){ .model = model, .options = *options, .files = files, .count = count };
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
    free(batch);
}

void dpk_batch_stop(dpk_batch *batch, dpk_batch_halt how)
{
    batch->halt = how > batch->halt ? how : batch->halt;
}

/* NULL, which means none, if there is no memory. */
static const char *keep_text(dpk_batch *batch, const char *text)
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

static void fail(dpk_batch *batch, dpk_batch_file *file, dpk_status status, const char *text)
{
    file->state = DPK_BATCH_FAILED;
    file->status = status;
    file->text = keep_text(batch, text);
}

static dpk_status make_job(const dpk_batch *batch, const dpk_batch_file *file, dpk_job **job,
                           dpk_error *err)
{
    dpk_status status = dpk_job_make_like(job, batch->model, err);
    if (status == DPK_OK) {
        (*job)->inputs[0].path = file->input;
        (*job)->outputs[0].path = file->output;
    }
    return status;
}

/* ------------------------------------------------------------------------------------ checking */

static void measure(const dpk_job *job, dpk_batch_file *file)
{
    const dpk_array *in = &job->readers[0].array;
    size_t columns = in->rank > 1 ? in->shape[1] : 1;
    file->bytes_in = job->readers[0].source.size;
    file->pixels = (double)dpk_array_rows(in) * (double)columns;
    dpk_cost cost = { .bytes = (double)dpk_array_bytes(in) };
    if (job->kernel->cost != NULL)
        cost = job->kernel->cost(job->run->self);
    file->cost = COST_OF_A_FILE + cost.bytes + cost.operations / 16;
    file->memory = job->arena->work.used + job->arena->inputs.used;
}

dpk_status dpk_batch_check(dpk_batch *batch, dpk_error *err)
{
    const dpk_sink_options sink = dpk_job_sink_options(&batch->model->settings);
    for (size_t i = 0; i < batch->count; i++) {
        dpk_batch_file *file = &batch->files[i];
        dpk_job *job;
        if (file->state != DPK_BATCH_WAITING)
            continue;
        dpk_status status = make_job(batch, file, &job, err);
        if (status == DPK_OK)
            status = dpk_job_check(job, err);
        if (status == DPK_OK && !file->folder_later && job->writers[0].format->suffixes != NULL)
            status = dpk_sink_check_as(file->output, &sink, err);
        if (status == DPK_OK)
            measure(job, file);
        else
            fail(batch, file, status, err->text);
        dpk_job_free(job);
    }
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------- running */

static void take_notes(dpk_batch *batch, dpk_batch_file *file, const dpk_job *job)
{
    char lines[2048];
    dpk_text text = dpk_text_begin(lines, sizeof lines);
    for (size_t i = 0; i < job->note_count; i++)
        dpk_text_add(&text, "%s%s", i > 0 ? "\n" : "", job->notes[i]);
    if (job->note_count > 0)
        file->notes = keep_text(batch, lines);
}

static void do_file(dpk_batch *batch, dpk_batch_file *file)
{
    dpk_job *job;
    dpk_error err;
    file->began = dpk_now();
    file->attempts++;
    dpk_status status = make_job(batch, file, &job, &err);
    if (status == DPK_OK)
        status = dpk_job_prepare(job, &err);
    if (status == DPK_OK)
        status = dpk_job_compute(job, &err);
    if (status == DPK_OK) {
        file->bytes_out = job->sinks[0].written;
        status = dpk_job_save(job, &err);
    }
    if (status == DPK_OK) {
        file->state = DPK_BATCH_DONE;
        take_notes(batch, file, job);
    } else {
        fail(batch, file, status, err.text);
        if (status == DPK_WORKER_LOST)
            file->state = DPK_BATCH_LOST;
    }
    dpk_job_free(job);
    file->took = dpk_now() - file->began;
}

static bool is_refused(const dpk_batch_file *file)
{
    return file->state == DPK_BATCH_FAILED && file->attempts == 0;
}

static dpk_batch_file *costliest(const dpk_batch *batch)
{
    dpk_batch_file *most = NULL;
    for (size_t i = 0; i < batch->count; i++) {
        dpk_batch_file *file = &batch->files[i];
        if (file->state == DPK_BATCH_WAITING && (most == NULL || file->cost > most->cost))
            most = file;
    }
    return most;
}

static void apply_halt_rule(dpk_batch *batch)
{
    const dpk_batch_options *options = &batch->options;
    dpk_batch_totals totals = dpk_batch_total(batch);
    size_t failures = 0;
    for (size_t i = 0; i < batch->count; i++)
        failures += batch->files[i].state > DPK_BATCH_DONE &&
                    batch->files[i].state < DPK_BATCH_SKIPPED && !is_refused(&batch->files[i]);
    bool many = options->halt_failures > 0 && failures >= options->halt_failures;
    bool part = options->halt_percent > 0 && failures > 0 &&
                100.0 * (double)failures >= options->halt_percent * (double)totals.files;
    if (many || part)
        dpk_batch_stop(batch, options->halt);
}

dpk_status dpk_batch_run(dpk_batch *batch, dpk_error *err)
{
    (void)err;
    batch->totals.began = dpk_now();
    batch->totals.workers = 1;
    dpk_batch_file *file = costliest(batch);
    while (file != NULL && batch->halt == DPK_HALT_NEVER) {
        do_file(batch, file);
        if (batch->options.finished != NULL)
            batch->options.finished(batch->options.context, file);
        if (batch->options.tick != NULL)
            batch->options.tick(batch->options.context);
        apply_halt_rule(batch);
        file = costliest(batch);
    }
    batch->totals.wall = dpk_now() - batch->totals.began;
    return DPK_OK;
}

dpk_batch_totals dpk_batch_total(const dpk_batch *batch)
{
    dpk_batch_totals totals = batch->totals;
    for (size_t i = 0; i < batch->count; i++) {
        const dpk_batch_file *file = &batch->files[i];
        totals.files++;
        totals.waiting += file->state == DPK_BATCH_WAITING;
        totals.done += file->state == DPK_BATCH_DONE;
        totals.skipped += file->state == DPK_BATCH_SKIPPED;
        totals.lost += file->state == DPK_BATCH_LOST;
        totals.cost += file->state == DPK_BATCH_SKIPPED || is_refused(file) ? 0 : file->cost;
        totals.cost_done +=
            file->state == DPK_BATCH_SKIPPED || file->state == DPK_BATCH_WAITING || is_refused(file)
                ? 0
                : file->cost;
    }
    totals.failed = totals.files - totals.waiting - totals.done - totals.skipped;
    return totals;
}
