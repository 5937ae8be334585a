/* SPDX-License-Identifier: MIT */
/* report_chart.h: how backends scale, as tables, bars and laws on a terminal. */
#ifndef DPK_REPORT_CHART_H
#define DPK_REPORT_CHART_H

#include "analysis/comparison.h"

#include <stdio.h>

/* Of every backend that there are several numbers of workers of. */
void dpk_report_scaling(FILE *stream, const dpk_comparison *comparison, unsigned columns);

#endif
