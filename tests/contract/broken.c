/* SPDX-License-Identifier: MIT */
/* broken: a check that cannot fail is worth nothing, so each promise is broken once. */
#include "contract/contract.h"
#include "smooth.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define FLAW_NAME(symbol) #symbol,
    FLAWS(FLAW_NAME)
#undef FLAW_NAME
};

/* HANGS takes as long as this; nothing else comes near it. */
enum { PATIENCE = 10 };

static dpk_status check(const dpk_kernel *kernel, const char *backend, dpk_error *err)
{
    const dpk_kernel_row row = { .variants = { kernel } };
    const dpk_contract_options options = { .seed = 3, .patience = PATIENCE };
    dpk_contract_result result;
    *err = (dpk_error){ .text = "" };
    return dpk_contract_check(&row, dpk_backend_find(backend), &options, &result, err);
}

/* Found by this backend's check, with these words, or those after the bar, in the sentence. */
struct finding {
    enum flaw flaw;
    char backend[8], words[48];
};

ParameterizedTestParameters(contract, every_flaw_is_found)
{
    static struct finding findings[] = {
        { OFF_BY_ONE, "seq", "out[0, 0, 0] is" },
        { OFF_AT_A_LIMIT, "seq", "--bias=7" },
        { READS_MORE_ROWS, "seq", "which it says it does not read" },
        { STEPS_BY_STRIDE, "seq", "streamed by" },
        { READS_BEFORE_INPUT, "seq", "byte 1 before input 'in'" },
        { WRITES_BEFORE_OUTPUT, "seq", "wrote beside an output" },
        { READS_PAST_INPUT, "seq", "byte 1 past the end of input 'in'" },
        { WRITES_PAST_OUTPUT, "seq", "wrote beside an output" },
        { WRITES_TO_INPUT, "seq", "wrote to input 'in', byte 0" },
        { WRITES_TO_ITSELF, "seq", "wrote to the struct of 'smooth'" },
        { LEAVES_ROW_UNWRITTEN, "seq", "out[3, 0, 0] is" },
        { TRUSTS_SCRATCH, "seq", "out[0, 0, 0] is" },
        { COUNTS_CALLS, "seq", "out[" },
        { COUNTS_ITEMS, "seq", "as backend seq makes it in the usual chunks" },
        { WRITES_NEXT_ROW, "seq", "when no chunk is executed twice" },
        { READS_RESULT, "seq", "as backend seq makes it in the usual chunks" },
        { ACCUMULATES, "seq", "when no chunk is executed twice" },
        { KNOWS_WORKER, "fork", "as backend seq makes it" },
        { KNOWS_WORKER, "omp", "as backend seq makes it" },
        { ABORTS, "seq", "SIGABRT" },
        { ABORTS_AS_WORKER, "fork", "SIGABRT" },
        { ABORTS_AS_WORKER, "omp", "SIGABRT" },
        { USES_NULL, "seq", "null pointer" },
        { WRITES_TO_INPUT_AS_WORKER, "fork", "wrote to input 'in', byte 0" },
        { WRITES_TO_INPUT_AS_WORKER, "omp", "wrote to input 'in', byte 0" },
        { HANGS, "seq", "did not end within 10 seconds" },
        { OVERRUNS_SCRATCH, "seq", "wrote beside" },
        { COUNTS_IN_32_BITS, "seq", "no data" },
        { PEEKS_IN_SHAPE, "seq", "before the first pass|null pointer" },
        { PEEKS_IN_PREPARE, "seq", "before the first pass|null pointer" },
        { TOUCHES_MORE_ROWS, "seq", "beyond which it says it does not read" },
        { TOUCHES_MORE_BEFORE, "seq", "touched byte 1 before rows [" },
#ifndef DPK_SANITIZED /* the sanitizers have allocators and locks of their own */
        { ALLOCATES, "seq", "pass 'rows' called malloc()" },
        { LEAKS, "seq", "pass 'rows' called malloc()" },
        { ALLOCATES_BY_THE_LIBRARY, "seq", "pass 'rows' called malloc()" },
        { LEAKS_IN_PREPARE, "seq", "prepare() kept memory that is not from dpk_alloc" },
        { LOCKS, "seq", "pass 'rows' called pthread_mutex_lock()" },
        { STARTS_THREAD, "seq", "pass 'rows' called pthread_create()" },
#endif
        { LEAVES_DESCRIPTOR, "seq", "descriptors open where there were" },
        { PRINTS, "seq", "bytes to standard output" },
        { WRITES_TO_STDERR, "seq", "bytes to standard output or standard error" },
    };
    return cr_make_param_array(struct finding, findings, sizeof findings / sizeof *findings);
}

