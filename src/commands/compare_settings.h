/* SPDX-License-Identifier: MIT */
/* compare_settings.h: the options of `dpk compare`, and the variants they select. */
#ifndef DPK_COMPARE_SETTINGS_H
#define DPK_COMPARE_SETTINGS_H

#include "analysis/comparison.h"
#include "engine/job_settings.h"
#include "model/param.h"

typedef struct dpk_compare_settings {
    /* As given. */
    const char *backends;   /* names, by commas; NULL: all there are */
    const char *jobs;       /* numbers, by commas; NULL: one for each processor */
    const char *neighbours; /* number */
    const char *quota;      /* per cent of one processor; NULL: no limit */
    unsigned scope;         /* dpk_scope */
    size_t rounds;
    double min_time, budget;                         /* seconds */
    const char *precision;                           /* per cent */
    size_t size;                                     /* of made-up inputs; 0: there are files */
    const char *json, *csv, *markdown, *html, *plot; /* files, NULL for none */
    const char *baseline;                            /* file, or NULL */
    const char *fail_if_slower;                      /* per cent */
    bool map, passes;                                /* sweep */
    bool help;

    /* Options of every run that hold for all variants; a part of run.params. */
    dpk_job_settings run;
    dpk_param run_params[DPK_JOB_PARAMS];

    /* What follows from them: dpk_compare_settings_resolve. */
    double precision_share, slower_share; /* 0.01 is 1 % */
} dpk_compare_settings;

/* The options of `dpk compare` and `dpk sweep`. */
extern const dpk_param dpk_compare_params[], dpk_sweep_params[];

/* Whether all variants share this option of a run. The others each variant decides itself, or they
 * make no sense for many runs. */
bool dpk_compare_shares(const dpk_param *run_option);

void dpk_compare_settings_init(dpk_compare_settings *settings);

/* Finds the variants of the kernel. Errors: DPK_USAGE. */
dpk_status dpk_compare_settings_resolve(dpk_compare_settings *settings, const dpk_kernel *kernel,
                                        dpk_comparison *comparison, dpk_error *err);

#endif
