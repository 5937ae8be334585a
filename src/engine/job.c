/* SPDX-License-Identifier: MIT */
/* job.c: everything that can be refused is refused before anything is computed, and the outputs'
 * places are secured before, too. */
#include "engine/job.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "engine/pipeline.h"
#include "engine/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dpk_job_memory {
    struct dpk_job_memory *next;
    char bytes[];
};

/* All but the settings. */
static dpk_status make(dpk_job **made, const dpk_kernel_row *row, dpk_error *err)
{
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    dpk_job *job = calloc(1, sizeof *job);
    void *self = calloc(1, kernel->size + 1);
    *made = NULL;
    if (job == NULL || self == NULL) {
        free(job);
        free(self);
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a job");
    }
    job->row = row;
    job->kernel = kernel;
    job->input_count = dpk_kernel_inputs(kernel);
    job->output_count = dpk_kernel_outputs(kernel);
    job->self = self;
    for (size_t output = 0; output < DPK_MAX_PORTS; output++)
        job->sinks[output].descriptor = -1;
    *made = job;
    return DPK_OK;
}

dpk_status dpk_job_make(dpk_job **made, const dpk_kernel_row *row, dpk_error *err)
{
    dpk_status status = make(made, row, err);
    if (status == DPK_OK)
        dpk_job_settings_init(&(*made)->settings);
    return status;
}

dpk_status dpk_job_make_like(dpk_job **made, const dpk_job *model, dpk_error *err)
{
    dpk_status status = make(made, model->row, err);
    if (status != DPK_OK)
        return status;
    memcpy((*made)->self, model->self, model->kernel->size);
    (*made)->settings = model->settings;
    return DPK_OK;
}

void *dpk_job_reserve(dpk_job *job, size_t bytes)
{
    struct dpk_job_memory *memory = calloc(1, sizeof *memory + bytes);
    if (memory == NULL)
        return NULL;
    memory->next = job->memory;
    job->memory = memory;
    return memory->bytes;
}