static bool says(const char *text, const char *words)
{
    char first[48];
    const char *bar = strchr(words, '|');
    snprintf(first, sizeof first, "%.*s", bar ? (int)(bar - words) : (int)strlen(words), words);
    return strstr(text, first) != NULL || (bar != NULL && strstr(text, bar + 1) != NULL);
}

ParameterizedTest(const struct finding *finding, contract, every_flaw_is_found)
{
    const dpk_backend *backend = dpk_backend_find(finding->backend);
    if (backend->unavailable != NULL && backend->unavailable() != NULL)
        cr_skip_test("backend %s: %s", backend->name, backend->unavailable());
    dpk_kernel kernel = smooth_kernel(finding->flaw);
    dpk_error err;
    dpk_status status = check(&kernel, finding->backend, &err);
    cr_expect(status == DPK_MISMATCH, "%s was not found", names[finding->flaw]);
    cr_expect(says(err.text, finding->words), "%s: '%s' is not in: %s", names[finding->flaw],
              finding->words, err.text);
    cr_expect(strncmp(err.text, "smooth (", 8) == 0, "the case is not told: %s", err.text);
}

Test(contract, sound_kernel_passes)
{
    dpk_kernel kernel = smooth_kernel(NO_FLAW);
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        dpk_error err;
        if (backend->unavailable == NULL || backend->unavailable() == NULL)
            cr_expect(check(&kernel, backend->name, &err) == DPK_OK, "%s", err.text);
    }
}

/* Backends that are wrong, too: made of the plain loop. */
static dpk_status open_alone(dpk_team *team, dpk_error *err)
{
    (void)err;
    team->jobs = 1;
    return DPK_OK;
}

static dpk_status each_but_the_last(dpk_team *team, dpk_error *err)
{
    (void)err;
    for (size_t i = 0; i < team->job->chunks && (i == 0 || i + 1 < team->job->chunks); i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    return DPK_OK;
}

static dpk_status each_and_one_again(dpk_team *team, dpk_error *err)
{
    (void)err;
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    dpk_chunk(team->job, team->job->chunks / 2, &team->workers[0]);
    return DPK_OK;
}

/* Executes a repetition of a pass when the next one is due. */
static dpk_status each_too_late(dpk_team *team, dpk_error *err)
{
    (void)err;
    dpk_loop late = *team->job;
    late.step -= late.step > 0;
    for (size_t i = 0; i < late.chunks; i++)
        dpk_chunk(&late, i, &team->workers[0]);
    return DPK_OK;
}

static void close_alone(dpk_team *team)
{
    (void)team;
}

Test(contract, broken_backends_are_found)
{
    static dpk_status (*const flaws[])(dpk_team * team, dpk_error * err) = {
        each_but_the_last,
        each_and_one_again,
        each_too_late,
    };
    static const char *const words[] = { "out[", "census (broken", "rounds (broken" };
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        const dpk_backend broken = { .name = "broken",
                                     .sequential = true,
                                     .open = open_alone,
                                     .each = flaws[i],
                                     .close = close_alone };
        const dpk_contract_options options = { .seed = 3, .quick = true };
        dpk_contract_result result;
        dpk_error err = { .text = "" };
        cr_expect(dpk_contract_check_backend(&broken, &options, &result, &err) == DPK_MISMATCH,
                  "flaw %zu was not found", i);
        cr_expect(strstr(err.text, words[i]) != NULL, "'%s' is not in: %s", words[i], err.text);
    }
}

