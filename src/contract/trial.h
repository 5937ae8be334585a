/* SPDX-License-Identifier: MIT */
/* trial.h: one run of one case, in memory where nothing goes unnoticed. */
#ifndef DPK_TRIAL_H
#define DPK_TRIAL_H

#include "cases.h"
#include "registry.h"
#include "witness.h"

/* Inputs of a case: filled, read-only, each one's last byte before an inaccessible page. */
typedef struct dpk_inputs {
    dpk_arena arena;
    dpk_array arrays[DPK_MAX_PORTS];
} dpk_inputs;

/* Rows outside [begin, end) are filled with other data than usual. Errors: DPK_LIMIT. */
dpk_status dpk_inputs_open(dpk_inputs *inputs, const dpk_case *question, size_t begin, size_t end,
                           dpk_error *err);
void dpk_inputs_close(dpk_inputs *inputs);

/* What to run, and how. */
typedef struct dpk_trial {
    const dpk_kernel *kernel; /* the variant for isa */
    dpk_isa isa;
    const dpk_case *question;
    const dpk_inputs *inputs;
    dpk_run_options options;
    dpk_witness *witness;
    unsigned char garbage; /* what outputs are full of beforehand */
    size_t band;           /* rows decoded, computed and encoded at a time; 0 for all */
} dpk_trial;

/* What came of it, in memory of its own. */
typedef struct dpk_outputs {
    dpk_array arrays[DPK_MAX_PORTS];
    size_t count;
    bool refused;   /* the kernel does not take the case; nothing was computed */
    bool whole;     /* bands were asked for, but this kernel needs all rows; nothing was computed */
    unsigned jobs;  /* workers there were */
    size_t longest; /* items of the longest pass */
    bool local;     /* the only pass has a halo … */
    size_t halo;    /* … of so many rows */
} dpk_outputs;

/* Errors: DPK_LIMIT; DPK_MISMATCH when the kernel broke its contract. When it refuses the case,
 * that is DPK_OK, and err has its reason. Outputs need dpk_outputs_free in any case. */
dpk_status dpk_trial_run(const dpk_trial *trial, dpk_outputs *outputs, dpk_error *err);
void dpk_outputs_free(dpk_outputs *outputs);

/* A backend of one worker that executes every chunk, and then all of them again, last to first: as
 * if workers had died after their last instruction but one. */
extern const dpk_backend dpk_backend_twice;

#endif
