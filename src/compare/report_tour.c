/* SPDX-License-Identifier: MIT */
/* report_tour.c: each scenario, then the rules: what was confirmed, and what was not. */
#include "report_tour.h"

#include "report_html.h"
#include "report_layout.h"
#include "text.h"

#include <math.h>
#include <string.h>

enum { BAR = 40 };

/* A scenario's name as it is typed. */
static const char *name_of(const dpk_stop *stop, char *text, size_t size)
{
    snprintf(text, size, "%s", stop->kernel->name);
    for (char *letter = text; *letter != '\0'; letter++)
        if (*letter == '_')
            *letter = '-';
    return text;
}

static double longest(const dpk_stop *stop)
{
    return fmax(stop->threads, stop->processes);
}

/* ----------------------------------------------------------------------------------- a terminal */

static void bar_text(FILE *stream, const char *name, double seconds, double most)
{
    char time[32];
    dpk_text_seconds(seconds, time, sizeof time);
    fprintf(stream, "    %-10s%*s%s  ", name, (int)(9 - dpk_text_columns(time)), "", time);
    for (int i = 0; i < (int)lround(BAR * seconds / most); i++)
        fputs("█", stream);
    fputc('\n', stream);
}

void dpk_tour_stop_text(FILE *stream, const dpk_stop *stop, size_t number, unsigned columns)
{
    char name[64];
    fprintf(stream, "%zu. %s: %s\n", number, name_of(stop, name, sizeof name),
            stop->kernel->summary);
    if (stop->skipped[0] != '\0') {
        dpk_paragraph(stream, columns, "   Skipped: ", stop->skipped);
        return;
    }
    dpk_paragraph(stream, columns, "   ", stop->text);
    bar_text(stream, "threads", stop->threads, longest(stop));
    bar_text(stream, "processes", stop->processes, longest(stop));
    fputc('\n', stream);
}

/* ---------------------------------------------------------------------------------------- rules */

/* The groups that the rules are told in. */
static const struct rule {
    const char *title;
    dpk_winner winner;
    bool holds;
} rules[] = {
    { "Processes win here", DPK_PROCESSES_WIN, true },
    { "Threads win here", DPK_THREADS_WIN, true },
    { "Neither wins here", DPK_NEITHER_WINS, true },
    { "Processes should win, but that was not confirmed here", DPK_PROCESSES_WIN, false },
    { "Threads should win, but that was not confirmed here", DPK_THREADS_WIN, false },
    { "Neither should win, but that was not confirmed here", DPK_NEITHER_WINS, false },
};

enum { RULES = sizeof rules / sizeof *rules };

static bool belongs(const dpk_stop *stop, const struct rule *rule)
{
    return stop->skipped[0] == '\0' && stop->kernel->lesson->winner == rule->winner &&
           (stop->outcome == DPK_CONFIRMED) == rule->holds;
}

/* "libc-rand (7.4 times), strftime (2.3 times)"; false if there is none. */
static bool members(const dpk_tour *tour, const struct rule *rule, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < tour->count && used < size; i++) {
        const dpk_stop *stop = &tour->stops[i];
        if (!belongs(stop, rule))
            continue;
        char name[64];
        double ratio = stop->ratio.estimate, times = ratio < 1 ? 1 / ratio : ratio;
        used += (size_t)snprintf(text + used, size - used, "%s%s (%.3g times%s)",
                                 used > 0 ? ", " : "", name_of(stop, name, sizeof name), times,
                                 rule->holds ? ""
                                 : ratio < 1 ? " faster with processes"
                                             : " faster with threads");
    }
    return used > 0;
}

void dpk_tour_rules_text(FILE *stream, const dpk_tour *tour, unsigned columns)
{
    char text[4096];
    fputs("Rules that hold on this machine\n", stream);
    for (size_t i = 0; i < RULES; i++) {
        if (!members(tour, &rules[i], text, sizeof text))
            continue;
        fprintf(stream, "  %s:\n", rules[i].title);
        dpk_paragraph(stream, columns, "    ", text);
    }
    dpk_paragraph(stream, columns, "  ", tour->machine);
}

