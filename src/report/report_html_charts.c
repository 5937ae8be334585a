/* SPDX-License-Identifier: MIT */
/* report_html_charts.c: the charts that have a row for each variant: every time that was measured,
 * ratios with their intervals, and where the time went. */
#include "report/report_html.h"

#include <math.h>

void dpk_html_row_begin(FILE *stream, const dpk_variant *variant, unsigned height,
                        const char *title)
{
    static const char *const classes[] = {
        [DPK_UNPROVEN] = "", [DPK_FASTER] = " faster", [DPK_SLOWER] = " slower"
    };
    fprintf(stream, "<div class=\"row%s\"><span class=\"name\">%s</span>",
            classes[variant->summary.verdict], variant->name);
    fprintf(stream, "<svg height=\"%u\" role=\"img\"><title>%s: %s</title>\n", height,
            variant->name, title);
}

void dpk_html_row_end(FILE *stream, const char *value, const char *remark)
{
    fprintf(stream, "</svg><span class=\"value\">%s", value);
    if (*remark != '\0')
        fprintf(stream, " <small>%s</small>", remark);
    fputs("</span></div>\n", stream);
}

static void section(FILE *stream, const char *class, const char *title, const char *about)
{
    fprintf(stream, "<section>\n<h2>%s</h2>\n<p class=\"about\">%s</p>\n<figure class=\"%s\">\n",
            title, about, class);
}

/* ------------------------------------------------------------------------------------ times */

/* A page of more dots is slow to show, and shows no more: beyond, only some of the rounds. */
enum { DOTS = 5000 };

enum { TIMES = 38 }; /* pixels of a row */

/* Up to the slowest time, but not much beyond the medians: one disturbed round must not squeeze all
 * others. From 0, unless all times are near each other. */
static dpk_chart_axis times_axis(const dpk_comparison *comparison)
{
    double least = INFINITY, most = 0, median = 0;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_spread *seconds = &comparison->variants[i].summary.seconds;
        least = fmin(least, seconds->min);
        most = fmax(most, seconds->max);
        median = fmax(median, seconds->median + 6 * seconds->mad);
    }
    most = fmin(most, 1.15 * median);
    double margin = 0.04 * (most - least);
    if (most < 1.5 * least)
        return (dpk_chart_axis){ least - margin, most + margin, false };
    return (dpk_chart_axis){ 0, most + margin, false };
}

/* A dot for each round, the first round's at the top. */
static void dots(FILE *stream, const dpk_comparison *comparison, const dpk_variant *variant,
                 const dpk_chart_axis *axis)
{
    size_t stride = 1 + comparison->rounds * comparison->variant_count / DOTS, beyond = 0;
    double pitch = (TIMES - 12.0) / (double)comparison->rounds;
    fprintf(stream,
            "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" height=\"%d\">"
            "<path class=\"dots\" d=\"",
            DPK_HTML_ACROSS, TIMES, TIMES);
    for (size_t round = 0; round < comparison->rounds; round += stride) {
        double seconds = (double)variant->samples[round].wall * 1e-9;
        beyond += seconds > axis->end;
        if (seconds <= axis->end)
            fprintf(stream, "M%.0f %.1fh0",
                    dpk_chart_axis_place(axis, seconds) / 100 * DPK_HTML_ACROSS,
                    6 + ((double)round + 0.5) * pitch);
    }
    fputs("\"/></svg>\n", stream);
    if (beyond > 0)
        fprintf(stream, "<text class=\"beyond\" x=\"100%%\" y=\"22\">+%zu ›</text>\n", beyond);
}

void dpk_html_times(FILE *stream, const dpk_comparison *comparison)
{
    dpk_chart_axis axis = times_axis(comparison);
    section(
        stream, "times", "Every execution",
        "A dot is one execution, the first round at the top of its row, the last at the bottom; "
        "the line is the median, after ± the median distance from it.");
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_spread *seconds = &variant->summary.seconds;
        char median[DPK_HTML_TEXT], mad[DPK_HTML_TEXT], least[DPK_HTML_TEXT], most[DPK_HTML_TEXT];
        char text[256], remark[DPK_HTML_TEXT + 8];
        double place = dpk_chart_axis_place(&axis, seconds->median);
        snprintf(text, sizeof text, "median %s, from %s to %s",
                 dpk_html_seconds(seconds->median, median), dpk_html_seconds(seconds->min, least),
                 dpk_html_seconds(seconds->max, most));
        dpk_html_row_begin(stream, variant, TIMES, text);
        dpk_html_grid(stream, &axis);
        dots(stream, comparison, variant, &axis);
        fprintf(stream, "<line class=\"median\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"3\" y2=\"%d\"/>\n",
                place, place, TIMES - 3);
        snprintf(remark, sizeof remark, "± %s", dpk_html_seconds(seconds->mad, mad));
        dpk_html_row_end(stream, median, remark);
    }
    dpk_html_axis_seconds(stream, &axis);
    fputs("</figure>\n</section>\n", stream);
}

