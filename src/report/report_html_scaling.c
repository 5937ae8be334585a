/* SPDX-License-Identifier: MIT */
/* report_html_scaling.c: what more workers bring: speed-ups with their intervals, the ideal, and
 * the laws fitted to them, as curves and as numbers. */
#include "report/report_html.h"

#include <math.h>

enum { HEIGHT = 320 };

struct plot {
    dpk_chart_axis across, up; /* workers, speed-up */
};

static bool measured(const dpk_variant *variant)
{
    return isfinite(variant->summary.speedup.estimate);
}

bool dpk_html_scales(const dpk_comparison *comparison)
{
    for (size_t i = 0; i < comparison->variant_count; i++)
        for (size_t j = 0; j < i; j++)
            if (comparison->variants[i].backend == comparison->variants[j].backend &&
                comparison->variants[i].jobs != comparison->variants[j].jobs &&
                measured(&comparison->variants[i]))
                return true;
    return false;
}

/* The backend's number in order of appearance; one that is not the comparison's has the next. */
static size_t series_of(const dpk_comparison *comparison, const dpk_backend *backend)
{
    size_t series = 0;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_backend *other = comparison->variants[i].backend;
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || comparison->variants[j].backend == other;
        if (other == backend)
            return series;
        series += !seen;
    }
    return series;
}

static struct plot axes(const dpk_comparison *comparison)
{
    double jobs = 1, most = 1;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        if (!measured(variant))
            continue;
        jobs = fmax(jobs, dpk_variant_workers(variant));
        most = fmax(most, variant->summary.speedup.estimate);
        if (isfinite(variant->summary.speedup.high))
            most = fmax(
                most, fmin(variant->summary.speedup.high, 1.5 * variant->summary.speedup.estimate));
    }
    return (struct plot){ { 0, jobs * 1.06, false }, { 0, most * 1.12, false } };
}

/* The numbers of workers that were measured, as far as there is room. */
static void job_labels(FILE *stream, const dpk_comparison *comparison, const struct plot *plot)
{
    double last = -INFINITY;
    for (unsigned jobs = 1; jobs < plot->across.end; jobs++) {
        double place = dpk_chart_axis_place(&plot->across, jobs);
        bool any = false;
        for (size_t i = 0; i < comparison->variant_count; i++)
            any = any || comparison->variants[i].jobs == jobs;
        if (!any || place - last < 4)
            continue;
        fprintf(stream, "<text class=\"x\" x=\"%.2f%%\" y=\"%d\">%u</text>\n", place, HEIGHT + 18,
                jobs);
        last = place;
    }
}

static void frame(FILE *stream, const dpk_comparison *comparison, const struct plot *plot)
{
    unsigned processors = comparison->before.cpus.jobs;
    double ticks[DPK_TICKS_MAX];
    size_t count = dpk_chart_axis_ticks(&plot->up, ticks);
    for (size_t i = 0; i < count; i++) {
        double y = 100 - dpk_chart_axis_place(&plot->up, ticks[i]);
        fprintf(stream,
                "<line class=\"grid\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>"
                "<text class=\"y\" x=\"-8\" y=\"%.2f%%\">%.6g ×</text>\n",
                y, y, y, ticks[i]);
    }
    job_labels(stream, comparison, plot);
    fprintf(stream, "<text class=\"label\" x=\"50%%\" y=\"%d\">workers</text>\n", HEIGHT + 36);
    fprintf(stream, "<line class=\"base\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n", HEIGHT, HEIGHT);
    double cores = dpk_chart_axis_place(&plot->across, processors);
    if (processors > 0 && processors < plot->across.end)
        fprintf(stream,
                "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y2=\"100%%\"/>"
                "<text class=\"cores\" x=\"%.2f%%\" dx=\"-6\" y=\"%d\">%u processor%s</text>\n",
                cores, cores, cores, HEIGHT - 8, processors, processors == 1 ? "" : "s");
}

/* To the place of so many workers and such a speed-up in the picture for curves, which cuts off
 * what is beyond the axes. */
