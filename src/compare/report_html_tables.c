/* SPDX-License-Identifier: MIT */
/* report_html_tables.c: all figures of the page, a row for each variant. */
#include "report_html.h"

#include <math.h>

static const char *const classes[] = {
    [DPK_UNPROVEN] = "", [DPK_FASTER] = "faster", [DPK_SLOWER] = "slower"
};

static void table(FILE *stream, const char *title, const char *const *columns)
{
    fprintf(stream,
            "<h3>%s</h3>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
            "aria-label=\"%s\"><table>\n<thead><tr>",
            title, title);
    for (; *columns != NULL; columns++)
        fprintf(stream, "<th scope=\"col\">%s</th>", *columns);
    fputs("</tr></thead>\n<tbody>\n", stream);
}

static void end_table(FILE *stream)
{
    fputs("</tbody>\n</table></div>\n", stream);
}

static void begin_line(FILE *stream, const dpk_variant *variant)
{
    fprintf(stream, "<tr><th scope=\"row\">%s</th>", variant->name);
}

static void cell(FILE *stream, const char *text)
{
    fprintf(stream, "<td>%s</td>", text);
}

static void seconds_cell(FILE *stream, double seconds)
{
    char text[DPK_HTML_TEXT];
    cell(stream, dpk_html_seconds(seconds, text));
}

static void interval_cell(FILE *stream, const char *class, dpk_interval interval)
{
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    if (interval.low == interval.high)
        cell(stream, dpk_html_number(interval.estimate, number));
    else if (isfinite(interval.estimate))
        fprintf(stream, "<td class=\"%s\">%s <small>%s</small></td>", class,
                dpk_html_number(interval.estimate, number), dpk_html_range(interval, range));
    else
        cell(stream, "–");
}

/* Proven, that is, the interval does not hold 0: in bold. */
static void difference_cell(FILE *stream, dpk_interval more)
{
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    bool proven = more.low > 0 || more.high < 0;
    if (fmax(fabs(more.low), fabs(more.high)) < 0.5e-9) /* what rounding has left */
        cell(stream, "0");
    else if (isfinite(more.estimate))
        fprintf(stream, "<td%s>%s <small>%s</small></td>", proven ? " class=\"proven\"" : "",
                dpk_html_difference(more.estimate, number), dpk_html_seconds_range(more, range));
    else
        cell(stream, "–");
}

static void results(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const columns[] = { "variant",     "median",   "± MAD",      "minimum",
                                           "ratio",       "speed-up", "efficiency", "Karp–Flatt",
                                           "peak memory", NULL };
    table(stream, "Times, and ratios to the first variant", columns);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_summary *summary = &variant->summary;
        char text[DPK_HTML_TEXT];
        begin_line(stream, variant);
        seconds_cell(stream, summary->seconds.median);
        seconds_cell(stream, summary->seconds.mad);
        seconds_cell(stream, summary->seconds.min);
        if (i == 0)
            cell(stream, "1");
        else
            interval_cell(stream, classes[summary->verdict], summary->ratio);
        interval_cell(stream, "", summary->speedup);
        interval_cell(stream, "", summary->efficiency);
        interval_cell(stream, "", summary->karp_flatt);
        cell(stream, variant->peak > 0 ? dpk_html_bytes((double)variant->peak, text) : "–");
        fputs("</tr>\n", stream);
    }
    end_table(stream);
}

static void notes(FILE *stream, const dpk_comparison *comparison)
{
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        if (*variant->note == '\0')
            continue;
        fprintf(stream, "<p class=\"about\">%s: ", variant->name);
        dpk_html_text(stream, variant->note);
        fputs(".</p>\n", stream);
    }
}

static void ledger(FILE *stream, const dpk_comparison *comparison, bool differences)
{
    const char *columns[DPK_PHASES + 4] = { "variant" };
    size_t count = 1;
    for (int phase = 0; phase < DPK_PHASES; phase++)
        if (dpk_html_occurs(comparison, phase))
            columns[count++] = dpk_phase_names[phase];
    columns[count++] = "wall time";
    columns[count] = "no processor";
    table(stream,
          differences ? "What is more or less than the first variant’s, proven differences in bold"
                      : "The ledger: means over the workers and the middle half of the rounds",
          columns);
    for (size_t i = differences ? 1 : 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        begin_line(stream, &comparison->variants[i]);
        for (int phase = 0; phase < DPK_PHASES; phase++)
            if (dpk_html_occurs(comparison, phase) && differences)
                difference_cell(stream, summary->phase_more[phase]);
            else if (dpk_html_occurs(comparison, phase))
                seconds_cell(stream, summary->phase[phase]);
        if (differences) {
            difference_cell(stream, summary->wall_more);
            difference_cell(stream, summary->queued_more);
        } else {
            seconds_cell(stream, summary->wall);
            seconds_cell(stream, summary->queued);
        }
        fputs("</tr>\n", stream);
    }
    end_table(stream);
}

/* Of the rates, only those the kernel names: bytes moved, operations, and the nearer roof. */
static void rates(FILE *stream, const dpk_comparison *comparison, const dpk_summary *summary)
{
    char text[DPK_HTML_TEXT], rate[DPK_HTML_TEXT + 8];
    snprintf(rate, sizeof rate, "%s/s", dpk_html_bytes(summary->bytes_per_second, text));
    cell(stream, isfinite(summary->bytes_per_second) ? rate : "–");
    cell(stream, dpk_html_number(summary->operations_per_second / 1e9, text));
    if (summary->roof_name == NULL)
        cell(stream, comparison->roof_known ? "–" : "not probed");
    else if (isfinite(summary->roof))
        fprintf(stream, "<td>%s <small>of %s</small></td>", dpk_html_percent(summary->roof, text),
                summary->roof_name);
    else
        cell(stream, summary->roof_name);
}

static void counters(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const columns[] = { "variant",
                                           "minor faults",
                                           "major faults",
                                           "voluntary switches",
                                           "involuntary",
                                           "user time",
                                           "system time",
                                           "data rate",
                                           "GFLOP/s",
                                           "of the roof",
                                           NULL };
    table(stream, "What the operating system counted, of all processes (medians), and rates",
          columns);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        const double counts[] = { summary->minor_faults, summary->major_faults,
                                  summary->voluntary_switches, summary->involuntary_switches };
        char text[DPK_HTML_TEXT];
        begin_line(stream, &comparison->variants[i]);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            cell(stream, dpk_html_count(counts[k], text));
        seconds_cell(stream, summary->user);
        seconds_cell(stream, summary->system);
        rates(stream, comparison, summary);
        fputs("</tr>\n", stream);
    }
    end_table(stream);
}

void dpk_html_tables(FILE *stream, const dpk_comparison *comparison)
{
    fputs("<section id=\"tables\">\n<h2>All figures</h2>\n", stream);
    results(stream, comparison);
    notes(stream, comparison);
    ledger(stream, comparison, false);
    if (comparison->variant_count > 1)
        ledger(stream, comparison, true);
    counters(stream, comparison);
    fputs("</section>\n", stream);
}
