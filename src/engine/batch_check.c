/* SPDX-License-Identifier: MIT */
/* batch_check.c: what can be refused before anything runs, and what each file will take. */
#include "engine/batch_state.h"

#include "base/array.h"
#include "base/number.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A file costs about this much before its first pixel: as much as so many bytes. And so much costs
 * less than sharing it would bring. */
enum { COST_OF_A_FILE = 64 * 1024, COST_WORTH_SHARING = 8 << 20 };

/* What a worker takes to encode, beside the pieces themselves. */
enum { WORKSPACE = 1 << 20, BAND = 512 * 1024 };

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

/* What is allocated after dpk_job_check: pieces of bands, and what each worker works in. */
static size_t memory_beyond(const dpk_job *job, unsigned jobs)
{
    const dpk_run *run = job->run;
    const dpk_array *out = dpk_run_output(run, 0);
    size_t band = dpk_size_min(BAND, dpk_array_bytes(out)), slots = 2 * (size_t)jobs + 2;
    if (run->windowed)
        band = dpk_size_max(band, run->window.band * dpk_row_bytes(out));
    return slots * band + jobs * (dpk_run_scratch(run) + 2 * band + WORKSPACE);
}

static void measure(dpk_batch *batch, const dpk_job *job, size_t i)
{
    dpk_batch_file *file = &batch->files[i];
    const dpk_array *in = &job->readers[0].array;
    size_t columns = in->rank > 1 ? in->shape[1] : 1;
    file->bytes_in = job->readers[0].source.size;
    file->pixels = (double)dpk_array_rows(in) * (double)columns;
    dpk_cost cost = { .bytes = (double)dpk_array_bytes(in) };
    if (job->kernel->cost != NULL)
        cost = job->kernel->cost(job->run->self);
    file->cost = COST_OF_A_FILE + cost.bytes + cost.operations / 16;
    batch->fates[i].runs_alone = file->cost < COST_WORTH_SHARING;
    unsigned jobs = batch->fates[i].runs_alone ? 1 : batch->model->settings.jobs;
    file->memory = job->arena->work.used + job->arena->inputs.used + memory_beyond(job, jobs);
}

/* What is mapped is an array already, where workers see it. */
static const dpk_backend *backend_for(const dpk_batch *batch)
{
    const dpk_backend *backend = dpk_backend_find(batch->model->settings.backend_name);
    return backend != NULL && backend->processes ? &dpk_batch_processes : dpk_backend_find("seq");
}

/* The length of the folder in front of a file's name. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Whether the output is a new file in a folder in which another one could be made. To try that for
 * each of many files would take longer than reading their heads. */
static bool is_like_last(const char *path, const char *last)
{
    struct stat status;
    size_t length = folder_length(path);
    return last != NULL && length == folder_length(last) && memcmp(path, last, length) == 0 &&
           lstat(path, &status) != 0 && errno == ENOENT;
}

static dpk_status check_output(const dpk_job *job, const dpk_batch_file *file,
                               const dpk_sink_options *sink, const char **last, dpk_error *err)
{
    if (file->folder_later || job->writers[0].format->suffixes == NULL ||
        is_like_last(file->output, *last))
        return DPK_OK;
    dpk_status status = dpk_sink_check_as(file->output, sink, err);
    *last = status == DPK_OK ? file->output : *last;
    return status;
}

static dpk_status check_file(dpk_batch *batch, size_t i, const dpk_sink_options *sink,
                             const char **last, dpk_arena *arena, dpk_error *err)
{
    dpk_batch_file *file = &batch->files[i];
    dpk_job *job;
    dpk_status status = dpk_batch_make_job(batch, file, &job, err);
    if (status == DPK_OK) {
        job->arena = arena;
        job->backend = backend_for(batch);
        status = dpk_job_check(job, err);
    }
    if (status == DPK_OK)
        status = check_output(job, file, sink, last, err);
    if (status == DPK_OK)
        measure(batch, job, i);
    dpk_job_free(job);
    return status;
}

static dpk_status check_settings(const dpk_batch *batch, dpk_error *err)
{
    dpk_job_settings settings = batch->model->settings;
    settings.timeout = NULL;
    dpk_status status = dpk_job_settings_resolve(&settings, err);
    if (status != DPK_OK)
        return status;
    if (settings.keep_going)
        return dpk_fail(err, DPK_USAGE,
                        "--keep-going leaves out parts of one file; of many files, those that fail "
                        "are left out anyway");
    const char *why = dpk_backend_why_not(settings.options.backend, batch->model->kernel);
    char name[64];
    if (why != NULL)
        return dpk_fail(err, DPK_USAGE, "%s cannot run on backend %s: %s",
                        dpk_typed_name(batch->model->kernel->name, name, sizeof name),
                        settings.options.backend->name, why);
    bool limited = batch->options.timeout > 0 || batch->options.timeout_percent > 0;
    if (limited && !settings.options.backend->processes)
        return dpk_fail(err, DPK_USAGE,
                        "--timeout: with backend '%s' all work is done in one process, of which no "
                        "part can be ended alone; workers that are processes can: --backend=fork",
                        settings.options.backend->name);
    return DPK_OK;
}

dpk_status dpk_batch_check(dpk_batch *batch, dpk_error *err)
{
    const dpk_sink_options sink = dpk_job_sink_options(&batch->model->settings);
    const char *last = NULL;
    dpk_arena arena = { 0 };
    dpk_error why;
    dpk_status status = check_settings(batch, err);
    if (status == DPK_OK)
        status = dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, err);
    for (size_t i = 0; i < batch->count && status == DPK_OK; i++) {
        dpk_batch_file *file = &batch->files[i];
        if (file->state != DPK_BATCH_WAITING)
            continue;
        file->status = check_file(batch, i, &sink, &last, &arena, &why);
        dpk_arena_rewind(&arena, COST_OF_A_FILE);
        if (file->status == DPK_OK)
            continue;
        file->state = DPK_BATCH_FAILED;
        file->text = dpk_batch_add_text(batch, why.text);
    }
    dpk_arena_close(&arena);
    return status;
}
