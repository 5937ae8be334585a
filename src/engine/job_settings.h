/* SPDX-License-Identifier: MIT */
/* job_settings.h: the options that every job understands besides its kernel's parameters. */
#ifndef DPK_JOB_SETTINGS_H
#define DPK_JOB_SETTINGS_H

#include "base/arena.h"
#include "engine/run.h"
#include "files/format.h"
#include "model/isa.h"

/* Most options of jobs and of all formats together, with the end of their list; and bytes of the
 * latter. */
enum { DPK_JOB_PARAMS = 40, DPK_JOB_FORMAT_BYTES = 256 };

typedef struct dpk_job_settings {
    /* As given. */
    const char *backend_name;
    unsigned jobs;     /* workers */
    unsigned schedule; /* dpk_schedule */
    const char *isa_name;
    unsigned memory; /* dpk_memory */
    unsigned stream; /* dpk_streaming */
    const char *in_format, *out_format;
    bool force, in_place_write, sync; /* dpk_sink_options */
    size_t limit_pixels;
    bool keep_going;
    unsigned retries;
    const char *timeout;    /* as a word, for dpk_job_timeout; NULL: none */
    size_t worker_memory;   /* bytes; 0: no limit */
    double worker_cpu_time; /* s; 0: no limit */
    _Alignas(16) unsigned char format_options[DPK_JOB_FORMAT_BYTES]; /* one struct behind another */

    /* Their declarations; defaults depend on the machine, so each settings has its own. */
    dpk_param params[DPK_JOB_PARAMS];
    char jobs_default[16];

    /* What follows from them: dpk_job_settings_resolve. */
    dpk_run_options options;
    dpk_isa isa;
} dpk_job_settings;

/* Fills in the declarations; parsing is the caller's. */
void dpk_job_settings_init(dpk_job_settings *settings);

/* The options of the format, a struct as its params describe it; NULL if it has none. */
const void *dpk_job_format_options(const dpk_job_settings *settings, const dpk_format *format);

/* What each worker process may use. */
dpk_limits dpk_job_limits(const dpk_job_settings *settings);

/* How outputs are opened. */
dpk_sink_options dpk_job_sink_options(const dpk_job_settings *settings);

/* Refuses options that need workers which are processes, with a backend of others. Errors:
 * DPK_USAGE. */
dpk_status dpk_job_check_processes(const dpk_job_settings *settings, const dpk_backend *backend,
                                   dpk_error *err);

/* Reads a time-out: "30" sets *seconds; "200%", unless percent is NULL, sets *percent. A NULL word
 * is none: 0. Errors: DPK_USAGE. */
dpk_status dpk_job_timeout(const char *word, double *seconds, double *percent, dpk_error *err);

/* Finds the backend and the ISA level, the memory that "auto" means, and refuses what the backend
 * cannot do. Errors: DPK_USAGE. */
dpk_status dpk_job_settings_resolve(dpk_job_settings *settings, dpk_error *err);

#endif
