/* SPDX-License-Identifier: MIT */
/* run: a kernel on files. Everything that can be refused is refused before anything is computed,
 * and the output's place is secured before, too. */
#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/help_page.h"
#include "commands/run_progress.h"
#include "commands/run_settings.h"
#include "engine/pipeline.h"
#include "engine/reader.h"
#include "model/param.h"
#include "report/run_stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One command in progress: what must be closed whatever happens. */
struct task {
    const dpk_kernel *kernel;
    dpk_run_settings settings;
    dpk_operands operands;
    dpk_arena arena;
    dpk_run run;
    dpk_reader readers[DPK_MAX_PORTS];
    dpk_writer writer;
    dpk_sink sink;
    uint64_t wall;            /* ns from the first byte decoded to the output in its place */
    const char *target;       /* the output as the user wrote it */
    const char *suffix;       /* what is asked of its format: "ppm", "png", … */
    const dpk_format *format; /* of the output */
};

/* ------------------------------------------------------------------------------------- inputs */

static dpk_status load(struct task *task, size_t input, dpk_error *err)
{
    dpk_reader *reader = &task->readers[input];
    const char *path = task->operands.words[input];
    reader->arena = &task->arena;
    reader->limit_pixels = task->settings.limit_pixels;
    dpk_status status = dpk_reader_open(reader, path, task->settings.in_format, err);
    return status == DPK_OK ? dpk_run_bind(&task->run, input, &reader->array, path, err) : status;
}

/* A kernel that refuses its inputs calls them by their ports: the user knows them as files. */
static dpk_status shape(struct task *task, dpk_error *err)
{
    dpk_status status = dpk_run_shape(&task->run, err);
    if (status != DPK_BAD_INPUT)
        return status;
    size_t inputs = dpk_kernel_inputs(task->kernel), used = strlen(err->text);
    for (size_t i = 0; i < inputs && used < sizeof err->text; i++)
        used += (size_t)snprintf(err->text + used, sizeof err->text - used, "%s%s: %s%s",
                                 i == 0 ? " (" : ", ", task->kernel->ports[i].name,
                                 task->readers[i].source.name, i + 1 == inputs ? ")" : "");
    return status;
}

/* ------------------------------------------------------------------------------------- output */

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

static bool writable(const dpk_format *format)
{
    return format != NULL && format->begin != NULL;
}

static dpk_status output_format(struct task *task, dpk_error *err)
{
    const char *wanted = task->settings.out_format;
    bool to_stdout = strcmp(task->target, "-") == 0;
    task->suffix = wanted != NULL ? wanted : dpk_suffix(task->target);
    task->format = virtual_target(task->target);
    if (task->format == NULL && to_stdout && wanted == NULL && dpk_kernel_inputs(task->kernel) > 0)
        task->format = task->readers[0].format;
    if (task->format == NULL)
        task->format = dpk_format_find(task->suffix);
    if (writable(task->format))
        return DPK_OK;
    if (wanted != NULL)
        return dpk_fail(err, DPK_USAGE,
                        "--out-format '%s': no format that can be written (see `dpk list "
                        "formats`)",
                        wanted);
    if (to_stdout)
        return dpk_fail(err, DPK_USAGE, "say which format goes to standard output: --out-format");
    return dpk_fail(err, DPK_USAGE,
                    "cannot tell the format of '%s' from its name: end it in .png, .npy, .pam, … "
                    "or give --out-format (see `dpk list formats`)",
                    task->target);
}

static dpk_status open_output(struct task *task, dpk_error *err)
{
    const dpk_array *array = dpk_run_output(&task->run, 0);
    dpk_status status = DPK_OK;
    if (task->format->accepts != NULL)
        status = task->format->accepts(array, task->suffix, err);
    bool prints = task->format->stdout_only;
    bool writes = prints || task->format->suffixes != NULL;
    if (status == DPK_OK && !prints && writes && strcmp(task->target, "-") == 0 &&
        isatty(STDOUT_FILENO))
        status = dpk_fail(err, DPK_USAGE, "%s data does not go to a terminal: redirect it",
                          task->format->name);
    if (status == DPK_OK && writes)
        status = dpk_sink_open(&task->sink, prints ? "-" : task->target, err);
    bool has_input = dpk_kernel_inputs(task->kernel) > 0;
    task->writer = (dpk_writer){ .format = task->format,
                                 .arena = &task->arena,
                                 .array = array,
                                 .suffix = task->suffix,
                                 .effort = (dpk_effort)task->settings.png,
                                 .meta = has_input ? &task->readers[0].meta : NULL,
                                 .sink = writes ? &task->sink : NULL };
    return status;
}

/* --------------------------------------------------------------------------------- the command */

static dpk_status count_operands(struct task *task, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(task->kernel);
    size_t given = task->operands.count;
    if (given == inputs + 1) {
        task->target = task->operands.words[inputs];
        return DPK_OK;
    }
    if (given == inputs && task->kernel->ports[inputs].printed) {
        task->target = "text:";
        return DPK_OK;
    }
    char usage[256];
    char name[64];
    return dpk_fail(err, DPK_USAGE, "%s takes %zu input%s and an output, not %zu file%s: %s",
                    dpk_typed_name(task->kernel->name, name, sizeof name), inputs,
                    inputs == 1 ? "" : "s", given, given == 1 ? "" : "s",
                    dpk_kernel_usage(task->kernel, usage, sizeof usage));
}

/* A worker process that has died may have died of an input that was cut short: then this does not
 * return (dpk_source_touch_end). */
static void ask_inputs(const struct task *task)
{
    for (size_t i = 0; i < dpk_kernel_inputs(task->kernel); i++)
        dpk_source_touch_end(&task->readers[i].source);
}