/* ----------------------------------------------------------------------------------- ratios */

enum { RATIOS = 38 };

static dpk_chart_axis ratios_axis(const dpk_comparison *comparison)
{
    double least = 1, most = 1;
    for (size_t i = 1; i < comparison->variant_count; i++) {
        const dpk_interval *ratio = &comparison->variants[i].summary.ratio;
        if (!isfinite(ratio->estimate) || ratio->estimate <= 0)
            continue;
        least = fmin(least, ratio->low > 0 ? ratio->low : ratio->estimate);
        most = fmax(most, isfinite(ratio->high) ? ratio->high : ratio->estimate);
    }
    double margin = fmax(pow(most / least, 0.06), 1.005);
    return (dpk_chart_axis){ least / margin, most * margin, true };
}

static void ratio_row(FILE *stream, const dpk_comparison *comparison, const dpk_variant *variant,
                      const dpk_chart_axis *axis)
{
    static const char *const words[] = {
        [DPK_UNPROVEN] = "no difference proven", [DPK_FASTER] = "faster", [DPK_SLOWER] = "slower"
    };
    const dpk_summary *summary = &variant->summary;
    const dpk_interval *ratio = &summary->ratio;
    char number[DPK_HTML_TEXT], value[DPK_HTML_TEXT + 4], range[DPK_HTML_TEXT], text[256];
    bool first = variant == comparison->variants;
    double low = dpk_chart_axis_place(axis, first ? 1 : fmax(ratio->low, axis->begin));
    double high = dpk_chart_axis_place(axis, first ? 1 : ratio->high);
    double one = dpk_chart_axis_place(axis, 1);
    double place = dpk_chart_axis_place(axis, first ? 1 : ratio->estimate);
    dpk_html_number(ratio->estimate, number);
    dpk_html_range(*ratio, range);
    snprintf(text, sizeof text, "%s times the time of %s, %s: %s", number,
             comparison->variants[0].name, range,
             dpk_comparison_is_short(comparison) ? "too few rounds to tell"
                                                 : words[summary->verdict]);
    dpk_html_row_begin(stream, variant, RATIOS, first ? "what the others are compared with" : text);
    dpk_html_grid(stream, axis);
    fprintf(stream, "<line class=\"base\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"-6\" y2=\"100%%\"/>\n",
            one, one);
    static const char *const classes[] = {
        [DPK_UNPROVEN] = "", [DPK_FASTER] = " faster", [DPK_SLOWER] = " slower"
    };
    fprintf(stream, "<g class=\"interval%s\">", classes[summary->verdict]);
    if (!first)
        fprintf(stream,
                "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"19\" y2=\"19\"/>"
                "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"14\" y2=\"24\"/>"
                "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"14\" y2=\"24\"/>",
                low, high, low, low, high, high);
    fprintf(stream, "<circle cx=\"%.2f%%\" cy=\"19\" r=\"4\"/></g>\n", place);
    snprintf(value, sizeof value, "%s ×", number);
    dpk_html_row_end(stream, first ? "1 ×" : value, first ? "by definition" : range);
}

void dpk_html_ratios(FILE *stream, const dpk_comparison *comparison)
{
    if (comparison->variant_count < 2)
        return;
    dpk_chart_axis axis = ratios_axis(comparison);
    char ratios[320], about[480];
    snprintf(about, sizeof about,
             "With %s, on a logarithmic axis: left of 1 is faster. An interval that "
             "holds 1 proves nothing. %s",
             dpk_intervals_name(comparison), dpk_ratios_text(comparison, ratios, sizeof ratios));
    section(stream, "ratios", "Faster or slower", about);
    for (size_t i = 0; i < comparison->variant_count; i++)
        ratio_row(stream, comparison, &comparison->variants[i], &axis);
    dpk_html_axis(stream, &axis, 1, " ×");
    fputs("</figure>\n</section>\n", stream);
}

