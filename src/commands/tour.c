/* SPDX-License-Identifier: MIT */
/* tour: measures all scenarios on this machine, one after the other. */
#include "base/clock.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/compare_session.h"
#include "commands/help_page.h"
#include "files/save.h"
#include "files/sink.h"
#include "machine/machine.h"
#include "report/report_tour.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Seconds of a quick tour; and the share of a scenario's time that is spent on measuring, as
 * starting and summarising take some, too. */
#define QUICK_TOUR 60.0
#define MEASURING 0.9

/* Seconds for which a tour observes the machine's load before it begins, and the largest share of
 * the tour's time that this may take. */
#define LOOKING 1.0
#define LOOKING_MOST 0.1

/* The smallest budget of a comparison, in seconds: it ends after one round. */
#define BUDGET_LEAST 0.01

struct settings {
    bool quick, help;
    double budget;
    const char *html, *markdown;
};

static const dpk_param params[] = {
    DPK_PARAM(struct settings, budget, .def = "600", .min = 1, .max = 1e6, .unit = "s",
              .help = "longest time for all of it"),
    DPK_PARAM(struct settings, quick, .def = "no", .help = "one minute in place of that"),
    DPK_PARAM(struct settings, html, .optional = true, .help = "write the tour there as a page"),
    DPK_PARAM(struct settings, markdown, .optional = true, .help = "write it there as Markdown"),
    DPK_PARAM(struct settings, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

static bool is_scenario(const dpk_kernel_row *row)
{
    return row->variants[DPK_ISA_BASE]->lesson != NULL;
}

/* Takes over the figures. Threads are the first variant, so that sentences compare processes with
 * them. */
static void take_sides(dpk_stop *stop, const dpk_comparison *comparison)
{
    const char *const names[] = {
        stop->kernel->not_on_threads == NULL ? "threads" : "one worker",
        "processes",
    };
    for (size_t side = 0; side < 2; side++) {
        stop->sides[side] = comparison->variants[side];
        stop->sides[side].samples = NULL;
        stop->sides[side].timeline = (dpk_timeline){ 0 };
        snprintf(stop->sides[side].name, sizeof stop->sides[side].name, "%s", names[side]);
    }
    stop->fatal = dpk_comparison_is_fatal(comparison);
    stop->few_rounds = !stop->fatal && dpk_comparison_is_short(comparison);
}

static void keep(dpk_stop *stop, const dpk_comparison *comparison)
{
    const dpk_variant *threads = &comparison->variants[0], *processes = &comparison->variants[1];
    take_sides(stop, comparison);
    stop->outcome = dpk_lesson_check(comparison, stop->text, sizeof stop->text);
    if (stop->outcome == DPK_NO_LESSON)
        snprintf(stop->skipped, sizeof stop->skipped,
                 "there were %u workers of %s, but %u of %s: these cannot be compared",
                 dpk_variant_workers(threads), threads->name, dpk_variant_workers(processes),
                 processes->name);
}

/* Adds the times at a setting that nobody dies of to what became of both at the strongest one. */
static void keep_times(dpk_stop *stop, const dpk_comparison *comparison)
{
    dpk_failure failures[2] = { stop->sides[0].failure, stop->sides[1].failure };
    dpk_outcome outcome = dpk_lesson_check_timed(comparison, stop->text, sizeof stop->text);
    if (outcome == DPK_NO_LESSON)
        return;
    take_sides(stop, comparison);
    for (size_t side = 0; side < 2; side++)
        stop->sides[side].failure = failures[side];
    stop->outcome = outcome;
}

/* Measures at a setting, and lets `take` have what was measured; false, with *err filled, if
 * nothing was. */
static bool measure(const dpk_kernel_row *row, const char *setting, char *const options[3],
                    dpk_stop *stop, void (*take)(dpk_stop *stop, const dpk_comparison *comparison),
                    dpk_error *err)
{
    char text[128];
    char *words[9];
    int count = 0;
    snprintf(text, sizeof text, "%s", setting);
    for (char *word = strtok(text, " "); word != NULL && count < 6; word = strtok(NULL, " "))
        words[count++] = word;
    for (size_t i = 0; i < 3; i++)
        words[count++] = options[i];

    dpk_session session = { .row = row };
    dpk_status status = dpk_session_parse(&session, dpk_compare_params, count, words, err);
    if (status == DPK_OK)
        status = dpk_session_measure(&session, err);
    bool of_death = stop->kernel->lesson->signs & DPK_SIGN_DEATH;
    bool fatal = of_death && session.comparison != NULL && dpk_session_signal() == 0 &&
                 dpk_comparison_is_fatal(session.comparison);
    bool measured = status == DPK_OK || fatal;
    if (measured)
        take(stop, session.comparison);
    dpk_session_close(&session);
    return measured;
}

static void visit(const dpk_kernel_row *row, double budget, const char *precision, dpk_stop *stop)
{
    const dpk_lesson *lesson = row->variants[DPK_ISA_BASE]->lesson;
    char seconds[32], backends[32], width[32];
    stop->kernel = row->variants[DPK_ISA_BASE];
    char name[sizeof stop->name];
    dpk_typed_name(stop->kernel->name, name, sizeof name);
    memcpy(stop->name, name, sizeof name);
    snprintf(backends, sizeof backends, "--backends=%s,%s",
             dpk_backend_of(stop->kernel->not_on_threads == NULL, false)->name,
             dpk_backend_of(false, true)->name);
    snprintf(stop->command, sizeof stop->command, "dpk compare %s %s %s", name, lesson->strongest,
             backends);
    snprintf(seconds, sizeof seconds, "--budget=%.2f", budget);
    snprintf(width, sizeof width, "--precision=%s", precision);

    char *const options[] = { backends, seconds, width };
    dpk_error err;
    if (!measure(row, lesson->strongest, options, stop, keep, &err))
        snprintf(stop->skipped, sizeof stop->skipped, "%.230s", err.text);
    else if (lesson->timed != NULL && stop->fatal && stop->outcome == DPK_CONFIRMED)
        (void)measure(row, lesson->timed, options, stop, keep_times, &err);
}

static bool is_in(const dpk_kernel_row *row, const dpk_chapter *chapter)
{
    return is_scenario(row) && row->variants[DPK_ISA_BASE]->lesson->winner == chapter->winner;
}

/* The shares of all scenarios. */
static double all_shares(const dpk_registry *registry)
{
    double shares = 0;
    for (size_t chapter = 0; chapter < DPK_CHAPTERS; chapter++)
        for (size_t i = 0; i < registry->count; i++)
            if (is_in(&registry->kernels[i], &dpk_chapters[chapter]))
                shares += dpk_chapters[chapter].share;
    return shares;
}

/* Time that one scenario does not need is left to those that follow. */
static void walk(const dpk_registry *registry, double whole, uint64_t begin, dpk_tour *tour)
{
    double shares = all_shares(registry);
    for (size_t c = 0; c < DPK_CHAPTERS; c++) {
        const dpk_chapter *chapter = &dpk_chapters[c];
        if (dpk_session_signal() == 0)
            dpk_tour_chapter_text(stdout, chapter);
        for (size_t i = 0; i < registry->count && tour->count < DPK_STOPS_MAX; i++) {
            if (!is_in(&registry->kernels[i], chapter) || dpk_session_signal() != 0)
                continue;
            double left = whole - (double)(dpk_now() - begin) * 1e-9;
            double budget = fmax(MEASURING * left * chapter->share / shares, BUDGET_LEAST);
            dpk_stop *stop = &tour->stops[tour->count++];
            visit(&registry->kernels[i], budget, chapter->precision, stop);
            dpk_tour_stop_text(stdout, stop, tour->count, dpk_terminal_columns());
            fflush(stdout);
            shares -= chapter->share;
        }
    }
}

static void describe(const dpk_environment *before, dpk_tour *tour)
{
    dpk_environment environment;
    dpk_environment_read(&environment, "", DPK_COMPILER);
    dpk_load load = dpk_environment_difference(before, &environment);
    dpk_load_text(&load, tour->load, sizeof tour->load);
    snprintf(tour->machine, sizeof tour->machine,
             "Measured on %.0f processors (%.100s), kernel %.60s, with %u workers each unless a "
             "scenario says another number, in %.0f s%s.",
             environment.processors, environment.processor, environment.kernel, tour->jobs,
             tour->seconds,
             dpk_session_signal() != 0 ? ", until it was interrupted: there is more to see" : "");
}

/* Says how busy the machine is before anything is measured, so that readers know what to expect. */
static void print_load(double whole)
{
    double seconds = fmin(LOOKING, LOOKING_MOST * whole);
    const struct timespec pause = { .tv_sec = (time_t)seconds,
                                    .tv_nsec = (long)(1e9 * fmod(seconds, 1)) };
    dpk_environment before, after;
    char text[240];
    dpk_environment_read(&before, "", DPK_COMPILER);
    nanosleep(&pause, NULL);
    dpk_environment_read(&after, "", DPK_COMPILER);
    dpk_load load = dpk_environment_difference(&before, &after);
    if (*dpk_load_text(&load, text, sizeof text) != '\0')
        dpk_paragraph(stdout, dpk_terminal_columns(), "", text);
}

static void write_markdown(FILE *stream, const void *tour)
{
    dpk_report_tour_markdown(stream, tour);
}

static void write_html(FILE *stream, const void *tour)
{
    dpk_report_tour_html(stream, tour);
}

static dpk_status guide(const dpk_registry *registry, const struct settings *settings,
                        dpk_tour *tour, dpk_error *err)
{
    dpk_status status = DPK_OK;
    if (settings->html != NULL)
        status = dpk_sink_check(settings->html, err);
    if (status == DPK_OK && settings->markdown != NULL)
        status = dpk_sink_check(settings->markdown, err);
    if (status != DPK_OK)
        return status;
    size_t scenarios = 0;
    for (size_t i = 0; i < registry->count; i++)
        scenarios += is_scenario(&registry->kernels[i]);
    double whole = settings->quick ? QUICK_TOUR : settings->budget;
    uint64_t begin = dpk_now();
    tour->jobs = dpk_machine_cpus().jobs;
    if (dpk_backend_of(true, false) == NULL || dpk_backend_of(false, true) == NULL)
        return dpk_fail(err, DPK_FAILED, "a tour needs a backend of threads and one of processes");
    if (tour->jobs < 2)
        return dpk_fail(err, DPK_FAILED,
                        "a tour needs two processors: threads and processes are "
                        "alike on one");
    dpk_environment before;
    dpk_environment_read(&before, "", DPK_COMPILER);
    printf("Threads and processes on this machine: %zu scenarios, in at most about %.2g s\n",
           scenarios, whole);
    fflush(stdout);
    print_load(whole);
    putchar('\n');
    walk(registry, whole, begin, tour);
    tour->seconds = (double)(dpk_now() - begin) * 1e-9;
    describe(&before, tour);
    dpk_tour_rules_text(stdout, tour, dpk_terminal_columns());
    if (settings->html != NULL)
        status = dpk_save_text(settings->html, write_html, tour, err);
    if (status == DPK_OK && settings->markdown != NULL)
        status = dpk_save_text(settings->markdown, write_markdown, tour, err);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    struct settings settings = { .quick = false };
    dpk_operands operands = { .words = calloc((size_t)count + 1, sizeof *operands.words) };
    dpk_tour *tour = calloc(1, sizeof *tour);
    dpk_status status = operands.words != NULL && tour != NULL
                            ? DPK_OK
                            : dpk_fail(err, DPK_LIMIT, "not enough memory for a tour");
    const dpk_param_set sets[] = { { "Options", params, &settings }, { NULL, NULL, NULL } };
    if (status == DPK_OK)
        status = dpk_param_parse(sets, count, words, &operands, err);
    if (status == DPK_OK && operands.count > 0)
        status = dpk_fail(err, DPK_USAGE, "tour: '%s': it goes through all scenarios",
                          operands.words[0]);
    if (status == DPK_OK && settings.help)
        dpk_print_command_page(dpk_command_find("tour"));
    else if (status == DPK_OK)
        status = guide(registry, &settings, tour, err);
    free(operands.words);
    free(tour);
    dpk_session_obey_signal(status, err);
    return status;
}

const dpk_command dpk_command_tour = {
    .name = "tour",
    .usage = "[--quick] [--budget=SECONDS] [--html=FILE] [--markdown=FILE]",
    .summary = "where processes beat threads on this machine, and where they do not",
    .details =
        "Goes through all scenarios at their strongest settings, each by threads and by processes: "
        "what is expected and why, what was measured, and whether that confirms it. Ends with the "
        "rules that hold here.",
    .params = params,
    .run = run,
};