/* ------------------------------------------------------------------------------------- Markdown */

void dpk_report_tour_markdown(FILE *stream, const dpk_tour *tour)
{
    char name[64], text[4096], threads[32], processes[32];
    fprintf(stream, "# Threads and processes\n\n%s\n", tour->machine);
    for (size_t i = 0; i < tour->count; i++) {
        const dpk_stop *stop = &tour->stops[i];
        fprintf(stream, "\n## %s\n\n%s: `%s`\n\n", name_of(stop, name, sizeof name),
                stop->kernel->summary, stop->command);
        if (stop->skipped[0] != '\0') {
            fprintf(stream, "Skipped: %s\n", stop->skipped);
            continue;
        }
        fprintf(stream,
                "| threads | processes | processes' time, threads' = 1 |\n"
                "| ---: | ---: | ---: |\n| %s | %s | %.3g [%.3g, %.3g] |\n\n%s\n",
                dpk_text_seconds(stop->threads, threads, sizeof threads),
                dpk_text_seconds(stop->processes, processes, sizeof processes),
                stop->ratio.estimate, stop->ratio.low, stop->ratio.high, stop->text);
    }
    fputs("\n## Rules that hold on this machine\n\n", stream);
    for (size_t i = 0; i < RULES; i++)
        if (members(tour, &rules[i], text, sizeof text))
            fprintf(stream, "- %s: %s\n", rules[i].title, text);
}

/* ----------------------------------------------------------------------------------------- HTML */

static void bar_html(FILE *stream, const char *name, double seconds, double most, int series)
{
    char time[DPK_HTML_TEXT];
    fprintf(
        stream,
        "<dt>%s</dt><dd><svg width=\"60%%\" height=\"16\" role=\"img\" aria-label=\"%s\">"
        "<rect width=\"%.1f%%\" height=\"16\" style=\"fill: var(--series-%d)\"/></svg> %s</dd>\n",
        name, dpk_html_seconds(seconds, time), 100 * seconds / most, series,
        dpk_html_seconds(seconds, time));
}

static void stop_html(FILE *stream, const dpk_stop *stop)
{
    char name[64];
    fprintf(stream, "<section>\n<h2>%s</h2>\n<p class=\"about\">",
            name_of(stop, name, sizeof name));
    dpk_html_text(stream, stop->kernel->summary);
    fputs(": <code>", stream);
    dpk_html_text(stream, stop->command);
    fputs("</code></p>\n<p>", stream);
    dpk_html_text(stream, stop->skipped[0] != '\0' ? stop->skipped : stop->text);
    fputs("</p>\n", stream);
    if (stop->skipped[0] == '\0') {
        fputs("<dl>\n", stream);
        bar_html(stream, "threads", stop->threads, longest(stop), 1);
        bar_html(stream, "processes", stop->processes, longest(stop), 2);
        fputs("</dl>\n", stream);
    }
    fputs("</section>\n", stream);
}

void dpk_report_tour_html(FILE *stream, const dpk_tour *tour)
{
    char text[4096];
    dpk_html_begin(stream, "tour", "threads and processes");
    fputs("<header>\n<p class=\"kicker\">dpk tour</p>\n<h1>Threads and processes</h1>\n<p>",
          stream);
    dpk_html_text(stream, tour->machine);
    fputs(
        "</p>\n</header>\n<main>\n<section class=\"verdict\">\n"
        "<h2>Rules that hold on this machine</h2>\n<ul>\n",
        stream);
    for (size_t i = 0; i < RULES; i++) {
        if (!members(tour, &rules[i], text, sizeof text))
            continue;
        fprintf(stream, "<li><strong>%s:</strong> ", rules[i].title);
        dpk_html_text(stream, text);
        fputs("</li>\n", stream);
    }
    fputs("</ul>\n</section>\n", stream);
    for (size_t i = 0; i < tour->count; i++)
        stop_html(stream, &tour->stops[i]);
    fputs("</main>\n", stream);
    dpk_html_end(stream);
}
