/* SPDX-License-Identifier: MIT */
/* report_html_tables.c: all figures of the page, a row for each variant. */
#include "report/report_html.h"

#include <math.h>

static const char *const classes[] = {
    [DPK_UNPROVEN] = "", [DPK_FASTER] = "faster", [DPK_SLOWER] = "slower"
};

void dpk_html_table_begin(FILE *stream, const char *title, const char *const *columns)
{
    fprintf(stream,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>\n"
            "<thead><tr>",
            title);
    for (; *columns != NULL; columns++)
        fprintf(stream, "<th scope=\"col\">%s</th>", *columns);
    fputs("</tr></thead>\n<tbody>\n", stream);
}

void dpk_html_table_end(FILE *stream)
{
    fputs("</tbody>\n</table></div>\n", stream);
}

void dpk_html_line_begin(FILE *stream, const dpk_variant *variant)
{
    fprintf(stream, "<tr><th scope=\"row\">%s</th>", variant->name);
}

void dpk_html_cell(FILE *stream, const char *text)
{
    fprintf(stream, "<td>%s</td>", text);
}

void dpk_html_cell_seconds(FILE *stream, double seconds)
{
    char text[DPK_HTML_TEXT];
    dpk_html_cell(stream, dpk_html_seconds(seconds, text));
}

void dpk_html_line_end(FILE *stream)
{
    fputs("</tr>\n", stream);
}

static void interval_cell(FILE *stream, const char *class, dpk_interval interval)
{
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    if (interval.low == interval.high)
        dpk_html_cell(stream, dpk_html_number(interval.estimate, number));
    else if (isfinite(interval.estimate))
        fprintf(stream, "<td class=\"%s\">%s <small>%s</small></td>", class,
                dpk_html_number(interval.estimate, number), dpk_html_range(interval, range));
    else
        dpk_html_cell(stream, "–");
}

/* Proven, that is, the interval does not hold 0: in bold. */
static void difference_cell(FILE *stream, const dpk_comparison *comparison, dpk_interval more)
{
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    bool proven = !dpk_comparison_is_short(comparison) && (more.low > 0 || more.high < 0);
    if (fmax(fabs(more.low), fabs(more.high)) < 0.5e-9) /* what rounding has left */
        dpk_html_cell(stream, "0");
    else if (isfinite(more.estimate))
        fprintf(stream, "<td%s>%s <small>%s</small></td>", proven ? " class=\"proven\"" : "",
                dpk_html_difference(more.estimate, number), dpk_html_seconds_range(more, range));
    else
        dpk_html_cell(stream, "–");
}

static void titled_table(FILE *stream, const char *title, const char *const *columns)
{
    fprintf(stream, "<h3>%s</h3>\n", title);
    dpk_html_table_begin(stream, title, columns);
}

static void results(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const columns[] = { "variant",     "median",   "± MAD",      "minimum",
                                           "ratio",       "speed-up", "efficiency", "Karp–Flatt",
                                           "peak memory", NULL };
    titled_table(stream, "Times, and ratios to the first variant", columns);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_summary *summary = &variant->summary;
        char text[DPK_HTML_TEXT];
        dpk_html_line_begin(stream, variant);
        dpk_html_cell_seconds(stream, summary->seconds.median);
        dpk_html_cell_seconds(stream, summary->seconds.mad);
        dpk_html_cell_seconds(stream, summary->seconds.min);
        if (i == 0)
            dpk_html_cell(stream, "1");
        else
            interval_cell(stream, classes[summary->verdict], summary->ratio);
        interval_cell(stream, "", summary->speedup);
        interval_cell(stream, "", summary->efficiency);
        interval_cell(stream, "", summary->karp_flatt);
        dpk_html_cell(stream,
                      variant->peak > 0 ? dpk_html_bytes((double)variant->peak, text) : "–");
        dpk_html_line_end(stream);
    }
    dpk_html_table_end(stream);
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
    unsigned phases = dpk_html_phases(comparison->variants, comparison->variant_count);
    size_t count = 1;
    for (int phase = 0; phase < DPK_PHASES; phase++)
        if (phases >> phase & 1)
            columns[count++] = dpk_phase_names[phase];
    columns[count++] = "wall time";
    columns[count] = "no processor";
    titled_table(stream,
                 differences
                     ? "What is more or less than the first variant’s, proven differences in bold"
                     : "The ledger: means over the workers and the middle half of the rounds",
                 columns);
    for (size_t i = differences ? 1 : 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        dpk_html_line_begin(stream, &comparison->variants[i]);
        for (int phase = 0; phase < DPK_PHASES; phase++)
            if ((phases >> phase & 1) && differences)
                difference_cell(stream, comparison, summary->phase_more[phase]);
            else if (phases >> phase & 1)
                dpk_html_cell_seconds(stream, summary->phase[phase]);
        if (differences) {
            difference_cell(stream, comparison, summary->wall_more);
            difference_cell(stream, comparison, summary->queued_more);
        } else {
            dpk_html_cell_seconds(stream, summary->wall);
            dpk_html_cell_seconds(stream, summary->queued);
        }
        dpk_html_line_end(stream);
    }
    dpk_html_table_end(stream);
}

/* Of the rates, only those the kernel names: bytes moved, operations, and the nearer roof. */
static void rates(FILE *stream, const dpk_comparison *comparison, const dpk_summary *summary)
{
    char text[DPK_HTML_TEXT], rate[DPK_HTML_TEXT + 8];
    snprintf(rate, sizeof rate, "%s/s", dpk_html_bytes(summary->bytes_per_second, text));
    dpk_html_cell(stream, isfinite(summary->bytes_per_second) ? rate : "–");
    dpk_html_cell(stream, dpk_html_number(summary->operations_per_second / 1e9, text));
    if (summary->roof_name == NULL)
        dpk_html_cell(stream, comparison->roof_known ? "–" : "not probed");
    else if (isfinite(summary->roof))
        fprintf(stream, "<td>%s <small>of %s</small></td>", dpk_html_percent(summary->roof, text),
                summary->roof_name);
    else
        dpk_html_cell(stream, summary->roof_name);
}

static void counters(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const columns[] = {
        "variant",     "minor faults", "major faults", "voluntary switches",
        "involuntary", "throttles",    "idled",        "user time",
        "system time", "data rate",    "GFLOP/s",      "of the roof",
        NULL
    };
    titled_table(stream, "What the operating system counted, of all processes (medians), and rates",
                 columns);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        const double counts[] = { summary->minor_faults, summary->major_faults,
                                  summary->voluntary_switches, summary->involuntary_switches,
                                  summary->throttles };
        char text[DPK_HTML_TEXT];
        dpk_html_line_begin(stream, &comparison->variants[i]);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            dpk_html_cell(stream, dpk_html_count(counts[k], text));
        dpk_html_cell_seconds(stream, summary->throttled);
        dpk_html_cell_seconds(stream, summary->user);
        dpk_html_cell_seconds(stream, summary->system);
        rates(stream, comparison, summary);
        dpk_html_line_end(stream);
    }
    dpk_html_table_end(stream);
    fputs(
        "<p class=\"about\">Throttles: a CPU quota was used up; idled: so long that kept "
        "processors idle, in sum.</p>\n",
        stream);
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