/* ---------------------------------------------------------------------------------- ledgers */

enum { LEDGERS = 36, BAR = 24 };

/* A phase narrower than this, in per cent, has no room for its number even on a phone. */
static const double roomy = 13;

unsigned dpk_html_phases(const dpk_variant *variants, size_t count)
{
    unsigned phases = 0;
    for (size_t i = 0; i < count; i++)
        for (int phase = 0; phase < DPK_PHASES; phase++)
            phases |= variants[i].summary.phase[phase] > 0 ? 1U << phase : 0;
    return phases;
}

void dpk_html_legend(FILE *stream, unsigned phases, bool queued)
{
    fputs("<ul class=\"legend\">", stream);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        if (phases >> phase & 1)
            fprintf(stream,
                    "<li><svg aria-hidden=\"true\"><rect class=\"%s\" width=\"14\" height=\"14\" "
                    "rx=\"2\"/></svg>%s</li>",
                    dpk_phase_names[phase], dpk_phase_names[phase]);
    if (queued)
        fputs(
            "<li><svg aria-hidden=\"true\"><rect class=\"queued\" width=\"14\" height=\"14\"/>"
            "</svg>of that, without a processor</li>",
            stream);
    fputs("</ul>\n", stream);
}

void dpk_html_ledger(FILE *stream, const dpk_variant *variant, const dpk_chart_axis *axis)
{
    const dpk_summary *summary = &variant->summary;
    char value[DPK_HTML_TEXT], most[DPK_HTML_TEXT], text[256];
    double begin = 0, worked = 0;
    int largest = 0;
    for (int phase = 1; phase < DPK_PHASES; phase++)
        if (summary->phase[phase] > summary->phase[largest])
            largest = phase;
    snprintf(text, sizeof text, "%s in all, most of it %s: %s",
             dpk_html_seconds(summary->wall, value), dpk_phase_names[largest],
             dpk_html_seconds(summary->phase[largest], most));
    dpk_html_row_begin(stream, variant, LEDGERS, text);
    dpk_html_grid(stream, axis);
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        double width = dpk_chart_axis_place(axis, summary->phase[phase]);
        char seconds[DPK_HTML_TEXT];
        dpk_html_seconds(summary->phase[phase], seconds);
        if (summary->phase[phase] > 0)
            fprintf(stream,
                    "<rect class=\"bar %s\" x=\"%.3f%%\" y=\"4\" width=\"%.3f%%\" height=\"%d\">"
                    "<title>%s %s</title></rect>",
                    dpk_phase_names[phase], begin, width, BAR, dpk_phase_names[phase], seconds);
        if (width > roomy)
            fprintf(stream, "<text class=\"inside on-%s\" x=\"%.2f%%\" y=\"%d\">%s</text>",
                    dpk_phase_names[phase], begin + width / 2, 4 + BAR / 2, seconds);
        begin += width;
        worked = phase == DPK_WORK ? begin : worked;
    }
    double queued = fmin(dpk_chart_axis_place(axis, summary->queued), worked);
    fprintf(stream,
            "<rect class=\"queued\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"5\"/>\n",
            worked - queued, 5 + BAR, queued);
    dpk_html_row_end(stream, value, "");
}

void dpk_html_ledgers(FILE *stream, const dpk_comparison *comparison)
{
    dpk_chart_axis axis = { 0, 0, false };
    for (size_t i = 0; i < comparison->variant_count; i++)
        axis.end = fmax(axis.end, comparison->variants[i].summary.wall);
    section(stream, "ledgers", "Where the time went",
            "What workers did, on average over them and over the middle half of the rounds: the "
            "phases add up to the wall time. All values are in the tables below.");
    dpk_html_legend(stream, dpk_html_phases(comparison->variants, comparison->variant_count), true);
    for (size_t i = 0; i < comparison->variant_count; i++)
        dpk_html_ledger(stream, &comparison->variants[i], &axis);
    dpk_html_axis_seconds(stream, &axis);
    fputs("</figure>\n</section>\n", stream);
}
