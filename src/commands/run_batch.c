/* SPDX-License-Identifier: MIT */
/* run_batch.c: the life of `dpk run` on many files: all are found, named, looked at and refused,
 * and only then is anything written. */
#include "commands/run_batch.h"

#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/run_batch_signals.h"
#include "commands/run_batch_work.h"
#include "engine/batch_key.h"
#include "report/report_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double find_epoch(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec - 1e-9 * (double)dpk_now();
}

static dpk_batch_report make_report(const dpk_batch_work *work)
{
    return (dpk_batch_report){ .model = work->model,
                               .request = work->command,
                               .files = work->files,
                               .count = work->list.count,
                               .totals = dpk_batch_total(work->batch),
                               .epoch = work->epoch };
}

/* ------------------------------------------------------------------------------------- refusals */

/* What all files are refused for, by the same sentence, is wrong with the request and not with
 * them. NULL if there is nothing of the kind. */
static const dpk_batch_file *find_common_refusal(const dpk_batch_work *work)
{
    const dpk_batch_file *first = NULL;
    for (size_t i = 0; i < work->list.count; i++) {
        const dpk_batch_file *file = &work->files[i];
        if (file->state == DPK_BATCH_SKIPPED)
            continue;
        if (file->state != DPK_BATCH_FAILED || file->status != DPK_USAGE || file->text == NULL ||
            (first != NULL && strcmp(first->text, file->text) != 0))
            return NULL;
        first = first != NULL ? first : file;
    }
    return first;
}

/* The other files are done without those whose heads show that they cannot be. */
static dpk_status tell_refused(dpk_batch_work *work, dpk_error *err)
{
    const dpk_batch_file *all = find_common_refusal(work);
    if (all != NULL)
        return dpk_fail(err, all->status, "%s", all->text);
    for (size_t i = 0; i < work->list.count; i++)
        if (work->files[i].state == DPK_BATCH_FAILED)
            dpk_batch_tell_finished(work, &work->files[i]);
    return DPK_OK;
}

static dpk_status check(dpk_batch_work *work, dpk_batch_options *options, dpk_error *err)
{
    dpk_status status =
        dpk_batch_make(&work->batch, work->model, work->files, work->list.count, options, err);
    if (status == DPK_OK)
        status = dpk_batch_check(work->batch, err);
    return status == DPK_OK ? tell_refused(work, err) : status;
}

/* -------------------------------------------------------------------------------------- running */

static dpk_status execute(dpk_batch_work *work, dpk_error *err)
{
    dpk_status status = dpk_batch_make_folders(work, err);
    if (status == DPK_OK)
        status = dpk_batch_log_plan(work, err);
    if (status != DPK_OK)
        return status;
    dpk_batch_listen();
    status = dpk_batch_run(work->batch, err);
    dpk_batch_tell_end(work);
    return status;
}

/* -------------------------------------------------------------------------------------- the end */

static dpk_status summarise(const dpk_batch_work *work, dpk_error *err)
{
    dpk_batch_totals totals = dpk_batch_total(work->batch);
    size_t files = totals.files - totals.skipped;
    char text[sizeof err->text];
    if (work->unlogged.status != DPK_OK)
        return dpk_fail(err, DPK_OUTPUT_FAILED, "%s; %zu of %zu files are done",
                        work->unlogged.text, totals.done, files);
    if (totals.failed == 0 && (totals.waiting == 0 || work->settings->dry_run))
        return work->doubtful == 0 ? DPK_OK
                                   : dpk_fail(err, DPK_FAILED, "%zu of %zu files left alone",
                                              work->doubtful, totals.files);
    if (work->settings->dry_run)
        return dpk_fail(err, DPK_FAILED, "%zu of %zu files cannot be done", totals.failed, files);
    dpk_text to = dpk_text_begin(text, sizeof text);
    dpk_text_add(&to, "%zu of %zu file%s failed", totals.failed, files, files == 1 ? "" : "s");
    if (totals.lost > 0)
        dpk_text_add(&to, ", %zu of them as workers died of %s", totals.lost,
                     totals.lost == 1 ? "it" : "them");
    if (totals.waiting > 0)
        dpk_text_add(&to, ", and %zu %s not done", totals.waiting,
                     totals.waiting == 1 ? "was" : "were");
    return dpk_fail(err, totals.lost > 0 ? DPK_WORKER_LOST : DPK_FAILED, "%s", text);
}

static void say_skipped(const dpk_batch_work *work)
{
    dpk_batch_totals totals = dpk_batch_total(work->batch);
    size_t skipped = totals.skipped - work->doubtful;
    if (skipped > 0)
        dpk_say("%zu of %zu files left out, as there is nothing to do for them", skipped,
                totals.files);
}

void dpk_batch_print(const dpk_batch_work *work, bool ran)
{
    dpk_batch_report report = make_report(work);
    if (work->settings->json)
        dpk_batch_write_json(stdout, &report);
    else if (work->settings->dry_run)
        dpk_batch_print_plan(stdout, &report);
    if (ran && work->stats)
        dpk_batch_print_stats(stderr, &report);
}

static dpk_status run(dpk_batch_work *work, dpk_batch_options *options, dpk_error *err)
{
    dpk_status status = check(work, options, err);
    if (status != DPK_OK)
        return status;
    dpk_batch_totals totals = dpk_batch_total(work->batch);
    bool runs = !work->settings->dry_run && totals.waiting > 0 &&
                !dpk_batch_is_halted(options, totals.failed, totals.files) &&
                work->unlogged.status == DPK_OK;
    if (runs)
        status = execute(work, err);
    if (status != DPK_OK)
        return status;
    if (dpk_batch_signal() != 0)
        dpk_batch_tell_interrupted(work);
    else if (!work->settings->dry_run)
        say_skipped(work);
    dpk_batch_print(work, runs);
    dpk_batch_obey_signal();
    return summarise(work, err);
}

static void end(dpk_batch_work *work)
{
    dpk_batch_free(work->batch);
    dpk_batch_log_close(&work->log);
    dpk_batch_list_free(&work->list);
    free(work->files);
    free(work->command);
}

dpk_status dpk_run_batch(dpk_job *model, const dpk_batch_settings *settings,
                         const dpk_operands *words, bool stats, dpk_error *err)
{
    dpk_batch_work work = { .model = model,
                            .settings = settings,
                            .stats = stats,
                            .command = dpk_batch_request(model),
                            .log.file = -1,
                            .epoch = find_epoch() };
    dpk_batch_options options = { .context = &work,
                                  .finished = dpk_batch_tell_finished,
                                  .note = dpk_batch_tell_note,
                                  .tick = dpk_batch_tell_progress };
    dpk_status status = dpk_batch_takes(model, err);
    if (status == DPK_OK && work.command == NULL)
        status = dpk_fail(err, DPK_LIMIT, "not enough memory for a batch");
    if (status == DPK_OK)
        status = dpk_batch_read_settings(settings, model, &options, err);
    if (status == DPK_OK)
        status = dpk_batch_plan(&work, words, err);
    if (status == DPK_OK)
        status = dpk_batch_leave_out(&work, err);
    if (status == DPK_OK)
        status = run(&work, &options, err);
    end(&work);
    return status;
}
