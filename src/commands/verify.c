/* SPDX-License-Identifier: MIT */
/* verify: do the kernels keep their promises, on this machine, under every backend? */
#include "clock.h"
#include "command.h"
#include "contract.h"
#include "help_page.h"
#include "param.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

struct verify {
    const char *backend; /* NULL for all */
    size_t seed;
    bool quick;
    size_t checks, failures, runs; /* so far */
};

static const dpk_param params[] = {
    DPK_PARAM(struct verify, backend, .help = "only this backend"),
    DPK_PARAM(struct verify, quick, .def = "no", .help = "fewer cases"),
    DPK_PARAM(struct verify, seed, .def = "1", .max = 4294967295.0, .help = "of the test data"),
    DPK_END,
};

static void check(struct verify *verify, const dpk_kernel_row *row, const dpk_backend *backend)
{
    char name[64], time[32];
    dpk_typed_name(row->variants[DPK_ISA_BASE]->name, name, sizeof name);
    const char *why = backend->unavailable != NULL ? backend->unavailable() : NULL;
    if (why != NULL) {
        printf("%-12s %-6s not here: %s\n", name, backend->name, why);
        return;
    }
    dpk_contract_options options = { .seed = verify->seed, .quick = verify->quick };
    dpk_contract_result result;
    dpk_error err;
    uint64_t begin = dpk_now();
    dpk_status status = dpk_contract_check(row, backend, &options, &result, &err);
    dpk_text_seconds((double)(dpk_now() - begin) * 1e-9, time, sizeof time);
    printf("%-12s %-6s %-6s %4zu cases %6zu runs %10s\n", name, backend->name,
           status == DPK_OK ? "ok" : "BROKEN", result.cases, result.runs, time);
    if (status != DPK_OK)
        printf("    %s\n", err.text);
    fflush(stdout);
    verify->checks++;
    verify->failures += status != DPK_OK;
    verify->runs += result.runs;
}

static dpk_status parse(struct verify *verify, int count, char *const *words,
                        dpk_operands *operands, dpk_error *err)
{
    const dpk_param_set sets[] = { { "Options", params, verify }, { NULL, NULL, NULL } };
    dpk_status status = dpk_param_parse(sets, count, words, operands, err);
    if (status == DPK_OK && verify->backend != NULL && dpk_backend_find(verify->backend) == NULL)
        status =
            dpk_fail(err, DPK_USAGE, "no backend '%s' (see `dpk list backends`)", verify->backend);
    return status;
}

/* One kernel under all backends that are asked for. */
static void check_kernel(struct verify *verify, const dpk_kernel_row *row)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        if (verify->backend == NULL || dpk_backends[i] == dpk_backend_find(verify->backend))
            check(verify, row, dpk_backends[i]);
}

static dpk_status check_all(struct verify *verify, const dpk_registry *registry,
                            const dpk_operands *operands, dpk_error *err)
{
    uint64_t begin = dpk_now();
    for (size_t i = 0; i < operands->count; i++)
        if (dpk_registry_find(registry, operands->words[i]) == NULL)
            return dpk_unknown_name(registry, operands->words[i], err);
    for (size_t i = 0; i < operands->count; i++)
        check_kernel(verify, dpk_registry_find(registry, operands->words[i]));
    for (size_t i = 0; i < registry->count && operands->count == 0; i++)
        check_kernel(verify, &registry->kernels[i]);

    char time[32];
    dpk_text_seconds((double)(dpk_now() - begin) * 1e-9, time, sizeof time);
    printf("%zu checks, %zu broken, %zu runs in %s\n", verify->checks, verify->failures,
           verify->runs, time);
    if (verify->failures > 0)
        return dpk_fail(err, DPK_MISMATCH, "%zu of %zu checks found a promise broken",
                        verify->failures, verify->checks);
    return DPK_OK;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    struct verify verify = { 0 };
    dpk_operands operands = { .words = calloc((size_t)count + 1, sizeof *operands.words) };
    if (operands.words == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");
    dpk_status status = parse(&verify, count, words, &operands, err);
    if (status == DPK_OK)
        status = check_all(&verify, registry, &operands, err);
    free(operands.words);
    return status;
}

const dpk_command dpk_command_verify = {
    .name = "verify",
    .usage = "[KERNEL…] [--backend=NAME] [--quick] [--seed=N]",
    .summary = "check that kernels keep their promises, under every backend",
    .details =
        "Runs each kernel on generated inputs of every type it takes, of sizes from nothing to "
        "prime, with parameters at their limits, and compares with the kernel's reference and "
        "between backends, numbers of workers, schedules, chunk sizes, chunk orders and ISA "
        "levels. Inputs are read-only and memory is guarded. Each check is a process of its own, "
        "so that a crash is a finding like any other. Ends with exit code 7 if a promise is "
        "broken.",
    .run = run,
};
