/* SPDX-License-Identifier: MIT */
/* verify: checks the contract of kernels on this machine, with every backend. */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/help_page.h"
#include "contract/contract.h"
#include "model/param.h"

#include <stdio.h>
#include <stdlib.h>

struct verify {
    const char *backend; /* NULL for all */
    size_t seed;
    bool quick, json, help;

    /* Results so far. */
    dpk_json output;
    size_t checks, broken, skipped, runs;
};

static const dpk_param params[] = {
    DPK_PARAM(struct verify, backend, .optional = true, .help = "only this backend"),
    DPK_PARAM(struct verify, quick, .def = "no", .help = "fewer cases"),
    DPK_PARAM(struct verify, seed, .def = "1", .max = 4294967295.0, .help = "of the test data"),
    DPK_PARAM(struct verify, json, .def = "no", .help = "as JSON"),
    DPK_PARAM(struct verify, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

/* Prints the outcome of one check, of a backend if kernel is NULL. err is "" if it passed. */
static void report(struct verify *verify, const char *kernel, const char *backend,
                   const char *outcome, const dpk_contract_result *result, double seconds,
                   const char *err)
{
    if (verify->json) {
        dpk_json *json = &verify->output;
        dpk_json_begin(json, NULL, '{');
        dpk_json_string(json, "kernel", kernel); /* or null */
        dpk_json_string(json, "backend", backend);
        dpk_json_string(json, "outcome", outcome);
        dpk_json_number(json, "cases", (double)result->cases);
        dpk_json_number(json, "runs", (double)result->runs);
        dpk_json_number(json, "seconds", seconds);
        dpk_json_string(json, "error", *err ? err : NULL);
        dpk_json_end(json, '}');
    } else {
        char time[32];
        printf("%-12s %-6s %-7s %4zu cases %6zu runs %10s\n", kernel ? kernel : "", backend,
               outcome, result->cases, result->runs, dpk_text_seconds(seconds, time, sizeof time));
        if (*err)
            printf("    %s\n", err);
    }
    fflush(stdout);
}

/* Checks the promises of a backend if row is NULL. */
static void check(struct verify *verify, const dpk_kernel_row *row, const dpk_backend *backend)
{
    char name[64];
    const dpk_contract_options options = { .seed = verify->seed, .quick = verify->quick };
    dpk_contract_result result;
    dpk_error err = { .text = "" };
    uint64_t begin = dpk_now();
    dpk_status status = row != NULL ? dpk_contract_check(row, backend, &options, &result, &err)
                                    : dpk_contract_check_backend(backend, &options, &result, &err);
    const char *outcome = status == DPK_OK ? "ok" : status == DPK_MISMATCH ? "BROKEN" : "skipped";
    const char *kernel =
        row != NULL ? dpk_typed_name(row->variants[DPK_ISA_BASE]->name, name, sizeof name) : NULL;
    report(verify, kernel, backend->name, outcome, &result, (double)(dpk_now() - begin) * 1e-9,
           err.text);
    verify->checks++;
    verify->broken += status == DPK_MISMATCH;
    verify->skipped += status != DPK_MISMATCH && status != DPK_OK;
    verify->runs += result.runs;
}

static bool is_wanted(const struct verify *verify, const dpk_backend *backend)
{
    return verify->backend == NULL || dpk_backend_find(verify->backend) == backend;
}

static void check_backends(struct verify *verify)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        const char *why = backend->unavailable != NULL ? backend->unavailable() : NULL;
        if (why == NULL && is_wanted(verify, backend))
            check(verify, NULL, backend);
        else if (why != NULL && verify->backend == NULL && !verify->json)
            printf("backend %s not checked: %s\n", backend->name, why);
    }
}

/* Checks one kernel with all requested backends that can be used here. */
static void check_kernel(struct verify *verify, const dpk_kernel_row *row)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        if (is_wanted(verify, dpk_backends[i]) &&
            dpk_backend_why_not(dpk_backends[i], row->variants[DPK_ISA_BASE]) == NULL)
            check(verify, row, dpk_backends[i]);
}

static void check_all(struct verify *verify, const dpk_registry *registry,
                      const dpk_operands *operands)
{
    uint64_t begin = dpk_now();
    if (verify->json)
        dpk_json_begin(&verify->output, NULL, '[');
    for (size_t i = 0; i < operands->count; i++)
        check_kernel(verify, dpk_registry_find(registry, operands->words[i]));
    for (size_t i = 0; i < registry->count && operands->count == 0; i++)
        check_kernel(verify, &registry->kernels[i]);
    if (operands->count == 0)
        check_backends(verify);
    if (verify->json) {
        dpk_json_end(&verify->output, ']');
        return;
    }
    char time[32];
    printf("%zu checks, %zu broken, %zu runs in %s\n", verify->checks, verify->broken, verify->runs,
           dpk_text_seconds((double)(dpk_now() - begin) * 1e-9, time, sizeof time));
}

static dpk_status parse(struct verify *verify, const dpk_registry *registry, int count,
                        char *const *words, dpk_operands *operands, dpk_error *err)
{
    const dpk_param_set sets[] = { { "Options", params, verify }, { NULL, NULL, NULL } };
    dpk_status status = dpk_param_parse(sets, count, words, operands, err);
    if (status != DPK_OK)
        return status;
    for (size_t i = 0; i < operands->count; i++)
        if (dpk_registry_find(registry, operands->words[i]) == NULL)
            return dpk_unknown_name(registry, operands->words[i], err);
    if (verify->backend == NULL)
        return DPK_OK;
    const dpk_backend *backend;
    return dpk_backend_choose(verify->backend, &backend, err);
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    struct verify verify = { .output.stream = stdout };
    dpk_operands operands = { .words = calloc((size_t)count + 1, sizeof *operands.words) };
    if (operands.words == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");
    dpk_status status = parse(&verify, registry, count, words, &operands, err);
    if (status == DPK_OK && verify.help)
        dpk_print_command_page(dpk_command_find("verify"));
    else if (status == DPK_OK)
        check_all(&verify, registry, &operands);
    if (verify.broken > 0)
        status = dpk_fail(err, DPK_MISMATCH, "%zu of %zu checks found a promise broken",
                          verify.broken, verify.checks);
    else if (verify.skipped > 0)
        status = dpk_fail(err, DPK_FAILED, "%zu of %zu checks could not be made", verify.skipped,
                          verify.checks);
    free(operands.words);
    return status;
}

const dpk_command dpk_command_verify = {
    .name = "verify",
    .usage = "[KERNEL…] [--backend=NAME] [--quick] [--seed=N] [--json]",
    .summary = "check that kernels keep their promises, under every backend",
    .details =
        "Checks each kernel on generated inputs of every type it takes, of sizes from nothing to "
        "prime, with parameters at their limits: against its reference, with work cut and ordered "
        "in other ways, done again or done twice, whole and streamed, at every ISA level. Inputs "
        "can be read only where the kernel says it reads, memory is guarded, and a pass that "
        "allocates, locks, starts threads, prints or leaves files open is told. Then runs each "
        "kernel by each other backend in a few ways and, unless kernels are named, checks each "
        "backend with kernels made for that. Each check is a process of its own, so that a crash "
        "is a finding like any other. Ends with exit code 7 if a promise is broken.",
    .params = params,
    .run = run,
};
