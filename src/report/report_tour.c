/* SPDX-License-Identifier: MIT */
/* report_tour.c: each scenario, then the rules that follow: in a terminal and in Markdown. */
#include "report/report_tour.h"

#include "base/table.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const dpk_chapter dpk_chapters[DPK_CHAPTERS] = {
    { DPK_PROCESSES_WIN, "Where processes should win", 2, "2%" },
    { DPK_THREADS_WIN, "Where threads should win", 2, "2%" },
    { DPK_NEITHER_WINS, "Where threads and processes should be alike", 3, "1%" },
};

const char *const dpk_tour_columns[DPK_TOUR_COLUMNS] = {
    "median", "start", "work", "wait", "stop", "queued", "system", "faults", "switches",
};

void dpk_tour_figures(const dpk_summary *summary, double figures[DPK_TOUR_COLUMNS])
{
    const double all[DPK_TOUR_COLUMNS] = {
        summary->seconds.median,
        summary->phase[DPK_START],
        summary->phase[DPK_WORK],
        summary->phase[DPK_WAIT],
        summary->phase[DPK_STOP],
        summary->queued,
        summary->system,
        summary->minor_faults + summary->major_faults,
        summary->voluntary_switches,
    };
    memcpy(figures, all, sizeof all);
}

/* ---------------------------------------------------------------------------------------- rules */

static const char *const winners[] = {
    [DPK_NEITHER_WINS] = "neither",
    [DPK_PROCESSES_WIN] = "processes",
    [DPK_THREADS_WIN] = "threads",
};

bool dpk_stop_is_race(const dpk_stop *stop)
{
    return stop->skipped[0] == '\0' && !stop->fatal && stop->kernel->not_on_threads == NULL;
}

bool dpk_stop_has_failures(const dpk_stop *stop)
{
    return stop->sides[0].failure.text[0] != '\0' || stop->sides[1].failure.text[0] != '\0';
}

/* How many times faster the winner is; without a rival, more than any number. */
static double times(const dpk_stop *stop)
{
    if (!dpk_stop_is_race(stop))
        return INFINITY;
    double ratio = stop->sides[1].summary.ratio.estimate;
    return ratio < 1 ? 1 / ratio : ratio;
}

static int compare_times(const void *a, const void *b)
{
    double first = times(*(const dpk_stop *const *)a), second = times(*(const dpk_stop *const *)b);
    return (first < second) - (first > second);
}

static bool holds(const dpk_stop *stop, dpk_winner winner)
{
    return stop->skipped[0] == '\0' && stop->outcome == DPK_CONFIRMED &&
           stop->kernel->lesson->winner == winner;
}

static bool wins_processes(const dpk_stop *stop)
{
    return holds(stop, DPK_PROCESSES_WIN);
}

static bool wins_threads(const dpk_stop *stop)
{
    return holds(stop, DPK_THREADS_WIN);
}

static bool wins_neither(const dpk_stop *stop)
{
    return holds(stop, DPK_NEITHER_WINS);
}

static bool is_open(const dpk_stop *stop)
{
    return stop->skipped[0] == '\0' && stop->outcome != DPK_CONFIRMED && stop->outcome != DPK_NOISY;
}

static bool is_noisy(const dpk_stop *stop)
{
    return stop->skipped[0] == '\0' && stop->outcome == DPK_NOISY;
}

static bool is_skipped(const dpk_stop *stop)
{
    return stop->skipped[0] != '\0';
}

static void write_rule(const dpk_stop *stop, char *text, size_t size)
{
    snprintf(text, size, "%s", stop->kernel->lesson->rule);
}

static void write_open(const dpk_stop *stop, char *text, size_t size)
{
    const dpk_interval *ratio = &stop->sides[1].summary.ratio;
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(&to, "%s should win", winners[stop->kernel->lesson->winner]);
    if (stop->fatal)
        dpk_text_add(&to, ", but deliver no more than the others");
    else
        dpk_text_add(&to, "; processes take %.3g times as long", ratio->estimate);
    if (!stop->fatal && isfinite(ratio->high))
        dpk_text_add(&to, " [%.3g, %.3g]", ratio->low, ratio->high);
    dpk_text_add(&to, ": %s.",
                 stop->few_rounds ? "too few rounds to tell" : dpk_outcome_name(stop->outcome));
}

static void write_skipped(const dpk_stop *stop, char *text, size_t size)
{
    snprintf(text, size, "%s.", stop->skipped);
}

