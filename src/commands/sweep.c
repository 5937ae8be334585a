/* SPDX-License-Identifier: MIT */
/* sweep: comparisons over the values of a parameter, and where one variant overtakes another. */
#include "command.h"
#include "compare_session.h"
#include "help_page.h"
#include "report_layout.h"
#include "sweep_points.h"
#include "text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Halvings of the distance between two values that surround a crossover; and when they are near
 * enough to each other. */
enum { BISECTIONS_MOST = 8 };
#define NEAR_ENOUGH 1.05

/* Widths of the values and of a variant's times. */
enum { VALUE = 12, COLUMN = 12 };

/* Marks times of fewer workers than were asked for. */
#define FEW_WORKERS "*"

/* Where a variant's time and page faults went: means over the workers, faults of all of them
 * outside of passes; and by pass. */
struct parts {
    double start, stop, faults;
    double pass_seconds[DPK_MAX_PASSES], pass_faults[DPK_MAX_PASSES];
};

/* What was measured at one value. */
struct point {
    size_t variants;
    double seconds[DPK_VARIANTS_MAX];   /* medians */
    bool few_workers[DPK_VARIANTS_MAX]; /* fewer than were asked for */
    bool few_rounds;                    /* nothing can be proven */
    struct parts parts[DPK_VARIANTS_MAX];
    /* [a][b]: what is proven of b against a. */
    unsigned char verdict[DPK_VARIANTS_MAX][DPK_VARIANTS_MAX];
};

struct sweep {
    const dpk_kernel_row *row;
    dpk_points points;
    int count, place; /* of the words; where the swept one stands */
    char **words;     /* with room for two more and a NULL */
    bool map, passes;
    struct point *measured;
    size_t done;
    dpk_variant variants[DPK_VARIANTS_MAX]; /* names, backends and jobs alone */
    size_t variant_count;
};

/* ------------------------------------------------------------------------------------ measuring */

static struct parts parts_of(const dpk_summary *summary)
{
    struct parts parts = { .start = summary->phase[DPK_START],
                           .stop = summary->phase[DPK_STOP],
                           .faults = summary->minor_faults + summary->major_faults };
    for (size_t pass = 0; pass < DPK_MAX_PASSES; pass++) {
        parts.pass_seconds[pass] = summary->pass_seconds[pass];
        parts.pass_faults[pass] = summary->pass_faults[pass];
        parts.faults -= summary->pass_faults[pass];
    }
    return parts;
}

static void keep(struct sweep *sweep, struct point *point, const dpk_comparison *comparison)
{
    sweep->variant_count = point->variants = comparison->variant_count;
    point->few_rounds = comparison->variant_count > 1 && dpk_comparison_is_short(comparison);
    for (size_t b = 0; b < comparison->variant_count; b++) {
        const dpk_variant *variant = &comparison->variants[b];
        sweep->variants[b] = (dpk_variant){ .backend = variant->backend, .jobs = variant->jobs };
        memcpy(sweep->variants[b].name, variant->name, sizeof variant->name);
        point->seconds[b] = variant->summary.seconds.median;
        point->few_workers[b] = dpk_variant_workers(variant) < variant->jobs;
        point->parts[b] = parts_of(&variant->summary);
        for (size_t a = 0; a < comparison->variant_count; a++) {
            dpk_interval ratio = dpk_variant_ratio(comparison, &comparison->variants[a], variant);
            dpk_verdict verdict = dpk_comparison_judge(comparison, ratio);
            point->verdict[a][b] = (unsigned char)(a == b ? DPK_UNPROVEN : verdict);
        }
    }
}

/* Reads the command line with one value in place of all of them. The session is to be closed. */
static dpk_status parse_at(struct sweep *sweep, const char *value, int count, dpk_session *session,
                           dpk_error *err)
{
    char word[128];
    char *before = sweep->words[sweep->place];
    snprintf(word, sizeof word, "--%s=%s", sweep->points.name, value);
    sweep->words[sweep->place] = word;
    dpk_status status = dpk_session_parse(session, dpk_sweep_params, count, sweep->words, err);
    sweep->words[sweep->place] = before;
    if (status == DPK_OK && session->settings.scope == DPK_SCOPE_RUN &&
        strcmp(sweep->points.name, "size") == 0)
        status = dpk_fail(err, DPK_USAGE, "--size: made-up inputs are for --scope=compute");
    return status;
}

