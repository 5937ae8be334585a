/* SPDX-License-Identifier: MIT */
/* report_tour.h: what a tour through the scenarios has found, for readers of all kinds. */
#ifndef DPK_REPORT_TOUR_H
#define DPK_REPORT_TOUR_H

#include "lesson.h"

#include <stdio.h>

enum { DPK_STOPS_MAX = 64 };

/* One scenario at its strongest setting, by threads and by processes. */
typedef struct dpk_stop {
    const dpk_kernel *kernel;
    char command[160];
    char skipped[240]; /* why nothing was measured, "" if it was */
    char text[1200];   /* what is expected, why, and what was measured */
    dpk_outcome outcome;
    double threads, processes; /* seconds, medians */
    dpk_interval ratio;        /* of processes' times to threads' */
} dpk_stop;

typedef struct dpk_tour {
    size_t count;
    dpk_stop stops[DPK_STOPS_MAX];
    unsigned jobs;
    double seconds;
    char machine[256];
} dpk_tour;

/* One scenario, as a paragraph, times and bars. number: from 1. */
void dpk_tour_stop_text(FILE *stream, const dpk_stop *stop, size_t number, unsigned columns);

/* The rules that hold on this machine. */
void dpk_tour_rules_text(FILE *stream, const dpk_tour *tour, unsigned columns);

/* All of it. */
void dpk_report_tour_markdown(FILE *stream, const dpk_tour *tour);
void dpk_report_tour_html(FILE *stream, const dpk_tour *tour);

#endif