static void go(FILE *stream, const struct plot *plot, char command, double jobs, double speedup)
{
    fprintf(stream, "%c%.1f %.1f", command, jobs / plot->across.end * DPK_HTML_ACROSS,
            (1 - speedup / plot->up.end) * HEIGHT);
}

static void curve(FILE *stream, const struct plot *plot, const dpk_law *law, double base, bool usl)
{
    enum { STEPS = 60 };
    fprintf(stream, "<path class=\"curve %s\" d=\"", usl ? "usl" : "amdahl");
    for (int i = 0; i <= STEPS; i++) {
        double jobs = 1 + (plot->across.end - 1) * i / STEPS;
        double seconds =
            usl ? dpk_usl_seconds(&law->usl, jobs) : dpk_amdahl_seconds(&law->amdahl, jobs);
        go(stream, plot, i == 0 ? 'M' : 'L', jobs, base / seconds);
    }
    fputs("\"/>\n", stream);
}

static double base_of(const dpk_comparison *comparison, const dpk_backend *backend)
{
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (comparison->variants[i].backend == backend && measured(&comparison->variants[i]))
            return comparison->variants[i].summary.speedup_base;
    return NAN;
}

static void curves(FILE *stream, const dpk_comparison *comparison, const struct plot *plot)
{
    double corner = fmin(plot->across.end, plot->up.end);
    fprintf(
        stream,
        "<svg class=\"cut\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" height=\"%d\">\n",
        DPK_HTML_ACROSS, HEIGHT, HEIGHT);
    fputs("<path class=\"curve ideal\" d=\"", stream);
    go(stream, plot, 'M', 0, 0);
    go(stream, plot, 'L', corner, corner);
    fputs("\"/>\n", stream);
    for (size_t i = 0; i < comparison->law_count; i++) {
        const dpk_law *law = &comparison->laws[i];
        double base = base_of(comparison, law->backend);
        if (isnan(base))
            continue;
        fprintf(stream, "<g class=\"series-%zu\">\n",
                series_of(comparison, law->backend) % DPK_SERIES);
        if (dpk_amdahl_why_not(&law->amdahl) == NULL)
            curve(stream, plot, law, base, false);
        if (dpk_usl_why_not(&law->usl) == NULL)
            curve(stream, plot, law, base, true);
        fputs("</g>\n", stream);
    }
    fputs("</svg>\n", stream);
}

static void point(FILE *stream, const struct plot *plot, const dpk_variant *variant, size_t series)
{
    const dpk_interval *speedup = &variant->summary.speedup;
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    unsigned workers = dpk_variant_workers(variant);
    double x = dpk_chart_axis_place(&plot->across, workers);
    /* Backends side by side where they have as many workers. */
    fprintf(stream,
            "<g class=\"series-%zu\" transform=\"translate(%d 0)\"><title>%s: %s times as fast as "
            "one worker, %s</title>",
            series % DPK_SERIES, workers > 1 ? (int)(series % DPK_SERIES) * 8 - 8 : 0,
            variant->name, dpk_html_number(speedup->estimate, number),
            dpk_html_range(*speedup, range));
    fprintf(stream,
            "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.2f%%\" y2=\"%.2f%%\" stroke-width=\"2\"/>"
            "<circle class=\"point\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"4.5\"/></g>\n",
            x, x, 100 - dpk_chart_axis_place(&plot->up, speedup->low),
            100 - dpk_chart_axis_place(&plot->up, speedup->high), x,
            100 - dpk_chart_axis_place(&plot->up, speedup->estimate));
}

static void legend(FILE *stream, const dpk_comparison *comparison)
{
    size_t next = 0;
    fputs("<ul class=\"legend\">", stream);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_backend *backend = comparison->variants[i].backend;
        size_t series = series_of(comparison, backend);
        if (series >= next && measured(&comparison->variants[i])) {
            fprintf(stream,
                    "<li><svg aria-hidden=\"true\"><circle class=\"point series-%zu\" cx=\"7\" "
                    "cy=\"7\" r=\"4.5\"/></svg>%s</li>",
                    series % DPK_SERIES, backend->name);
            next = series + 1;
        }
    }
    static const char *const lines[][2] = { { "ideal", "as many times as workers" },
                                            { "base amdahl", "Amdahl’s law" },
                                            { "base", "Universal Scalability Law" } };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        fprintf(stream,
                "<li><svg class=\"stroke\" aria-hidden=\"true\"><line class=\"%s\" x2=\"26\" "
                "y1=\"7\" y2=\"7\" stroke-width=\"2\"/></svg>%s</li>",
                lines[i][0], lines[i][1]);
    fputs("</ul>\n", stream);
}

