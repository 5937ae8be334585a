/* SPDX-License-Identifier: MIT */
/* sweep: compares at each value of a parameter, and finds where one variant overtakes another. */
#include "base/table.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/compare_session.h"
#include "commands/help_page.h"
#include "commands/sweep_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often the distance between two values around a crossover is halved at most, and how near to
 * each other the two must be to stop earlier. */
enum { BISECTIONS_MOST = 8 };
#define NEAR_ENOUGH 1.05

struct sweep {
    const dpk_kernel_row *row;
    dpk_swept found;
    int count, place; /* of the words; where the swept one stands */
    char **words;     /* with room for two more and a NULL */
    bool map, passes;
};

/* ------------------------------------------------------------------------------------ measuring */

static dpk_parts parts_of(const dpk_summary *summary)
{
    dpk_parts parts = { .start = summary->phase[DPK_START],
                        .stop = summary->phase[DPK_STOP],
                        .faults = summary->minor_faults + summary->major_faults };
    for (size_t pass = 0; pass < DPK_MAX_PASSES; pass++) {
        parts.pass_seconds[pass] = summary->pass_seconds[pass];
        parts.pass_faults[pass] = summary->pass_faults[pass];
        parts.faults -= summary->pass_faults[pass];
    }
    return parts;
}

static void keep(struct sweep *sweep, dpk_point *point, const dpk_comparison *comparison)
{
    sweep->found.variant_count = point->variants = comparison->variant_count;
    point->few_rounds = comparison->variant_count > 1 && dpk_comparison_is_short(comparison);
    for (size_t b = 0; b < comparison->variant_count; b++) {
        const dpk_variant *variant = &comparison->variants[b];
        sweep->found.variants[b] =
            (dpk_variant){ .backend = variant->backend, .jobs = variant->jobs };
        memcpy(sweep->found.variants[b].name, variant->name, sizeof variant->name);
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

/* Reads the command line with one value in place of the list. Close the session afterwards. */
static dpk_status parse_at(struct sweep *sweep, const char *value, int count, dpk_session *session,
                           dpk_error *err)
{
    char word[128];
    char *before = sweep->words[sweep->place];
    snprintf(word, sizeof word, "--%s=%s", sweep->found.points.name, value);
    sweep->words[sweep->place] = word;
    dpk_status status = dpk_session_parse(session, dpk_sweep_params, count, sweep->words, err);
    sweep->words[sweep->place] = before;
    if (status == DPK_OK && session->settings.scope == DPK_SCOPE_RUN &&
        strcmp(sweep->found.points.name, "size") == 0)
        status = dpk_fail(err, DPK_USAGE, "--size: made-up inputs are for --scope=compute");
    return status;
}

/* Refuses an invalid value before any is measured. */
static dpk_status check_values(struct sweep *sweep, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < sweep->found.points.count && status == DPK_OK; i++) {
        dpk_session session = { .row = sweep->row };
        status = parse_at(sweep, sweep->found.points.text[i], sweep->count, &session, err);
        dpk_session_close(&session);
    }
    return status;
}

/* Compares at one value, with the command line's words and perhaps two more. */
static dpk_status measure(struct sweep *sweep, const char *value, char *more[2], dpk_point *point,
                          dpk_error *err)
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

/* ------------------------------------------------------------------------------------ crossovers
 */

/* An interval of values in which the verdict on b against a changes. */
struct crossing {
    size_t a, b;      /* variants */
    double low, high; /* values */
    unsigned char at_low, at_high;
};

static dpk_status bisect(struct sweep *sweep, struct crossing *crossing, dpk_error *err)
{
    const dpk_variant *a = &sweep->found.variants[crossing->a],
                      *b = &sweep->found.variants[crossing->b];
    char backends[64], jobs[32], text[32];
    snprintf(backends, sizeof backends, "--backends=%s,%s", a->backend->name, b->backend->name);
    snprintf(jobs, sizeof jobs, "--jobs=%u", a->jobs > b->jobs ? a->jobs : b->jobs);
    for (int i = 0; i < BISECTIONS_MOST && crossing->high > NEAR_ENOUGH * crossing->low; i++) {
        double middle = sqrt(crossing->low * crossing->high);
        dpk_points_text(&sweep->found.points, middle, text, sizeof text);
        middle = strtod(text, NULL);
        if (middle <= crossing->low || middle >= crossing->high)
            return DPK_OK;
        dpk_point point;
        dpk_status status = measure(sweep, text, (char *[]){ backends, jobs }, &point, err);
        if (status != DPK_OK || dpk_session_signal() != 0)
            return status;
        if (point.verdict[0][1] == crossing->at_low)
            crossing->low = middle;
        else if (point.verdict[0][1] == crossing->at_high)
            crossing->high = middle;
        else
            return DPK_OK; /* here no difference can be measured */
    }
    return DPK_OK;
}

static void print_crossing(const struct sweep *sweep, const struct crossing *crossing)
{
    char low[32], high[32], text[320];
    bool b_wins = crossing->at_high == DPK_FASTER;
    const char *a = sweep->found.variants[crossing->a].name,
               *b = sweep->found.variants[crossing->b].name;
    dpk_points_text(&sweep->found.points, crossing->low, low, sizeof low);
    dpk_points_text(&sweep->found.points, crossing->high, high, sizeof high);
    snprintf(text, sizeof text, "%s overtakes %s between --%s=%s and --%s=%s", b_wins ? b : a,
             b_wins ? a : b, sweep->found.points.name, low, sweep->found.points.name, high);
    dpk_paragraph(stdout, dpk_terminal_columns(), "  ", text);
    fflush(stdout);
}

/* Finds all crossovers of two variants, and narrows each down. */
static dpk_status cross(struct sweep *sweep, size_t a, size_t b, size_t *found, dpk_error *err)
{
    struct crossing crossing = { .a = a, .b = b };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < sweep->found.done && status == DPK_OK && dpk_session_signal() == 0;
         i++) {
        unsigned char verdict = sweep->found.measured[i].verdict[a][b];
        double value = sweep->found.points.value[i];
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

/* Of each pair of backends, with the same number of workers unless one has a single worker. */
static dpk_status find_crossings(struct sweep *sweep, dpk_error *err)
{
    size_t found = 0;
    dpk_status status = DPK_OK;
    puts("\nCrossovers");
    for (size_t a = 0; a < sweep->found.variant_count; a++)
        for (size_t b = a + 1; b < sweep->found.variant_count && status == DPK_OK; b++) {
            const dpk_variant *first = &sweep->found.variants[a],
                              *second = &sweep->found.variants[b];
            bool sequential = first->backend->sequential || second->backend->sequential;
            if (first->backend != second->backend && (sequential || first->jobs == second->jobs))
                status = cross(sweep, a, b, &found, err);
        }
    char text[256];
    snprintf(text, sizeof text, "none: no two backends change sides between --%s=%s and --%s=%s",
             sweep->found.points.name, sweep->found.points.text[0], sweep->found.points.name,
             sweep->found.points.text[sweep->found.done - 1]);
    if (found == 0 && status == DPK_OK)
        dpk_paragraph(stdout, dpk_terminal_columns(), "  ", text);
    return status;
}

/* --------------------------------------------------------------------------------- the command */

/* Skips a value that this machine has no room for. */
static dpk_status sweep_all(struct sweep *sweep, dpk_error *err)
{
    dpk_status status = DPK_OK;
    char text[128], name[64];
    snprintf(text, sizeof text, "dpk sweep %s: medians; only differences that are proven decide",
             dpk_typed_name(sweep->found.kernel->name, name, sizeof name));
    dpk_paragraph(stdout, dpk_terminal_columns(), "", text);
    fflush(stdout);
    while (sweep->found.done < sweep->found.points.count && dpk_session_signal() == 0) {
        size_t i = sweep->found.done;
        status = measure(sweep, sweep->found.points.text[i], NULL, &sweep->found.measured[i], err);
        if (status == DPK_LIMIT) {
            dpk_swept_print_left_out(&sweep->found, i, err->text);
            dpk_points_drop(&sweep->found.points, i);
            continue;
        }
        if (status != DPK_OK)
            break;
        dpk_swept_print_point(&sweep->found, i);
        sweep->found.done++;
    }
    if (status == DPK_LIMIT && sweep->found.done > 0)
        status = DPK_OK;
    if (sweep->found.done == 0 || (status != DPK_OK && dpk_session_signal() == 0))
        return status;
    dpk_swept_print_marks(&sweep->found);
    if (sweep->passes)
        dpk_swept_print_passes(&sweep->found);
    if (sweep->map)
        dpk_swept_print_map(&sweep->found);
    if (sweep->found.points.numbers && dpk_session_signal() == 0)
        status = find_crossings(sweep, err);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "sweep: no kernel given (see `dpk list`)");
    struct sweep sweep = { .row = dpk_registry_find(registry, words[0]), .count = count - 1 };
    if (sweep.row == NULL)
        return dpk_unknown_name(registry, words[0], err);
    sweep.found.kernel = sweep.row->variants[DPK_ISA_BASE];
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) {
            dpk_print_command_page(dpk_command_find("sweep"));
            return DPK_OK;
        }
    }
    dpk_status status =
        dpk_points_find(&sweep.found.points, sweep.row->variants[DPK_ISA_BASE]->params, sweep.count,
                        words + 1, &sweep.place, err);
    sweep.words = calloc((size_t)count + 3, sizeof *sweep.words);
    sweep.found.measured = calloc(sweep.found.points.count + 1, sizeof *sweep.found.measured);
    sweep.found.variants = calloc(DPK_VARIANTS_MAX, sizeof *sweep.found.variants);
    bool complete =
        sweep.words != NULL && sweep.found.measured != NULL && sweep.found.variants != NULL;
    if (status == DPK_OK && !complete)
        status = dpk_fail(err, DPK_LIMIT, "not enough memory to sweep");
    if (status == DPK_OK) {
        memcpy(sweep.words, words + 1, (size_t)sweep.count * sizeof *sweep.words);
        status = check_values(&sweep, err);
        if (status == DPK_OK)
            status = sweep_all(&sweep, err);
    }
    free(sweep.words);
    free(sweep.found.measured);
    free(sweep.found.variants);
    dpk_session_obey_signal(status, err);
    return status;
}

const dpk_command dpk_command_sweep = {
    .name = "sweep",
    .usage =
        "KERNEL [IN…] --size=FROM..TO | --PARAMETER=VALUE,… [--map] [--passes] [--backends=NAME,…] "
        "[-j N,…]",
    .summary = "compare backends over sizes or a parameter, and find where one overtakes another",
    .details =
        "A range is swept by doublings. Where two backends change sides, more values in between "
        "are measured, until the two that surround the crossover are within 5 %, or the "
        "difference can no longer be proven: the crossover is that interval. With --size, inputs "
        "are made up: square images and matrices, vectors. --passes shows, below the times of "
        "passes, the page faults in them, and below start those outside of passes. The budget "
        "is for each value.",
    .params = dpk_sweep_params,
    .takes = dpk_compare_shares,
    .run = run,
};