/* The flaws of workers are not found where there are none. */
Test(contract, backends_are_told_apart)
{
    static const enum flaw flaws[] = { KNOWS_WORKER, ABORTS_AS_WORKER, WRITES_TO_INPUT_AS_WORKER };
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        dpk_error err;
        dpk_kernel kernel = smooth_kernel(flaws[i]);
        cr_expect(check(&kernel, "seq", &err) == DPK_OK, "%s", err.text);
    }
}

Test(contract, tolerance_is_granted_and_no_more)
{
    dpk_error err;
    dpk_kernel kernel = smooth_kernel(OFF_BY_ONE);
    kernel.tolerance.levels = 1;
    cr_expect(check(&kernel, "seq", &err) == DPK_OK, "%s", err.text);
    kernel.tolerance.levels = 0.5;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
}

/* Beyond its limit the reference does not help, but garbage that stays is never the same. */
Test(contract, unwritten_output_is_found_without_reference)
{
    dpk_error err;
    dpk_kernel kernel = smooth_kernel(LEAVES_ROW_UNWRITTEN);
    kernel.reference_limit = 1;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
    cr_expect(strstr(err.text, "out[3, 0, 0]") && strstr(err.text, "as in the run before"), "%s",
              err.text);
}

/* The level above base computes something else, which the tolerance would allow. */
Test(contract, levels_are_compared)
{
    if (dpk_isa_best() == DPK_ISA_BASE)
        cr_skip_test("this machine or this build has one ISA level");
    dpk_kernel base = smooth_kernel(NO_FLAW), above = smooth_kernel(NO_FLAW);
    dpk_param params[] = { base.params[0], DPK_END };
    params[0].def = "3";
    above.params = params;
    base.tolerance.levels = 1;
    const dpk_kernel_row row = { .variants = { &base, &above } };
    const dpk_contract_options options = { .seed = 3 };
    dpk_contract_result result;
    dpk_error err = { .text = "" };
    cr_expect(dpk_contract_check(&row, dpk_backend_find("seq"), &options, &result, &err) ==
              DPK_MISMATCH);
    cr_expect(strstr(err.text, "as at ISA level base") != NULL, "%s", err.text);
}

static dpk_status refuse(void *self, dpk_error *err)
{
    (void)self;
    return dpk_fail(err, DPK_BAD_INPUT, "not like this");
}

Test(contract, kernel_must_take_something)
{
    dpk_error err;
    dpk_kernel kernel = smooth_kernel(NO_FLAW);
    kernel.shape = refuse;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
    cr_expect(strstr(err.text, "refuses all") && strstr(err.text, "not like this"), "%s", err.text);
}

Test(contract, descriptor_must_be_testable)
{
    dpk_error err;
    dpk_kernel kernel = smooth_kernel(NO_FLAW);
    kernel.reference = NULL;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
    cr_expect(strstr(err.text, "no reference") != NULL, "%s", err.text);

    kernel = smooth_kernel(NO_FLAW);
    const dpk_port outputs[] = { kernel.ports[1], DPK_END };
    kernel.ports = outputs;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
    cr_expect(strstr(err.text, ".checks") != NULL, "%s", err.text);

    kernel = smooth_kernel(NO_FLAW);
    const char *const settings[] = { "--bais=3", NULL };
    kernel.checks = settings;
    cr_expect(check(&kernel, "seq", &err) == DPK_MISMATCH);
    cr_expect(strstr(err.text, "--bais") != NULL, "%s", err.text);
}
