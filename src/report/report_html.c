/* SPDX-License-Identifier: MIT */
/* report_html.c: one page that needs nothing but itself, neither network nor script. What was found
 * comes first, in words; then what shows it, in pictures; then all figures in tables; then what
 * stood in the way, the machine; last, how to read it. */
#include "report/report_html.h"

#include "model/isa.h"
#include "report/report.h"

#include "analysis/lesson.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void lines(FILE *stream, const char *const *next)
{
    for (; *next != NULL; next++)
        fprintf(stream, "%s\n", *next);
}

const char *dpk_page_colour(const char *name, char text[8])
{
    strcpy(text, "#000000");
    for (const char *const *line = dpk_page_style; *line != NULL; line++) {
        char found[32], colour[8];
        if (sscanf(*line, " --%31[^:]: %7s", found, colour) == 2 && strcmp(found, name) == 0)
            return strcpy(text, colour);
    }
    return text;
}

void dpk_html_begin(FILE *stream, const char *command, const char *title)
{
    fputs(
        "<!DOCTYPE html>\n"
        "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
        "<meta name=\"generator\" content=\"dpk " DPK_VERSION "\"/>\n<title>",
        stream);
    fprintf(stream, "dpk %s ", command);
    dpk_html_text(stream, title);
    fputs("</title>\n<style>\n", stream);
    lines(stream, dpk_page_style);
    fputs(
        "</style>\n</head>\n<body>\n"
        "<svg class=\"nothing\" height=\"0\" aria-hidden=\"true\"><defs>"
        "<pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><line x1=\"0\" x2=\"0\" y1=\"0\" y2=\"5\"/></pattern>"
        "</defs></svg>\n",
        stream);
}

void dpk_html_end(FILE *stream)
{
    fputs("<footer>Written by dpk " DPK_VERSION
          ". Nothing on this page is loaded from elsewhere.</footer>\n</body>\n</html>\n",
          stream);
}

static void title(FILE *stream, const dpk_comparison *comparison)
{
    char spent[DPK_HTML_TEXT];
    fputs("<header>\n<p class=\"kicker\">dpk compare</p>\n<h1><code>", stream);
    dpk_html_text(stream, comparison->command);
    fputs("</code></h1>\n<p class=\"facts\">", stream);
    if (*comparison->inputs != '\0') {
        dpk_html_text(stream, comparison->inputs);
        fputs(" · ", stream);
    }
    fprintf(stream, "%s · %zu variants, %zu round%s, %s</p>\n</header>\n",
            comparison->scope == DPK_SCOPE_RUN
                ? "the whole command, file to file"
                : "inputs in memory, from opening the team to its end",
            comparison->variant_count, comparison->rounds, comparison->rounds == 1 ? "" : "s",
            dpk_html_seconds(comparison->seconds, spent));
}

static void equality(FILE *stream, const dpk_comparison *comparison)
{
    char text[128];
    if (*dpk_equality_text(comparison, text, sizeof text) != '\0')
        fprintf(stream, "<p class=\"about\">%s</p>\n", text);
}

/* A sentence for each variant but the first; of very many, only who asks for them sees them. */
static void sentences(FILE *stream, const dpk_comparison *comparison)
{
    static const char *const classes[] = {
        [DPK_UNPROVEN] = "unproven", [DPK_FASTER] = "faster", [DPK_SLOWER] = "slower"
    };
    enum { MANY = 10 };
    char text[1024];
    bool many = comparison->variant_count > MANY;
    if (comparison->variant_count < 2)
        return;
    if (many)
        fprintf(stream, "<details>\n<summary>Each of them against %s</summary>\n",
                comparison->variants[0].name);
    fputs("<ul>\n", stream);
    for (size_t i = 1; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        fprintf(stream, "<li class=\"%s\">", classes[variant->summary.verdict]);
        dpk_html_text(stream, dpk_verdict_text(comparison, variant, text, sizeof text));
        fputs("</li>\n", stream);
    }
    fputs("</ul>\n", stream);
    if (many)
        fputs("</details>\n", stream);
    if (dpk_lesson_check(comparison, text, sizeof text) != DPK_NO_LESSON) {
        fputs("<p>", stream);
        dpk_html_text(stream, text);
        fputs("</p>\n", stream);
    }
}

static void verdict(FILE *stream, const dpk_comparison *comparison)
{
    char text[1024];
    fputs("<section class=\"verdict\" aria-label=\"verdict\">\n<h2>", stream);
    dpk_html_text(stream, dpk_winner_text(comparison, text, sizeof text));
    fputs("</h2>\n", stream);
    sentences(stream, comparison);
    fputs("<p class=\"about\">Measuring ended: ", stream);
    dpk_html_text(stream, dpk_ending_text(comparison, text, sizeof text));
    fputs(".", stream);
    if (comparison->warnings.count > 0)
        fprintf(stream,
                " <a href=\"#machine\">%zu thing%s</a> about this machine made the times "
                "longer or less certain.",
                comparison->warnings.count, comparison->warnings.count == 1 ? "" : "s");
    fputs("</p>\n", stream);
    equality(stream, comparison);
    fputs("</section>\n", stream);
}

/* ------------------------------------------------------------------------------- the machine */

static void fact_text(FILE *stream, const char *name, const char *value)
{
    if (*value == '\0')
        return;
    fprintf(stream, "<div><dt>%s</dt><dd>", name);
    dpk_html_text(stream, value);
    fputs("</dd></div>\n", stream);
}

