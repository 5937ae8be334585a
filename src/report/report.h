/* SPDX-License-Identifier: MIT */
/* report.h: a summarised comparison, for readers of all kinds. Each writes to a stream and leaves
 * its errors to the caller (ferror). */
#ifndef DPK_REPORT_H
#define DPK_REPORT_H

#include "analysis/comparison.h"

#include <stdio.h>

/* Tables for a terminal of `columns` columns. */
void dpk_report_text(FILE *stream, const dpk_comparison *comparison, unsigned columns);

/* In place of that, where variants do not come to their end: what became of each. */
void dpk_report_failures(FILE *stream, const dpk_comparison *comparison, unsigned columns);

/* What the JSON calls itself. */
#define DPK_REPORT_SCHEMA "dpk-compare"
enum { DPK_REPORT_VERSION = 1 };

void dpk_report_json(FILE *stream, const dpk_comparison *comparison);     /* one object */
void dpk_report_csv(FILE *stream, const dpk_comparison *comparison);      /* a row per sample */
void dpk_report_markdown(FILE *stream, const dpk_comparison *comparison); /* tables */
void dpk_report_html(FILE *stream, const dpk_comparison *comparison);     /* one page, complete */

/* Draws times, or speed-up where there are several numbers of workers, to a file by the end of its
 * name: .svg, .png or .pdf. Errors: DPK_USAGE without gnuplot or for another name,
 * DPK_OUTPUT_FAILED. */
dpk_status dpk_report_plot(const char *path, const dpk_comparison *comparison, dpk_error *err);

/* The same errors, as far as they can be known before there is anything to draw. */
dpk_status dpk_report_plot_check(const char *path, dpk_error *err);

#endif
