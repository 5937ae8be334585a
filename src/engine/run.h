/* SPDX-License-Identifier: MIT */
/* run.h: one run of one kernel, or of several that hand arrays to each other, on arrays in memory.
 * The life of a run:
 *
 *     dpk_run_begin    the kernels' structs, zeroed: fill in parameters
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

#include "engine/fuse.h"
#include "engine/observer.h"
#include "workers/team.h"

#include <dpk/dpk.h>

typedef struct dpk_run_options {
    const dpk_backend *backend;
    unsigned jobs; /* at least 1 */
    void *host;    /* dpk_team.host */
    dpk_schedule schedule;
    dpk_isa isa;       /* of conversions between kernels and files */
    bool keep_going;   /* of a backend of processes: leave out items that workers die of */
    unsigned retries;  /* how often work is done again of which a worker process died */
    double timeout;    /* s that a worker process may be busy with the same work; 0: any */
    dpk_limits limits; /* of each worker process */

    /* For tests. */
    size_t grain;     /* items per chunk, 0 for the usual rules */
    unsigned shuffle; /* seed of a random chunk order, 0 for the natural one */
    bool poison;      /* fill scratch with garbage before each chunk */
    bool reference;   /* execute the kernels' references instead of their passes */
    bool separate;    /* one stage after the other, with whole arrays between them */

    size_t events; /* that each worker's timeline can hold; 0: none is kept */

    const dpk_observer *observer; /* told when the output is complete; NULL: nobody */
} dpk_run_options;

/* Wall time, in nanoseconds, of what a run does. The rest is in the workers' accounts. */
typedef struct dpk_run_times {
    uint64_t begin;     /* when, as dpk_now() says it */
    uint64_t accounted; /* until when time is accounted for: what comes next begins here */
    uint64_t load;      /* decoding inputs before the team is opened */
    uint64_t compute;   /* the passes; 0 when they are part of a stream */
    uint64_t store;     /* ending the output when the team is closed */
} dpk_run_times;

/* What a pass of the kernel took, with its repetitions; zeros while it is part of a stream. */
typedef struct dpk_pass_time {
    uint64_t ns;     /* of wall time */
    uint64_t faults; /* of all workers, minor and major */
} dpk_pass_time;

/* Where the time of all workers went: the phases add up to wall time × workers. What one process
 * does before the others are there, or when they are gone, they wait for. */
typedef struct dpk_ledger {
    unsigned workers;
    size_t chunks;
    uint64_t ns[DPK_PHASES];
    dpk_usage used; /* by workers while they had a job */
    dpk_pass_time passes[DPK_MAX_PASSES];
} dpk_ledger;

/* A pass and the struct it works on. */
typedef struct dpk_step {
    const dpk_pass *pass;
    const void *self;
    const dpk_group *group;
    size_t number; /* of the pass, among those of all kernels; DPK_MAX_PASSES: none of theirs */
    size_t extent, grain, chunks, repeat;
} dpk_step;

/* What the computation of a band waits for, and what it must not lose: rows [0, needed) of an input
 * are read by this band or earlier ones, rows from `kept` on by this one or later ones. */
typedef struct dpk_reach {
    size_t needed, kept;
} dpk_reach;

/* A run of which only a window of rows is in memory. */
typedef struct dpk_window {
    size_t band;                 /* rows of a band of the outputs */
    size_t bands;                /* of them in memory */
    bool always;                 /* even if the window is hardly smaller than the arrays */
    size_t ahead[DPK_MAX_PORTS]; /* rows of each input beyond what these bands need, at least */
    size_t batch[DPK_MAX_PORTS]; /* rows of each input to be decoded at a time; set by the run */
    dpk_reach *reach[DPK_MAX_PORTS]; /* of each input, by band; set by the run */
} dpk_window;

/* In arena memory, as workers see it. */
typedef struct dpk_run {
    const dpk_kernel *kernel; /* the first one */
    void *self;               /* its struct */
    dpk_run_options options;
    dpk_arena *arena;
    dpk_plan plan;
    bool given[DPK_MAX_PORTS]; /* inputs whose memory is the caller's: dpk_run_give */
    bool prepared;             /* the kernels' prepare() have been called */

    dpk_group *groups;
    size_t group_count;
    dpk_step *steps;
    size_t step_count;

    bool windowed; /* dpk_run_prepare_window */
    dpk_window window;

    dpk_team team;   /* workers and what each did stay in the arena when it is closed */
    uint32_t *order; /* of chunks, when it is shuffled */
    dpk_run_times times;
    dpk_ledger closed; /* of the teams closed so far */
} dpk_run;

