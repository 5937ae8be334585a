/* SPDX-License-Identifier: MIT */
/* run_batch_plan.c: from words to files with inputs and outputs, and which of them are left out. */
#include "base/text.h"
#include "commands/command.h"
#include "commands/run_batch_work.h"
#include "engine/batch_key.h"
#include "engine/batch_target.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------------------------- inputs */

static dpk_status list_inputs(dpk_batch_work *work, const dpk_operands *words, dpk_error *err)
{
    const dpk_batch_settings *settings = work->settings;
    dpk_batch_list *list = &work->list;
    dpk_status status = DPK_OK;
    *list = (dpk_batch_list){ .recursive = settings->recursive,
                              .any_name = work->model->settings.in_format != NULL,
                              .output = settings->out_dir };
    for (size_t i = 0; i < words->count && status == DPK_OK; i++)
        status = dpk_batch_list_add(list, words->words[i], err);
    if (status == DPK_OK && settings->from != NULL)
        status = dpk_batch_list_read(list, settings->from, err);
    if (status == DPK_OK && list->count == 0)
        return settings->from != NULL
                   ? dpk_fail(err, DPK_USAGE, "--from '%s': the list names no file", settings->from)
                   : dpk_fail(err, DPK_USAGE, "there is no input: name files, or a list by --from");
    if (status == DPK_OK && list->passed_over > 0)
        dpk_say("left alone in folders, as their names are of no format that is read: %zu",
                list->passed_over);
    return status;
}

/* -------------------------------------------------------------------------------------- outputs */

static dpk_status name_output(dpk_batch_work *work, const dpk_batch_naming *naming, size_t i,
                              dpk_error *err)
{
    char path[PATH_MAX];
    dpk_status status =
        dpk_batch_name(naming, &work->list.inputs[i], i + 1, path, sizeof path, err);
    if (status != DPK_OK)
        return status;
    const char *kept = dpk_batch_list_text(&work->list, path, strlen(path));
    if (kept == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the names of %zu files",
                        work->list.count);
    work->files[i] = (dpk_batch_file){ .input = work->list.inputs[i].path, .output = kept };
    return dpk_batch_plan_folder(&work->files[i], naming->folder, err);
}

/* Digests and numbers that are printed would not say whose they are. */
static dpk_status check_virtual(const dpk_batch_settings *settings, dpk_error *err)
{
    static const char *const printing[] = { "hash:", "text:", "-" };
    for (size_t i = 0; i < sizeof printing / sizeof *printing; i++)
        if (settings->out != NULL && strcmp(settings->out, printing[i]) == 0)
            return dpk_fail(err, DPK_USAGE,
                            "--out '%s': many files are written to files; 'null:' discards them",
                            settings->out);
    return DPK_OK;
}

static dpk_status name_outputs(dpk_batch_work *work, dpk_error *err)
{
    const dpk_batch_settings *settings = work->settings;
    char kernel[64];
    const dpk_batch_naming naming = {
        .in_place = settings->in_place,
        .folder = settings->out_dir,
        .pattern = settings->out,
        .kernel = dpk_typed_name(work->model->kernel->name, kernel, sizeof kernel),
        .suffix = work->model->settings.out_format,
        .count = work->list.count,
    };
    dpk_status status = check_virtual(settings, err);
    if (status == DPK_OK)
        status = dpk_batch_check_naming(&naming, err);
    if (status == DPK_OK && settings->out_dir != NULL)
        status = dpk_batch_check_folder(settings->out_dir, err);
    for (size_t i = 0; i < work->list.count && status == DPK_OK; i++)
        status = name_output(work, &naming, i, err);
    return status;
}

static bool is_discarded(const dpk_batch_work *work)
{
    return work->settings->out_dir == NULL && work->settings->out != NULL &&
           strcmp(work->settings->out, "null:") == 0;
}

static dpk_status check_targets(dpk_batch_work *work, dpk_error *err)
{
    return is_discarded(work)
               ? DPK_OK
               : dpk_batch_check_targets(&work->list, work->files, work->settings->in_place, err);
}

dpk_status dpk_batch_plan(dpk_batch_work *work, const dpk_operands *words, dpk_error *err)
{
    dpk_status status = list_inputs(work, words, err);
    if (status != DPK_OK)
        return status;
    work->files = calloc(work->list.count, sizeof *work->files);
    if (work->files == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %zu files", work->list.count);
    status = name_outputs(work, err);
    return status == DPK_OK ? check_targets(work, err) : status;
}

/* Two paths may turn out to lead to one place once their folders are there. */
dpk_status dpk_batch_make_folders(dpk_batch_work *work, dpk_error *err)
{
    bool any = false;
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < work->list.count && status == DPK_OK; i++) {
        const dpk_batch_file *file = &work->files[i];
        if (file->folder_later && file->state == DPK_BATCH_WAITING) {
            status = dpk_batch_make_folder(file, work->settings->out_dir, err);
            any = true;
        }
    }
    return status == DPK_OK && any ? check_targets(work, err) : status;
}

/* --------------------------------------------------------------------------------- what is done */

