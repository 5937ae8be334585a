/* SPDX-License-Identifier: MIT */
/* run.h: one run of one kernel on arrays in memory. The life of a run:
 *
 *     dpk_run_begin    the kernel's struct, zeroed: fill in parameters
 *     dpk_run_bind     each input
 *     dpk_run_shape    outputs' type and shape are known, nothing computed
 *     dpk_run_prepare  memory taken, tables made, work cut into chunks
 *     dpk_run_execute  workers start, passes run, workers end; outputs are complete
 *
 * How the work is cut depends on the problem alone, never on the backend or the number of
 * workers: that, and passes that write only what is theirs, makes all backends give the same
 * bytes. */
#ifndef DPK_RUN_H
#define DPK_RUN_H

#include "engine/alpha.h"
#include "engine/observer.h"
#include "workers/team.h"
#include <dpk/dpk.h>

enum { DPK_MAX_STEPS = DPK_MAX_PORTS + DPK_MAX_PASSES };

typedef struct dpk_run_options {
    const dpk_backend *backend;
    unsigned jobs; /* at least 1 */
    dpk_schedule schedule;
    bool keep_going; /* of a backend of processes: replace workers that die */

    /* For tests. */
    size_t grain;     /* items per chunk, 0 for the usual rules */
    unsigned shuffle; /* seed of a random chunk order, 0 for the natural one */
    bool poison;      /* fill scratch with garbage before each chunk */
    bool reference;   /* execute the kernel's reference instead of its passes */

    size_t events; /* that each worker's timeline can hold; 0: none is kept */

    const dpk_observer *observer; /* told when the output is complete; NULL: nobody */
} dpk_run_options;

/* Wall time, in nanoseconds, of what a run does. The rest is in the workers' accounts. */
typedef struct dpk_run_times {
    uint64_t begin;   /* when, as dpk_now() says it */
    uint64_t turned;  /* until when time is accounted for: what comes next begins here */
    uint64_t load;    /* decoding inputs before the team is opened */
    uint64_t compute; /* the passes; 0 when they are part of a stream */
    uint64_t store;   /* ending the output when the team is closed */
} dpk_run_times;

/* What a pass of the kernel took, with its repetitions; zeros while it is part of a stream. */
typedef struct dpk_toll {
    uint64_t ns;     /* of wall time */
    uint64_t faults; /* of all workers, minor and major */
} dpk_toll;

/* Where the time of all workers went: the phases add up to wall time × workers. What one process
 * does before the others are there, or when they are gone, they wait for. */
typedef struct dpk_ledger {
    unsigned workers;
    size_t chunks;
    uint64_t ns[DPK_PHASES];
    dpk_usage used; /* by workers while they had a job */
    dpk_toll passes[DPK_MAX_PASSES];
} dpk_ledger;

/* A pass and the struct it works on: the kernel's, or a conversion's. */
typedef struct dpk_step {
    const dpk_pass *pass;
    const void *self;
    size_t extent, grain, chunks, repeat;
} dpk_step;

typedef struct dpk_run {
    const dpk_kernel *kernel;
    const dpk_run_options *options;
    dpk_arena *arena;
    void *self;                      /* the kernel's struct */
    dpk_array arrays[DPK_MAX_PORTS]; /* by port, as the user sees them */
    bool promoted;                   /* a rank-2 input is seen as an image of one channel */
    dpk_alpha_conversion *conversions[DPK_MAX_PORTS]; /* by port, NULL where none is needed */
    dpk_step steps[DPK_MAX_STEPS];
    size_t step_count;

    bool prepared; /* the kernel's prepare() has been called */
    bool given;    /* inputs have got memory by dpk_run_give */

    /* A run of which only a window of rows is in memory: dpk_run_prepare_window. */
    bool windowed;
    size_t band, halo; /* rows computed at a time at most, and those needed around them */

    dpk_team team;   /* workers and what each did stay in the arena when it is closed */
    uint32_t *order; /* of chunks, when it is shuffled */
    dpk_run_times times;
    dpk_ledger closed; /* of the teams closed so far */
} dpk_run;

size_t dpk_kernel_inputs(const dpk_kernel *kernel);
size_t dpk_kernel_outputs(const dpk_kernel *kernel);

/* options must outlive the run. Errors: DPK_LIMIT. */
dpk_status dpk_run_begin(dpk_run *run, const dpk_kernel *kernel, const dpk_run_options *options,
                         dpk_arena *arena, dpk_error *err);

/* Input number `input` (from 0) is array, which must be C-contiguous and outlive the run.
 * Errors: DPK_BAD_INPUT, naming the input by `name`. */
dpk_status dpk_run_bind(dpk_run *run, size_t input, const dpk_array *array, const char *name,
                        dpk_error *err);

/* Errors: DPK_BAD_INPUT, DPK_USAGE, as the kernel says. */
dpk_status dpk_run_shape(dpk_run *run, dpk_error *err);

/* Output number `output` (from 0): type and shape after dpk_run_shape, data after
 * dpk_run_prepare, contents after dpk_run_execute. */
const dpk_array *dpk_run_output(const dpk_run *run, size_t output);

/* Errors: DPK_LIMIT. */
dpk_status dpk_run_prepare(dpk_run *run, dpk_error *err);

/* Memory that holds an input, if there was none when it was bound: before dpk_run_prepare. */
void dpk_run_give(dpk_run *run, size_t input, void *data);

/* How much of a windowed run is in memory. */
typedef struct dpk_window {
    size_t band;  /* rows of a band */
    size_t bands; /* of the output */
    size_t ahead; /* rows of the input beyond what these bands and their halo need */
} dpk_window;

/* Before dpk_run_prepare, which it replaces if it succeeds: run->windowed tells. For a kernel of
 * one pass with a halo, one output and one input at most: no more of the output, and of the input
 * unless it has been given, than the window will be in memory at a time. The run's arrays, with
 * their memory, are then the window's. Not done for images that are no larger than that, unless
 * `always`. Errors: DPK_LIMIT. */
dpk_status dpk_run_prepare_window(dpk_run *run, dpk_window window, bool always, dpk_error *err);

/* Opens a team, executes all passes, closes the team. Of a run that keeps going, team.failed tells
 * which items are left out. Errors: DPK_WORKER_LOST, DPK_FAILED, DPK_LIMIT. */
dpk_status dpk_run_execute(dpk_run *run, dpk_error *err);

/* The parts of dpk_run_execute, for who has more for the team to do: jobs of up to `chunks` chunks
 * that need `scratch` bytes for each worker. Open is to be followed by close whatever it returns.
 */
dpk_status dpk_run_open(dpk_run *run, size_t chunks, size_t scratch, dpk_error *err);
dpk_status dpk_run_passes(dpk_run *run, dpk_error *err);
void dpk_run_close(dpk_run *run);

/* Of all that has been done so far. */
dpk_ledger dpk_run_ledger(const dpk_run *run);

/* Bytes of scratch a worker needs for any of the run's passes. */
size_t dpk_run_scratch(const dpk_run *run);

/* Chunks of the whole run, or bands of a windowed one. */
size_t dpk_run_chunks(const dpk_run *run);

/* The kernel's own array of a port: what its passes see. */
dpk_array *dpk_run_kernel_array(const dpk_run *run, size_t port);

#endif