/* A value that is none is refused before any is measured. */
static dpk_status check_values(struct sweep *sweep, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < sweep->points.count && status == DPK_OK; i++) {
        dpk_session session = { .row = sweep->row };
        status = parse_at(sweep, sweep->points.text[i], sweep->count, &session, err);
        dpk_session_close(&session);
    }
    return status;
}

/* Compares at one value: what the command line says, or these two words more. */
static dpk_status measure(struct sweep *sweep, const char *value, char *more[2],
                          struct point *point, dpk_error *err)
{
    int count = sweep->count;
    for (int i = 0; i < 2 && more != NULL; i++)
        sweep->words[count++] = more[i];
    dpk_session session = { .row = sweep->row };
    dpk_status status = parse_at(sweep, value, count, &session, err);
    if (status == DPK_OK)
        status = dpk_session_measure(&session, err);
    if (status == DPK_OK && more == NULL)
        keep(sweep, point, session.comparison);
    if (status == DPK_OK && more != NULL)
        point->verdict[0][1] = (unsigned char)session.comparison->variants[1].summary.verdict;
    sweep->map = session.settings.map;
    sweep->passes = session.settings.passes;
    dpk_session_close(&session);
    return status;
}

/* ------------------------------------------------------------------------------------ the table */

struct line {
    size_t used, columns;
};

/* In a column of the map: a sequential variant is what any number of workers competes with. */
static bool is_of(const dpk_variant *variant, unsigned jobs)
{
    return jobs == 0 || variant->jobs == jobs || dpk_backend_is_sequential(variant->backend);
}

/* The fastest of those with so many workers, 0 for all: one, or those it is not proven to be faster
 * than. */
static const char *fastest(const struct sweep *sweep, const struct point *point, unsigned jobs,
                           bool backends, char *text, size_t size)
{
    if (point->few_rounds)
        return "too few rounds";
    size_t best = SIZE_MAX;
    for (size_t v = 0; v < point->variants; v++) {
        if (is_of(&sweep->variants[v], jobs) &&
            (best == SIZE_MAX || point->seconds[v] < point->seconds[best]))
            best = v;
    }
    dpk_text to = dpk_text_begin(text, size);
    for (size_t v = 0; v < point->variants; v++) {
        if (!is_of(&sweep->variants[v], jobs) || point->verdict[best][v] == DPK_SLOWER)
            continue;
        const char *name = backends ? sweep->variants[v].backend->name : sweep->variants[v].name;
        dpk_text_add(&to, "%s%s", to.used > 0 ? " = " : "", name);
    }
    return text;
}

/* A line of cells, which goes on below the second of them where the terminal ends. */
static void begin_line(struct line *line, const char *value)
{
    *line = (struct line){ .used = 2 + VALUE, .columns = dpk_terminal_columns() };
    printf("  %-*s", VALUE, value);
}

static void add_cell(struct line *line, const char *text, size_t width)
{
    size_t own = dpk_text_columns(text);
    width = width > own ? width : own;
    if (line->used + width > line->columns && line->used > 2 + VALUE) {
        line->used = 2 + VALUE;
        printf("\n%*s", 2 + VALUE, "");
    }
    printf("%*s%s", (int)(width - own), "", text);
    line->used += width;
}

/* With a last cell, which may be long. */
static void end_line(const struct line *line, const char *text)
{
    char indent[2 + VALUE + 2 + 1];
    bool fits = line->used + 2 + dpk_text_columns(text) <= line->columns;
    snprintf(indent, sizeof indent, "%*s", fits ? 2 : 2 + VALUE + 2, "");
    if (!fits)
        putchar('\n');
    dpk_paragraph(stdout, fits ? UINT_MAX : line->columns, indent, text);
}

static void print_head(const struct sweep *sweep)
{
    struct line line;
    begin_line(&line, sweep->points.name);
    for (size_t v = 0; v < sweep->variant_count; v++)
        add_cell(&line, sweep->variants[v].name, COLUMN);
    end_line(&line, "fastest");
}