/* Begins a run of one kernel. options are copied; the run ends with the arena. Errors: DPK_LIMIT.
 */
dpk_status dpk_run_begin(dpk_run **run, const dpk_kernel *kernel, const dpk_run_options *options,
                         dpk_arena *arena, dpk_error *err);

/* Begins a run of several kernels, each reading what earlier ones make (dpk_node, dpk_chain).
 * Errors: DPK_LIMIT, DPK_USAGE. */
dpk_status dpk_run_begin_nodes(dpk_run **run, const dpk_node *nodes, size_t count,
                               const dpk_run_options *options, dpk_arena *arena, dpk_error *err);

/* The struct of node n, for its parameters: before dpk_run_shape. */
static inline void *dpk_run_self(const dpk_run *run, size_t n)
{
    return run->plan.selves[n];
}

static inline size_t dpk_run_inputs(const dpk_run *run)
{
    return run->plan.input_count;
}

static inline size_t dpk_run_outputs(const dpk_run *run)
{
    return run->plan.output_count;
}

/* Input number `input` (from 0) is array, which must be C-contiguous and outlive the run.
 * Errors: DPK_BAD_INPUT, naming the input by `name`. */
dpk_status dpk_run_bind(dpk_run *run, size_t input, const dpk_array *array, const char *name,
                        dpk_error *err);

/* Errors: DPK_BAD_INPUT, DPK_USAGE, as the kernels say. */
dpk_status dpk_run_shape(dpk_run *run, dpk_error *err);

/* Input and output number i (from 0), as the user sees them. Of an output: type and shape after
 * dpk_run_shape, data after dpk_run_prepare, contents after dpk_run_execute. */
static inline const dpk_array *dpk_run_input(const dpk_run *run, size_t i)
{
    return &run->plan.values[i].array;
}

static inline const dpk_array *dpk_run_output(const dpk_run *run, size_t i)
{
    return &run->plan.values[run->plan.outputs[i]].array;
}

/* Errors: DPK_LIMIT. */
dpk_status dpk_run_prepare(dpk_run *run, dpk_error *err);

/* Memory that holds an input, if there was none when it was bound: before dpk_run_prepare. */
void dpk_run_give(dpk_run *run, size_t input, void *data);

/* After dpk_run_prepare_stages; takes the place of dpk_run_prepare if it succeeds: run->windowed
 * tells. For a run whose stages are
 * one pass (dpk_group.banded): no more of the outputs, and of the inputs unless they have been
 * given, will be in memory than the window. The run's arrays are rings then. Not done for arrays
 * that are no larger than that, unless `always`. Errors: DPK_LIMIT. */
dpk_status dpk_run_prepare_window(dpk_run *run, const dpk_window *window, dpk_error *err);

/* Opens a team, executes all passes, closes the team. Of a run that keeps going, team.failed tells
 * which items are left out. Errors: DPK_WORKER_LOST, DPK_FAILED, DPK_LIMIT. */
dpk_status dpk_run_execute(dpk_run *run, dpk_error *err);

/* dpk_run_execute in three steps, for callers that also run jobs of their own on the team. `chunks`
 * and `scratch` bound those jobs. Call close even if open fails, and for a run that is given up
 * before. */
dpk_status dpk_run_open(dpk_run *run, size_t chunks, size_t scratch, dpk_error *err);
dpk_status dpk_run_passes(dpk_run *run, dpk_error *err);
void dpk_run_close(dpk_run *run);

/* Of all that has been done so far. */
dpk_ledger dpk_run_ledger(const dpk_run *run);

/* Bytes of scratch a worker needs for any of the run's passes. */
size_t dpk_run_scratch(const dpk_run *run);

/* Chunks of the whole run, or bands of a windowed one. */
size_t dpk_run_chunks(const dpk_run *run);

/* The array of the first kernel's port: what its passes see. */
dpk_array *dpk_run_kernel_array(const dpk_run *run, size_t port);

/* The first half of preparing: calls the kernels' prepare(), if that is not done, and groups the
 * stages; `always` as in dpk_window. Errors: DPK_LIMIT, and as kernels say. */
dpk_status dpk_run_prepare_stages(dpk_run *run, bool always, dpk_error *err);

/* Items that belong together, if the whole run is one pass; 1 otherwise. After
 * dpk_run_prepare_stages. */
size_t dpk_run_grain(const dpk_run *run);

/* The second half: takes memory for all values that need some, as rings of so many rows (0: whole),
 * and cuts the passes into steps. Errors: DPK_LIMIT. */
dpk_status dpk_run_allocate(dpk_run *run, size_t ring, dpk_error *err);

#endif
