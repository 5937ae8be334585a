/* SPDX-License-Identifier: MIT */
/* api.c: what <dpk/run.h> offers beyond job.h: kernels by name, settings as text, and numbers for
 * programs that know no header of src/. */
#include "base/array.h"
#include "base/text.h"
#include "engine/job.h"
#include "engine/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dpk_library {
    dpk_registry registry;
    dpk_keep *keep; /* for jobs whose workers serve many of them */
};

/* ------------------------------------------------------------------------------------- kernels */

dpk_status dpk_library_open(dpk_library **opened, dpk_error *err)
{
    dpk_library *library = calloc(1, sizeof *library);
    *opened = NULL;
    if (library == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a table of kernels");
    dpk_status status =
        dpk_registry_open(&library->registry, &(dpk_registry_host){ .warn = NULL }, err);
    library->keep = calloc(1, sizeof *library->keep);
    if (status == DPK_OK && library->keep == NULL)
        status = dpk_fail(err, DPK_LIMIT, "not enough memory for a table of kernels");
    if (status == DPK_OK)
        *opened = library;
    else
        dpk_library_close(library);
    return status;
}

dpk_status dpk_library_load(dpk_library *library, const char *path, dpk_error *err)
{
    dpk_keep_outdate(library->keep);
    return dpk_registry_load(&library->registry, path, err);
}

const char *dpk_library_kernel(const dpk_library *library, size_t i)
{
    const dpk_registry *registry = &library->registry;
    return i < registry->count ? registry->kernels[i].variants[DPK_ISA_BASE]->name : NULL;
}

void dpk_library_close(dpk_library *library)
{
    if (library == NULL)
        return;
    if (library->keep != NULL)
        dpk_keep_close(library->keep);
    free(library->keep);
    dpk_registry_close(&library->registry);
    free(library);
}

static dpk_status find_kernel(const dpk_library *library, const char *name,
                              const dpk_kernel_row **row, dpk_error *err)
{
    dpk_suggestion suggestion = { .word = name };
    char hint[64];
    *row = dpk_registry_find(&library->registry, name);
    if (*row != NULL)
        return DPK_OK;
    for (size_t i = 0; i < library->registry.count; i++)
        dpk_suggest(&suggestion, dpk_library_kernel(library, i));
    return dpk_fail(err, DPK_USAGE, "no kernel '%s'%s", name,
                    dpk_suggestion_text(&suggestion, "", hint, sizeof hint));
}

/* ------------------------------------------------------------------------------------ settings */

/* Words as on a command line, "--name=value", in memory of the job. */
struct words {
    dpk_job *job;
    char **words;
    size_t count, room;
};

/* Errors: DPK_USAGE, DPK_LIMIT. */
static dpk_status add_word(struct words *words, const char *setting, size_t length, dpk_error *err)
{
    if (memchr(setting, '=', length) == NULL)
        return dpk_fail(err, DPK_USAGE, "setting '%.*s' must be name=value", (int)length, setting);
    if (words->count == words->room) {
        size_t room = 2 * words->room + 8;
        char **larger = realloc(words->words, room * sizeof *larger);
        if (larger == NULL)
            return dpk_fail(err, DPK_LIMIT, "not enough memory for settings");
        words->words = larger;
        words->room = room;
    }
    char *word = dpk_job_reserve(words->job, length + sizeof "--");
    if (word == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for settings");
    memcpy(word, "--", 2);
    memcpy(word + 2, setting, length);
    words->words[words->count++] = word;
    return DPK_OK;
}

/* "sigma=2 edge=mirror" */
static dpk_status add_text(struct words *words, const char *text, dpk_error *err)
{
    static const char blanks[] = " \t\n";
    dpk_status status = DPK_OK;
    for (text += strspn(text, blanks); *text != '\0' && status == DPK_OK;) {
        size_t length = strcspn(text, blanks);
        status = add_word(words, text, length, err);
        text += length;
        text += strspn(text, blanks);
    }
    return status;
}

static dpk_status add_setting(struct words *words, const char *name, const char *value,
                              dpk_error *err)
{
    char text[256];
    int length = snprintf(text, sizeof text, "%s=%s", name, value);
    return add_word(words, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1,
                    err);
}

static dpk_status add_options(struct words *words, const dpk_options *options, dpk_error *err)
{
    dpk_options known = dpk_options_default();
    size_t least = offsetof(dpk_options, settings) + sizeof options->settings;
    if (options->size < least)
        return dpk_fail(err, DPK_USAGE, "dpk_options must be made by dpk_options_default");
    memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    dpk_status status = DPK_OK;
    char number[16];
    snprintf(number, sizeof number, "%u", known.jobs);
    if (known.backend != NULL)
        status = add_setting(words, "backend", known.backend, err);
    if (status == DPK_OK && known.jobs > 0)
        status = add_setting(words, "jobs", number, err);
    for (size_t i = 0; status == DPK_OK && known.settings && known.settings[i] != NULL; i++)
        status = add_word(words, known.settings[i], strlen(known.settings[i]), err);
    return status;
}

static dpk_status set(dpk_job *job, const char *settings, const dpk_options *options,
                      dpk_error *err)
{
    struct words words = { .job = job };
    dpk_status status = options != NULL ? add_options(&words, options, err) : DPK_OK;
    if (status == DPK_OK && settings != NULL)
        status = add_text(&words, settings, err);
    if (status == DPK_OK)
        status = dpk_job_set(job, (int)words.count, words.words, err);
    free(words.words);
    return status;
}

dpk_status dpk_job_open(dpk_job **job, const dpk_library *library, const char *kernel,
                        const char *settings, const dpk_options *options, dpk_error *err)
{
    const dpk_kernel_row *row;
    *job = NULL;
    dpk_status status = find_kernel(library, kernel, &row, err);
    if (status == DPK_OK)
        status = dpk_job_make(job, row, err);
    if (status != DPK_OK)
        return status;
    (*job)->keep = library->keep;
    status = set(*job, settings, options, err);
    if (status != DPK_OK) {
        dpk_job_free(*job);
        *job = NULL;
    }
    return status;
}

/* --------------------------------------------------------------------------------------- ports */

static dpk_status check_port(const dpk_job *job, const char *what, size_t port, size_t count,
                             dpk_error *err)
{
    if (job->run != NULL)
        return dpk_fail(err, DPK_USAGE, "the job has run already");
    if (port >= count)
        return dpk_fail(err, DPK_USAGE, "%s has %zu %s%s: there is no number %zu",
                        job->kernel->name, count, what, count == 1 ? "" : "s", port);
    return DPK_OK;
}

/* Why a kernel cannot work on the array; NULL if it can. */
static const char *why_unusable(const dpk_array *array)
{
    size_t size = dpk_type_size(array->type);
    if (size == 0 || array->rank > DPK_MAX_RANK)
        return "has no element type or rank that dpk knows";
    if (!dpk_array_fits(array->type, array->rank, array->shape))
        return "would be larger than any memory";
    if (array->ring != 0)
        return "is a window of an array";
    dpk_array usual;
    dpk_array_shape(&usual, array->type, array->rank, array->shape);
    for (unsigned axis = 0; axis < array->rank; axis++)
        if (array->stride[axis] != usual.stride[axis] && array->shape[axis] > 1)
            return "is not C-contiguous";
    if (array->data == NULL && dpk_count(&usual) > 0)
        return "has no data";
    return (uintptr_t)array->data % size == 0 ? NULL : "is not aligned to its elements";
}

dpk_status dpk_job_input(dpk_job *job, size_t input, const dpk_array *array, dpk_error *err)
{
    static const unsigned char nothing;
    dpk_status status = check_port(job, "input", input, job->input_count, err);
    if (status != DPK_OK)
        return status;
    const char *why = why_unusable(array);
    if (why != NULL)
        return dpk_fail(err, DPK_BAD_INPUT, "the array for input '%s' of %s %s",
                        job->kernel->ports[input].name, job->kernel->name, why);
    dpk_job_port *port = &job->inputs[input];
    *port = (dpk_job_port){ .given = true, .array = { .data = array->data } };
    dpk_array_shape(&port->array, array->type, array->rank, array->shape);
    if (port->array.data == NULL)
        port->array.data = (void *)(uintptr_t)&nothing;
    return DPK_OK;
}

static dpk_status set_path(dpk_job *job, dpk_job_port *port, const char *path, dpk_error *err)
{
    *port = (dpk_job_port){ .path = dpk_job_copy(job, path) };
    return port->path != NULL ? DPK_OK : dpk_fail(err, DPK_LIMIT, "not enough memory for a path");
}

dpk_status dpk_job_read(dpk_job *job, size_t input, const char *path, dpk_error *err)
{
    dpk_status status = check_port(job, "input", input, job->input_count, err);
    return status == DPK_OK ? set_path(job, &job->inputs[input], path, err) : status;
}

dpk_status dpk_job_write(dpk_job *job, size_t output, const char *path, dpk_error *err)
{
    dpk_status status = check_port(job, "output", output, job->output_count, err);
    return status == DPK_OK ? set_path(job, &job->outputs[output], path, err) : status;
}

/* ---------------------------------------------------------------------------- running, results */

void dpk_job_close(dpk_job *job)
{
    dpk_keep *keep =
        job != NULL && job->keep != NULL && job->arena == &job->keep->arena ? job->keep : NULL;
    dpk_job_free(job);
    if (keep != NULL)
        dpk_keep_give_back(keep);
}

/* A job whose workers outlive it gets the arena to which they belong, if it is free. */
static void borrow_arena(dpk_job *job)
{
    const dpk_backend *backend;
    dpk_error err;
    if (dpk_backend_choose(job->settings.backend_name, &backend, &err) == DPK_OK &&
        backend->arena_only && job->settings.memory != DPK_MEMORY_PRIVATE)
        job->arena = dpk_keep_take(job->keep);
}

dpk_status dpk_job_run(dpk_job *job, dpk_error *err)
{
    if (job->run != NULL)
        return dpk_fail(err, DPK_USAGE, "the job has run already");
    if (job->arena == NULL)
        borrow_arena(job);
    dpk_status status = dpk_job_prepare(job, err);
    if (status == DPK_OK)
        status = dpk_job_compute(job, err);
    if (status == DPK_OK)
        status = dpk_job_save(job, err);
    const dpk_team *team = job->run != NULL ? &job->run->team : NULL;
    if (status != DPK_OK || team->failed_count == 0)
        return status;
    char text[sizeof err->text];
    dpk_failed_text(team->failed, team->failed_count, text, sizeof text);
    return dpk_fail(err, DPK_WORKER_LOST, "%s", text);
}

const dpk_array *dpk_job_output(const dpk_job *job, size_t output)
{
    if (!job->saved || output >= job->output_count || job->outputs[output].path != NULL)
        return NULL;
    return dpk_run_output(job->run, output);
}

const char *dpk_job_note(const dpk_job *job, size_t i)
{
    return i < job->note_count ? job->notes[i] : NULL;
}

bool dpk_job_skipped(const dpk_job *job, size_t i, const char **pass, size_t *item)
{
    if (!job->saved || i >= job->run->team.failed_count)
        return false;
    *pass = job->run->team.failed[i].pass->name;
    *item = job->run->team.failed[i].item;
    return true;
}

void dpk_job_stats(const dpk_job *job, dpk_stats *stats)
{
    size_t size = stats->size < sizeof *stats ? stats->size : sizeof *stats;
    dpk_stats full = { .size = stats->size };
    if (job->saved) {
        dpk_ledger ledger = dpk_run_ledger(job->run);
        double seconds[DPK_PHASES];
        for (int phase = 0; phase < DPK_PHASES; phase++)
            seconds[phase] = (double)ledger.ns[phase] * 1e-9;
        full = (dpk_stats){ .size = stats->size,
                            .wall = (double)job->wall * 1e-9,
                            .load = seconds[DPK_LOAD],
                            .start = seconds[DPK_START],
                            .work = seconds[DPK_WORK],
                            .wait = seconds[DPK_WAIT],
                            .store = seconds[DPK_STORE],
                            .stop = seconds[DPK_STOP],
                            .workers = ledger.workers,
                            .chunks = ledger.chunks };
    }
    memcpy(stats, &full, size);
}