static void print_point(const struct sweep *sweep, size_t i)
{
    const struct point *point = &sweep->measured[i];
    struct line line;
    char text[512];
    if (i == 0)
        print_head(sweep);
    begin_line(&line, sweep->points.text[i]);
    for (size_t v = 0; v < point->variants; v++) {
        dpk_text_seconds(point->seconds[v], text, sizeof text);
        strcat(text, point->few_workers[v] ? FEW_WORKERS : "");
        add_cell(&line, text, COLUMN);
    }
    end_line(&line, fastest(sweep, point, 0, false, text, sizeof text));
    fflush(stdout);
}

static void print_marks(const struct sweep *sweep)
{
    bool any = false;
    for (size_t i = 0; i < sweep->done; i++)
        for (size_t v = 0; v < sweep->measured[i].variants; v++)
            any |= sweep->measured[i].few_workers[v];
    if (any)
        dpk_paragraph(stdout, dpk_terminal_columns(), "  ",
                      FEW_WORKERS
                      ": by fewer workers than asked for: there were no more chunks, or no more "
                      "could start");
}

static void add_seconds(struct line *line, double seconds)
{
    char text[32];
    add_cell(line, dpk_text_seconds(seconds, text, sizeof text), COLUMN);
}

static void add_count(struct line *line, double count)
{
    char text[32];
    snprintf(text, sizeof text, "%.0f", fmax(count, 0));
    add_cell(line, text, COLUMN);
}

static void print_parts(const char *value, const dpk_variant *variant, const struct parts *parts,
                        const dpk_pass *passes)
{
    struct line line;
    begin_line(&line, value);
    add_cell(&line, variant->name, COLUMN);
    add_seconds(&line, parts->start);
    for (size_t i = 0; i < DPK_MAX_PASSES && passes[i].name != NULL; i++)
        add_seconds(&line, parts->pass_seconds[i]);
    add_seconds(&line, parts->stop);
    putchar('\n');
    begin_line(&line, "");
    add_cell(&line, "faults", COLUMN);
    add_count(&line, parts->faults);
    for (size_t i = 0; i < DPK_MAX_PASSES && passes[i].name != NULL; i++)
        add_count(&line, parts->pass_faults[i]);
    putchar('\n');
}

/* What starting, each pass and ending took, and the page faults in it. */
static void print_passes(const struct sweep *sweep)
{
    const dpk_pass *passes = sweep->row->variants[DPK_ISA_BASE]->passes;
    struct line line;
    puts("\nBy passes: times, and page faults of all workers below them");
    begin_line(&line, sweep->points.name);
    add_cell(&line, "", COLUMN);
    add_cell(&line, "start", COLUMN);
    for (size_t i = 0; i < DPK_MAX_PASSES && passes[i].name != NULL; i++)
        add_cell(&line, passes[i].name, COLUMN);
    add_cell(&line, "stop", COLUMN);
    putchar('\n');
    for (size_t i = 0; i < sweep->done; i++)
        for (size_t v = 0; v < sweep->measured[i].variants; v++)
            print_parts(v == 0 ? sweep->points.text[i] : "", &sweep->variants[v],
                        &sweep->measured[i].parts[v], passes);
}

/* Who wins, over values and numbers of workers. */
static void print_map(const struct sweep *sweep)
{
    unsigned jobs[DPK_VARIANTS_MAX];
    size_t columns = 0;
    for (size_t v = 0; v < sweep->variant_count; v++) {
        bool seen = false;
        for (size_t c = 0; c < columns; c++)
            seen |= jobs[c] == sweep->variants[v].jobs;
        if (!seen && !dpk_backend_is_sequential(sweep->variants[v].backend))
            jobs[columns++] = sweep->variants[v].jobs;
    }
    putchar('\n');
    dpk_paragraph(stdout, dpk_terminal_columns(), "",
                  "The fastest by number of workers (a = b: no difference proven)");
    struct line line;
    char cell[300], names[256];
    begin_line(&line, sweep->points.name);
    for (size_t c = 0; c < columns; c++) {
        snprintf(cell, sizeof cell, "  -j%-16u", jobs[c]);
        add_cell(&line, cell, 0);
    }
    putchar('\n');
    for (size_t i = 0; i < sweep->done; i++) {
        begin_line(&line, sweep->points.text[i]);
        for (size_t c = 0; c < columns; c++) {
            const char *best =
                fastest(sweep, &sweep->measured[i], jobs[c], true, names, sizeof names);
            snprintf(cell, sizeof cell, "  %-18s", best);
            add_cell(&line, cell, 0);
        }
        putchar('\n');
    }
}

