/* SPDX-License-Identifier: MIT */
/* report_html.h: what the parts of the HTML page share. The page is well-formed XML, too, so that a
 * parser can check it. Pictures are inline SVG that stretches with its box: places across are in
 * per cent, heights and text in pixels, and so text has one size on a phone and on a wide screen.
 * Curves and dots, whose coordinates cannot be in per cent, are in an inner picture of
 * DPK_HTML_ACROSS units, whatever its width is. */
#ifndef DPK_REPORT_HTML_H
#define DPK_REPORT_HTML_H

#include "analysis/comparison.h"

#include <stdio.h>

enum { DPK_HTML_ACROSS = 1000 };

/* The lines of page.css and of page_reading.html, ending with NULL. */
extern const char *const dpk_page_style[];

/* Colours for backends: "series-0" and so on. */
enum { DPK_SERIES = 4 };

/* "#3b63c9" for the page's colour "accent", as it is on a light ground. */
const char *dpk_page_colour(const char *name, char text[8]);
extern const char *const dpk_page_reading[];

/* A page of `dpk COMMAND` up to its body's contents, and from there to its end. */
void dpk_html_begin(FILE *stream, const char *command, const char *title);
void dpk_html_end(FILE *stream);

/* Sections of the page. */
void dpk_html_times(FILE *stream, const dpk_comparison *comparison);
void dpk_html_ratios(FILE *stream, const dpk_comparison *comparison);
void dpk_html_ledgers(FILE *stream, const dpk_comparison *comparison);
void dpk_html_scaling(FILE *stream, const dpk_comparison *comparison);
void dpk_html_timelines(FILE *stream, const dpk_comparison *comparison);
void dpk_html_tables(FILE *stream, const dpk_comparison *comparison);
void dpk_html_machine(FILE *stream, const dpk_comparison *comparison);

/* Text with the markup's letters escaped, as content or as an attribute in double quotes. What is
 * no letter of UTF-8 (a file's name can be any bytes) becomes U+FFFD. */
void dpk_html_text(FILE *stream, const char *text);

/* Quantities, of any size; "–" where a number is unknown. Written to text, which is returned. */
enum { DPK_HTML_TEXT = 64 };
const char *dpk_html_seconds(double seconds, char text[DPK_HTML_TEXT]);
const char *dpk_html_difference(double seconds, char text[DPK_HTML_TEXT]); /* with a sign */
const char *dpk_html_bytes(double bytes, char text[DPK_HTML_TEXT]);
const char *dpk_html_percent(double share, char text[DPK_HTML_TEXT]);
const char *dpk_html_number(double number, char text[DPK_HTML_TEXT]);        /* three digits */
const char *dpk_html_count(double count, char text[DPK_HTML_TEXT]);          /* "14 000" */
const char *dpk_html_range(dpk_interval interval, char text[DPK_HTML_TEXT]); /* "[1.09, 1.15]" */
const char *dpk_html_seconds_range(dpk_interval interval, char text[DPK_HTML_TEXT]);

/* A scale of values across or along a picture. */
typedef struct dpk_chart_axis {
    double begin, end;
    bool logarithmic;
} dpk_chart_axis;

/* Where a value is, in per cent of the axis; at its ends what is beyond them. */
double dpk_chart_axis_place(const dpk_chart_axis *axis, double value);

/* Round values on the axis, about five of them. */
enum { DPK_TICKS_MAX = 16 };
size_t dpk_chart_axis_ticks(const dpk_chart_axis *axis, double ticks[DPK_TICKS_MAX]);

/* A row of a chart: the variant's name, a picture `height` pixels high, and, after its end, words
 * on the right. title says the picture in words. */
void dpk_html_row_begin(FILE *stream, const dpk_variant *variant, unsigned height,
                        const char *title);
void dpk_html_row_end(FILE *stream, const char *value, const char *remark);

/* Lines at the ticks, in a row; and the row of their numbers under a chart: of seconds, in the unit
 * that suits the axis, or plain with a suffix. */
void dpk_html_grid(FILE *stream, const dpk_chart_axis *axis);
void dpk_html_axis_seconds(FILE *stream, const dpk_chart_axis *axis);
void dpk_html_axis(FILE *stream, const dpk_chart_axis *axis, double scale, const char *suffix);

/* The phases that any of the variants has time in, 1 << dpk_phase each. Where inputs are in memory,
 * nothing is loaded or stored. */
unsigned dpk_html_phases(const dpk_variant *variants, size_t count);

/* What the colours of these phases mean, and the hatching of what was queued. */
void dpk_html_legend(FILE *stream, unsigned phases, bool queued);

/* A row with the phases of a variant, one after the other. */
void dpk_html_ledger(FILE *stream, const dpk_variant *variant, const dpk_chart_axis *axis);

/* A table with a head of columns' names, the last of which is NULL; a line of it, up to and with
 * the variant's name; and one cell. */
void dpk_html_table_begin(FILE *stream, const char *title, const char *const *columns);
void dpk_html_line_begin(FILE *stream, const dpk_variant *variant);
void dpk_html_cell(FILE *stream, const char *text);
void dpk_html_cell_seconds(FILE *stream, double seconds);
void dpk_html_line_end(FILE *stream);
void dpk_html_table_end(FILE *stream);

/* Whether a backend was measured with several numbers of workers, one of them as the base. */
bool dpk_html_scales(const dpk_comparison *comparison);

#endif
