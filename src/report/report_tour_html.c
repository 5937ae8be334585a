/* SPDX-License-Identifier: MIT */
/* report_tour_html.c: the tour as a page: the rules, who wins by how much, and each lesson with
 * what was measured. */
#include "report/report_html.h"
#include "report/report_tour.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------- the overview */

/* Pixels of a row; and how far the axis goes: beyond, a bar ends at the edge. */
enum { OVERVIEW = 24 };
static const double farthest = 64;

static dpk_chart_axis overview_axis(const dpk_tour *tour)
{
    double most = 2;
    for (size_t i = 0; i < tour->count; i++) {
        double ratio = tour->stops[i].sides[1].summary.ratio.estimate;
        if (dpk_stop_is_race(&tour->stops[i]) && ratio > 0)
            most = fmax(most, fmax(ratio, 1 / ratio));
    }
    most = 1.1 * fmin(most, farthest);
    return (dpk_chart_axis){ 1 / most, most, true };
}

static void overview_row(FILE *stream, const dpk_stop *stop, const dpk_chart_axis *axis)
{
    const dpk_interval *ratio = &stop->sides[1].summary.ratio;
    double times = ratio->estimate < 1 ? 1 / ratio->estimate : ratio->estimate;
    double one = dpk_chart_axis_place(axis, 1), place = dpk_chart_axis_place(axis, ratio->estimate);
    double low = dpk_chart_axis_place(axis, fmax(ratio->low, axis->begin));
    double high = dpk_chart_axis_place(axis, ratio->high);
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    fprintf(stream,
            "<div class=\"row\"><span class=\"name\"><a href=\"#%s\">%s</a></span>"
            "<svg height=\"%d\" role=\"img\"><title>processes take %s times as long as threads, "
            "%s</title>\n",
            stop->name, stop->name, OVERVIEW, dpk_html_number(ratio->estimate, number),
            dpk_html_range(*ratio, range));
    dpk_html_grid(stream, axis);
    fprintf(stream,
            "<rect class=\"%s\" x=\"%.2f%%\" y=\"6\" width=\"%.2f%%\" height=\"12\"/>"
            "<line class=\"base\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"-6\" y2=\"100%%\"/>"
            "<line class=\"median\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"12\" y2=\"12\"/>\n",
            place < one ? "processes" : "threads", fmin(one, place), fabs(place - one), one, one,
            low, high);
    fprintf(stream, "</svg><span class=\"value\">%s × <small>%s</small></span></div>\n",
            dpk_html_number(times, number),
            stop->few_rounds ? "too few rounds" : dpk_outcome_name(stop->outcome));
}

static void overview(FILE *stream, const dpk_tour *tour)
{
    dpk_chart_axis axis = overview_axis(tour);
    fputs(
        "<section>\n<h2>Who wins</h2>\n<p class=\"about\">How many times faster, on a logarithmic "
        "axis of the time that processes take for what threads do in 1: to the left processes are "
        "faster, to the right threads. The line in a bar is the 95 % interval.</p>\n"
        "<figure class=\"overview\">\n",
        stream);
    for (size_t chapter = 0; chapter < DPK_CHAPTERS; chapter++) {
        fprintf(stream, "<h3>%s</h3>\n", dpk_chapters[chapter].title);
        for (size_t i = 0; i < tour->count; i++) {
            const dpk_stop *stop = &tour->stops[i];
            if (stop->kernel->lesson->winner == dpk_chapters[chapter].winner &&
                dpk_stop_is_race(stop))
                overview_row(stream, stop, &axis);
        }
    }
    dpk_html_axis(stream, &axis, 1, " ×");
    fputs("</figure>\n</section>\n", stream);
}

/* ---------------------------------------------------------------------------------- the lessons */

static void paragraph(FILE *stream, const char *class, const char *text)
{
    if (text == NULL)
        return;
    fprintf(stream, "<p class=\"%s\">", class);
    dpk_html_text(stream, text);
    fputs("</p>\n", stream);
}

