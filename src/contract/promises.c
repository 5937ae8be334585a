/* SPDX-License-Identifier: MIT */
/* promises.c: what a kernel promises, whoever executes it. */
#include "contract/promises.h"

#include "contract/compare.h"
#include "contract/loops.h"
#include "contract/sharing.h"
#include "contract/watch.h"

#include <stdio.h>

/* Special floats have no norm to measure errors by: they are compared where results are exact. */
static bool comparable(const dpk_check *check)
{
    const dpk_kernel *kernel = dpk_check_kernel(check);
    size_t limit = kernel->reference_limit;
    if (limit != 0 && dpk_case_elements(check->question) > limit)
        return false;
    bool exact = kernel->tolerance.levels == 0 && kernel->tolerance.epsilons == 0;
    return exact || check->question->data != DPK_DATA_SPECIAL;
}

static dpk_status near_reference(const dpk_check *check, dpk_isa isa, const dpk_outputs *reference,
                                 dpk_error *err)
{
    const dpk_outputs *got = &check->expected[isa];
    for (size_t i = 0; i < got->count; i++) {
        char text[200];
        const dpk_array *is = &got->computed[i], *should = &reference->computed[i];
        if (!dpk_compare_shapes(is, should, text, sizeof text) ||
            !dpk_compare_values(is, should, &dpk_check_kernel(check)->tolerance, text, sizeof text))
            return dpk_witness_fail(check->witness, err, "by seq at ISA level %s, %s%s",
                                    dpk_isa_name(isa), dpk_check_output_name(check, i), text);
    }
    return DPK_OK;
}

dpk_status dpk_promises_reference(const dpk_check *check, dpk_error *err)
{
    if (!comparable(check))
        return DPK_OK;
    dpk_outputs reference;
    dpk_run_options options = { .backend = dpk_plain_loop(), .reference = true };
    dpk_trial trial = dpk_check_trial(check, DPK_ISA_BASE, options);
    dpk_status status = dpk_trial_run(&trial, &reference, err);
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++)
        status = near_reference(check, isa, &reference, err);
    dpk_outputs_free(&reference);
    return status;
}

/* Whole numbers are the same at all levels; floats may be rounded otherwise. */
static dpk_status check_levels(const dpk_check *check, dpk_error *err)
{
    const dpk_outputs *base = &check->expected[DPK_ISA_BASE];
    for (size_t i = 0; i < base->count; i++)
        if (base->computed[i].type & (DPK_F32 | DPK_F64 | DPK_C64 | DPK_C128))
            return DPK_OK;
    dpk_status status = DPK_OK;
    for (dpk_isa isa = DPK_ISA_BASE + 1; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++) {
        char as[64];
        snprintf(as, sizeof as, "at ISA level base (this is by seq at %s)", dpk_isa_name(isa));
        if (dpk_check_has_level(check, isa))
            status = dpk_check_same(check, &check->expected[isa], base, as, err);
    }
    return status;
}

static dpk_status check_repetition(const dpk_check *check, dpk_error *err)
{
    dpk_status status = DPK_OK;
    unsigned jobs;
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++) {
        if (!dpk_check_has_level(check, isa))
            continue;
        dpk_run_options again = { .backend = dpk_plain_loop() };
        status = dpk_check_run(check, isa, again, "in the run before", &jobs, err);
        dpk_run_options twice = { .backend = &dpk_backend_twice };
        if (status == DPK_OK)
            status =
                dpk_check_run(check, isa, twice, "when no chunk is executed twice", &jobs, err);
    }
    return status;
}

/* The probe's output rows stay as they are when the input rows change that the pass says it does
 * not read for them. */
