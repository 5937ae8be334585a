/* SPDX-License-Identifier: MIT */
/* check.h: one case on its way through a check: inputs, what the plain loop makes of them, and
 * runs that must make the same. The plain loop, backend seq, is compared with the reference once,
 * and everything else with the plain loop, which is much quicker. */
#ifndef DPK_CHECK_H
#define DPK_CHECK_H

#include "contract/trial.h"
#include "engine/registry.h"

typedef struct dpk_check {
    const dpk_kernel_row *row;
    const dpk_backend *backend;
    const dpk_case *question;
    bool few; /* run it in fewer ways */
    dpk_witness *witness;
    dpk_inputs inputs;
    dpk_outputs expected[DPK_ISA_LEVELS]; /* from the plain loop, at each level that is checked */
} dpk_check;

/* Fills inputs, and expected at all levels or at one that depends on the seed. *refused says that
 * the kernel does not take the case, and err why; there is nothing to check then. Call close even
 * if open fails. Errors: DPK_LIMIT, DPK_MISMATCH. */
dpk_status dpk_check_open(dpk_check *check, bool all_levels, bool *refused, dpk_error *err);
void dpk_check_close(dpk_check *check);

/* The loop that everything is compared with. */
const dpk_backend *dpk_plain_loop(void);

/* The kernel was built for the level and this machine runs it; true of base. */
bool dpk_check_has_level(const dpk_check *check, dpk_isa isa);

/* The n-th of the levels, counted round and round. */
dpk_isa dpk_check_level(const dpk_check *check, uint64_t n);

const dpk_kernel *dpk_check_kernel(const dpk_check *check);
const char *dpk_check_output_name(const dpk_check *check, size_t output);

/* A run of the case with that, which can still be changed. */
dpk_trial dpk_check_trial(const dpk_check *check, dpk_isa isa, dpk_run_options options);

/* The outputs are byte for byte those that `as` speaks of. Errors: DPK_MISMATCH. */
dpk_status dpk_check_same(const dpk_check *check, const dpk_outputs *got, const dpk_outputs *wanted,
                          const char *as, dpk_error *err);

/* Runs the case and expects what the plain loop made at that level. *jobs becomes the number of
 * workers. Errors: DPK_MISMATCH, DPK_LIMIT. */
dpk_status dpk_check_run(const dpk_check *check, dpk_isa isa, dpk_run_options options,
                         const char *as, unsigned *jobs, dpk_error *err);

#endif
