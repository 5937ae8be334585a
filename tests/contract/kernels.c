/* SPDX-License-Identifier: MIT */
/* kernels: every kernel keeps its promises under every backend. */
#include "contract/contract.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Indices, not pointers: each test runs in a process that starts anew. */
struct pair {
    size_t kernel, backend;
};

enum { PAIRS_MOST = 1024 };

/* Sanitizers find what they find in few cases, and are slow. */
#ifdef DPK_SANITIZED
enum { QUICK = true };
#else
enum { QUICK = false };
#endif

ParameterizedTestParameters(contract, kernels)
{
    static struct pair pairs[PAIRS_MOST];
    size_t count = 0;
    for (size_t kernel = 0; dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE] != NULL; kernel++) {
        for (size_t backend = 0; dpk_backends[backend] != NULL; backend++) {
            const dpk_kernel *base = dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE];
            bool here = dpk_backend_why_not(dpk_backends[backend], base) == NULL;
            if (here && count < PAIRS_MOST)
                pairs[count++] = (struct pair){ kernel, backend };
        }
    }
    return cr_make_param_array(struct pair, pairs, count);
}

ParameterizedTest(const struct pair *pair, contract, kernels)
{
    dpk_contract_options options = { .seed = 2, .quick = QUICK };
    dpk_contract_result result;
    dpk_error err;
    const dpk_backend *backend = dpk_backends[pair->backend];
    dpk_status status =
        dpk_contract_check(&dpk_builtin_kernels[pair->kernel], backend, &options, &result, &err);
    cr_assert(status == DPK_OK, "under backend %s: %s", backend->name, err.text);
    cr_assert(result.runs > 0);
}
