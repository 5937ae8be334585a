/* SPDX-License-Identifier: MIT */
/* job.h: one run of one kernel, from its settings to its outputs. What stands at an input or output
 * is a file or an array. The life of a job:
 *
 *     dpk_job_make      parameters and settings have their defaults
 *     dpk_job_parse     words of a command line set them,
 *     dpk_job_take_files    and name the files;
 *                       or the functions of <dpk/run.h> do so
 *     dpk_job_prepare   all that can be refused is refused, and the outputs' places are secured
 *     dpk_job_compute   inputs are read, passes run, outputs are encoded
 *     dpk_job_save      outputs take their places
 *     dpk_job_free
 *
 * A job prints nothing and knows nothing of terminals and signals: notes, items left out and times
 * come back as data. It keeps no state outside of itself, so that several threads may run one each
 * at the same time. */
#ifndef DPK_JOB_H
#define DPK_JOB_H

#include "engine/job_settings.h"
#include "engine/registry.h"
#include "model/param.h"
#include <dpk/run.h>

enum { DPK_JOB_NOTES = 3 * DPK_MAX_PORTS + 1 + DPK_LOSSES_TOLD + 1 };

/* What a caller has said of a port. */
typedef struct dpk_job_port {
    const char *path; /* of a file; NULL: an array */
    bool given;       /* inputs: array is set */
    dpk_array array;
} dpk_job_port;

struct dpk_job {
    const dpk_kernel_row *row;
    const dpk_kernel *kernel; /* the variant for the ISA level from dpk_job_prepare on */
    size_t input_count, output_count;
    dpk_job_settings settings;
    void *self;                   /* the kernel's parameters: a struct of its size */
    size_t events;                /* for each worker's timeline; 0: none is kept */
    const dpk_observer *observer; /* NULL: none */
    const dpk_backend *backend;   /* in place of the one that settings name; NULL: that one */
    void *host;                   /* dpk_run_options.host */
    uint64_t temporary_name;      /* dpk_sink_options.temporary, of a job with one output */
    dpk_job_port inputs[DPK_MAX_PORTS], outputs[DPK_MAX_PORTS];
    struct dpk_job_memory *memory; /* texts that belong to the job */

    /* Of the kind that the settings' memory is resolved to. Set by the caller before
     * dpk_job_prepare, it is the caller's, who resets it for the next job when this one is freed;
     * else the job opens and closes one of its own. */
    dpk_arena *arena;
    dpk_arena own_arena;
    struct dpk_keep *keep; /* libdpk: where it may come from */

    /* From dpk_job_prepare on; run, readers and writers in the arena, NULL before. */
    dpk_run *run;
    dpk_reader *readers; /* DPK_MAX_PORTS, as of the writers */
    dpk_writer *writers;
    dpk_sink sinks[DPK_MAX_PORTS];

    /* From dpk_job_save on. */
    bool saved;
    uint64_t wall; /* ns from the first byte decoded to the last output in its place */
    const char *notes[DPK_JOB_NOTES];
    size_t note_count;
};

/* *job is NULL if this fails. The row must outlive the job. Errors: DPK_LIMIT. */
dpk_status dpk_job_make(dpk_job **job, const dpk_kernel_row *row, dpk_error *err);

/* Another job of the same kernel, with the model's parameters and settings as they are before
 * dpk_job_prepare, and no files; the model must outlive it. *job is NULL if this fails. Errors:
 * DPK_LIMIT. */
dpk_status dpk_job_make_like(dpk_job **job, const dpk_job *model, dpk_error *err);

/* Closes what is open and leaves no trace of outputs that are not saved. NULL is ignored. */
void dpk_job_free(dpk_job *job);

/* Parameters and settings; other words are left in *files, which live as long as the job. own:
 * options of the caller among the words, at most two sets, ends with a NULL title; or NULL. Words
 * must outlive the job. Errors: DPK_USAGE, DPK_LIMIT. */
dpk_status dpk_job_parse(dpk_job *job, const dpk_param_set *own, int count, char *const *words,
                         dpk_operands *files, dpk_error *err);

/* One file for each input and output; of outputs that are printed, the last ones may be left out.
 * Errors: DPK_USAGE. */
dpk_status dpk_job_take_files(dpk_job *job, const dpk_operands *files, dpk_error *err);

/* dpk_job_parse for words that name no files. */
dpk_status dpk_job_set(dpk_job *job, int count, char *const *words, dpk_error *err);

/* Memory that is freed with the job, zeroed; NULL if there is none left. */
void *dpk_job_reserve(dpk_job *job, size_t bytes);

/* The text, copied there. */
const char *dpk_job_copy(dpk_job *job, const char *text);

/* Whether the path is that of a file, pipe or open descriptor which the job reads or writes;
 * devices such as /dev/null can be shared. */
bool dpk_job_uses(const dpk_job *job, const char *path);

/* Refuses what dpk_job_prepare would refuse, and takes the memory that it would take, to be
 * measured, but leaves the outputs' places alone. Such a job cannot be run. Errors: as those of
 * dpk_job_prepare. */
dpk_status dpk_job_check(dpk_job *job, dpk_error *err);

/* Errors of these three: those of dpk_job_run, which calls them. But dpk_job_save returns DPK_OK
 * when items have been left out; run->team says which. */
dpk_status dpk_job_prepare(dpk_job *job, dpk_error *err);
dpk_status dpk_job_compute(dpk_job *job, dpk_error *err);
dpk_status dpk_job_save(dpk_job *job, dpk_error *err);

/* "dpk blur IN OUT [options]" */
const char *dpk_kernel_usage(const dpk_kernel *kernel, char *text, size_t size);

#endif
