/* SPDX-License-Identifier: MIT */
/* report_plot.c: a picture drawn by gnuplot, for papers and slides. Two panels: speed-up by number
 * of workers, or all times where there are not several; and the ledgers as stacked bars. gnuplot
 * reads script and data from a nameless file and writes to another, so that nothing can block; what
 * it has drawn takes its place only when it is complete. */
#include "files/sink.h"
#include "report/report.h"
#include "report/report_html.h"
#include "report/xml.h"
#include "workers/children.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --------------------------------------------------------------------------------- the script */

/* More dots show no more. */
enum { DOTS = 8000 };

/* Colours of the page, by which the script calls them. */
static void colours(FILE *script)
{
    static const char *const names[] = { "ground", "ink", "muted", "grid", "accent" };
    char text[8];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fprintf(script, "%s = '%s'\n", names[i], dpk_page_colour(names[i], text));
}

/* In single quotes nothing has a meaning to gnuplot but the quote; a line's end ends the command.
 * What gnuplot writes into an SVG must be what XML may hold. */
static void quoted(FILE *script, const char *text)
{
    fputc('\'', script);
    for (int length = 0; *text != '\0'; text += length > 0 ? length : 1) {
        length = dpk_xml_length(text);
        if (length == 0)
            fputs(DPK_XML_UNKNOWN, script);
        else if (*text == '\'')
            fputs("''", script);
        else if ((unsigned char)*text < ' ')
            fputc(' ', script);
        else
            fwrite(text, 1, (size_t)length, script);
    }
    fputc('\'', script);
}

static void preamble(FILE *script, const dpk_comparison *comparison, const char *terminal)
{
    colours(script);
    fprintf(script,
            "set encoding utf8\nset terminal %s\n"
            "set multiplot layout 1,2 title ",
            terminal);
    quoted(script, comparison->command);
    fputs(
        "\nset border 3 lc rgb muted\n"
        "set tics nomirror out scale 0.5 textcolor rgb ink\n"
        "set grid ytics lt 1 lc rgb grid\n"
        "set key bottom right samplen 2\n"
        "set yrange [0:*]\n",
        script);
}

/* Names below bars and dots: slanted where there are too many to stand side by side. */
static void names(FILE *script, const dpk_comparison *comparison)
{
    fprintf(script, "set xrange [-0.6:%zu.4]\nset xtics %s (", comparison->variant_count - 1,
            comparison->variant_count > 5 ? "rotate by 40 right" : "");
    for (size_t i = 0; i < comparison->variant_count; i++)
        fprintf(script, "%s'%s' %zu", i == 0 ? "" : ", ", comparison->variants[i].name, i);
    fputs(")\n", script);
}

/* A dot for each round, and a line for the median. */
static void plot_times(FILE *script, const dpk_comparison *comparison)
{
    size_t stride = 1 + comparison->rounds * comparison->variant_count / DOTS;
    names(script, comparison);
    fputs(
        "set errorbars 0\nset title 'every execution, and the medians'\nset ylabel 'ms'\n"
        "$rounds << END\n",
        script);
    for (size_t i = 0; i < comparison->variant_count; i++)
        for (size_t r = 0; r < comparison->rounds; r += stride)
            fprintf(script, "%.3f %.9g\n",
                    (double)i - 0.25 + 0.5 * ((double)r + 0.5) / (double)comparison->rounds,
                    (double)comparison->variants[i].samples[r].wall * 1e-6);
    fputs("END\n$medians << END\n", script);
    for (size_t i = 0; i < comparison->variant_count; i++)
        fprintf(script, "%zu %.9g 0.35\n", i, comparison->variants[i].summary.seconds.median * 1e3);
    fputs(
        "END\n"
        "plot $rounds with points pt 7 ps 0.35 lc rgb accent notitle, "
        "$medians with xerrorbars pt 0 lw 2.5 lc rgb ink notitle\n",
        script);
}

/* The laws as curves: workers, speed-up by Amdahl, speed-up by Gunther. */
static void curves(FILE *script, const dpk_law *law, double base, double most)
{
    enum { STEPS = 60 };
    for (int i = 0; i <= STEPS; i++) {
        double jobs = 1 + (most - 1) * i / STEPS;
        fprintf(script, "%.4f %.6g %.6g\n", jobs, base / dpk_amdahl_seconds(&law->amdahl, jobs),
                law->usl.fitted ? base / dpk_usl_seconds(&law->usl, jobs) : NAN);
    }
}

