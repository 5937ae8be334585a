/* SPDX-License-Identifier: MIT */
/* report_chart.c: speed-up by number of workers: a bar of blocks for each, up to what it is, and
 * shade up to what as many workers could be. */
#include "report/report_chart.h"

#include "base/table.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* A cell holds this many blocks of three bytes each. */
enum { BAR_MOST = 20, BAR_LEAST = 8, BLOCK = 3 };

/* "█████▍░░": the last block in eighths. */
static void bar_cell(dpk_table *table, double value, double ideal, double most, int length)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    char bar[DPK_TABLE_CELL] = "";
    int parts = (int)lround(8 * length * value / most), used = (parts + 7) / 8;
    for (int i = 0; i < parts / 8; i++)
        strcat(bar, "█");
    strcat(bar, eighths[parts % 8]);
    for (int i = used; i < (int)lround(length * ideal / most); i++)
        strcat(bar, "░");
    dpk_table_cell(table, "%s", bar);
}

static bool of_backend(const dpk_variant *variant, const dpk_backend *backend)
{
    return variant->backend == backend && isfinite(variant->summary.speedup.estimate);
}

/* Several numbers of workers? And the end of the scale: the most workers, or more speed-up still.
 */
static bool scales(const dpk_comparison *comparison, const dpk_backend *backend, double *most)
{
    unsigned first = 0;
    bool several = false;
    *most = 1;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        if (!of_backend(variant, backend))
            continue;
        unsigned workers = dpk_variant_workers(variant);
        several = several || (first != 0 && workers != first);
        first = workers;
        *most = fmax(*most, fmax(workers, variant->summary.speedup.estimate));
    }
    return several;
}

static void interval_cell(dpk_table *table, dpk_interval interval)
{
    if (!isfinite(interval.estimate))
        dpk_table_cell(table, "–");
    else if (interval.low == interval.high)
        dpk_table_cell(table, "%.2f", interval.estimate);
    else
        dpk_table_cell(table, "%.2f [%.2f, %.2f]", interval.estimate, interval.low, interval.high);
}

static void print_speedups(FILE *stream, const dpk_comparison *comparison,
                           const dpk_backend *backend, double most, unsigned columns)
{
    enum { OTHERS = 64 }; /* columns of the table without bars */
    dpk_table table = { .left = 1 << 4 };
    int length = columns > OTHERS + BAR_LEAST ? (int)columns - OTHERS : BAR_LEAST;
    length = length > BAR_MOST ? BAR_MOST : length;
    dpk_table_cell(&table, "workers");
    dpk_table_cell(&table, "speed-up");
    dpk_table_cell(&table, "efficiency");
    dpk_table_cell(&table, "Karp–Flatt");
    dpk_table_row(&table);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_summary *summary = &variant->summary;
        if (!of_backend(variant, backend))
            continue;
        unsigned workers = dpk_variant_workers(variant);
        dpk_table_cell(&table, "%u", workers);
        interval_cell(&table, summary->speedup);
        dpk_table_cell(&table, "%.0f %%", 100 * summary->efficiency.estimate);
        interval_cell(&table, summary->karp_flatt);
        bar_cell(&table, summary->speedup.estimate, workers, most, length);
        dpk_table_row(&table);
    }
    dpk_table_print(stream, &table, columns);
}

/* "4.2 % [3.1, 5.3]" of a number, times 100 or not. */
static const char *range(char *text, size_t size, dpk_interval interval, double scale,
                         const char *unit)
{
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(&to, "%.3g%s [%.3g, ", scale * interval.estimate, unit, scale * interval.low);
    if (isfinite(interval.high))
        dpk_text_add(&to, "%.3g]", scale * interval.high);
    else
        dpk_text_add(&to, "∞]");
    return text;
}

static dpk_interval inverse(dpk_interval of)
{
    return (dpk_interval){ 1 / of.estimate, 1 / of.high, 1 / of.low };
}

/* The end of a law's sentence: how well it describes the times. As many times as it has unknowns
 * are met exactly, which says nothing for it. */
static void add_error(dpk_text *to, double error)
{
    if (error > 1e-6)
        dpk_text_add(to, "; times differ from that by %.2g %%", 100 * error);
}

static void amdahl_text(const dpk_amdahl *law, dpk_text *to)
{
    char serial[64], most[64];
    const char *why_not = dpk_amdahl_why_not(law);
    if (why_not != NULL)
        dpk_text_add(to, "Amdahl: %s", why_not);
    else
        dpk_text_add(to, "Amdahl: %s is serial, so never more than %s times as fast",
                     range(serial, sizeof serial, law->serial, 100, " %"),
                     range(most, sizeof most, inverse(law->serial), 1, ""));
    add_error(to, law->error);
}

static void usl_text(const dpk_usl *law, dpk_text *to)
{
    char alpha[64], beta[64], best[64];
    const char *why_not = dpk_usl_why_not(law);
    range(alpha, sizeof alpha, law->alpha, 1, "");
    range(beta, sizeof beta, law->beta, 1, "");
    if (why_not != NULL)
        dpk_text_add(to, "USL: %s", why_not);
    else if (isfinite(law->best.estimate))
        dpk_text_add(to,
                     "USL: alpha %s (queueing), beta %s (agreeing), fastest with N* = %s workers",
                     alpha, beta, range(best, sizeof best, law->best, 1, ""));
    else
        dpk_text_add(
            to,
            "USL: alpha %s (queueing), beta %s (agreeing), ever faster with more workers (N* "
            "is at least %.3g)",
            alpha, beta, law->best.low);
    add_error(to, law->error);
}

static void print_law(FILE *stream, const dpk_law *law, unsigned columns)
{
    char text[512];
    dpk_text amdahl = dpk_text_begin(text, sizeof text);
    amdahl_text(&law->amdahl, &amdahl);
    dpk_paragraph(stream, columns, "  ", text);
    if (!law->usl.fitted)
        return;
    dpk_text usl = dpk_text_begin(text, sizeof text);
    usl_text(&law->usl, &usl);
    dpk_paragraph(stream, columns, "  ", text);
}

static bool print_scaling(FILE *stream, const dpk_comparison *comparison,
                          const dpk_backend *backend, unsigned columns)
{
    double most, base = NAN;
    char time[32], title[128];
    if (!scales(comparison, backend, &most))
        return false;
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (of_backend(&comparison->variants[i], backend))
            base = comparison->variants[i].summary.speedup_base;
    snprintf(title, sizeof title,
             "Scaling of %s (over one worker's %s; shade: as many workers at the best)",
             backend->name, dpk_text_seconds(base, time, sizeof time));
    fputc('\n', stream);
    dpk_paragraph(stream, columns, "", title);
    print_speedups(stream, comparison, backend, most, columns);
    for (size_t i = 0; i < comparison->law_count; i++)
        if (comparison->laws[i].backend == backend)
            print_law(stream, &comparison->laws[i], columns);
    return true;
}

void dpk_report_scaling(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    bool any = false;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_backend *backend = comparison->variants[i].backend;
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || comparison->variants[j].backend == backend;
        any |= !seen && print_scaling(stream, comparison, backend, columns);
    }
    if (any)
        dpk_paragraph(stream, columns, "  ",
                      "efficiency: speed-up by worker. Karp–Flatt: the share of the work that "
                      "seems to be serial; if it grows with the workers, they cost more than "
                      "serial work does; –: unknown, or slower than one worker.");
}
