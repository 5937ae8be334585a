/* SPDX-License-Identifier: MIT */
/* report_html_timeline.c: what every worker did in one execution of each variant, all on one scale.
 * There can be a million stretches of time, but a picture has a thousand columns: each column gets
 * the colour of the phase that took most of it. The page stays small, and nothing is lost that
 * could be seen. */
#include "report/report_html.h"

#include <math.h>
#include <stdlib.h>

enum {
    LANE = 10,               /* pixels: the width of its strokes in page.css */
    LANES_MAX = 16,          /* of a variant: more do not show more */
    ALL_LANES = 128,         /* of all variants */
    COLUMNS = 960,           /* of a lane */
    ALL_COLUMNS = 12 * 1024, /* of all lanes: each may be a stretch, of 8 bytes */
    EDGE = 4,                /* columns: of chunks this wide, edges are drawn */
};

struct lane {
    double column; /* nanoseconds */
    int columns;
    double in[COLUMNS][DPK_PHASES]; /* nanoseconds of each column in each phase */
};

static void add(struct lane *lane, const dpk_mark *mark)
{
    double begin = (double)mark->begin / lane->column, end = (double)mark->end / lane->column;
    for (int i = (int)fmin(begin, lane->columns); i < lane->columns && i < end; i++)
        lane->in[i][mark->phase] += fmin(end, i + 1) - fmax(begin, i);
}

/* The phase that took most of a column; DPK_PHASES: none did. */
static int phase_of(const struct lane *lane, int column)
{
    int most = DPK_PHASES;
    for (int phase = 0; phase < DPK_PHASES; phase++)
        if (lane->in[column][phase] > (most == DPK_PHASES ? 0 : lane->in[column][most]))
            most = phase;
    return most;
}

static void draw(FILE *stream, const struct lane *lane, int phase)
{
    bool any = false;
    for (int begin = 0, end; begin < lane->columns; begin = end) {
        end = begin + 1;
        if (phase_of(lane, begin) != phase)
            continue;
        while (end < lane->columns && phase_of(lane, end) == phase)
            end++;
        if (!any)
            fprintf(stream, "<path class=\"%s\" d=\"", dpk_phase_names[phase]);
        any = true;
        fprintf(stream, "M%d %dh%d", begin, LANE / 2, end - begin);
    }
    if (any)
        fputs("\"/>\n", stream);
}

/* Where one chunk follows another. */
static void edges(FILE *stream, const struct lane *lane, const dpk_mark *marks, size_t count)
{
    bool any = false;
    for (size_t i = 1; i < count; i++) {
        double width = (double)(marks[i].end - marks[i].begin) / lane->column;
        double begin = (double)marks[i].begin / lane->column;
        if (marks[i].phase != DPK_WORK || marks[i - 1].phase != DPK_WORK || width < EDGE)
            continue;
        if (!any)
            fputs("<path class=\"edges\" d=\"", stream);
        any = true;
        fprintf(stream, "M%.1f 0v%d", begin, LANE);
    }
    if (any)
        fputs("\"/>\n", stream);
}

/* marks: those of one worker. Without memory the lane stays empty. */
static void draw_lane(FILE *stream, const dpk_mark *marks, size_t count, double column, int columns)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        return;
    lane->column = column;
    lane->columns = columns;
    for (size_t i = 0; i < count; i++)
        if (marks[i].phase < DPK_PHASES && marks[i].end > marks[i].begin)
            add(lane, &marks[i]);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        draw(stream, lane, phase);
    edges(stream, lane, marks, count);
    free(lane);
}

static double duration(const dpk_timeline *timeline)
{
    uint64_t end = 0;
    for (size_t i = 0; i < timeline->count; i++)
        end = timeline->marks[i].end > end ? timeline->marks[i].end : end;
    return (double)end;
}

static size_t workers(const dpk_timeline *timeline)
{
    size_t count = 0;
    for (size_t i = 0; i < timeline->count; i++)
        count += i == 0 || timeline->marks[i].worker != timeline->marks[i - 1].worker;
    return count;
}

static void draw_variant(FILE *stream, const dpk_variant *variant, const dpk_chart_axis *axis,
                         size_t lanes, int columns)
{
    const dpk_timeline *timeline = &variant->timeline;
    size_t all = workers(timeline), next = 0;
    size_t drawn = all < lanes ? all : lanes;
    char text[128], value[DPK_HTML_TEXT], remark[DPK_HTML_TEXT];
    snprintf(text, sizeof text, "what %zu of %zu worker%s did, a lane for each", drawn, all,
             all == 1 ? "" : "s");
    dpk_html_row_begin(stream, variant, (unsigned)drawn * (LANE + 2) + 2, text);
    dpk_html_grid(stream, axis);
    for (size_t lane = 0; lane < drawn; lane++) {
        size_t begin = next;
        while (next < timeline->count &&
               timeline->marks[next].worker == timeline->marks[begin].worker)
            next++;
        fprintf(stream,
                "<svg y=\"%zu\" height=\"%d\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">"
                "<title>worker %u</title>\n",
                2 + lane * (LANE + 2), LANE, columns, LANE, timeline->marks[begin].worker);
        draw_lane(stream, &timeline->marks[begin], next - begin, axis->end * 1e9 / columns,
                  columns);
        fputs("</svg>\n", stream);
    }
    if (timeline->lost > 0)
        snprintf(remark, sizeof remark, "%zu marks lost", timeline->lost);
    else if (drawn < all)
        snprintf(remark, sizeof remark, "%zu of %zu workers", drawn, all);
    else
        *remark = '\0';
    dpk_html_row_end(stream, dpk_html_seconds(duration(timeline) * 1e-9, value), remark);
}

/* Lanes of all variants with at most so many of each. */
static size_t lanes_of(const dpk_comparison *comparison, size_t most)
{
    size_t all = 0;
    for (size_t i = 0; i < comparison->variant_count; i++) {
        size_t count = workers(&comparison->variants[i].timeline);
        all += count < most ? count : most;
    }
    return all;
}

void dpk_html_timelines(FILE *stream, const dpk_comparison *comparison)
{
    dpk_chart_axis axis = { 0, 0, false };
    for (size_t i = 0; i < comparison->variant_count; i++)
        axis.end = fmax(axis.end, duration(&comparison->variants[i].timeline) * 1e-9);
    if (axis.end == 0)
        return;
    size_t most = LANES_MAX;
    while (most > 1 && lanes_of(comparison, most) > ALL_LANES)
        most--;
    int columns = (int)(ALL_COLUMNS / lanes_of(comparison, most));
    columns = columns > COLUMNS ? COLUMNS : columns;
    fputs(
        "<section>\n<h2>What each worker did</h2>\n<p class=\"about\">One execution of each "
        "variant, a lane for each worker. Where the colour is that of work, a thin line is where "
        "the next chunk begins, if chunks are wide enough to see.</p>\n"
        "<figure class=\"lanes\">\n",
        stream);
    dpk_html_legend(stream, dpk_html_phases(comparison->variants, comparison->variant_count),
                    false);
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (comparison->variants[i].timeline.count > 0)
            draw_variant(stream, &comparison->variants[i], &axis, most, columns);
    dpk_html_axis_seconds(stream, &axis);
    fputs("</figure>\n</section>\n", stream);
}
