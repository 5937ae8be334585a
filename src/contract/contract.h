/* SPDX-License-Identifier: MIT */
/* contract.h: what every kernel promises, and every backend, put to the test: dpk_contract_check
 * is what `dpk verify` and the tests call. Nothing in it knows any kernel; questions are made from
 * the descriptor. The promises:
 *
 *  - The result is the reference's within `tolerance`, for every element type, for sizes from
 *    nothing to prime, for parameters from end to end.
 *  - The bytes of the result are the same however the work is cut, shuffled, scheduled and shared,
 *    when it is done again, and when parts of it are executed twice; for whole numbers also at
 *    every ISA level.
 *  - A pass writes all of its output and nothing else, reads its inputs and nothing else, and
 *    expects nothing of its scratch. A row with `halo` reads the rows it says.
 *  - Nothing crashes or hangs, whatever the numbers are, and however large the arrays. */
#ifndef DPK_CONTRACT_H
#define DPK_CONTRACT_H

#include "engine/registry.h"

typedef struct dpk_contract_options {
    uint64_t seed;     /* of data, cuts and orders; below 2^32 */
    bool quick;        /* fewer cases, run in fewer ways */
    unsigned patience; /* seconds after which a run is taken to hang; 0 for the usual 60 */
} dpk_contract_options;

typedef struct dpk_contract_result {
    size_t cases;   /* that the kernel took */
    size_t refused; /* that it did not take: bad combinations */
    size_t runs;
} dpk_contract_result;

/* Checks the kernel's promises as executed by backend, in a process of its own. result counts what
 * was done up to the first failure. Errors: DPK_MISMATCH, with a sentence that says what to run
 * to see it again; DPK_LIMIT, DPK_FAILED when the check cannot be made. */
dpk_status dpk_contract_check(const dpk_kernel_row *row, const dpk_backend *backend,
                              const dpk_contract_options *options, dpk_contract_result *result,
                              dpk_error *err);

#endif
