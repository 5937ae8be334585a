/* SPDX-License-Identifier: MIT */
/* report_text.c: a comparison on a terminal: what was measured, how long it took, where the time
 * went, what was used, what that means, how it scales, and what the machine did meanwhile. */
#include "report/report.h"

#include "analysis/lesson.h"
#include "base/table.h"
#include "base/text.h"
#include "model/isa.h"
#include "report/report_chart.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void print_head(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    char text[512], ending[256], time[32], conditions[128];
    size_t sets = comparison->generations;
    fprintf(stream, "dpk %s\n", comparison->command);
    dpk_conditions_text(&comparison->conditions, conditions, sizeof conditions);
    snprintf(text, sizeof text, "%s%s%s%s%s; ISA %s", comparison->inputs,
             *comparison->inputs != '\0' ? "; " : "",
             comparison->scope == DPK_SCOPE_COMPUTE
                 ? "inputs in memory, timed from opening the team to its end"
                 : "the whole command, from file to file",
             *conditions != '\0' ? "; " : "", conditions, dpk_isa_name(comparison->isa));
    dpk_paragraph(stream, columns, "  ", text);
    if (*dpk_equality_text(comparison, text, sizeof text) != '\0')
        dpk_paragraph(stream, columns, "  ", text);
    snprintf(text, sizeof text, "%zu round%s in %zu generation%s of processes, %s; %s",
             comparison->rounds, comparison->rounds == 1 ? "" : "s", sets, sets == 1 ? "" : "s",
             dpk_text_seconds(comparison->seconds, time, sizeof time),
             dpk_ending_text(comparison, ending, sizeof ending));
    dpk_paragraph(stream, columns, "  ", text);
}

static void head_cells(dpk_table *table, const char *const *names)
{
    for (; *names != NULL; names++)
        dpk_table_cell(table, "%s", *names);
    dpk_table_row(table);
}

static void print_times(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    static const char *const words[] = {
        [DPK_UNPROVEN] = "not proven", [DPK_FASTER] = "faster", [DPK_SLOWER] = "slower"
    };
    bool few = dpk_comparison_is_short(comparison);
    dpk_table table = { .left = 1 << 6 };
    head_cells(&table,
               (const char *const[]){ "", "median", "± MAD", "minimum", "ratio",
                                      few ? "interval" : "95 % interval", "difference", NULL });
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        const dpk_summary *summary = &variant->summary;
        dpk_table_cell(&table, "%s", variant->name);
        dpk_table_seconds(&table, summary->seconds.median);
        dpk_table_seconds(&table, summary->seconds.mad);
        dpk_table_seconds(&table, summary->seconds.min);
        if (i > 0) {
            const dpk_interval *ratio = &summary->ratio;
            int decimals = ratio->estimate < 9.995 ? 3 : 1;
            dpk_table_cell(&table, "%.*f", decimals, ratio->estimate);
            if (isfinite(ratio->high))
                dpk_table_cell(&table, "[%.*f, %.*f]", decimals, ratio->low, decimals, ratio->high);
            else
                dpk_table_cell(&table, "unknown");
            dpk_table_cell(&table, "%s", few ? "too few rounds" : words[summary->verdict]);
        }
        dpk_table_row(&table);
    }
    fprintf(stream, "\nTime\n");
    dpk_table_print(stream, &table, columns);
    char text[512];
    if (comparison->variant_count > 1)
        dpk_paragraph(stream, columns, "  ", dpk_ratios_text(comparison, text, sizeof text));
    dpk_paragraph(stream, columns, "  ", "MAD: median distance from the median.");
}

static void print_ledger(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    dpk_table table = { 0 };
    dpk_table_cell(&table, "%s", "");
    for (int phase = 0; phase < DPK_PHASES; phase++)
        dpk_table_cell(&table, "%s", dpk_phase_names[phase]);
    head_cells(&table, (const char *const[]){ "wall", "queued", NULL });
    head_cells(&table, (const char *const[]){ "", "", "set-up", "", "queueing", "", "tear-down", "",
                                              "queueing", NULL });
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        dpk_table_cell(&table, "%s", variant->name);
        for (int phase = 0; phase < DPK_PHASES; phase++)
            dpk_table_seconds(&table, variant->summary.phase[phase]);
        dpk_table_seconds(&table, variant->summary.wall);
        dpk_table_seconds(&table, variant->summary.queued);
        dpk_table_row(&table);
    }
    fputc('\n', stream);
    dpk_paragraph(stream, columns, "",
                  "Where the time went (means over the workers; load to stop add up to wall)");
    dpk_table_print(stream, &table, columns);
    dpk_paragraph(stream, columns, "  ",
                  "The four costs everyone forgets: set-up, until all workers are there; queueing, "
                  "for a chunk and for each other (wait) or, within load, work and store, for a "
                  "processor (queued); tear-down, until no worker is left; and the machine and its "
                  "load, below.");
}

