/* SPDX-License-Identifier: MIT */
/* run.h: the interface of libdpk, for programs that run kernels by name:
 *
 *     dpk_library *library = NULL;
 *     dpk_job *job = NULL;
 *     dpk_error err;
 *     const size_t shape[DPK_MAX_RANK] = { 480, 640 };
 *     dpk_array in = dpk_array_over(samples, DPK_F32, 2, shape);
 *     if (dpk_library_open(&library, &err) ||
 *         dpk_job_open(&job, library, "blur", "sigma=2", NULL, &err) ||
 *         dpk_job_input(job, 0, &in, &err) || dpk_job_run(job, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *     else
 *         use(dpk_job_output(job, 0));
 *     dpk_job_close(job);
 *     dpk_library_close(library);
 *
 * What stands at each input and output is an array in memory or a file, in any combination. All
 * functions that can fail return DPK_OK, which is 0, or a status with a sentence in *err.
 *
 * The library prints nothing, ends no process and installs no signal handlers. Between jobs it
 * keeps nothing but the processes of backend "pool", and up to 64 MiB of their memory, until the
 * library is closed: the next job on "pool" that the same thread runs finds them there. A job that
 * runs while another one on "pool" is still open has processes of its own. So several threads may
 * run a job each at the same time, with a library in common. A job belongs to one thread at a time.
 * Some limits are those of a process:
 *
 * - A process that has run a job on threads (backend "omp") cannot run one on processes ("fork",
 *   "pool") afterwards, because the OpenMP runtime does not survive a fork: dpk_job_run refuses it
 *   with DPK_FAILED. The other order is fine.
 * - gcc's OpenMP runtime reads its environment when the program starts. With
 * OMP_WAIT_POLICY=passive there, as `dpk` sets it for itself, threads that wait leave their
 * processors to others.
 * - An input file is mapped. If another process makes it shorter while the job runs, reading it
 *   raises SIGBUS, as with any mapped file.
 *
 * Later versions add functions and add fields at the end of dpk_options and dpk_stats; programs
 * that were built with this header keep working. */
#ifndef DPK_PUBLIC_RUN_H
#define DPK_PUBLIC_RUN_H

#include <dpk/dpk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------------------------- kernels */

/* The kernels that there are. */
typedef struct dpk_library dpk_library;

/* Lists built-in kernels, and those of the plug-ins in the folders of the environment variable
 * DPK_PLUGIN_PATH, as far as they can be loaded. *library is NULL if this fails. Errors:
 * DPK_FAILED, DPK_LIMIT. */
DPK_API dpk_status dpk_library_open(dpk_library **library, dpk_error *err) DPK_MUST_CHECK;

/* Adds the kernel of a plug-in, before jobs are opened. Errors: DPK_USAGE. */
DPK_API dpk_status dpk_library_load(dpk_library *library, const char *path,
                                    dpk_error *err) DPK_MUST_CHECK;

/* Name of kernel number i, from 0, in alphabetical order; NULL after the last one. */
DPK_API const char *dpk_library_kernel(const dpk_library *library, size_t i);

/* After all of its jobs are closed. NULL is ignored. */
DPK_API void dpk_library_close(dpk_library *library);

/* -------------------------------------------------------------------------------------- jobs */

/* One run of one kernel. */
typedef struct dpk_job dpk_job;

/* How a job is run. To be made by dpk_options_default, so that `size` is right. */
typedef struct dpk_options {
    size_t size; /* sizeof(dpk_options) in the program */
    const char
        *backend;  /* "seq", "omp", "fork", "pool"; NULL: as DPK_BACKEND says, or the best one */
    unsigned jobs; /* workers; 0: as DPK_JOBS says, or as many as this process may use */

    /* More settings, each "name=value", ends with NULL: values may hold blanks here. */
    const char *const *settings;
} dpk_options;

static inline dpk_options dpk_options_default(void)
{
    dpk_options options = { sizeof(dpk_options), NULL, 0, NULL };
    return options;
}

