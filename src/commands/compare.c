/* SPDX-License-Identifier: MIT */
/* compare: executes one kernel in several ways. First it checks that all give the same bytes, then
 * it measures which is faster, by how much, and why. */
#include "base/table.h"
#include "commands/command.h"
#include "commands/compare_host.h"
#include "commands/compare_session.h"
#include "commands/help_page.h"
#include "files/save.h"
#include "files/sink.h"
#include "measure/host.h"
#include "measure/whole.h"
#include "report/baseline.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#define WRITER(name)                                                                               \
    static void write_##name(FILE *stream, const void *comparison)                                 \
    {                                                                                              \
        dpk_report_##name(stream, comparison);                                                     \
    }
WRITER(json)
WRITER(csv)
WRITER(markdown)
WRITER(html)
#undef WRITER

/* The reports besides the one on the terminal: where they go, and how they are written. */
struct reports {
    struct {
        const char *path; /* NULL for none */
        void (*write)(FILE *stream, const void *comparison);
    } files[4];
    bool any;
    bool printed; /* one of them goes to standard output, and replaces the report for people */
};

enum { REPORTS = 4 };

static struct reports reports_of(const dpk_compare_settings *settings)
{
    struct reports reports = { .files = { { settings->json, write_json },
                                          { settings->csv, write_csv },
                                          { settings->markdown, write_markdown },
                                          { settings->html, write_html } } };
    for (size_t i = 0; i < REPORTS; i++) {
        const char *path = reports.files[i].path;
        reports.any |= path != NULL;
        reports.printed |= path != NULL && strcmp(path, "-") == 0;
    }
    return reports;
}

static dpk_status report(const dpk_session *session, const dpk_baseline *baseline, dpk_error *err)
{
    const dpk_compare_settings *settings = &session->settings;
    const struct reports reports = reports_of(settings);
    dpk_status status = DPK_OK;
    if (!reports.printed)
        dpk_report_text(stdout, session->comparison, dpk_terminal_columns());
    for (size_t i = 0; i < REPORTS; i++) { /* even if one fails */
        dpk_status saved = DPK_OK;
        dpk_error why;
        if (reports.files[i].path != NULL)
            saved = dpk_save_text(reports.files[i].path, reports.files[i].write,
                                  session->comparison, &why);
        if (saved != DPK_OK && status == DPK_OK)
            status = dpk_fail(err, saved, "%s", why.text);
    }
    if (status == DPK_OK && settings->plot != NULL)
        status = dpk_report_plot(settings->plot, session->comparison, err);
    if (status == DPK_OK && baseline != NULL)
        status = dpk_baseline_check(baseline, reports.printed ? stderr : stdout,
                                    session->comparison, settings->slower_share, err);
    return status;
}

/* A report must not take the place of a file that is measured. */
static dpk_status check_report(const dpk_session *session, const char *path, dpk_error *err)
{
    for (size_t i = 0; path != NULL && i < session->operands.count; i++) {
        const char *file = session->operands.words[i];
        if (dpk_target_same(path, strcmp(file, "-") == 0 ? "/dev/stdin" : file))
            return dpk_fail(err, DPK_USAGE, "the report '%s' would overwrite '%s'", path, file);
    }
    return DPK_OK;
}

/* Checks that all files can be written. */
static dpk_status check_outputs(const dpk_session *session, dpk_error *err)
{
    const dpk_compare_settings *settings = &session->settings;
    const struct reports reports = reports_of(settings);
    dpk_status status = check_report(session, settings->plot, err);
    for (size_t i = 0; i < REPORTS && status == DPK_OK; i++) {
        const char *path = reports.files[i].path;
        status = check_report(session, path, err);
        if (status == DPK_OK && path != NULL)
            status = dpk_sink_check(path, err);
    }
    if (status == DPK_OK && settings->plot != NULL)
        status = dpk_report_plot_check(settings->plot, err);
    return status;
}

static dpk_status report_failures(const dpk_session *session, dpk_status status, dpk_error *err)
{
    const struct reports reports = reports_of(&session->settings);
    FILE *stream = reports.printed ? stderr : stdout;
    dpk_report_failures(stream, session->comparison, dpk_terminal_columns());
    fflush(stream);
    return dpk_fail(err, status, "%s cannot be timed, as not all come to its end%s",
                    session->comparison->command, reports.any ? ": no report is written" : "");
}

/* Refuses files that cannot be read or written later before any time is spent. */
static dpk_status measure_and_report(dpk_session *session, dpk_error *err)
{
    const dpk_compare_settings *settings = &session->settings;
    dpk_baseline *baseline = NULL;
    dpk_status status = check_outputs(session, err);
    if (status == DPK_OK && settings->baseline != NULL)
        status = dpk_baseline_open(&baseline, settings->baseline, err);
    if (status == DPK_OK)
        status = dpk_session_measure(session, err);
    if (status == DPK_OK)
        status = report(session, baseline, err);
    else if (dpk_comparison_is_fatal(session->comparison) && dpk_session_signal() == 0)
        status = report_failures(session, status, err);
    dpk_baseline_close(baseline);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "compare: no kernel given (see `dpk list`)");
    if (strcmp(words[0], DPK_HOST_WORD) == 0)
        return dpk_compare_host(registry, count - 1, words + 1, err);
    if (strcmp(words[0], DPK_COMMAND_WORD) == 0)
        return dpk_compare_command(registry, count - 1, words + 1, err);
    dpk_session session = { .row = dpk_registry_find(registry, words[0]) };
    if (session.row == NULL)
        return dpk_unknown_name(registry, words[0], err);
    dpk_status status = dpk_session_parse(&session, dpk_compare_params, count - 1, words + 1, err);
    if (status == DPK_OK && session.settings.help) {
        dpk_print_command_page(dpk_command_find("compare"));
    } else if (status == DPK_OK) {
        status = measure_and_report(&session, err);
    }
    dpk_session_close(&session);
    dpk_session_obey_signal(status, err);
    return status;
}

const dpk_command dpk_command_compare = {
    .name = "compare",
    .usage =
        "KERNEL [IN…] [--parameter=value …] [--backends=NAME,…] [-j N,…] [--scope=compute|run]",
    .summary = "measure backends side by side, and explain what makes the difference",
    .details =
        "First every variant must give the same bytes as the sequential one; if not, nothing is "
        "measured, and the exit code is 7; if one dies, what became of each is told, and the exit "
        "code is 6. Then each is executed once per round, in random order, "
        "in a process of its own that sleeps between its turns, and these processes are replaced "
        "by new ones from time to time. Ratios are of times of the same round, with 95 % bootstrap "
        "intervals. It ends when these are narrow enough, or the budget is spent; Ctrl-C ends it "
        "early and reports what there is.\n"
        "The ledger says where the time of the workers went: load (decoding), start (until all "
        "workers are there), work (the kernel), wait (for each other), store (encoding), stop "
        "(until no worker is left); queued is what of load, work and store went by without a "
        "processor. What a verdict says comes from measured differences that are "
        "larger than their noise.\n"
        "With --jobs=4x, --neighbours or --quota it is measured under load. A quota is that of a "
        "cgroup made for it, below this process's own or, with cgroups of version 2, one above; "
        "root may make one, others where they have been given the right.",
    .params = dpk_compare_params,
    .takes = dpk_compare_shares,
    .run = run,
};