/* Three significant digits. */
static void rate_cell(dpk_table *table, double rate)
{
    double giga = 1e-9 * rate;
    if (isfinite(rate))
        dpk_table_cell(table, "%.*f", giga < 9.995 ? 2 : giga < 99.95 ? 1 : 0, giga);
    else
        dpk_table_cell(table, "–");
}

static void roof_cell(dpk_table *table, const dpk_summary *summary)
{
    const char *name = summary->roof_name;
    if (name == NULL)
        dpk_table_cell(table, "–");
    else if (isnan(summary->roof))
        dpk_table_cell(table, "%s", name);
    else
        dpk_table_cell(table, "%.0f %% %s", 100 * summary->roof, name[0] == 'a' ? "arith." : name);
}

/* Columns that most comparisons have nothing to say in. */
struct rare {
    bool major, throttled;
};

static void counter_row(dpk_table *table, const dpk_comparison *comparison,
                        const dpk_variant *variant, struct rare rare)
{
    const dpk_summary *summary = &variant->summary;
    dpk_table_cell(table, "%s", variant->name);
    dpk_table_count(table, summary->minor_faults);
    if (rare.major)
        dpk_table_count(table, summary->major_faults);
    dpk_table_count(table, summary->voluntary_switches);
    dpk_table_count(table, summary->involuntary_switches);
    if (rare.throttled) {
        dpk_table_count(table, summary->throttles);
        dpk_table_seconds(table, summary->throttled);
    }
    dpk_table_seconds(table, summary->user);
    dpk_table_seconds(table, summary->system);
    dpk_table_bytes(table, variant->peak > 0 ? (double)variant->peak : NAN);
    rate_cell(table, comparison->cost.bytes > 0 ? summary->bytes_per_second
                                                : summary->operations_per_second);
    roof_cell(table, summary);
    dpk_table_row(table);
}

static void print_counters(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    struct rare rare = { .major = false };
    for (size_t i = 0; i < comparison->variant_count; i++) {
        rare.major |= comparison->variants[i].summary.major_faults > 0;
        rare.throttled |= comparison->variants[i].summary.throttles > 0;
    }
    dpk_table table = { 0 };
    dpk_table_cell(&table, "%s", "");
    dpk_table_cell(&table, "faults");
    if (rare.major)
        dpk_table_cell(&table, "major");
    dpk_table_cell(&table, "switches");
    dpk_table_cell(&table, "forced");
    if (rare.throttled) {
        dpk_table_cell(&table, "throttles");
        dpk_table_cell(&table, "idled");
    }
    head_cells(&table, (const char *const[]){ "user", "system", "peak",
                                              comparison->cost.bytes > 0 ? "GB/s" : "Gop/s", "roof",
                                              NULL });
    for (size_t i = 0; i < comparison->variant_count; i++)
        counter_row(&table, comparison, &comparison->variants[i], rare);
    fprintf(stream, "\nWhat was used (by all workers together)\n");
    dpk_table_print(stream, &table, columns);
    char text[512];
    snprintf(text, sizeof text,
             "faults: pages mapped on first use%s. switches: a worker waited; forced: it was "
             "interrupted.%s user, system: processor time. peak: memory (PSS). roof: %s.",
             rare.major ? "; major: read from a disk" : "",
             rare.throttled ? " throttles: the CPU quota was used up; idled: so long that kept "
                              "processors idle, in sum."
                            : "",
             comparison->roof_known
                 ? "share of what this machine's memory or arithmetic can do, whichever is nearer; "
                   "cache: faster than memory can be"
                 : "not known yet; `dpk info --probe` measures what this machine can do");
    dpk_paragraph(stream, columns, "  ", text);
}

