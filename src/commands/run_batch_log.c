/* SPDX-License-Identifier: MIT */
/* run_batch_log.c: what the log says of a file, as soon as it is done, and of one that its output
 * is to replace, before. */
#include "base/clock.h"
#include "commands/run_batch_work.h"
#include "engine/batch_key.h"
#include "report/report_batch.h"

#include <stdlib.h>

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

dpk_status dpk_batch_log_file(const dpk_batch_work *work, const dpk_batch_file *file,
                              dpk_error *err)
{
    if (work->log.path == NULL || work->settings->dry_run)
        return DPK_OK;
    char *command = dpk_batch_command(work->command, file->input, file->output);
    if (command == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a line of the log");
    bool planned = file->state == DPK_BATCH_WAITING;
    uint64_t began = file->attempts > 0 ? file->began : dpk_now();
    const dpk_batch_entry entry = {
        .number = (size_t)(file - work->files) + 1,
        .began = work->epoch + 1e-9 * (double)began,
        .took = 1e-9 * (double)file->took,
        .bytes_in = file->bytes_in,
        .bytes_out = file->bytes_out,
        .exit = planned ? DPK_BATCH_PLANNED : dpk_batch_exit_code(file),
        .signal = file->state != DPK_BATCH_DONE ? dpk_batch_death(file) : 0,
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