/* Begins a job. settings are "name=value", with blanks between them: the kernel's parameters and
 * any option of `dpk run`, such as "sigma=2 edge=mirror isa=base"; NULL for none. options: NULL for
 * the defaults. All text is copied. *job is NULL if this fails. Errors: DPK_USAGE, DPK_LIMIT. */
DPK_API dpk_status dpk_job_open(dpk_job **job, const dpk_library *library, const char *kernel,
                                const char *settings, const dpk_options *options,
                                dpk_error *err) DPK_MUST_CHECK;

/* A view of C-contiguous elements. */
static inline dpk_array dpk_array_over(const void *data, dpk_type type, unsigned rank,
                                       const size_t shape[DPK_MAX_RANK])
{
    dpk_array array = { (void *)(uintptr_t)data, type, rank, { 0 }, { 0 }, 0 };
    dpk_array_shape(&array, type, rank, shape);
    return array;
}

/* Input number `input`, from 0, is this array: C-contiguous, aligned to its elements. It is not
 * changed, and copied only for workers that are older than the job ("pool"); it must stay as it is
 * until the job has run. Errors: DPK_USAGE, DPK_BAD_INPUT. */
DPK_API dpk_status dpk_job_input(dpk_job *job, size_t input, const dpk_array *array,
                                 dpk_error *err) DPK_MUST_CHECK;

/* Input number `input` is this file; "-" is standard input. Errors: DPK_USAGE, DPK_LIMIT. */
DPK_API dpk_status dpk_job_read(dpk_job *job, size_t input, const char *path,
                                dpk_error *err) DPK_MUST_CHECK;

/* Output number `output`, from 0, goes to this file, which appears when the job is complete; "-" is
 * standard output. An output that no file is named for stays in memory. Errors: DPK_USAGE,
 * DPK_LIMIT. */
DPK_API dpk_status dpk_job_write(dpk_job *job, size_t output, const char *path,
                                 dpk_error *err) DPK_MUST_CHECK;

/* Runs the job, once. Errors: DPK_USAGE, also for combinations of settings; DPK_BAD_INPUT,
 * DPK_OUTPUT_FAILED, DPK_LIMIT, DPK_FAILED; DPK_WORKER_LOST: without "keep-going" there are no
 * outputs, with it they are there and dpk_job_skipped tells what is missing in them. */
DPK_API dpk_status dpk_job_run(dpk_job *job, dpk_error *err) DPK_MUST_CHECK;

/* Output number `output` of a job that has run, in memory that belongs to the job; NULL if it went
 * to a file or is not there. */
DPK_API const dpk_array *dpk_job_output(const dpk_job *job, size_t output);

/* Frees the job with all of its outputs in memory. NULL is ignored. */
DPK_API void dpk_job_close(dpk_job *job);

/* --------------------------------------------------------------------------- how it has gone */

/* Note number i, from 0, of a job that has run: what could not be carried over from a file or into
 * one, that fewer workers could be started, or that one died and its work was done again. NULL
 * after the last one. The text belongs to the job. */
DPK_API const char *dpk_job_note(const dpk_job *job, size_t i);

/* Item number i, from 0, that a job with "keep-going" has left out, because workers died of it:
 * which one of which pass. Returns false after the last one. */
DPK_API bool dpk_job_skipped(const dpk_job *job, size_t i, const char **pass, size_t *item);

/* Where the time went, in seconds. The six phases are sums over all workers. */
typedef struct dpk_stats {
    size_t size; /* sizeof(dpk_stats) in the program, set by it */
    double wall; /* from the first byte decoded to the last output in its place */
    double load, start, work, wait, store, stop;
    size_t workers, chunks;
} dpk_stats;

/* Fills in *stats as far as its size goes; zeros for a job that has not run. */
DPK_API void dpk_job_stats(const dpk_job *job, dpk_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