static const struct group {
    const char *title;
    bool (*has)(const dpk_stop *stop);
    void (*write)(const dpk_stop *stop, char *text, size_t size);
    bool ranked; /* by how many times the winner is faster */
} groups[DPK_RULE_GROUPS] = {
    { "Processes win", wins_processes, write_rule, true },
    { "Threads win", wins_threads, write_rule, true },
    { "Neither wins", wins_neither, write_rule, false },
    { "Not confirmed here", is_open, write_open, false },
    { "Too noisy to tell here", is_noisy, write_open, false },
    { "Skipped", is_skipped, write_skipped, false },
};

bool dpk_tour_rules(const dpk_tour *tour, size_t group, dpk_rules *rules)
{
    rules->title = groups[group].title;
    rules->count = 0;
    for (size_t i = 0; i < tour->count; i++)
        if (groups[group].has(&tour->stops[i]))
            rules->stops[rules->count++] = &tour->stops[i];
    if (groups[group].ranked)
        qsort(rules->stops, rules->count, sizeof *rules->stops, compare_times);
    rules->group = group;
    return rules->count > 0;
}

void dpk_rule_write(const dpk_rules *rules, size_t i, dpk_rule *rule)
{
    const dpk_stop *stop = rules->stops[i];
    groups[rules->group].write(stop, rule->text, sizeof rule->text);
    rule->label[0] = '\0';
    if (groups[rules->group].ranked && dpk_stop_is_race(stop))
        snprintf(rule->label, sizeof rule->label, " (%.3g times)", times(stop));
}

/* ----------------------------------------------------------------------------------- a terminal */

/* What stands beside a bar; and how long one is, where there is room. */
enum { BESIDE = 24, BAR = 50 };

void dpk_tour_chapter_text(FILE *stream, const dpk_chapter *chapter)
{
    fprintf(stream, "%s\n", chapter->title);
    for (size_t i = 0; i < dpk_text_columns(chapter->title); i++)
        fputs("─", stream);
    fputs("\n\n", stream);
}

static void print_table(FILE *stream, const dpk_stop *stop, unsigned columns)
{
    dpk_table table = { 0 };
    dpk_table_cell(&table, "%s", "");
    for (size_t i = 0; i < DPK_TOUR_COLUMNS; i++)
        dpk_table_cell(&table, "%s", dpk_tour_columns[i]);
    dpk_table_row(&table);
    for (size_t side = 0; side < 2; side++) {
        double figures[DPK_TOUR_COLUMNS];
        dpk_tour_figures(&stop->sides[side].summary, figures);
        dpk_table_cell(&table, "%s", stop->sides[side].name);
        for (size_t i = 0; i < DPK_TOUR_COLUMNS; i++)
            (i < DPK_TOUR_TIMES ? dpk_table_seconds : dpk_table_count)(&table, figures[i]);
        dpk_table_row(&table);
    }
    dpk_table_print(stream, &table, columns);
}

static void print_bars(FILE *stream, const dpk_stop *stop, unsigned columns)
{
    double room = columns > BESIDE + BAR ? BAR : columns > BESIDE ? columns - BESIDE : 1;
    double most =
        fmax(stop->sides[0].summary.seconds.median, stop->sides[1].summary.seconds.median);
    for (size_t side = 0; side < 2; side++) {
        double seconds = stop->sides[side].summary.seconds.median;
        char time[32];
        fprintf(stream, "  %-11s", stop->sides[side].name);
        for (int i = 0; i < (int)lround(room * seconds / most); i++)
            fputs("█", stream);
        fprintf(stream, " %s\n", dpk_text_seconds(seconds, time, sizeof time));
    }
}

static void print_failures(FILE *stream, const dpk_stop *stop, unsigned columns)
{
    for (size_t side = 0; side < 2; side++) {
        char name[48];
        snprintf(name, sizeof name, "  %-11s ", stop->sides[side].name);
        dpk_paragraph(stream, columns, name, stop->sides[side].failure.text);
    }
}

void dpk_tour_stop_text(FILE *stream, const dpk_stop *stop, size_t number, unsigned columns)
{
    fprintf(stream, "%zu. %s: %s\n", number, stop->name, stop->kernel->summary);
    if (is_skipped(stop)) {
        dpk_paragraph(stream, columns, "  Skipped: ", stop->skipped);
        fputc('\n', stream);
        return;
    }
    dpk_paragraph(stream, columns, "  ", stop->text);
    fputc('\n', stream);
    if (dpk_stop_has_failures(stop))
        print_failures(stream, stop, columns);
    if (!stop->fatal) {
        print_table(stream, stop, columns);
        print_bars(stream, stop, columns);
    }
    fputc('\n', stream);
}

