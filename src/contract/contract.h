/* SPDX-License-Identifier: MIT */
/* contract.h: what kernels and backends promise, put to the test, by `dpk verify` and by the tests.
 * Nothing here knows any kernel of kernels/; cases are made from the descriptor. A kernel promises,
 * whoever executes it:
 *
 *  - The result is the reference's within `tolerance`, for every element type, for sizes from
 *    nothing to prime, for parameters from end to end.
 *  - The bytes of the result are the same however the work is cut and in whatever order it is done,
 *    when it is done again, when parts of it are executed twice, and when only a window of rows is
 *    in memory; for whole numbers also at every ISA level.
 *  - A pass writes all of its output and nothing else, reads its inputs and nothing else, and
 *    expects nothing of its scratch. One with `reads` reads no other rows. shape() and prepare()
 *    read no contents.
 *  - A pass does nothing but compute: no memory of its own, no locks, no threads, no output, no
 *    descriptors left open. (Scenarios do, as that is what they show.)
 *  - Nothing crashes or hangs, whatever the numbers are, and however large the arrays.
 *
 * A backend promises to execute every chunk of every pass, one pass after the other, with any
 * number of workers. This is put to the test on kernels made for it (synthetic.h). Each kernel is
 * then run by each backend in a few ways that tell most. */
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

/* Checks the promises of a kernel, if backend is the sequential one; if not, runs it by that
 * backend in a few ways. In a process of its own. result counts what was done up to the first
 * failure. Errors: DPK_MISMATCH, with a sentence that says what to run to see it again; DPK_LIMIT,
 * DPK_FAILED when the check cannot be made. */
dpk_status dpk_contract_check(const dpk_kernel_row *row, const dpk_backend *backend,
                              const dpk_contract_options *options, dpk_contract_result *result,
                              dpk_error *err);

/* The same for the promises of a backend. */
dpk_status dpk_contract_check_backend(const dpk_backend *backend,
                                      const dpk_contract_options *options,
                                      dpk_contract_result *result, dpk_error *err);

#endif