/* The data of a backend, $points and $laws with its number; returns whether there is any. */
static bool series(FILE *script, const dpk_comparison *comparison, const dpk_backend *backend,
                   size_t number, double most)
{
    double base = NAN;
    fprintf(script, "$points%zu << END\n", number);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_interval *speedup = &variant->summary.speedup;
        if (variant->backend != backend || !isfinite(speedup->estimate))
            continue;
        base = variant->summary.speedup_base;
        fprintf(script, "%u %.6g %.6g %.6g\n", dpk_variant_workers(variant), speedup->estimate,
                isfinite(speedup->low) ? speedup->low : speedup->estimate,
                isfinite(speedup->high) ? speedup->high : speedup->estimate);
    }
    fprintf(script, "END\n$laws%zu << END\n", number);
    for (size_t k = 0; k < comparison->law_count && !isnan(base); k++)
        if (comparison->laws[k].backend == backend)
            curves(script, &comparison->laws[k], base, most);
    fputs("END\n", script);
    return !isnan(base);
}

static void plot_series(FILE *script, const dpk_comparison *comparison, const dpk_backend *backend,
                        size_t number)
{
    char name[16], colour[8];
    snprintf(name, sizeof name, "series-%zu", number % DPK_SERIES);
    dpk_page_colour(name, colour);
    for (size_t k = 0; k < comparison->law_count; k++) {
        const dpk_law *law = &comparison->laws[k];
        if (law->backend != backend)
            continue;
        if (dpk_amdahl_why_not(&law->amdahl) == NULL)
            fprintf(script, ", $laws%zu using 1:2 with lines dt 2 lc rgb '%s' title '%s, Amdahl'",
                    number, colour, backend->name);
        if (dpk_usl_why_not(&law->usl) == NULL)
            fprintf(script, ", $laws%zu using 1:3 with lines lc rgb '%s' title '%s, USL'", number,
                    colour, backend->name);
    }
    fprintf(script, ", $points%zu using 1:2:3:4 with yerrorbars pt 7 ps 0.7 lc rgb '%s' title '%s'",
            number, colour, backend->name);
}

static void plot_speedup(FILE *script, const dpk_comparison *comparison)
{
    const dpk_backend *backends[DPK_VARIANTS_MAX];
    size_t count = 0;
    double most = 1, best = 1;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        most = fmax(most, dpk_variant_workers(variant));
        best = fmax(best, variant->summary.speedup.estimate);
    }
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_backend *backend = comparison->variants[i].backend;
        bool seen = false;
        for (size_t k = 0; k < count; k++)
            seen = seen || backends[k] == backend;
        if (!seen && series(script, comparison, backend, count, 1.1 * most))
            backends[count++] = backend;
    }
    fprintf(script,
            "set title 'speed-up, %s, and the laws fitted'\nset xlabel 'workers'\n"
            "set xrange [0:%.3g]\nset yrange [0:%.4g]\nset xtics %s\nset errorbars 0\n"
            "plot x with lines dt 3 lc rgb muted title 'ideal'",
            dpk_intervals_name(comparison), 1.1 * most, 1.12 * best, most <= 8 ? "1" : "autofreq");
    for (size_t k = 0; k < count; k++)
        plot_series(script, comparison, backends[k], k);
    fputs("\nunset xlabel\nset yrange [0:*]\n", script);
}

static void plot_ledgers(FILE *script, const dpk_comparison *comparison)
{
    names(script, comparison);
    fputs(
        "set title 'where the time went'\nset ylabel 'ms'\n"
        "set key outside right top vertical invert\n"
        "set style data histograms\nset style histogram rowstacked\n"
        "set style fill solid border rgb ground\nset boxwidth 0.7\n$ledgers << END\n",
        script);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        for (int phase = 0; phase < DPK_PHASES; phase++)
            fprintf(script, " %.9g", comparison->variants[i].summary.phase[phase] * 1e3);
        fputc('\n', script);
    }
    fputs("END\nplot ", script);
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        char colour[8];
        fprintf(script, "%s$ledgers using %d lc rgb '%s' title '%s'", phase == 0 ? "" : ", ",
                phase + 1, dpk_page_colour(dpk_phase_names[phase], colour), dpk_phase_names[phase]);
    }
    fputs("\nunset multiplot\n", script);
}

/* ------------------------------------------------------------------------------------ gnuplot */