static void measured(FILE *stream, const dpk_stop *stop)
{
    const char *heads[1 + DPK_TOUR_COLUMNS + 1] = { "" };
    memcpy(heads + 1, dpk_tour_columns, sizeof dpk_tour_columns);
    dpk_chart_axis axis = { 0, fmax(stop->sides[0].summary.wall, stop->sides[1].summary.wall),
                            false };
    fputs("<figure>\n", stream);
    for (size_t side = 0; side < 2; side++)
        dpk_html_ledger(stream, &stop->sides[side], &axis);
    dpk_html_axis_seconds(stream, &axis);
    fputs("</figure>\n", stream);
    dpk_html_table_begin(stream, stop->name, heads);
    for (size_t side = 0; side < 2; side++) {
        double figures[DPK_TOUR_COLUMNS];
        char text[DPK_HTML_TEXT];
        dpk_tour_figures(&stop->sides[side].summary, figures);
        dpk_html_line_begin(stream, &stop->sides[side]);
        for (size_t i = 0; i < DPK_TOUR_TIMES; i++)
            dpk_html_cell_seconds(stream, figures[i]);
        for (size_t i = DPK_TOUR_TIMES; i < DPK_TOUR_COLUMNS; i++)
            dpk_html_cell(stream, dpk_html_count(figures[i], text));
        dpk_html_line_end(stream);
    }
    dpk_html_table_end(stream);
}

static void failures(FILE *stream, const dpk_stop *stop)
{
    fputs("<dl class=\"costs\">\n", stream);
    for (size_t side = 0; side < 2; side++) {
        fprintf(stream, "<dt>%s</dt><dd>", stop->sides[side].name);
        dpk_html_text(stream, stop->sides[side].failure.text);
        fputs("</dd>\n", stream);
    }
    fputs("</dl>\n", stream);
}

static void lesson(FILE *stream, const dpk_stop *stop)
{
    fprintf(stream, "<section class=\"lesson\" id=\"%s\">\n<h3>%s</h3>\n<p class=\"about\">",
            stop->name, stop->name);
    dpk_html_text(stream, stop->kernel->summary);
    fputs(": <code>", stream);
    dpk_html_text(stream, stop->command);
    fputs("</code></p>\n", stream);
    if (stop->skipped[0] == '\0') {
        paragraph(stream, "told", stop->text);
        if (dpk_stop_has_failures(stop))
            failures(stream, stop);
        if (!stop->fatal)
            measured(stream, stop);
    } else {
        paragraph(stream, "told", stop->skipped);
    }
    paragraph(stream, "about", stop->kernel->lesson->history);
    paragraph(stream, "about", stop->kernel->lesson->literature);
    fputs("</section>\n", stream);
}

static void lessons(FILE *stream, const dpk_tour *tour)
{
    unsigned phases = 0;
    for (size_t i = 0; i < tour->count; i++)
        phases |= dpk_html_phases(tour->stops[i].sides, 2);
    for (size_t chapter = 0; chapter < DPK_CHAPTERS; chapter++) {
        fprintf(stream, "<h2>%s</h2>\n", dpk_chapters[chapter].title);
        dpk_html_legend(stream, phases, true);
        for (size_t i = 0; i < tour->count; i++)
            if (tour->stops[i].kernel->lesson->winner == dpk_chapters[chapter].winner)
                lesson(stream, &tour->stops[i]);
    }
}

/* ------------------------------------------------------------------------------------- the page */

static void rules(FILE *stream, const dpk_tour *tour)
{
    dpk_rules rules;
    fputs("<section class=\"verdict\">\n<h2>Rules that hold on this machine</h2>\n", stream);
    for (size_t group = 0; group < DPK_RULE_GROUPS; group++) {
        if (!dpk_tour_rules(tour, group, &rules))
            continue;
        fprintf(stream, "<h3>%s</h3>\n<ul>\n", rules.title);
        for (size_t i = 0; i < rules.count; i++) {
            dpk_rule rule;
            dpk_rule_write(&rules, i, &rule);
            fprintf(stream, "<li><a href=\"#%s\">%s</a>%s: ", rules.stops[i]->name,
                    rules.stops[i]->name, rule.label);
            dpk_html_text(stream, rule.text);
            fputs("</li>\n", stream);
        }
        fputs("</ul>\n", stream);
    }
    fputs("</section>\n", stream);
}

void dpk_report_tour_html(FILE *stream, const dpk_tour *tour)
{
    dpk_html_begin(stream, "tour", "threads and processes");
    fputs(
        "<header>\n<p class=\"kicker\">dpk tour</p>\n<h1>Threads and processes</h1>\n"
        "<p class=\"facts\">",
        stream);
    dpk_html_text(stream, tour->machine);
    fputs("</p>\n", stream);
    paragraph(stream, "facts", tour->load[0] != '\0' ? tour->load : NULL);
    fputs("</header>\n<main>\n", stream);
    overview(stream, tour);
    rules(stream, tour);
    lessons(stream, tour);
    fputs("</main>\n", stream);
    dpk_html_end(stream);
}