/* ------------------------------------------------------------------------------------ crossovers
 */

/* Where, between two values, b stops to be what it is at the first and begins to be what it is at
 * the second. */
struct crossing {
    size_t a, b;      /* variants */
    double low, high; /* values */
    unsigned char at_low, at_high;
};

static dpk_status bisect(struct sweep *sweep, struct crossing *crossing, dpk_error *err)
{
    const dpk_variant *a = &sweep->variants[crossing->a], *b = &sweep->variants[crossing->b];
    char backends[64], jobs[32], text[32];
    snprintf(backends, sizeof backends, "--backends=%s,%s", a->backend->name, b->backend->name);
    snprintf(jobs, sizeof jobs, "--jobs=%u", a->jobs > b->jobs ? a->jobs : b->jobs);
    for (int i = 0; i < BISECTIONS_MOST && crossing->high > NEAR_ENOUGH * crossing->low; i++) {
        double middle = sqrt(crossing->low * crossing->high);
        dpk_points_text(&sweep->points, middle, text, sizeof text);
        middle = strtod(text, NULL);
        if (middle <= crossing->low || middle >= crossing->high)
            return DPK_OK;
        struct point point;
        dpk_status status = measure(sweep, text, (char *[]){ backends, jobs }, &point, err);
        if (status != DPK_OK || dpk_session_signal() != 0)
            return status;
        if (point.verdict[0][1] == crossing->at_low)
            crossing->low = middle;
        else if (point.verdict[0][1] == crossing->at_high)
            crossing->high = middle;
        else
            return DPK_OK; /* here they are equal as far as can be measured */
    }
    return DPK_OK;
}

static void print_crossing(const struct sweep *sweep, const struct crossing *crossing)
{
    char low[32], high[32], text[320];
    bool b_wins = crossing->at_high == DPK_FASTER;
    const char *a = sweep->variants[crossing->a].name, *b = sweep->variants[crossing->b].name;
    dpk_points_text(&sweep->points, crossing->low, low, sizeof low);
    dpk_points_text(&sweep->points, crossing->high, high, sizeof high);
    snprintf(text, sizeof text, "%s overtakes %s between --%s=%s and --%s=%s", b_wins ? b : a,
             b_wins ? a : b, sweep->points.name, low, sweep->points.name, high);
    dpk_paragraph(stdout, dpk_terminal_columns(), "  ", text);
    fflush(stdout);
}

/* All changes of sides of two variants, each narrowed down. */
static dpk_status cross(struct sweep *sweep, size_t a, size_t b, size_t *found, dpk_error *err)
{
    struct crossing crossing = { .a = a, .b = b };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < sweep->done && status == DPK_OK && dpk_session_signal() == 0; i++) {
        unsigned char verdict = sweep->measured[i].verdict[a][b];
        double value = sweep->points.value[i];
        if (verdict == DPK_UNPROVEN)
            continue;
        if (crossing.at_low != DPK_UNPROVEN && verdict != crossing.at_low) {
            crossing.high = value;
            crossing.at_high = verdict;
            status = bisect(sweep, &crossing, err);
            if (status == DPK_OK)
                print_crossing(sweep, &crossing);
            ++*found;
        }
        crossing.low = value;
        crossing.at_low = verdict;
    }
    return status;
}