/* Up to here everything that can be refused has been. */
static dpk_status compute(struct task *task, dpk_error *err)
{
    dpk_streaming streaming = (dpk_streaming)task->settings.stream;
    dpk_status status =
        dpk_pipeline_prepare(&task->run, task->readers, &task->writer, streaming, err);
    if (status == DPK_OK) {
        dpk_progress_start(&task->run);
        status = dpk_pipeline_execute(&task->run, task->readers, &task->writer, err);
        dpk_progress_stop();
        if (status == DPK_WORKER_LOST || task->run.team.lost_count > 0)
            ask_inputs(task);
    }
    if (status == DPK_OK && task->writer.sink != NULL)
        status = dpk_sink_commit(task->writer.sink, err);
    uint64_t end = dpk_now();
    task->run.times.store += end - task->run.times.turned;
    task->wall = end - task->run.times.begin;
    const dpk_observer *observer = task->settings.observer;
    if (status == DPK_OK && observer != NULL)
        observer->finished(observer->context, &task->run, end);
    return status;
}

static void print_notes(const struct task *task)
{
    if (task->run.team.note[0] != '\0')
        dpk_say("%s", task->run.team.note);
    for (size_t input = 0; input < dpk_kernel_inputs(task->kernel); input++)
        if (task->readers[input].note[0] != '\0')
            dpk_say("%s: %s", task->readers[input].source.name, task->readers[input].note);
    if (task->writer.note[0] != '\0')
        dpk_say("%s: %s", task->target, task->writer.note);
}

/* The output is where it should be, but not all of it: a sentence for each pass, the last of them
 * as the error. */
static dpk_status tell_lost(const struct task *task, dpk_error *err)
{
    const dpk_team *team = &task->run.team;
    char text[sizeof err->text];
    for (size_t i = 0; i < team->lost_count;) {
        if (i > 0)
            dpk_say("%s", text);
        i += dpk_lost_text(team->lost + i, team->lost_count - i, text, sizeof text);
    }
    return team->lost_count == 0 ? DPK_OK : dpk_fail(err, DPK_WORKER_LOST, "%s", text);
}

static dpk_status run_task(struct task *task, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < dpk_kernel_inputs(task->kernel) && status == DPK_OK; i++)
        status = load(task, i, err);
    if (status == DPK_OK)
        status = shape(task, err);
    if (status == DPK_OK)
        status = output_format(task, err);
    if (status == DPK_OK)
        status = open_output(task, err);
    if (status == DPK_OK)
        status = compute(task, err);
    if (status == DPK_OK)
        print_notes(task);
    if (status == DPK_OK && task->settings.stats)
        dpk_print_stats(&task->run, task->wall, task->settings.isa);
    if (status == DPK_OK && task->settings.trace != NULL)
        status = dpk_save_trace(&task->run, task->settings.trace, err);
    return status == DPK_OK ? tell_lost(task, err) : status;
}

static void close_task(struct task *task)
{
    dpk_sink_abandon(&task->sink);
    for (size_t input = 0; input < DPK_MAX_PORTS; input++)
        dpk_reader_close(&task->readers[input]);
    dpk_arena_close(&task->arena);
}

static dpk_status start_task(struct task *task, const dpk_kernel_row *row, dpk_error *err)
{
    dpk_status status = dpk_run_settings_resolve(&task->settings, err);
    if (status == DPK_OK)
        status = count_operands(task, err);
    if (status != DPK_OK)
        return status;
    task->kernel = dpk_kernel_variant(row, task->settings.isa);
    const dpk_backend *backend = task->settings.options.backend;
    const char *why = dpk_backend_why_not(backend, task->kernel);
    char name[64];
    if (why != NULL)
        return dpk_fail(err, DPK_USAGE, "%s cannot run on backend %s: %s",
                        dpk_typed_name(task->kernel->name, name, sizeof name), backend->name, why);
    return dpk_arena_open(&task->arena, (dpk_memory)task->settings.memory, false, err);
}

dpk_status dpk_run_observed(const dpk_kernel_row *row, const dpk_observer *observer, int count,
                            char *const *words, dpk_error *err)
{
    struct task task = { .kernel = row->variants[DPK_ISA_BASE], .sink.descriptor = -1 };
    dpk_run_settings_init(&task.settings);
    task.settings.observer = observer;
    task.operands.words = calloc((size_t)count + 1, sizeof *task.operands.words);
    void *self = calloc(1, task.kernel->size + 1);
    if (task.operands.words == NULL || self == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");

    const dpk_param_set sets[] = { { "Parameters", task.kernel->params, self },
                                   { "Options", task.settings.params, &task.settings },
                                   { NULL, NULL, NULL } };
    dpk_status status = dpk_param_parse(sets, count, words, &task.operands, err);
    if (task.settings.help) {
        dpk_print_kernel_page(row);
        status = DPK_OK;
    } else if (status == DPK_OK) {
        status = start_task(&task, row, err);
        if (status == DPK_OK)
            status =
                dpk_run_begin(&task.run, task.kernel, &task.settings.options, &task.arena, err);
        if (status == DPK_OK) {
            memcpy(task.run.self, self, task.kernel->size);
            status = run_task(&task, err);
        }
        close_task(&task);
    }
    free(task.operands.words);
    free(self);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "run: which kernel? (see `dpk list`)");
    const dpk_kernel_row *row = dpk_registry_find(registry, words[0]);
    if (row == NULL)
        return dpk_unknown_name(registry, words[0], err);
    return dpk_run_observed(row, NULL, count - 1, words + 1, err);
}

const dpk_command dpk_command_run = {
    .name = "run",
    .usage = "KERNEL IN… OUT [--parameter=value …]",
    .summary = "run a kernel on files; the word `run` may be left out",
    .run = run,
};