DPK_PRINTF(4, 5)
static void fact(FILE *stream, bool known, const char *name, const char *format, ...)
{
    char value[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    if (known)
        fact_text(stream, name, value);
}

static void setting(FILE *stream, const char *name, dpk_known value)
{
    fact(stream, value != DPK_UNKNOWN, name, "%s", value == DPK_YES ? "on" : "off");
}

static void hardware(FILE *stream, const dpk_comparison *comparison)
{
    const dpk_environment *machine = &comparison->before;
    const dpk_cpus *cpus = &machine->cpus;
    fputs("<dl class=\"machine\">\n", stream);
    fact_text(stream, "Processor", machine->processor);
    fact(stream, machine->processors > 0, "Processors this may run on", "%.0f of %u",
         machine->processors, cpus->online);
    fact(stream, machine->cores > 0, "Cores among them", "%.0f", machine->cores);
    fact(stream, cpus->quota > 0, "CPU quota of the cgroup", "%.3g processors", cpus->quota);
    fact(stream, true, "Kernel's instruction set", "%s", dpk_isa_name(comparison->isa));
    fact_text(stream, "Frequency governor", machine->governor);
    setting(stream, "Turbo", machine->turbo);
    setting(stream, "SMT", machine->smt);
    fact(stream, !isnan(machine->aslr), "Address randomisation", "%.0f", machine->aslr);
    fact_text(stream, "Huge pages, private memory", machine->huge_private);
    fact_text(stream, "Huge pages, shared memory", machine->huge_shared);
    fact_text(stream, "Operating system's kernel", machine->kernel);
    fact_text(stream, "Compiler", machine->compiler);
    fact_text(stream, "dpk", DPK_VERSION);
    if (comparison->roof_known) {
        const dpk_roof *roof = &comparison->roof;
        char one[DPK_HTML_TEXT], all[DPK_HTML_TEXT];
        fact(stream, true, "Roof of memory, 1 thread", "%s/s", dpk_html_bytes(roof->copy[0], one));
        fact(stream, true, "Roof of memory, all", "%s/s", dpk_html_bytes(roof->copy[1], all));
        fact(stream, true, "Roof of float arithmetic", "%.3g and %.3g GFLOP/s",
             roof->fma32[0] / 1e9, roof->fma32[1] / 1e9);
        fact(stream, true, "Roof of double arithmetic", "%.3g and %.3g GFLOP/s",
             roof->fma64[0] / 1e9, roof->fma64[1] / 1e9);
    }
    fputs("</dl>\n", stream);
}

static void share(FILE *stream, const char *name, double value)
{
    char text[DPK_HTML_TEXT];
    fact(stream, !isnan(value), name, "%s", dpk_html_percent(value, text));
}

static void burden(FILE *stream, const dpk_comparison *comparison)
{
    const dpk_load *load = &comparison->load;
    char text[DPK_HTML_TEXT], conditions[128];
    dpk_conditions_text(&comparison->conditions, conditions, sizeof conditions);
    fputs("<h3>Its load while this was measured</h3>\n<dl class=\"machine\">\n", stream);
    fact(stream, *conditions != '\0', "Measured", "%s", conditions);
    share(stream, "Processors' time used by this", load->own);
    if (comparison->conditions.neighbours > 0)
        share(stream, "Used by its neighbours", load->neighbours);
    share(stream, "Used by others", load->others);
    share(stream, "Taken by the hypervisor", load->stolen);
    share(stream, "Time some program waited", load->pressure);
    share(stream, "Same, in this cgroup", load->cgroup_pressure);
    fact(stream, !isnan(load->throttled), "Idle for the CPU quota", "%s, %.0f times",
         dpk_html_seconds(load->throttled, text), load->throttles);
    fact(stream, !isnan(load->load), "Load average at the end", "%.2f", load->load);
    fputs("</dl>\n", stream);
}

void dpk_html_machine(FILE *stream, const dpk_comparison *comparison)
{
    fputs("<section id=\"machine\">\n<h2>The machine and its load</h2>\n", stream);
    const dpk_warnings *warnings = &comparison->warnings;
    if (warnings->count > 0)
        fputs("<ul class=\"warnings\">\n", stream);
    for (size_t i = 0; i < warnings->count; i++) {
        fputs("<li>", stream);
        dpk_html_text(stream, warnings->text[i]);
        fputs(".</li>\n", stream);
    }
    if (warnings->count > 0)
        fputs("</ul>\n", stream);
    hardware(stream, comparison);
    burden(stream, comparison);
    fputs("</section>\n", stream);
}

void dpk_report_html(FILE *stream, const dpk_comparison *comparison)
{
    dpk_html_begin(stream, "compare", comparison->command);
    title(stream, comparison);
    fputs("<main>\n", stream);
    verdict(stream, comparison);
    dpk_html_times(stream, comparison);
    dpk_html_ratios(stream, comparison);
    dpk_html_ledgers(stream, comparison);
    dpk_html_scaling(stream, comparison);
    dpk_html_timelines(stream, comparison);
    dpk_html_tables(stream, comparison);
    dpk_html_machine(stream, comparison);
    lines(stream, dpk_page_reading);
    fputs("</main>\n", stream);
    dpk_html_end(stream);
}
