/* SPDX-License-Identifier: MIT */
/* run: a kernel on files. The job does the work; the command adds what a terminal asks for: help,
 * progress, notes and statistics. */
#include "base/text.h"
#include "commands/command.h"
#include "commands/help_page.h"
#include "commands/run_batch.h"
#include "commands/run_progress.h"
#include "engine/job.h"
#include "engine/trace.h"
#include "report/run_stats.h"

#include <string.h>
#include <unistd.h>

struct own {
    bool stats, help;
    const char *trace; /* NULL: none */
};

const dpk_param dpk_run_params[] = {
    DPK_PARAM(struct own, stats, .def = "no",
              .help = "print where the time went on standard error"),
    DPK_PARAM(struct own, trace, .optional = true,
              .help = "write the workers' timeline (trace JSON) there"),
    DPK_PARAM(struct own, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

/* What is made for programs would only disturb a terminal. */
static dpk_status check_terminal(const dpk_job *job, dpk_error *err)
{
    for (size_t i = 0; i < job->output_count; i++) {
        const dpk_format *format = job->writers[i].format;
        if (strcmp(job->outputs[i].path, "-") == 0 && !format->stdout_only &&
            format->suffixes != NULL && isatty(STDOUT_FILENO))
            return dpk_fail(err, DPK_USAGE, "%s data does not go to a terminal: redirect it",
                            format->name);
    }
    return DPK_OK;
}

/* A worker process that has died may have died of an input that was cut short: then this does not
 * return (dpk_source_touch_end). */
static void touch_inputs(const dpk_job *job)
{
    for (size_t i = 0; i < job->input_count; i++)
        dpk_source_touch_end(&job->readers[i].source);
}

static dpk_status compute(dpk_job *job, dpk_error *err)
{
    dpk_progress_start(job->run);
    dpk_status status = dpk_job_compute(job, err);
    dpk_progress_stop();
    if (status == DPK_WORKER_LOST || job->run->team.failed_count > 0)
        touch_inputs(job);
    return status;
}

/* The outputs are where they should be, but not all of them: a sentence for each pass, the last of
 * them as the error. */
static dpk_status tell_lost(const dpk_team *team, dpk_error *err)
{
    char text[sizeof err->text];
    for (size_t i = 0; i < team->failed_count;) {
        if (i > 0)
            dpk_say("%s", text);
        i += dpk_failed_text(team->failed + i, team->failed_count - i, text, sizeof text);
    }
    return team->failed_count == 0 ? DPK_OK : dpk_fail(err, DPK_WORKER_LOST, "%s", text);
}

static dpk_status run_job(dpk_job *job, const struct own *own, dpk_error *err)
{
    if (own->trace != NULL && dpk_job_uses(job, own->trace))
        return dpk_fail(err, DPK_USAGE, "--trace '%s': is an input or output of the command",
                        own->trace);
    if (own->trace != NULL && dpk_sink_check(own->trace, err) != DPK_OK)
        return DPK_OUTPUT_FAILED;
    job->events = own->trace != NULL ? DPK_TRACE_EVENTS : 0;
    dpk_status status = dpk_job_prepare(job, err);
    if (status == DPK_OK)
        status = check_terminal(job, err);
    if (status == DPK_OK)
        status = compute(job, err);
    if (status == DPK_OK)
        status = dpk_job_save(job, err);
    for (size_t i = 0; i < job->note_count; i++)
        dpk_say("%s", job->notes[i]);
    if (status == DPK_OK && own->stats)
        dpk_print_stats(job->run, job->wall, job->settings.isa);
    if (status == DPK_OK && own->trace != NULL)
        status = dpk_save_trace(job->run, own->trace, err);
    return status == DPK_OK ? tell_lost(&job->run->team, err) : status;
}

/* One run from files to files, or one of each of many files. */
static dpk_status run_words(dpk_job *job, const struct own *own, const dpk_batch_settings *batch,
                            const dpk_operands *files, dpk_error *err)
{
    bool many;
    dpk_status status = dpk_batch_is_meant(batch, &many, err);
    if (status == DPK_OK && many && own->trace != NULL)
        return dpk_fail(err, DPK_USAGE, "--trace shows a single run, not many files");
    if (status == DPK_OK && many)
        return dpk_run_batch(job, batch, files, own->stats, err);
    if (status == DPK_OK)
        status = dpk_job_take_files(job, files, err);
    return status == DPK_OK ? run_job(job, own, err) : status;
}

dpk_status dpk_run_observed(const dpk_kernel_row *row, const dpk_observer *observer, int count,
                            char *const *words, dpk_error *err)
{
    struct own own = { .stats = false };
    dpk_batch_settings batch = { .out_dir = NULL };
    const dpk_param_set sets[] = { { "Options", dpk_run_params, &own },
                                   { "Options for many files", dpk_batch_params, &batch },
                                   { .title = NULL } };
    dpk_operands files;
    dpk_job *job;
    dpk_status status = dpk_job_make(&job, row, err);
    if (status != DPK_OK)
        return status;
    job->observer = observer;
    status = dpk_job_parse(job, sets, count, words, &files, err);
    if (own.help) {
        dpk_print_kernel_page(row);
        status = DPK_OK;
    } else if (status == DPK_OK) {
        status = run_words(job, &own, &batch, &files, err);
    }
    dpk_job_free(job);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "run: no kernel given (see `dpk list`)");
    const dpk_kernel_row *row = dpk_registry_find(registry, words[0]);
    if (row == NULL)
        return dpk_unknown_name(registry, words[0], err);
    return dpk_run_observed(row, NULL, count - 1, words + 1, err);
}

static bool take_all(const dpk_param *run_option)
{
    (void)run_option;
    return true;
}

const dpk_command dpk_command_run = {
    .name = "run",
    .usage = "KERNEL IN… OUT… [--parameter=value …]",
    .summary = "run a kernel on files; the word `run` may be left out",
    .details =
        "With --out-dir, --out or --in-place, all files that are named are inputs, each of "
        "which is done as if alone: `dpk blur *.png --out-dir=blurred`. All of them are "
        "looked at first. What is wrong with the request is refused then; a file that cannot "
        "be done is told in a line, at once or when that is found out, and the others are "
        "done: the exit code is 1. It is 6 if workers died of a file more often than "
        "--retries allows.",
    .params = dpk_run_params,
    .more = dpk_batch_params,
    .more_title = "Options for many files",
    .takes = take_all,
    .run = run,
};