/* Of each two backends, with the same number of workers unless one has but one. */
static dpk_status find_crossings(struct sweep *sweep, dpk_error *err)
{
    size_t found = 0;
    dpk_status status = DPK_OK;
    puts("\nCrossovers");
    for (size_t a = 0; a < sweep->variant_count; a++)
        for (size_t b = a + 1; b < sweep->variant_count && status == DPK_OK; b++) {
            const dpk_variant *first = &sweep->variants[a], *second = &sweep->variants[b];
            bool sequential = dpk_backend_is_sequential(first->backend) ||
                              dpk_backend_is_sequential(second->backend);
            if (first->backend != second->backend && (sequential || first->jobs == second->jobs))
                status = cross(sweep, a, b, &found, err);
        }
    char text[256];
    snprintf(text, sizeof text, "none: no two backends change sides between --%s=%s and --%s=%s",
             sweep->points.name, sweep->points.text[0], sweep->points.name,
             sweep->points.text[sweep->done - 1]);
    if (found == 0 && status == DPK_OK)
        dpk_paragraph(stdout, dpk_terminal_columns(), "  ", text);
    return status;
}

/* --------------------------------------------------------------------------------- the command */

/* A value that this machine cannot have, such as more memory than there is, is passed over. */
static dpk_status sweep_all(struct sweep *sweep, dpk_error *err)
{
    dpk_status status = DPK_OK;
    char text[128];
    snprintf(text, sizeof text, "dpk sweep %s: medians; only differences that are proven decide",
             sweep->row->variants[DPK_ISA_BASE]->name);
    dpk_paragraph(stdout, dpk_terminal_columns(), "", text);
    fflush(stdout);
    while (sweep->done < sweep->points.count && dpk_session_signal() == 0) {
        size_t i = sweep->done;
        status = measure(sweep, sweep->points.text[i], NULL, &sweep->measured[i], err);
        if (status == DPK_LIMIT) {
            printf("  %-12s  left out: %s\n", sweep->points.text[i], err->text);
            fflush(stdout);
            dpk_points_drop(&sweep->points, i);
            continue;
        }
        if (status != DPK_OK)
            break;
        print_point(sweep, i);
        sweep->done++;
    }
    if (status == DPK_LIMIT && sweep->done > 0)
        status = DPK_OK;
    if (sweep->done == 0 || (status != DPK_OK && dpk_session_signal() == 0))
        return status;
    print_marks(sweep);
    if (sweep->passes)
        print_passes(sweep);
    if (sweep->map)
        print_map(sweep);
    if (sweep->points.numbers && dpk_session_signal() == 0)
        status = find_crossings(sweep, err);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "sweep: which kernel? (see `dpk list`)");
    struct sweep sweep = { .row = dpk_registry_find(registry, words[0]), .count = count - 1 };
    if (sweep.row == NULL)
        return dpk_unknown_name(registry, words[0], err);
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) {
            dpk_print_command_page(dpk_command_find("sweep"));
            return DPK_OK;
        }
    }
    dpk_status status = dpk_points_find(&sweep.points, sweep.row->variants[DPK_ISA_BASE]->params,
                                        sweep.count, words + 1, &sweep.place, err);
    sweep.words = calloc((size_t)count + 3, sizeof *sweep.words);
    sweep.measured = calloc(sweep.points.count + 1, sizeof *sweep.measured);
    if (status == DPK_OK && (sweep.words == NULL || sweep.measured == NULL))
        status = dpk_fail(err, DPK_LIMIT, "not enough memory to sweep");
    if (status == DPK_OK) {
        memcpy(sweep.words, words + 1, (size_t)sweep.count * sizeof *sweep.words);
        status = check_values(&sweep, err);
        if (status == DPK_OK)
            status = sweep_all(&sweep, err);
    }
    free(sweep.words);
    free(sweep.measured);
    dpk_session_obey_signal(status, err);
    return status;
}

const dpk_command dpk_command_sweep = {
    .name = "sweep",
    .usage =
        "KERNEL [IN…] --size=FROM..TO | --PARAMETER=VALUE,… [--map] [--passes] [as for compare]",
    .summary = "compare backends over sizes or a parameter, and find where one overtakes another",
    .details =
        "A range is swept by doublings. Where two backends change sides, more values in between "
        "are measured, until the two that surround the crossover are within 5 %, or the "
        "difference can no longer be proven: the crossover is that interval. With --size, inputs "
        "are made up: square images and matrices, vectors. --passes shows, below the times of "
        "passes, the page faults in them, and below start those outside of passes. Options are "
        "those of `dpk compare`, with a smaller budget, which is for each value.",
    .params = dpk_sweep_params,
    .run = run,
};