const char *dpk_job_copy(dpk_job *job, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = dpk_job_reserve(job, bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

void dpk_job_free(dpk_job *job)
{
    if (job == NULL)
        return;
    for (size_t port = 0; port < DPK_MAX_PORTS; port++) {
        dpk_sink_abandon(&job->sinks[port]);
        if (job->readers != NULL)
            dpk_reader_close(&job->readers[port]);
    }
    dpk_arena_close(&job->own_arena);
    while (job->memory != NULL) {
        struct dpk_job_memory *next = job->memory->next;
        free(job->memory);
        job->memory = next;
    }
    free(job->self);
    free(job);
}

/* --------------------------------------------------------------------------------------- words */

const char *dpk_kernel_usage(const dpk_kernel *kernel, char *text, size_t size)
{
    char name[64];
    size_t used =
        (size_t)snprintf(text, size, "dpk %s", dpk_typed_name(kernel->name, name, sizeof name));
    for (const dpk_port *port = kernel->ports; port->name != NULL && used < size; port++) {
        char word[64];
        snprintf(word, sizeof word, "%s", port->name);
        for (char *letter = word; *letter != '\0'; letter++)
            *letter = (char)(*letter >= 'a' && *letter <= 'z' ? *letter - 'a' + 'A' : *letter);
        used += (size_t)snprintf(text + used, size - used, port->printed ? " [%s]" : " %s", word);
    }
    if (used < size)
        snprintf(text + used, size - used, " [options]");
    return text;
}

static dpk_status wrong_files(const dpk_job *job, size_t given, dpk_error *err)
{
    char usage[256], outputs[32] = "an output", name[64];
    if (job->output_count > 1)
        snprintf(outputs, sizeof outputs, "%zu outputs", job->output_count);
    bool many = job->input_count == 1 && job->output_count == 1 && given > 2;
    return dpk_fail(err, DPK_USAGE, "%s takes %zu input%s and %s, not %zu file%s: %s%s",
                    dpk_typed_name(job->kernel->name, name, sizeof name), job->input_count,
                    job->input_count == 1 ? "" : "s", outputs, given, given == 1 ? "" : "s",
                    dpk_kernel_usage(job->kernel, usage, sizeof usage),
                    many ? "; many files at once need --out-dir=DIR, --out=PATTERN or "
                           "--in-place"
                         : "");
}

dpk_status dpk_job_take_files(dpk_job *job, const dpk_operands *files, dpk_error *err)
{
    size_t ports = job->input_count + job->output_count;
    for (size_t port = 0; port < ports; port++) {
        bool output = port >= job->input_count;
        bool printed = output && job->kernel->ports[port].printed;
        if (port >= files->count && !printed)
            return wrong_files(job, files->count, err);
        const char *path = port < files->count ? files->words[port] : "text:";
        if (output)
            job->outputs[port - job->input_count].path = path;
        else
            job->inputs[port].path = path;
    }
    return files->count <= ports ? DPK_OK : wrong_files(job, files->count, err);
}

dpk_status dpk_job_parse(dpk_job *job, const dpk_param_set *own, int count, char *const *words,
                         dpk_operands *files, dpk_error *err)
{
    dpk_param_set sets[DPK_PARAM_SETS + 1] = {
        { "Parameters", job->kernel->params, job->self },
        { "Options", job->settings.params, &job->settings },
    };
    for (size_t i = 0; own != NULL && own[i].title != NULL; i++)
        sets[2 + i] = own[i];
    files->words = dpk_job_reserve(job, ((size_t)count + 1) * sizeof *files->words);
    if (files->words == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");
    return dpk_param_parse(sets, count, words, files, err);
}

dpk_status dpk_job_set(dpk_job *job, int count, char *const *words, dpk_error *err)
{
    dpk_operands none;
    return dpk_job_parse(job, NULL, count, words, &none, err);
}

/* -------------------------------------------------------------------------------------- inputs */

static dpk_status open_input(dpk_job *job, size_t input, dpk_error *err)
{
    dpk_reader *reader = &job->readers[input];
    const dpk_job_port *port = &job->inputs[input];
    const char *name = job->kernel->ports[input].name;
    if (port->path == NULL && !port->given)
        return dpk_fail(err, DPK_USAGE, "input '%s' of %s is neither an array nor a file", name,
                        job->kernel->name);
    reader->arena = job->arena;
    reader->limit_pixels = job->settings.limit_pixels;
    reader->isa = job->settings.isa;
    if (port->path != NULL) {
        dpk_status status = dpk_reader_open(reader, port->path, job->settings.in_format, err);
        if (status != DPK_OK)
            return status;
        name = reader->source.name;
    } else {
        /* As of a file that holds the elements just as an array does. */
        reader->array = port->array;
        reader->array.data = NULL;
        reader->mapped = port->array.data;
    }
    return dpk_run_bind(job->run, input, &reader->array, name, err);
}

/* A kernel that refuses its inputs calls them by their ports: the user knows them as files. */
static dpk_status shape(dpk_job *job, dpk_error *err)
{
    dpk_status status = dpk_run_shape(job->run, err);
    if (status != DPK_BAD_INPUT)
        return status;
    char text[sizeof err->text];
    dpk_text to = dpk_text_begin(text, sizeof text);
    dpk_text_add(&to, "%s", err->text);
    for (size_t i = 0; i < job->input_count; i++)
        dpk_text_add(&to, "%s%s: %s%s", i == 0 ? " (" : ", ", job->kernel->ports[i].name,
                     job->inputs[i].path != NULL ? job->readers[i].source.name : "an array",
                     i + 1 == job->input_count ? ")" : "");
    return dpk_fail(err, status, "%s", text);
}

/* ------------------------------------------------------------------------------------- outputs */

/* "hash:" and the like: a virtual format's name and a colon. */
static const dpk_format *virtual_target(const char *target)
{
    size_t length = strlen(target);
    if (length < 2 || target[length - 1] != ':')
        return NULL;
    for (size_t i = 0; dpk_formats[i] != NULL; i++)
        if (dpk_formats[i]->suffixes == NULL && strlen(dpk_formats[i]->name) == length - 1 &&
            strncmp(dpk_formats[i]->name, target, length - 1) == 0)
            return dpk_formats[i];
    return NULL;
}

static dpk_status no_format(const char *target, const char *wanted, dpk_error *err)
{
    if (wanted != NULL)
        return dpk_fail(err, DPK_USAGE,
                        "--out-format '%s': no format that can be written (see `dpk list "
                        "formats`)",
                        wanted);
    if (strcmp(target, "-") == 0)
        return dpk_fail(err, DPK_USAGE, "say which format goes to standard output: --out-format");
    return dpk_fail(err, DPK_USAGE,
                    "cannot tell the format of '%s' from its name: end it in .png, .npy, .pam, … "
                    "or give --out-format (see `dpk list formats`)",
                    target);
}

/* What stays in memory goes to nobody. */
static dpk_status choose_format(const dpk_job *job, dpk_writer *writer, const char *target,
                                dpk_error *err)
{
    const char *wanted = job->settings.out_format;
    if (target == NULL) {
        writer->format = dpk_format_find("null");
        writer->suffix = "";
        return DPK_OK;
    }
    writer->suffix = wanted != NULL ? wanted : dpk_suffix(target);
    writer->format = virtual_target(target);
    if (writer->format == NULL && strcmp(target, "-") == 0 && wanted == NULL &&
        job->input_count > 0)
        writer->format = job->readers[0].format;
    if (writer->format == NULL)
        writer->format = dpk_format_find(writer->suffix);
    bool writable = writer->format != NULL && writer->format->begin != NULL;
    return writable ? DPK_OK : no_format(target, wanted, err);
}

/* Whether one of the first `count` outputs goes there. */
static bool any_same_output(const dpk_job *job, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (job->outputs[i].path != NULL && dpk_target_same(job->outputs[i].path, path))
            return true;
    return false;
}

bool dpk_job_uses(const dpk_job *job, const char *path)
{
    for (size_t i = 0; i < job->input_count; i++) {
        const char *input = job->inputs[i].path;
        if (input != NULL && dpk_target_same(strcmp(input, "-") == 0 ? "/dev/stdin" : input, path))
            return true;
    }
    return any_same_output(job, job->output_count, path);
}

/* Workers may see nothing but the arena. */
static dpk_status copy_options(dpk_job *job, dpk_writer *writer, dpk_error *err)
{
    const void *options = dpk_job_format_options(&job->settings, writer->format);
    if (options == NULL)
        return DPK_OK;
    void *copy = dpk_alloc_input(job->arena, writer->format->params_size, err);
    writer->options = copy;
    if (copy == NULL)
        return DPK_LIMIT;
    memcpy(copy, options, writer->format->params_size);
    return DPK_OK;
}

/* What can be said of an output before there is one. *sinkless: it has no file. */
static dpk_status check_output(dpk_job *job, size_t output, bool *sinkless, dpk_error *err)
{
    dpk_writer *writer = &job->writers[output];
    const char *target = job->outputs[output].path;
    *writer = (dpk_writer){ .arena = job->arena,
                            .array = dpk_run_output(job->run, output),
                            .isa = job->settings.isa };
    if (job->input_count > 0 && job->inputs[0].path != NULL)
        writer->meta = &job->readers[0].meta;
    dpk_status status = choose_format(job, writer, target, err);
    if (status == DPK_OK)
        status = copy_options(job, writer, err);
    if (status == DPK_OK && writer->format->accepts != NULL)
        status = writer->format->accepts(writer->array, writer->suffix, err);
    bool prints = writer->format != NULL && writer->format->stdout_only;
    *sinkless = status != DPK_OK || (!prints && writer->format->suffixes == NULL);
    if (!*sinkless && !prints && any_same_output(job, output, target))
        return dpk_fail(err, DPK_USAGE, "two outputs cannot both go to '%s'", target);
    return status;
}

static dpk_status open_output(dpk_job *job, size_t output, dpk_error *err)
{
    bool sinkless;
    dpk_status status = check_output(job, output, &sinkless, err);
    if (status != DPK_OK || sinkless)
        return status;
    dpk_writer *writer = &job->writers[output];
    dpk_sink_options options = dpk_job_sink_options(&job->settings);
    options.temporary = job->temporary_name;
    writer->sink = &job->sinks[output];
    const char *target = writer->format->stdout_only ? "-" : job->outputs[output].path;
    return dpk_sink_open_as(writer->sink, target, &options, err);
}

/* --------------------------------------------------------------------------------- the job */

static dpk_status take_arena(dpk_job *job, dpk_error *err)
{
    if (job->arena != NULL)
        return DPK_OK;
    job->arena = &job->own_arena;
    return dpk_arena_open(job->arena, (dpk_memory)job->settings.memory, false, err);
}

/* With the texts that they point to: workers may see nothing but the arena. */
static dpk_status copy_parameters(dpk_job *job, dpk_error *err)
{
    const dpk_param *param = job->kernel->params;
    memcpy(job->run->self, job->self, job->kernel->size);
    for (; param != NULL && param->name != NULL; param++) {
        char **value = (char **)(void *)((char *)job->run->self + param->offset);
        if (param->type != DPK_PARAM_STRING || *value == NULL)
            continue;
        size_t bytes = strlen(*value) + 1;
        char *copy = dpk_alloc_input(job->arena, bytes, err);
        if (copy == NULL)
            return DPK_LIMIT;
        *value = memcpy(copy, *value, bytes);
    }
    return DPK_OK;
}

/* Where workers see them. Inherited, they are this process's own, which no worker can damage. */
static dpk_status make_ends(dpk_job *job, dpk_error *err)
{
    size_t readers = DPK_MAX_PORTS * sizeof *job->readers;
    size_t writers = DPK_MAX_PORTS * sizeof *job->writers;
    job->readers = dpk_zeroed(dpk_alloc_input(job->arena, readers, err), readers);
    job->writers = dpk_zeroed(dpk_alloc_input(job->arena, writers, err), writers);
    return job->readers != NULL && job->writers != NULL ? DPK_OK : DPK_LIMIT;
}

static dpk_status start(dpk_job *job, dpk_error *err)
{
    dpk_status status = dpk_job_settings_resolve(&job->settings, err);
    if (status != DPK_OK)
        return status;
    dpk_run_options *options = &job->settings.options;
    const dpk_observer *observer = job->observer;
    options->observer = observer;
    options->events = job->events == 0 && observer != NULL ? observer->events : job->events;
    options->host = job->host;
    if (job->backend != NULL)
        options->backend = job->backend;
    job->kernel = dpk_kernel_variant(job->row, job->settings.isa);
    const char *why = dpk_backend_why_not(options->backend, job->kernel);
    char name[64];
    if (why != NULL)
        return dpk_fail(err, DPK_USAGE, "%s cannot run on backend %s: %s",
                        dpk_typed_name(job->kernel->name, name, sizeof name),
                        options->backend->name, why);
    status = take_arena(job, err);
    if (status == DPK_OK)
        status = dpk_run_begin(&job->run, job->kernel, options, job->arena, err);
    if (status == DPK_OK)
        status = copy_parameters(job, err);
    return status == DPK_OK ? make_ends(job, err) : status;
}

/* Bands flow to files; an array is wanted as a whole. */
static dpk_streaming streaming(const dpk_job *job)
{
    bool flows = true;
    for (size_t i = 0; i < job->output_count; i++)
        flows = flows && job->outputs[i].path != NULL;
    return flows ? (dpk_streaming)job->settings.stream : DPK_STREAM_OFF;
}

static dpk_status open_inputs(dpk_job *job, dpk_error *err)
{
    dpk_status status = start(job, err);
    for (size_t i = 0; i < job->input_count && status == DPK_OK; i++)
        status = open_input(job, i, err);
    return status == DPK_OK ? shape(job, err) : status;
}

static dpk_status prepare_pipeline(dpk_job *job, dpk_error *err)
{
    const dpk_ends ends = { .readers = job->readers, .writers = job->writers };
    return dpk_pipeline_prepare(job->run, &ends, streaming(job), err);
}

dpk_status dpk_job_check(dpk_job *job, dpk_error *err)
{
    bool sinkless;
    dpk_status status = open_inputs(job, err);
    for (size_t i = 0; i < job->output_count && status == DPK_OK; i++)
        status = check_output(job, i, &sinkless, err);
    return status == DPK_OK ? prepare_pipeline(job, err) : status;
}

dpk_status dpk_job_prepare(dpk_job *job, dpk_error *err)
{
    dpk_status status = open_inputs(job, err);
    for (size_t i = 0; i < job->output_count && status == DPK_OK; i++)
        status = open_output(job, i, err);
    return status == DPK_OK ? prepare_pipeline(job, err) : status;
}

dpk_status dpk_job_compute(dpk_job *job, dpk_error *err)
{
    const dpk_ends ends = { .readers = job->readers, .writers = job->writers };
    return dpk_pipeline_execute(job->run, &ends, err);
}

static void add_note(dpk_job *job, const char *name, const char *note)
{
    char text[sizeof job->writers[0].note + 4096];
    if (note[0] == '\0')
        return;
    snprintf(text, sizeof text, "%s%s%s", name != NULL ? name : "", name != NULL ? ": " : "", note);
    const char *copy = dpk_job_copy(job, text);
    if (copy != NULL)
        job->notes[job->note_count++] = copy;
}

static void collect_notes(dpk_job *job)
{
    const dpk_team *team = &job->run->team;
    char line[2 * DPK_LOSS_TEXT];
    add_note(job, NULL, team->note);
    const char *loss;
    for (size_t i = 0; (loss = dpk_losses_line(&team->deaths, i, line, sizeof line)) != NULL; i++)
        add_note(job, NULL, loss);
    for (size_t i = 0; i < job->input_count; i++)
        add_note(job, job->readers[i].source.name, job->readers[i].note);
    for (size_t i = 0; i < job->output_count; i++) {
        char text[96] = "";
        if (job->sinks[i].lost != NULL)
            snprintf(text, sizeof text, DPK_SINK_LOST, job->sinks[i].lost);
        const dpk_sink *sink = job->writers[i].sink;
        const char *name = sink != NULL ? sink->name : job->outputs[i].path;
        add_note(job, name, job->writers[i].note);
        add_note(job, name, text);
    }
}

dpk_status dpk_job_save(dpk_job *job, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < job->output_count && status == DPK_OK; i++)
        if (job->writers[i].sink != NULL)
            status = dpk_sink_commit(job->writers[i].sink, err);
    uint64_t end = dpk_now();
    job->run->times.store += end - job->run->times.accounted;
    job->wall = end - job->run->times.begin;
    if (status != DPK_OK)
        return status;
    job->saved = true;
    collect_notes(job);
    if (job->observer != NULL)
        job->observer->finished(job->observer->context, job->run, end);
    return DPK_OK;
}
