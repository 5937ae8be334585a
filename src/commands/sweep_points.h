/* SPDX-License-Identifier: MIT */
/* sweep_points.h: the values a parameter is swept over. */
#ifndef DPK_SWEEP_POINTS_H
#define DPK_SWEEP_POINTS_H

#include <dpk/dpk.h>

enum { DPK_POINTS_MAX = 64 };

typedef struct dpk_points {
    char name[64]; /* of the parameter, without -- */
    bool numbers;  /* all values are numbers, in ascending order */
    bool whole;    /* the parameter takes whole numbers only */
    size_t count;
    char text[DPK_POINTS_MAX][32];
    double value[DPK_POINTS_MAX];
} dpk_points;

/* Finds the one word that gives a parameter several values, "--size=64..8192" or "--sigma=1,2,4",
 * and its place. A range is swept by doublings. params: the kernel's. Errors: DPK_USAGE for none,
 * for two, for values that make no sense. */
dpk_status dpk_points_find(dpk_points *points, const dpk_param *params, int count,
                           char *const *words, int *place, dpk_error *err);

/* Removes value number i. */
void dpk_points_drop(dpk_points *points, size_t i);

/* Writes a number as a value of the parameter. */
void dpk_points_text(const dpk_points *points, double value, char *text, size_t size);

#endif
