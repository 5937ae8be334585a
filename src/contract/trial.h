/* SPDX-License-Identifier: MIT */
/* trial.h: one run of one case, in memory where nothing goes unnoticed. */
#ifndef DPK_TRIAL_H
#define DPK_TRIAL_H

#include "contract/inputs.h"
#include "contract/witness.h"
#include "engine/registry.h"

/* Some rows of the outputs, and which rows of each input the pass says it reads for them. */
typedef struct dpk_probe {
    dpk_span rows, reads[DPK_MAX_PORTS];
} dpk_probe;

/* What to run, and how. */
typedef struct dpk_trial {
    const dpk_kernel *kernel; /* the variant for isa */
    dpk_isa isa;
    const dpk_case *question;
    const dpk_inputs *inputs;
    dpk_run_options options;
    dpk_witness *witness;
    unsigned char garbage; /* what outputs are full of beforehand */
    size_t band;           /* rows computed and encoded at a time; 0 for all */
    size_t part;           /* with bands: rows decoded by anyone; 0: decoded in order by one */
    bool watched;          /* see to it that the kernel does nothing but compute */
    const dpk_probe
        *only; /* compute these rows alone, from inputs of which no others can be read */
} dpk_trial;

enum { DPK_PROBES = 3 }; /* the first row, the last, and some in the middle */

/* What came of it, in memory of its own. */
typedef struct dpk_outputs {
    dpk_array arrays[DPK_MAX_PORTS];
    dpk_array computed[DPK_MAX_PORTS]; /* the kernel's own: where the runner converts them
                                          afterwards (alpha), before that; of runs whose
                                          options.separate is set */
    size_t count;
    bool refused;   /* the kernel does not take the case; nothing was computed */
    bool whole;     /* bands were asked for, but this kernel needs all rows; nothing was computed */
    unsigned jobs;  /* workers there were */
    size_t longest; /* items of the longest pass */
    bool local;     /* the only pass says what it reads: */
    dpk_probe probes[DPK_PROBES];
    bool direct; /* it sees the inputs themselves, not what the runner made of them */
} dpk_outputs;

/* Errors: DPK_LIMIT; DPK_MISMATCH when the kernel broke its contract. When it refuses the case,
 * that is DPK_OK, and err has its reason. Outputs need dpk_outputs_free in any case. */
dpk_status dpk_trial_run(const dpk_trial *trial, dpk_outputs *outputs, dpk_error *err);
/* Prepares, with inputs' types and shapes but no data, and executes nothing: of an enormous case
 * there is nothing to be seen but a refusal, or a crash. Errors: as dpk_trial_run. */
dpk_status dpk_trial_prepare(const dpk_trial *trial, dpk_error *err);

void dpk_outputs_free(dpk_outputs *outputs);

#endif