/* What gnuplot complains of begins with a picture of the line; the words come after "line N: ". */
static void complaint(FILE *errors, char *text, size_t size)
{
    char line[256];
    snprintf(text, size, "it gave no reason");
    rewind(errors);
    while (fgets(line, sizeof line, errors) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *words = strstr(line, ": ");
        if (words != NULL)
            snprintf(text, size, "%s", words + 2);
    }
}

static dpk_status run_gnuplot(FILE *script, FILE *drawing, FILE *errors, dpk_error *err)
{
    char *arguments[] = { (char[]){ "gnuplot" }, (char[]){ "--default-settings" }, NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(drawing), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO);
    int why = posix_spawnp(&pid, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (why == ENOENT)
        return dpk_fail(err, DPK_USAGE,
                        "plots are drawn by gnuplot, which is not installed; Debian's package is "
                        "gnuplot-nox");
    if (why != 0)
        return dpk_fail(err, DPK_USAGE, "cannot start gnuplot: %s", strerror(why));
    dpk_children_add(pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    dpk_children_remove(pid);
    if (status == 0)
        return DPK_OK;
    char reason[256];
    complaint(errors, reason, sizeof reason);
    return dpk_fail(err, DPK_OUTPUT_FAILED, "gnuplot could not draw the plot: %s", reason);
}

/* Everything in file to the sink. */
static dpk_status copy(FILE *file, dpk_sink *sink, dpk_error *err)
{
    char piece[4096];
    dpk_status status = DPK_OK;
    rewind(file);
    for (size_t bytes; status == DPK_OK && (bytes = fread(piece, 1, sizeof piece, file)) > 0;)
        status = dpk_sink_write(sink, piece, bytes, err);
    return status;
}

/* What to tell gnuplot for a file of that name; NULL if it cannot be drawn. All are of one shape.
 */
static const char *terminal_for(const char *path)
{
    static const char *const terminals[][2] = {
        { ".svg", "svg noenhanced size 1100,460 font 'sans-serif,13' background rgb 'white'" },
        { ".png",
          "pngcairo noenhanced size 2200,920 font 'sans,11' fontscale 2 linewidth 2 pointscale 2" },
        { ".pdf", "pdfcairo noenhanced size 11in,4.6in font 'sans,13'" },
    };
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof terminals / sizeof *terminals; i++)
        if (strcmp(suffix, terminals[i][0]) == 0)
            return terminals[i][1];
    return NULL;
}

static void write_script(FILE *script, const dpk_comparison *comparison, const char *terminal)
{
    preamble(script, comparison, terminal);
    if (comparison->law_count > 0)
        plot_speedup(script, comparison);
    else
        plot_times(script, comparison);
    plot_ledgers(script, comparison);
}

/* Without a comparison, gnuplot has nothing to draw: whether it could is all that is found out. */
static dpk_status draw(const dpk_comparison *comparison, const char *terminal, dpk_sink *sink,
                       dpk_error *err)
{
    FILE *script = tmpfile(), *drawing = tmpfile(), *errors = tmpfile();
    dpk_status status = DPK_OK;
    if (script != NULL && comparison != NULL)
        write_script(script, comparison, terminal);
    if (script == NULL || drawing == NULL || errors == NULL || fflush(script) != 0 ||
        ferror(script))
        status =
            dpk_fail(err, DPK_OUTPUT_FAILED, "cannot write a temporary file: %s", strerror(errno));
    if (status == DPK_OK) {
        rewind(script);
        status = run_gnuplot(script, drawing, errors, err);
    }
    if (status == DPK_OK)
        status = copy(drawing, sink, err);
    FILE *const files[] = { script, drawing, errors };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL)
            fclose(files[i]);
    return status;
}

static dpk_status plot(const char *path, const dpk_comparison *comparison, dpk_error *err)
{
    const char *terminal = terminal_for(path);
    if (terminal == NULL)
        return dpk_fail(err, DPK_USAGE,
                        "cannot plot to '%s': the name must end in .svg, .png or .pdf", path);
    dpk_sink sink;
    dpk_status status = dpk_sink_open(&sink, path, err);
    if (status == DPK_OK)
        status = draw(comparison, terminal, &sink, err);
    if (status == DPK_OK && comparison != NULL)
        return dpk_sink_commit(&sink, err);
    dpk_sink_abandon(&sink);
    return status;
}

dpk_status dpk_report_plot_check(const char *path, dpk_error *err)
{
    return plot(path, NULL, err);
}

dpk_status dpk_report_plot(const char *path, const dpk_comparison *comparison, dpk_error *err)
{
    return plot(path, comparison, err);
}
