/* SPDX-License-Identifier: MIT */
/* run_settings.h: the options every kernel command understands besides the kernel's own. */
#ifndef DPK_RUN_SETTINGS_H
#define DPK_RUN_SETTINGS_H

#include "base/arena.h"
#include "engine/run.h"
#include "model/isa.h"

enum { DPK_RUN_PARAMS = 15 };

typedef struct dpk_run_settings {
    /* As given. */
    const char *backend_name;
    unsigned jobs;
    unsigned schedule; /* dpk_schedule */
    const char *isa_name;
    unsigned memory; /* dpk_memory */
    const char *in_format, *out_format;
    unsigned png; /* dpk_effort */
    size_t limit_pixels;
    unsigned stream; /* dpk_streaming */
    bool keep_going, stats, help;
    const char *trace; /* NULL: none */

    const dpk_observer *observer; /* of the run, set by the caller; NULL: none */

    /* Their declarations; defaults depend on the machine, so each settings has its own. */
    dpk_param params[DPK_RUN_PARAMS];
    char jobs_default[16];

    /* What follows from them: dpk_run_settings_resolve. */
    dpk_run_options options;
    dpk_isa isa;
} dpk_run_settings;

/* Fills in the declarations; parsing is the caller's. */
void dpk_run_settings_init(dpk_run_settings *settings);

/* Finds the backend and the ISA level, the memory that "auto" means, and what --keep-going needs.
 * Errors: DPK_USAGE. */
dpk_status dpk_run_settings_resolve(dpk_run_settings *settings, dpk_error *err);

#endif
