/* SPDX-License-Identifier: MIT */
/* run_batch_tell.c: a line for each file that fails, and progress on a terminal. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/run_batch_signals.h"
#include "commands/run_batch_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many notes about files, and lines about workers, are said; of more, their number. */
enum { NOTES_SAID = 10, DEATHS_SAID = 20 };

/* ------------------------------------------------------------------------------------- terminal */

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

void dpk_batch_tell_interrupted(dpk_batch_work *work)
{
    dpk_batch_totals totals = dpk_batch_total(work->batch);
    hide_progress(work);
    dpk_say("interrupted: %zu of %zu files are done%s", totals.done, totals.files - totals.skipped,
            work->log.path != NULL ? "; --resume goes on from here" : "");
}

/* Outputs that were on their way into their places when the signal came have arrived by then, and
 * have been told. */
enum { SETTLED_NS = 40 * 1000 * 1000 };

/* Processes can be ended in the midst of their work; threads only end with this process. */
static void give_up(dpk_batch_work *work)
{
    const dpk_backend *backend = dpk_backend_find(work->model->settings.backend_name);
    bool processes = backend != NULL && backend->processes;
    dpk_batch_stop(work->batch, processes ? DPK_HALT_NOW : DPK_HALT_SOON);
    work->given_up = work->given_up != 0 ? work->given_up : dpk_now();
    if (processes || dpk_now() - work->given_up < SETTLED_NS)
        return;
    dpk_batch_tell_interrupted(work);
    dpk_batch_print(work, true);
    dpk_batch_obey_signal();
}

void dpk_batch_tell_progress(void *context)
{
    dpk_batch_work *work = context;
    if (dpk_batch_signal() != 0)
        give_up(work);
    else if (has_terminal())
        show_progress(work);
}

/* ---------------------------------------------------------------------------------------- lines */

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

/* A run that cannot be logged could not be resumed: no more is begun. */
void dpk_batch_tell_finished(void *context, const dpk_batch_file *file)
{
    dpk_batch_work *work = context;
    if (file->state != DPK_BATCH_DONE || file->notes != NULL)
        hide_progress(work);
    if (file->state != DPK_BATCH_DONE)
        say_failure(file);
    say_notes(work, file);
    dpk_error err;
    if (work->unlogged.status != DPK_OK || dpk_batch_log_file(work, file, &err) == DPK_OK)
        return;
    work->unlogged = err;
    dpk_batch_stop(work->batch, DPK_HALT_SOON);
}