static void print_verdicts(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    char text[1024];
    fprintf(stream, "\nVerdict\n");
    for (size_t i = 1; i < comparison->variant_count; i++)
        dpk_paragraph(stream, columns, "  - ",
                      dpk_verdict_text(comparison, &comparison->variants[i], text, sizeof text));
    /* Of two variants the one verdict says it all. */
    if (comparison->variant_count > 2)
        dpk_paragraph(stream, columns, "  => ", dpk_winner_text(comparison, text, sizeof text));
    if (dpk_lesson_check(comparison, text, sizeof text) != DPK_NO_LESSON)
        dpk_paragraph(stream, columns, "  => ", text);
}

/* Adds words after a comma; nothing where the number among them is unknown. */
DPK_PRINTF(3, 4)
static void add(dpk_text *to, double number, const char *format, ...)
{
    char words[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (isfinite(number))
        dpk_text_add(to, "%s%s", to->used > 0 ? ", " : "", words);
}

static void print_load(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    const dpk_load *load = &comparison->load;
    char text[512];
    dpk_text to = dpk_text_begin(text, sizeof text);
    double pressure = isnan(load->cgroup_pressure) ? load->pressure : load->cgroup_pressure;
    add(&to, load->own, "%.0f %% of the processors' time for what was measured", 100 * load->own);
    if (comparison->conditions.neighbours > 0)
        add(&to, load->neighbours, "%.0f %% for its neighbours", 100 * load->neighbours);
    add(&to, load->others, "%.0f %% for other programs", 100 * load->others);
    add(&to, load->stolen, "%.1f %% stolen by the hypervisor", 100 * load->stolen);
    add(&to, pressure, "something waited for a processor %.0f %% of the time", 100 * pressure);
    add(&to, load->throttled, "throttled for %.2f s", load->throttled);
    add(&to, load->load, "load average %.2f", load->load);
    dpk_paragraph(stream, columns, "  load     ", *text != '\0' ? text : "unknown");
}

static void print_machine(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    const dpk_environment *machine = &comparison->before;
    const char *governor = *machine->governor != '\0' ? machine->governor : "unknown";
    char text[512];
    dpk_text to = dpk_text_begin(text, sizeof text);
    dpk_text_add(&to, "%s", *machine->processor != '\0' ? machine->processor : "unknown");
    add(&to, machine->processors, "%.0f processors", machine->processors);
    add(&to, machine->cores, "%.0f cores", machine->cores);
    add(&to, machine->cpus.quota > 0 ? machine->cpus.quota : NAN, "quota of %.3g",
        machine->cpus.quota);
    add(&to, 0, "frequency governor %s", governor);
    add(&to, 0, "kernel %s", *machine->kernel != '\0' ? machine->kernel : "unknown");
    fprintf(stream, "\nMachine and load\n");
    dpk_paragraph(stream, columns, "  machine  ", text);
    print_load(stream, comparison, columns);
    for (size_t i = 0; i < comparison->warnings.count; i++)
        dpk_paragraph(stream, columns, "  ! ", comparison->warnings.text[i]);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        snprintf(text, sizeof text, "%s: %s", variant->name, variant->note);
        if (*variant->note != '\0')
            dpk_paragraph(stream, columns, "  ! ", text);
    }
}

void dpk_report_failures(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    char text[2048];
    fprintf(stream, "%s\n", comparison->command);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        snprintf(text, sizeof text, "%s: %s", variant->name,
                 *variant->failure.text != '\0' ? variant->failure.text : "comes to its end");
        dpk_paragraph(stream, columns, "  ", text);
    }
    if (dpk_lesson_check(comparison, text, sizeof text) != DPK_NO_LESSON)
        dpk_paragraph(stream, columns, "  => ", text);
}

void dpk_report_text(FILE *stream, const dpk_comparison *comparison, unsigned columns)
{
    print_head(stream, comparison, columns);
    print_times(stream, comparison, columns);
    print_ledger(stream, comparison, columns);
    print_counters(stream, comparison, columns);
    if (comparison->variant_count > 1)
        print_verdicts(stream, comparison, columns);
    dpk_report_scaling(stream, comparison, columns);
    print_machine(stream, comparison, columns);
}
