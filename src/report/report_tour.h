/* SPDX-License-Identifier: MIT */
/* report_tour.h: what a tour through the scenarios has found, for readers of all kinds. */
#ifndef DPK_REPORT_TOUR_H
#define DPK_REPORT_TOUR_H

#include "analysis/lesson.h"

#include <stdio.h>

enum { DPK_STOPS_MAX = 64 };

/* One scenario at its strongest setting. */
typedef struct dpk_stop {
    const dpk_kernel *kernel;
    char name[64]; /* the kernel's, as it is typed */
    char command[200];
    char skipped[240]; /* why nothing was measured, "" if it was */
    bool fatal;        /* nothing was timed, as someone died; the sides then have failures */
    char text[1200];   /* what is expected, why, and what was measured */
    dpk_outcome outcome;
    bool few_rounds;      /* too few for an outcome */
    dpk_variant sides[2]; /* threads or one worker, then processes; without samples */
} dpk_stop;

/* Whether threads and processes were timed against each other: not where threads die, or are
 * refused. */
bool dpk_stop_is_race(const dpk_stop *stop);

/* Whether someone died at the strongest setting. */
bool dpk_stop_has_failures(const dpk_stop *stop);

typedef struct dpk_tour {
    size_t count;
    dpk_stop stops[DPK_STOPS_MAX]; /* by chapter */
    unsigned jobs;
    double seconds;
    char machine[320];
    char load[240]; /* what others used of the machine meanwhile, "" if that is unknown */
} dpk_tour;

/* The lessons that belong together, in the order in which they are told. That two are alike takes
 * more precision, and so more time, than that one is faster. */
typedef struct dpk_chapter {
    dpk_winner winner;
    const char *title;
    double share;          /* of the time, for each lesson, in ratio to those of others */
    const char *precision; /* of the ratio, at which more rounds would not tell more */
} dpk_chapter;

enum { DPK_CHAPTERS = 3 };

extern const dpk_chapter dpk_chapters[DPK_CHAPTERS];

/* The rules that hold on this machine, the strongest first, what was not confirmed, and what
 * could not be told. */
typedef struct dpk_rules {
    const char *title;
    size_t count;
    const dpk_stop *stops[DPK_STOPS_MAX];
    size_t group;
} dpk_rules;

typedef struct dpk_rule {
    char label[32]; /* " (3.3 times)", "" where none is needed */
    char text[512];
} dpk_rule;

enum { DPK_RULE_GROUPS = 6 };

/* Those of a group from 0 on; false if it has none. */
bool dpk_tour_rules(const dpk_tour *tour, size_t group, dpk_rules *rules);

/* What is said of rules->stops[i]. */
void dpk_rule_write(const dpk_rules *rules, size_t i, dpk_rule *rule);

/* The columns of a scenario's table, after the side's name: times, then counts. */
enum {
    DPK_TOUR_TIMES = 7,
    DPK_TOUR_COUNTS = 2,
    DPK_TOUR_COLUMNS = DPK_TOUR_TIMES + DPK_TOUR_COUNTS
};

extern const char *const dpk_tour_columns[DPK_TOUR_COLUMNS];

/* What stands in them: seconds, then numbers. */
void dpk_tour_figures(const dpk_summary *summary, double figures[DPK_TOUR_COLUMNS]);

/* A chapter's title; one scenario, as a paragraph, a table and bars; the rules. number: from 1. */
void dpk_tour_chapter_text(FILE *stream, const dpk_chapter *chapter);
void dpk_tour_stop_text(FILE *stream, const dpk_stop *stop, size_t number, unsigned columns);
void dpk_tour_rules_text(FILE *stream, const dpk_tour *tour, unsigned columns);

/* All of it. */
void dpk_report_tour_markdown(FILE *stream, const dpk_tour *tour);
void dpk_report_tour_html(FILE *stream, const dpk_tour *tour);

#endif