static void interval_cell(FILE *stream, bool known, dpk_interval interval)
{
    char number[DPK_HTML_TEXT], range[DPK_HTML_TEXT];
    if (known)
        fprintf(stream, "<td>%s <small>%s</small></td>",
                isinf(interval.estimate) ? "∞" : dpk_html_number(interval.estimate, number),
                dpk_html_range(interval, range));
    else
        fputs("<td>–</td>", stream);
}

/* As many times as a law has unknowns are met exactly, which says nothing for it. why_not: NULL, or
 * why there are no other numbers. */
static void error_cell(FILE *stream, bool fitted, double error, const char *why_not)
{
    char text[DPK_HTML_TEXT];
    fprintf(stream, "<td>%s", dpk_html_percent(fitted && error > 1e-6 ? error : NAN, text));
    if (fitted && why_not != NULL)
        fprintf(stream, " <small>%s</small>", why_not);
    fputs("</td>", stream);
}

static void laws(FILE *stream, const dpk_comparison *comparison)
{
    if (comparison->law_count == 0)
        return;
    fprintf(stream, "<h3>The laws as fitted, with %s</h3>\n", dpk_intervals_name(comparison));
    fputs(
        "<div class=\"scroll\" role=\"region\" "
        "tabindex=\"0\" aria-label=\"laws\"><table>\n<thead><tr><th scope=\"col\">backend</th>"
        "<th scope=\"col\">serial fraction (Amdahl)"
        "</th><th scope=\"col\">error of fit</th><th scope=\"col\">α, sharing (USL)</th>"
        "<th scope=\"col\">β, agreeing</th><th scope=\"col\">best number of workers</th>"
        "<th scope=\"col\">error of fit</th></tr></thead>\n<tbody>\n",
        stream);
    for (size_t i = 0; i < comparison->law_count; i++) {
        const dpk_law *law = &comparison->laws[i];
        const dpk_amdahl *amdahl = &law->amdahl;
        const dpk_usl *usl = &law->usl;
        const char *why_not = dpk_amdahl_why_not(amdahl);
        fprintf(stream, "<tr><th scope=\"row\">%s</th>", law->backend->name);
        interval_cell(stream, why_not == NULL, amdahl->serial);
        error_cell(stream, amdahl->fitted, amdahl->error, why_not);
        why_not = dpk_usl_why_not(usl);
        interval_cell(stream, why_not == NULL, usl->alpha);
        interval_cell(stream, why_not == NULL, usl->beta);
        interval_cell(stream, why_not == NULL, usl->best);
        error_cell(stream, usl->fitted, usl->error, why_not);
        fputs("</tr>\n", stream);
    }
    fputs("</tbody>\n</table></div>\n", stream);
}

void dpk_html_scaling(FILE *stream, const dpk_comparison *comparison)
{
    if (!dpk_html_scales(comparison))
        return;
    struct plot plot = axes(comparison);
    fprintf(
        stream,
        "<section>\n<h2>What more workers bring</h2>\n<p class=\"about\">How many times as fast "
        "as with one worker, with %s. Workers beyond the processors there are only queue; the "
        "laws are fitted to the others.</p>\n<figure>\n",
        dpk_intervals_name(comparison));
    legend(stream, comparison);
    fprintf(stream,
            "<div class=\"plot\"><svg height=\"%d\" role=\"img\"><title>Speed-up by number of "
            "workers</title><desc>Values are in the table of results below.</desc>\n",
            HEIGHT);
    frame(stream, comparison, &plot);
    curves(stream, comparison, &plot);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        if (measured(variant))
            point(stream, &plot, variant, series_of(comparison, variant->backend));
    }
    fputs("</svg></div>\n", stream);
    laws(stream, comparison);
    fputs("</figure>\n</section>\n", stream);
}