static dpk_status check_changed(const dpk_check *check, dpk_isa isa, const dpk_probe *probe,
                                dpk_error *err)
{
    const dpk_outputs *expected = &check->expected[isa];
    dpk_inputs inputs;
    dpk_outputs outputs = { 0 };
    dpk_status status = dpk_inputs_open(&inputs, check->question, probe->reads, err);
    dpk_run_options options = { .backend = dpk_plain_loop() };
    dpk_trial trial = dpk_check_trial(check, isa, options);
    trial.inputs = &inputs;
    if (status == DPK_OK)
        status = dpk_trial_run(&trial, &outputs, err);
    for (size_t i = 0; i < outputs.count && status == DPK_OK; i++) {
        char text[200];
        const dpk_array *is = &outputs.arrays[i], *should = &expected->arrays[i];
        size_t rows = should->rank > 0 ? should->shape[0] : 0, end = probe->rows.end;
        if (!dpk_compare_rows(is, should, probe->rows.begin, end < rows ? end : rows, text,
                              sizeof text))
            status =
                dpk_witness_fail(check->witness, err,
                                 "%s%s as before input rows changed which it says it does not "
                                 "read for output rows [%zu, %zu)",
                                 dpk_check_output_name(check, i), text, probe->rows.begin, end);
    }
    dpk_outputs_free(&outputs);
    dpk_inputs_close(&inputs);
    return status;
}

/* The probe's rows can be computed where no other input rows can be read. */
static dpk_status check_unreadable(const dpk_check *check, dpk_isa isa, const dpk_probe *probe,
                                   bool at_end, dpk_error *err)
{
    dpk_inputs inputs;
    dpk_outputs outputs = { 0 };
    dpk_status status = dpk_inputs_open_rows(&inputs, &check->inputs, check->question->inputs,
                                             probe->reads, at_end, err);
    const dpk_rows_backend rows = dpk_backend_of_rows(probe->rows);
    dpk_run_options options = { .backend = &rows.backend };
    dpk_trial trial = dpk_check_trial(check, isa, options);
    trial.inputs = &inputs;
    trial.only = probe;
    if (status == DPK_OK)
        status = dpk_trial_run(&trial, &outputs, err);
    dpk_outputs_free(&outputs);
    dpk_inputs_close(&inputs);
    return status;
}

static dpk_status check_reads(const dpk_check *check, dpk_error *err)
{
    dpk_isa isa = dpk_check_level(check, check->question->seed);
    const dpk_outputs *expected = &check->expected[isa];
    if (!expected->local || check->question->inputs == 0)
        return DPK_OK;
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < DPK_PROBES && status == DPK_OK; i++) {
        const dpk_probe *probe = &expected->probes[i];
        status = check_changed(check, isa, probe, err);
        for (int at_end = 0; at_end <= 1 && expected->direct && status == DPK_OK; at_end++)
            status = check_unreadable(check, isa, probe, at_end, err);
    }
    return status;
}

/* Passes compute and do nothing else. What a scenario does besides is what it shows. */
static dpk_status check_conduct(const dpk_check *check, dpk_error *err)
{
    if (dpk_check_kernel(check)->lesson != NULL)
        return DPK_OK;
    dpk_outputs outputs;
    dpk_run_options options = { .backend = &dpk_backend_watched };
    dpk_trial trial =
        dpk_check_trial(check, dpk_check_level(check, check->question->seed), options);
    trial.watched = true;
    dpk_status status = dpk_trial_run(&trial, &outputs, err);
    dpk_outputs_free(&outputs);
    char text[160];
    if (status == DPK_OK && *dpk_watch_text(text, sizeof text))
        status = dpk_witness_fail(check->witness, err, "%s", text);
    return status;
}

dpk_status dpk_promises_of_kernel(const dpk_check *check, dpk_error *err)
{
    static dpk_status (*const promises[])(const dpk_check *check, dpk_error *err) = {
        dpk_promises_reference, check_levels,      check_repetition,    check_reads,
        check_conduct,          dpk_check_cutting, dpk_check_streaming,
    };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < sizeof promises / sizeof *promises && status == DPK_OK; i++)
        status = promises[i](check, err);
    return status;
}

dpk_status dpk_promises_refuse(const dpk_check *check, dpk_error *err)
{
    dpk_inputs inputs = { .mappings = { { .base = NULL } } };
    for (size_t i = 0; i < check->question->inputs; i++)
        inputs.arrays[i] = check->question->input[i];
    dpk_run_options options = { .backend = check->backend };
    dpk_trial trial = dpk_check_trial(check, DPK_ISA_BASE, options);
    trial.inputs = &inputs;
    return dpk_trial_prepare(&trial, err);
}
