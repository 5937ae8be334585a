/* SPDX-License-Identifier: MIT */
/* run_batch_tell.c: a line for each file that fails, progress on a terminal, and the log, which has
 * a line for each file as soon as it is done. */
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/run_batch_signals.h"
#include "commands/run_batch_work.h"
#include "engine/batch_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many notes about files, and lines about workers, are said; of more, their number. */
enum { NOTES_SAID = 10, DEATHS_SAID = 20 };

/* --------------------------------------------------------------------------------------- terminal
 */

static bool has_terminal(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void hide_progress(dpk_batch_work *work)
{
    if (work->visible)
        fputs("\r\033[K", stderr);
    work->visible = false;
}

/* The time that is left is told by cost: files differ in size. */
static void show_progress(dpk_batch_work *work)
{
    dpk_batch_totals totals = dpk_batch_total(work->batch);
    double seconds = 1e-9 * (double)(dpk_now() - totals.began);
    if (totals.began == 0 || seconds < 1 || totals.cost_done <= 0)
        return;
    double left = seconds * (totals.cost - totals.cost_done) / totals.cost_done;
    char line[128];
    dpk_text text = dpk_text_begin(line, sizeof line);
    dpk_text_add(&text, "\rdpk: %.0f %%, %zu of %zu files", 100 * totals.cost_done / totals.cost,
                 totals.done, totals.files - totals.skipped);
    if (totals.failed > 0)
        dpk_text_add(&text, ", %zu failed", totals.failed);
    dpk_text_add(&text, ", about %.0f s left\033[K", left + 1);
    fputs(line, stderr);
    work->visible = true;
}

void dpk_batch_tell_progress(void *context)
{
    dpk_batch_work *work = context;
    if (dpk_batch_signal() != 0)
        dpk_batch_stop(work->batch, DPK_HALT_NOW);
    else if (has_terminal())
        show_progress(work);
}

/* ------------------------------------------------------------------------------------------ lines
 */

/* Most sentences name the file. */
static void say_failure(const dpk_batch_file *file)
{
    const char *text = file->text != NULL ? file->text : "it failed";
    if (strstr(text, file->input) != NULL || strstr(text, file->output) != NULL)
        dpk_say("%s", text);
    else
        dpk_say("'%s': %s", file->input, text);
}

static void say_notes(dpk_batch_work *work, const dpk_batch_file *file)
{
    for (const char *line = file->notes; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (work->notes < NOTES_SAID) {
            dpk_say("%.*s", (int)length, line);
            work->notes++;
        } else {
            work->notes_kept++;
        }
        line += length + (line[length] == '\n');
    }
}

void dpk_batch_tell_note(void *context, const char *text)
{
    dpk_batch_work *work = context;
    hide_progress(work);
    if (work->deaths_said++ < DEATHS_SAID)
        dpk_say("%s", text);
    else
        work->deaths_kept++;
}

void dpk_batch_tell_end(dpk_batch_work *work)
{
    hide_progress(work);
    if (work->deaths_kept > 0)
        dpk_say("and %zu more of this kind", work->deaths_kept);
    if (work->notes_kept > 0)
        dpk_say("%zu more notes about files are not shown; --json has them", work->notes_kept);
}

/* -------------------------------------------------------------------------------------------- log
 */

static dpk_status key_now(const dpk_batch_work *work, const dpk_batch_file *file, uint64_t *key,
                          dpk_error *err)
{
    struct stat status = work->list.inputs[file - work->files].status;
    bool replaced = work->settings->in_place && file->state == DPK_BATCH_DONE;
    if (replaced && stat(file->input, &status) != 0)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' has vanished", file->input);
    return dpk_batch_key_of(work, file, &status, key, err);
}

static int exit_code_of(const dpk_batch_file *file)
{
    if (file->state == DPK_BATCH_DONE)
        return 0;
    int code = dpk_exit_code(file->status);
    return code != 0 ? code : dpk_exit_code(DPK_FAILED);
}

/* A file that is replaced by its output is known by what it is from now on: it is not to be done
 * twice. One that has vanished gets a key that no other has. */
static dpk_status add_line(dpk_batch_work *work, const dpk_batch_file *file, dpk_error *err)
{
    uint64_t began = file->attempts > 0 ? file->began : dpk_now();
    dpk_batch_entry entry = {
        .number = (size_t)(file - work->files) + 1,
        .began = work->epoch + 1e-9 * (double)began,
        .took = 1e-9 * (double)file->took,
        .bytes_in = file->bytes_in,
        .bytes_out = file->bytes_out,
        .exit = exit_code_of(file),
        .signal = file->end != 0 && WIFSIGNALED(file->end) ? WTERMSIG(file->end) : 0,
        .worker = file->worker,
        .attempts = file->attempts,
    };
    if (file->state == DPK_BATCH_DONE)
        entry.signal = 0;
    if (key_now(work, file, &entry.key, err) != DPK_OK)
        entry.key = 0;
    char *command = dpk_batch_command(work->command, file->input, file->output);
    entry.command = command;
    dpk_status status = command != NULL ? dpk_batch_log_add(&work->log, &entry, err)
                                        : dpk_fail(err, DPK_LIMIT, "not enough memory for a log");
    free(command);
    return status;
}

/* A run that cannot be logged could not be resumed: no more is begun. */
void dpk_batch_tell_finished(void *context, const dpk_batch_file *file)
{
    dpk_batch_work *work = context;
    if (file->state != DPK_BATCH_DONE || file->notes != NULL)
        hide_progress(work);
    if (file->state != DPK_BATCH_DONE)
        say_failure(file);
    say_notes(work, file);
    if (work->log.path == NULL || work->settings->dry_run || work->unlogged.status != DPK_OK)
        return;
    if (add_line(work, file, &work->unlogged) != DPK_OK)
        dpk_batch_stop(work->batch, DPK_HALT_SOON);
    else
        work->unlogged.status = DPK_OK;
}