dpk_status dpk_batch_key_of(const dpk_batch_work *work, const dpk_batch_file *file,
                            const struct stat *status, uint64_t *key, dpk_error *err)
{
    if (work->settings->resume == DPK_RESUME_BY_CONTENT)
        return dpk_batch_content_key(work->model, file, key, err);
    *key = dpk_batch_key(work->model, file, status);
    return DPK_OK;
}

/* Why there is nothing to do for file i, or NULL. */
static const char *why_current(const dpk_batch_work *work, size_t i)
{
    const dpk_batch_settings *settings = work->settings;
    if (settings->skip_existing &&
        dpk_batch_is_there(&work->files[i], &work->list.inputs[i], false))
        return "its output is there";
    if (settings->newer && dpk_batch_is_there(&work->files[i], &work->list.inputs[i], true))
        return "its output is no older";
    return NULL;
}

/* What the log says of the command that does file i. */
static dpk_status ask_command(const dpk_batch_work *work, size_t i, dpk_batch_past *past,
                              uint64_t *key, dpk_error *err)
{
    const dpk_batch_file *file = &work->files[i];
    char *command = dpk_batch_command(work->command, file->input, file->output);
    if (command == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a command");
    *past = dpk_batch_log_of_command(&work->log, command, key);
    free(command);
    return DPK_OK;
}

static dpk_status ask_retry(const dpk_batch_work *work, size_t i, const char **why, dpk_error *err)
{
    dpk_batch_past past = DPK_PAST_NONE;
    dpk_status status = ask_command(work, i, &past, NULL, err);
    if (past != DPK_PAST_FAILED)
        *why = "the log does not say that it has failed";
    return status;
}

/* A file that was to be replaced by its output, and is not what it was: it may be its output, which
 * must not be taken for an input. */
static dpk_status ask_doubt(dpk_batch_work *work, size_t i, uint64_t key, const char **why,
                            dpk_error *err)
{
    dpk_batch_past past = DPK_PAST_NONE;
    uint64_t planned;
    dpk_status status = ask_command(work, i, &past, &planned, err);
    if (status != DPK_OK || past != DPK_PAST_PLANNED || planned == key)
        return status;
    *why = "it has changed since a run that did not end was to do it, and may be its own output";
    dpk_say("'%s' is left alone: %s (a run without --resume does it)", work->files[i].input, *why);
    work->doubtful++;
    return DPK_OK;
}

/* What was done and is no longer there has to be done again. */
static dpk_status ask_key(dpk_batch_work *work, size_t i, const char **why, dpk_error *err)
{
    const dpk_batch_file *file = &work->files[i];
    const dpk_batch_input *input = &work->list.inputs[i];
    uint64_t key;
    if (!is_discarded(work) && !dpk_batch_is_there(file, input, false))
        return DPK_OK;
    dpk_status status = dpk_batch_key_of(work, file, &input->status, &key, err);
    if (status != DPK_OK)
        return status;
    if (dpk_batch_log_of_key(&work->log, key) == DPK_PAST_DONE)
        *why = "the log says that it is done";
    else if (work->settings->in_place)
        status = ask_doubt(work, i, key, why, err);
    return status;
}

/* A log in the folder for outputs is the first file there. */
static void make_log_folder(const dpk_batch_settings *settings)
{
    size_t bytes = settings->out_dir != NULL ? strlen(settings->out_dir) : 0;
    if (bytes > 0 && !settings->dry_run &&
        strncmp(settings->joblog, settings->out_dir, bytes) == 0 &&
        (settings->joblog[bytes] == '/' || settings->out_dir[bytes - 1] == '/'))
        mkdir(settings->out_dir, 0777); /* if it fails, opening the log says why */
}

/* An output would take the log's place. */
static dpk_status check_log(const dpk_batch_work *work, dpk_error *err)
{
    struct stat log, output;
    if (work->log.file < 0 || fstat(work->log.file, &log) != 0)
        return DPK_OK;
    for (size_t i = 0; i < work->list.count; i++)
        if (stat(work->files[i].output, &output) == 0 && output.st_dev == log.st_dev &&
            output.st_ino == log.st_ino)
            return dpk_fail(err, DPK_USAGE, "--joblog '%s': is the output for '%s'", work->log.path,
                            work->files[i].input);
    return DPK_OK;
}

static dpk_status open_log(dpk_batch_work *work, dpk_error *err)
{
    const dpk_batch_settings *settings = work->settings;
    if (settings->joblog == NULL)
        return DPK_OK;
    make_log_folder(settings);
    dpk_status status = dpk_batch_log_open(&work->log, settings->joblog, settings->dry_run, err);
    if (status == DPK_OK && work->log.note[0] != '\0')
        dpk_say("%s", work->log.note);
    return status == DPK_OK ? check_log(work, err) : status;
}

dpk_status dpk_batch_leave_out(dpk_batch_work *work, dpk_error *err)
{
    dpk_status status = open_log(work, err);
    for (size_t i = 0; i < work->list.count && status == DPK_OK; i++) {
        const char *why = why_current(work, i);
        if (why == NULL && work->settings->resume != DPK_RESUME_NO)
            status = ask_key(work, i, &why, err);
        if (why == NULL && work->settings->retry_failed)
            status = ask_retry(work, i, &why, err);
        if (why == NULL)
            continue;
        work->files[i].state = DPK_BATCH_SKIPPED;
        work->files[i].text = why;
    }
    return status;
}
