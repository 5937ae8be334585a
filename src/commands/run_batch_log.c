/* SPDX-License-Identifier: MIT */
/* run_batch_log.c: what the log says of a file, as soon as it is done, and of one that its output
 * is to replace, before. */
#include "base/clock.h"
#include "base/error.h"
#include "commands/run_batch_work.h"
#include "engine/batch_key.h"

#include <stdlib.h>
#include <sys/wait.h>

/* A file that has been replaced by its output is known by what it is from now on. One that cannot
 * be looked at gets a key that no other has. */
static uint64_t key_now(const dpk_batch_work *work, const dpk_batch_file *file)
{
    struct stat status = work->list.inputs[file - work->files].status;
    uint64_t key;
    dpk_error err;
    bool replaced = work->settings->in_place && file->state == DPK_BATCH_DONE;
    if (replaced && stat(file->input, &status) != 0)
        return 0;
    return dpk_batch_key_of(work, file, &status, &key, &err) == DPK_OK ? key : 0;
}

static int exit_code_of(const dpk_batch_file *file)
{
    if (file->state == DPK_BATCH_DONE)
        return 0;
    if (file->state == DPK_BATCH_WAITING)
        return DPK_BATCH_PLANNED;
    int code = dpk_exit_code(file->status);
    return code != 0 ? code : dpk_exit_code(DPK_FAILED);
}

static int signal_of(const dpk_batch_file *file)
{
    bool died = file->state != DPK_BATCH_DONE && file->end != 0 && WIFSIGNALED(file->end);
    return died ? WTERMSIG(file->end) : 0;
}

dpk_status dpk_batch_log_file(const dpk_batch_work *work, const dpk_batch_file *file,
                              dpk_error *err)
{
    if (work->log.path == NULL || work->settings->dry_run)
        return DPK_OK;
    char *command = dpk_batch_command(work->command, file->input, file->output);
    if (command == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a line of the log");
    uint64_t began = file->attempts > 0 ? file->began : dpk_now();
    const dpk_batch_entry entry = {
        .number = (size_t)(file - work->files) + 1,
        .began = work->epoch + 1e-9 * (double)began,
        .took = 1e-9 * (double)file->took,
        .bytes_in = file->bytes_in,
        .bytes_out = file->bytes_out,
        .exit = exit_code_of(file),
        .signal = signal_of(file),
        .command = command,
        .worker = file->worker,
        .attempts = file->attempts,
        .key = key_now(work, file),
    };
    dpk_status status = dpk_batch_log_add(&work->log, &entry, err);
    free(command);
    return status;
}

dpk_status dpk_batch_log_plan(const dpk_batch_work *work, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < work->list.count && work->settings->in_place && status == DPK_OK; i++)
        if (work->files[i].state == DPK_BATCH_WAITING)
            status = dpk_batch_log_file(work, &work->files[i], err);
    return status;
}
