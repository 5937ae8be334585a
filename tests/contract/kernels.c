/* SPDX-License-Identifier: MIT */
/* kernels: every kernel and every backend keeps its promises, and they go together. */
#include "contract/contract.h"
#include "contract/synthetic.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

/* Indices, not pointers: each test runs in a process that starts anew. */
struct pair {
    size_t kernel, backend;
};

/* Sanitizers find what they find in few cases, and are slow. DPK_TEST_QUICK is set where another
 * build has checked the rest. */
static bool be_quick(void)
{
#ifdef DPK_SANITIZED
    return true;
#else
    return getenv("DPK_TEST_QUICK") != NULL;
#endif
}

/* Calls add for each kernel under each backend that can run it. */
static void each_pair(void (*add)(struct pair pair))
{
    for (size_t kernel = 0; dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE] != NULL; kernel++) {
        const dpk_kernel *base = dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE];
        for (size_t backend = 0; dpk_backends[backend] != NULL; backend++)
            if (dpk_backend_why_not(dpk_backends[backend], base) == NULL)
                add((struct pair){ kernel, backend });
    }
}

static size_t pair_count;
static struct pair *pairs;

static void count_pair(struct pair pair)
{
    (void)pair;
    pair_count++;
}

static void store_pair(struct pair pair)
{
    pairs[pair_count++] = pair;
}

ParameterizedTestParameters(contract, kernels)
{
    pair_count = 0;
    each_pair(count_pair);
    pairs = cr_malloc(pair_count * sizeof *pairs); /* which tests, being processes, can read */
    pair_count = 0;
    each_pair(store_pair);
    return cr_make_param_array(struct pair, pairs, pair_count);
}

ParameterizedTest(const struct pair *pair, contract, kernels)
{
    dpk_contract_options options = { .seed = 2, .quick = be_quick() };
    dpk_contract_result result;
    dpk_error err;
    const dpk_backend *backend = dpk_backends[pair->backend];
    dpk_status status =
        dpk_contract_check(&dpk_builtin_kernels[pair->kernel], backend, &options, &result, &err);
    cr_assert(status == DPK_OK, "under backend %s: %s", backend->name, err.text);
    cr_assert(result.runs > 0);
}

Test(contract, backends)
{
    const dpk_contract_options options = { .seed = 2, .quick = be_quick() };
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        if (backend->unavailable != NULL && backend->unavailable() != NULL)
            continue;
        dpk_contract_result result;
        dpk_error err = { .text = "" };
        dpk_status status = dpk_contract_check_backend(backend, &options, &result, &err);
        cr_expect(status == DPK_OK, "%s", err.text);
        cr_expect(result.runs > 0);
    }
}

/* What backends are checked with keeps a kernel's promises, but for the census, which counts. */
Test(contract, synthetic_kernels)
{
    const dpk_contract_options options = { .seed = 2, .quick = be_quick() };
    const dpk_backend *plain = dpk_backend_find("seq");
    for (size_t i = 0; i < dpk_synthetic_count; i++) {
        const char *name = dpk_synthetic_kernels[i].variants[DPK_ISA_BASE]->name;
        dpk_contract_result result;
        dpk_error err = { .text = "" };
        dpk_status status =
            dpk_contract_check(&dpk_synthetic_kernels[i], plain, &options, &result, &err);
        if (strcmp(name, "census") == 0)
            cr_expect(strstr(err.text, "when no chunk is executed twice") != NULL, "%s", err.text);
        else
            cr_expect(status == DPK_OK, "%s", err.text);
    }
}
