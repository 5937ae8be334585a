/* SPDX-License-Identifier: MIT */
/* report_markdown.c: a comparison for a README or an issue: tables as GitHub Flavored Markdown has
 * them, which are readable as they stand, too. */
#include "report/report.h"

#include "analysis/lesson.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------- texts */

/* Text that means itself: no cell ends in it, and nothing becomes a tag or turns italic. */
static void write_text(FILE *stream, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\|`*_<&~", *text) != NULL)
            fputc('\\', stream);
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, stream);
    }
}

static const char *const scopes[] = {
    [DPK_SCOPE_COMPUTE] = "Computed in memory",
    [DPK_SCOPE_RUN] = "From file to file",
};

/* An indented block needs no escapes, only that it is one line. */
static void write_command(FILE *stream, const dpk_comparison *comparison)
{
    fputs("    dpk compare ", stream);
    for (const char *letter = comparison->command; *letter != '\0'; letter++)
        fputc(iscntrl((unsigned char)*letter) ? ' ' : *letter, stream);
    fputs("\n\n", stream);
}

/* --------------------------------------------------------------------------------------- tables */

/* The first column is for names, the others are for numbers. */
static void begin_table(FILE *stream, const char *const *titles, size_t count)
{
    fputs("| |", stream);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, " %s |", titles[i]);
    fputs("\n| --- |", stream);
    for (size_t i = 0; i < count; i++)
        fputs(" ---: |", stream);
    fputc('\n', stream);
}

static void begin_row(FILE *stream, const char *name)
{
    fputs("| ", stream);
    write_text(stream, name);
    fputs(" |", stream);
}

/* What is not known leaves its cell empty. */
static void write_seconds(FILE *stream, double seconds)
{
    char text[32];
    if (isnan(seconds))
        fputs(" |", stream);
    else
        fprintf(stream, " %s |", seconds == 0 ? "0" : dpk_text_seconds(seconds, text, sizeof text));
}

static void write_count(FILE *stream, double count)
{
    fprintf(stream, isnan(count) ? " |" : " %.0f |", count);
}

/* Three significant digits. */
static const char *figure(double value, char *text, size_t size)
{
    double magnitude = fabs(value);
    if (isinf(value))
        snprintf(text, size, "∞");
    else if (magnitude < 0.1 || magnitude >= 99.95)
        snprintf(text, size, "%.3g", value);
    else
        snprintf(text, size, "%.*f", magnitude < 0.9995 ? 3 : magnitude < 9.995 ? 2 : 1, value);
    return text;
}

/* Bounds that say nothing are left out. */
static void write_interval(FILE *stream, dpk_interval interval, double scale, const char *unit)
{
    char text[32], low[32], high[32];
    if (isnan(interval.estimate)) {
        fputs(" |", stream);
        return;
    }
    fprintf(stream, " %s%s", figure(scale * interval.estimate, text, sizeof text), unit);
    if (isfinite(interval.low) && !isnan(interval.high))
        fprintf(stream, " [%s, %s]", figure(scale * interval.low, low, sizeof low),
                figure(scale * interval.high, high, sizeof high));
    fputs(" |", stream);
}

static void end_table(FILE *stream)
{
    fputc('\n', stream);
}

/* -------------------------------------------------------------------------------------- results */

static void write_rates(FILE *stream, const dpk_summary *summary)
{
    char text[32];
    double bytes = summary->bytes_per_second, operations = summary->operations_per_second;
    if (!isnan(bytes))
        fprintf(stream, " %s/s", dpk_text_bytes(bytes, text, sizeof text));
    fputs(" |", stream);
    if (!isnan(operations))
        fprintf(stream, " %.3g", operations * 1e-9);
    fputs(" |", stream);
    if (!isnan(summary->roof) && summary->roof_name != NULL)
        fprintf(stream, " %.0f %% of %s", 100 * summary->roof, summary->roof_name);
    fputs(" |", stream);
}

static void write_results(FILE *stream, const dpk_comparison *comparison)
{
    const char *const titles[] = { "median",
                                   "MAD",
                                   "minimum",
                                   dpk_comparison_is_short(comparison)
                                       ? "ratio to the first [of too few rounds]"
                                       : "ratio to the first [95 %]",
                                   "bytes",
                                   "Gop/s",
                                   "roof" };
    begin_table(stream, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        begin_row(stream, comparison->variants[i].name);
        write_seconds(stream, summary->seconds.median);
        write_seconds(stream, summary->seconds.mad);
        write_seconds(stream, summary->seconds.min);
        if (i == 0)
            fputs(" 1 |", stream);
        else
            write_interval(stream, summary->ratio, 1, "");
        write_rates(stream, summary);
        fputc('\n', stream);
    }
    end_table(stream);
}

static void write_verdicts(FILE *stream, const dpk_comparison *comparison)
{
    char text[512];
    if (comparison->variant_count < 2)
        return;
    write_text(stream, dpk_winner_text(comparison, text, sizeof text));
    fputs("\n\n", stream);
    write_text(stream, dpk_ratios_text(comparison, text, sizeof text));
    fputs("\n\n", stream);
    for (size_t i = 1; i < comparison->variant_count; i++) {
        fputs("- ", stream);
        write_text(stream,
                   dpk_verdict_text(comparison, &comparison->variants[i], text, sizeof text));
        fputc('\n', stream);
    }
    if (dpk_lesson_check(comparison, text, sizeof text) != DPK_NO_LESSON) {
        fputs("- ", stream);
        write_text(stream, text);
        fputc('\n', stream);
    }
    fputc('\n', stream);
}

/* ------------------------------------------------------------------------------- where time went
 */

static void write_ledger(FILE *stream, const dpk_comparison *comparison)
{
    const char *titles[DPK_PHASES + 2] = { [0] = "wall", [DPK_PHASES + 1] = "queued" };
    for (int phase = 0; phase < DPK_PHASES; phase++)
        titles[1 + phase] = dpk_phase_names[phase];
    fputs(
        "Wall time, as means over the workers; what is queued is part of load, work and store:\n"
        "\n",
        stream);
    begin_table(stream, titles, DPK_PHASES + 2);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        begin_row(stream, comparison->variants[i].name);
        write_seconds(stream, summary->wall);
        for (int phase = 0; phase < DPK_PHASES; phase++)
            write_seconds(stream, summary->phase[phase]);
        write_seconds(stream, summary->queued);
        fputc('\n', stream);
    }
    end_table(stream);
}

static void write_counters(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const titles[] = { "minor faults", "major faults", "voluntary switches",
                                          "involuntary",  "user",         "system",
                                          "peak memory" };
    fputs("Of all processes together:\n\n", stream);
    begin_table(stream, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_summary *summary = &variant->summary;
        char text[32];
        begin_row(stream, variant->name);
        write_count(stream, summary->minor_faults);
        write_count(stream, summary->major_faults);
        write_count(stream, summary->voluntary_switches);
        write_count(stream, summary->involuntary_switches);
        write_seconds(stream, summary->user);
        write_seconds(stream, summary->system);
        if (variant->peak > 0)
            fprintf(stream, " %s", dpk_text_bytes((double)variant->peak, text, sizeof text));
        fputs(" |\n", stream);
    }
    end_table(stream);
}

/* -------------------------------------------------------------------------------------- scaling */

static void write_speedups(FILE *stream, const dpk_comparison *comparison)
{
    const char *const titles[] = { dpk_comparison_is_short(comparison) ? "speed-up"
                                                                       : "speed-up [95 %]",
                                   "efficiency", "serial fraction (Karp–Flatt)" };
    begin_table(stream, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        begin_row(stream, comparison->variants[i].name);
        write_interval(stream, summary->speedup, 1, "");
        write_interval(stream, summary->efficiency, 100, " %");
        write_interval(stream, summary->karp_flatt, 1, "");
        fputc('\n', stream);
    }
    end_table(stream);
}

/* How far times are from a law; rounding is none. */
static void write_misfit(FILE *stream, double error)
{
    if (isnan(error))
        fputs(" |", stream);
    else
        fprintf(stream, " %.2g %% |", error > 1e-6 ? 100 * error : 0);
}

static void write_remark(FILE *stream, const char *subject, const char *text)
{
    fputs("- ", stream);
    write_text(stream, subject);
    write_text(stream, text);
    fputc('\n', stream);
}

/* Why a law's numbers are not in the table. */
static void write_withheld(FILE *stream, const dpk_law *law)
{
    const char *amdahl = dpk_amdahl_why_not(&law->amdahl), *usl = dpk_usl_why_not(&law->usl);
    char subject[64];
    snprintf(subject, sizeof subject, "%s, Amdahl: ", law->backend->name);
    if (law->amdahl.fitted && amdahl != NULL)
        write_remark(stream, subject, amdahl);
    snprintf(subject, sizeof subject, "%s, USL: ", law->backend->name);
    if (law->usl.fitted && usl != NULL)
        write_remark(stream, subject, usl);
}

static void write_laws(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const titles[] = {
        "serial fraction (Amdahl)", "misfit", "α (USL)", "β (USL)",
        "best number of workers",   "misfit"
    };
    const dpk_interval unknown = { NAN, NAN, NAN };
    begin_table(stream, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < comparison->law_count; i++) {
        const dpk_amdahl *amdahl = &comparison->laws[i].amdahl;
        const dpk_usl *usl = &comparison->laws[i].usl;
        bool tell = dpk_amdahl_why_not(amdahl) == NULL;
        begin_row(stream, comparison->laws[i].backend->name);
        write_interval(stream, tell ? amdahl->serial : unknown, 1, "");
        write_misfit(stream, amdahl->fitted ? amdahl->error : NAN);
        tell = dpk_usl_why_not(usl) == NULL;
        write_interval(stream, tell ? usl->alpha : unknown, 1, "");
        write_interval(stream, tell ? usl->beta : unknown, 1, "");
        write_interval(stream, tell ? usl->best : unknown, 1, "");
        write_misfit(stream, usl->fitted ? usl->error : NAN);
        fputc('\n', stream);
    }
    end_table(stream);
    for (size_t i = 0; i < comparison->law_count; i++)
        write_withheld(stream, &comparison->laws[i]);
}

/* ------------------------------------------------------------------------------- what to know of
 * it */

static void write_circumstances(FILE *stream, const dpk_comparison *comparison)
{
    const dpk_environment *environment = &comparison->before;
    char text[256];
    fputs(scopes[comparison->scope], stream);
    fputs(*comparison->inputs != '\0' ? ": " : "", stream);
    write_text(stream, comparison->inputs);
    dpk_conditions_text(&comparison->conditions, text, sizeof text);
    fputs(*text != '\0' ? ", " : "", stream);
    write_text(stream, text);
    fputs(". ", stream);
    write_text(stream, *environment->processor ? environment->processor : "unknown processor");
    fprintf(stream, ", ISA level %s; ", dpk_isa_name(comparison->isa));
    write_text(stream, *environment->kernel ? environment->kernel : "unknown kernel");
    fputs("; dpk " DPK_VERSION, stream);
    if (*environment->compiler != '\0') {
        fputs(", ", stream);
        write_text(stream, environment->compiler);
    }
    fprintf(stream, ". %zu round%s; ", comparison->rounds, comparison->rounds == 1 ? "" : "s");
    write_text(stream, dpk_ending_text(comparison, text, sizeof text));
    fputs(". ", stream);
    write_text(stream, dpk_equality_text(comparison, text, sizeof text));
    fputs("\n\n", stream);
}

static void write_throttling(FILE *stream, const char *subject, const dpk_summary *summary)
{
    char time[32], text[160];
    snprintf(text, sizeof text,
             "the CPU quota was used up %.3g times in an execution, which kept processors idle for "
             "%s in all",
             summary->throttles, dpk_text_seconds(summary->throttled, time, sizeof time));
    write_remark(stream, subject, text);
}

static void write_remarks(FILE *stream, const dpk_comparison *comparison)
{
    for (size_t i = 0; i < comparison->warnings.count; i++)
        write_remark(stream, "", comparison->warnings.text[i]);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        char subject[sizeof variant->name + 2];
        snprintf(subject, sizeof subject, "%s: ", variant->name);
        if (*variant->note != '\0')
            write_remark(stream, subject, variant->note);
        if (variant->summary.throttles > 0)
            write_throttling(stream, subject, &variant->summary);
    }
}

void dpk_report_markdown(FILE *stream, const dpk_comparison *comparison)
{
    write_command(stream, comparison);
    write_circumstances(stream, comparison);
    write_results(stream, comparison);
    write_verdicts(stream, comparison);
    write_ledger(stream, comparison);
    write_counters(stream, comparison);
    bool speedups = false;
    for (size_t i = 1; i < comparison->variant_count; i++)
        speedups |= !isnan(comparison->variants[i].summary.speedup.estimate);
    if (speedups)
        write_speedups(stream, comparison);
    if (comparison->law_count > 0)
        write_laws(stream, comparison);
    write_remarks(stream, comparison);
}
