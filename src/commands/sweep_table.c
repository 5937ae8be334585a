/* SPDX-License-Identifier: MIT */
/* sweep_table.c: prints a line for each value, folded at the width of the terminal. */
#include "commands/sweep_table.h"

#include "base/table.h"
#include "base/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Widths of the values and of a variant's times. */
enum { VALUE = 12, COLUMN = 12 };

/* Marks times of fewer workers than requested. */
#define FEW_WORKERS "*"

struct line {
    size_t used, columns;
};

/* Whether a variant belongs to a column of the map. Sequential ones belong to every column. */
static bool is_of(const dpk_variant *variant, unsigned jobs)
{
    return jobs == 0 || variant->jobs == jobs || variant->backend->sequential;
}

/* Names the fastest of the variants with so many workers (0: of all), and those that it is not
 * proven to be faster than. */
static const char *fastest(const dpk_swept *swept, const dpk_point *point, unsigned jobs,
                           bool backends, char *text, size_t size)
{
    if (point->few_rounds)
        return "too few rounds";
    size_t best = SIZE_MAX;
    for (size_t v = 0; v < point->variants; v++) {
        if (is_of(&swept->variants[v], jobs) &&
            (best == SIZE_MAX || point->seconds[v] < point->seconds[best]))
            best = v;
    }
    dpk_text to = dpk_text_begin(text, size);
    for (size_t v = 0; v < point->variants; v++) {
        if (!is_of(&swept->variants[v], jobs) || point->verdict[best][v] == DPK_SLOWER)
            continue;
        const char *name = backends ? swept->variants[v].backend->name : swept->variants[v].name;
        dpk_text_add(&to, "%s%s", to.used > 0 ? " = " : "", name);
    }
    return text;
}

/* Prints a line of cells, which continues below the second cell where the terminal ends. */
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
    dpk_paragraph(stdout, fits ? UINT_MAX : (unsigned)line->columns, indent, text);
}

static void print_head(const dpk_swept *swept)
{
    struct line line;
    begin_line(&line, swept->points.name);
    for (size_t v = 0; v < swept->variant_count; v++)
        add_cell(&line, swept->variants[v].name, COLUMN);
    end_line(&line, "fastest");
}

void dpk_swept_print_point(const dpk_swept *swept, size_t i)
{
    const dpk_point *point = &swept->measured[i];
    struct line line;
    char text[512];
    if (i == 0)
        print_head(swept);
    begin_line(&line, swept->points.text[i]);
    for (size_t v = 0; v < point->variants; v++) {
        dpk_text_seconds(point->seconds[v], text, sizeof text);
        strcat(text, point->few_workers[v] ? FEW_WORKERS : "");
        add_cell(&line, text, COLUMN);
    }
    end_line(&line, fastest(swept, point, 0, false, text, sizeof text));
    fflush(stdout);
}

void dpk_swept_print_left_out(const dpk_swept *swept, size_t i, const char *why)
{
    char first[64], text[512];
    snprintf(first, sizeof first, "  %-*s  ", VALUE, swept->points.text[i]);
    snprintf(text, sizeof text, "left out: %s", why);
    dpk_paragraph(stdout, dpk_terminal_columns(), first, text);
    fflush(stdout);
}

void dpk_swept_print_marks(const dpk_swept *swept)
{
    bool any = false;
    for (size_t i = 0; i < swept->done; i++)
        for (size_t v = 0; v < swept->measured[i].variants; v++)
            any |= swept->measured[i].few_workers[v];
    if (any)
        dpk_paragraph(stdout, dpk_terminal_columns(), "  ",
                      FEW_WORKERS
                      ": by fewer workers than requested: there were no more chunks, or no more "
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

static void print_parts(const char *value, const dpk_variant *variant, const dpk_parts *parts,
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

void dpk_swept_print_passes(const dpk_swept *swept)
{
    const dpk_pass *passes = swept->kernel->passes;
    struct line line;
    puts("\nBy passes: times, and page faults of all workers below them");
    begin_line(&line, swept->points.name);
    add_cell(&line, "", COLUMN);
    add_cell(&line, "start", COLUMN);
    for (size_t i = 0; i < DPK_MAX_PASSES && passes[i].name != NULL; i++)
        add_cell(&line, passes[i].name, COLUMN);
    add_cell(&line, "stop", COLUMN);
    putchar('\n');
    for (size_t i = 0; i < swept->done; i++)
        for (size_t v = 0; v < swept->measured[i].variants; v++)
            print_parts(v == 0 ? swept->points.text[i] : "", &swept->variants[v],
                        &swept->measured[i].parts[v], passes);
}

void dpk_swept_print_map(const dpk_swept *swept)
{
    unsigned jobs[DPK_VARIANTS_MAX];
    size_t columns = 0;
    for (size_t v = 0; v < swept->variant_count; v++) {
        bool seen = false;
        for (size_t c = 0; c < columns; c++)
            seen |= jobs[c] == swept->variants[v].jobs;
        if (!seen && !swept->variants[v].backend->sequential)
            jobs[columns++] = swept->variants[v].jobs;
    }
    putchar('\n');
    dpk_paragraph(stdout, dpk_terminal_columns(), "",
                  "The fastest by number of workers (a = b: no difference proven)");
    struct line line;
    char cell[300], names[256];
    begin_line(&line, swept->points.name);
    for (size_t c = 0; c < columns; c++) {
        snprintf(cell, sizeof cell, "  -j%-16u", jobs[c]);
        add_cell(&line, cell, 0);
    }
    putchar('\n');
    for (size_t i = 0; i < swept->done; i++) {
        begin_line(&line, swept->points.text[i]);
        for (size_t c = 0; c < columns; c++) {
            const char *best =
                fastest(swept, &swept->measured[i], jobs[c], true, names, sizeof names);
            snprintf(cell, sizeof cell, "  %-18s", best);
            add_cell(&line, cell, 0);
        }
        putchar('\n');
    }
}