void dpk_tour_rules_text(FILE *stream, const dpk_tour *tour, unsigned columns)
{
    dpk_rules rules;
    fputs("Rules that hold on this machine\n", stream);
    if (tour->load[0] != '\0') {
        fputc('\n', stream);
        dpk_paragraph(stream, columns, "", tour->load);
    }
    for (size_t group = 0; group < DPK_RULE_GROUPS; group++) {
        if (!dpk_tour_rules(tour, group, &rules))
            continue;
        fprintf(stream, "\n%s\n", rules.title);
        for (size_t i = 0; i < rules.count; i++) {
            char text[640];
            dpk_rule rule;
            dpk_rule_write(&rules, i, &rule);
            snprintf(text, sizeof text, "%s%s: %s", rules.stops[i]->name, rule.label, rule.text);
            dpk_paragraph(stream, columns, "  - ", text);
        }
    }
    fputc('\n', stream);
    dpk_paragraph(stream, columns, "", tour->machine);
}

/* ------------------------------------------------------------------------------------- Markdown */

static void rules_markdown(FILE *stream, const dpk_tour *tour)
{
    dpk_rules rules;
    fputs("\n## Rules that hold on this machine\n", stream);
    for (size_t group = 0; group < DPK_RULE_GROUPS; group++) {
        if (!dpk_tour_rules(tour, group, &rules))
            continue;
        fprintf(stream, "\n%s:\n\n", rules.title);
        for (size_t i = 0; i < rules.count; i++) {
            dpk_rule rule;
            dpk_rule_write(&rules, i, &rule);
            fprintf(stream, "- `%s`%s: %s\n", rules.stops[i]->name, rule.label, rule.text);
        }
    }
}

static void table_markdown(FILE *stream, const dpk_stop *stop)
{
    fputs("\n| |", stream);
    for (size_t i = 0; i < DPK_TOUR_COLUMNS; i++)
        fprintf(stream, " %s |", dpk_tour_columns[i]);
    fputs("\n| --- |", stream);
    for (size_t i = 0; i < DPK_TOUR_COLUMNS; i++)
        fputs(" ---: |", stream);
    fputc('\n', stream);
    for (size_t side = 0; side < 2; side++) {
        double figures[DPK_TOUR_COLUMNS];
        dpk_tour_figures(&stop->sides[side].summary, figures);
        fprintf(stream, "| %s |", stop->sides[side].name);
        for (size_t i = 0; i < DPK_TOUR_TIMES; i++) {
            char text[32];
            fprintf(stream, " %s |", dpk_text_seconds(figures[i], text, sizeof text));
        }
        for (size_t i = DPK_TOUR_TIMES; i < DPK_TOUR_COLUMNS; i++)
            fprintf(stream, " %.0f |", figures[i]);
        fputc('\n', stream);
    }
}

static void stop_markdown(FILE *stream, const dpk_stop *stop)
{
    fprintf(stream, "\n### %s\n\n%s: `%s`\n\n", stop->name, stop->kernel->summary, stop->command);
    if (is_skipped(stop)) {
        fprintf(stream, "Skipped: %s\n", stop->skipped);
        return;
    }
    fprintf(stream, "%s\n", stop->text);
    if (!stop->fatal)
        table_markdown(stream, stop);
    bool failed = dpk_stop_has_failures(stop);
    for (size_t side = 0; side < 2 && failed; side++)
        fprintf(stream, "\n- %s: %s", stop->sides[side].name, stop->sides[side].failure.text);
    fputs(failed ? "\n" : "", stream);
}

void dpk_report_tour_markdown(FILE *stream, const dpk_tour *tour)
{
    fprintf(stream, "# Threads and processes\n\n%s%s%s\n", tour->load,
            tour->load[0] != '\0' ? "\n\n" : "", tour->machine);
    rules_markdown(stream, tour);
    for (size_t chapter = 0; chapter < DPK_CHAPTERS; chapter++) {
        fprintf(stream, "\n## %s\n", dpk_chapters[chapter].title);
        for (size_t i = 0; i < tour->count; i++)
            if (tour->stops[i].kernel->lesson->winner == dpk_chapters[chapter].winner)
                stop_markdown(stream, &tour->stops[i]);
    }
}
