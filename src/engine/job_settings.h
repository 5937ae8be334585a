/* SPDX-License-Identifier: MIT */
/* job_settings.h: the options that every job understands besides its kernel's parameters. */
#ifndef DPK_JOB_SETTINGS_H
#define DPK_JOB_SETTINGS_H

#include "base/arena.h"
#include "engine/run.h"
#include "model/isa.h"

enum { DPK_JOB_PARAMS = 15 };

typedef struct dpk_job_settings {
    /* As given. */
    const char *backend_name;
    unsigned jobs;     /* workers */
    unsigned schedule; /* dpk_schedule */
    const char *isa_name;
    unsigned memory; /* dpk_memory */
    unsigned stream; /* dpk_streaming */
    const char *in_format, *out_format;
    unsigned png;                     /* dpk_effort */
    bool force, in_place_write, sync; /* dpk_sink_options */
    size_t limit_pixels;
    bool keep_going;

    /* Their declarations; defaults depend on the machine, so each settings has its own. */
    dpk_param params[DPK_JOB_PARAMS];
    char jobs_default[16];

    /* What follows from them: dpk_job_settings_resolve. */
    dpk_run_options options;
    dpk_isa isa;
} dpk_job_settings;

/* Fills in the declarations; parsing is the caller's. */
void dpk_job_settings_init(dpk_job_settings *settings);

/* Finds the backend and the ISA level, the memory that "auto" means, and what --keep-going needs.
 * Errors: DPK_USAGE. */
dpk_status dpk_job_settings_resolve(dpk_job_settings *settings, dpk_error *err);

#endif
