/* SPDX-License-Identifier: MIT */
/* check.c: runs of one case, and the comparison of their outputs. */
#include "contract/check.h"

#include "contract/compare.h"

const dpk_backend *dpk_plain_loop(void)
{
    return dpk_backend_of(false, false);
}

bool dpk_check_has_level(const dpk_check *check, dpk_isa isa)
{
    return check->row->variants[isa] != NULL && isa <= dpk_isa_best();
}

dpk_isa dpk_check_level(const dpk_check *check, uint64_t n)
{
    dpk_isa built[DPK_ISA_LEVELS];
    size_t count = 0;
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++)
        if (dpk_check_has_level(check, isa))
            built[count++] = isa;
    return built[n % count];
}

const dpk_kernel *dpk_check_kernel(const dpk_check *check)
{
    return check->row->variants[DPK_ISA_BASE];
}

const char *dpk_check_output_name(const dpk_check *check, size_t output)
{
    const dpk_kernel *kernel = dpk_check_kernel(check);
    return kernel->ports[dpk_kernel_inputs(kernel) + output].name;
}

dpk_trial dpk_check_trial(const dpk_check *check, dpk_isa isa, dpk_run_options options)
{
    options.poison = true;
    options.isa = isa;
    options.jobs = options.jobs != 0 ? options.jobs : 1;
    return (dpk_trial){ .kernel = check->row->variants[isa],
                        .isa = isa,
                        .question = check->question,
                        .inputs = &check->inputs,
                        .options = options,
                        .witness = check->witness,
                        /* 37 is odd: 256 runs go by before one sees the same again */
                        .garbage = (unsigned char)(check->witness->runs * 37 + 1) };
}

dpk_status dpk_check_same(const dpk_check *check, const dpk_outputs *got, const dpk_outputs *wanted,
                          const char *as, dpk_error *err)
{
    for (size_t i = 0; i < wanted->count; i++) {
        char text[200];
        const dpk_array *is = &got->arrays[i], *should = &wanted->arrays[i];
        if (!dpk_compare_shapes(is, should, text, sizeof text) ||
            !dpk_compare_bytes(is, should, text, sizeof text))
            return dpk_witness_fail(check->witness, err, "%s%s as %s",
                                    dpk_check_output_name(check, i), text, as);
    }
    return DPK_OK;
}

dpk_status dpk_check_run(const dpk_check *check, dpk_isa isa, dpk_run_options options,
                         const char *as, unsigned *jobs, dpk_error *err)
{
    dpk_outputs outputs;
    dpk_trial trial = dpk_check_trial(check, isa, options);
    dpk_status status = dpk_trial_run(&trial, &outputs, err);
    if (status == DPK_OK)
        status = dpk_check_same(check, &outputs, &check->expected[isa], as, err);
    *jobs = outputs.jobs;
    dpk_outputs_free(&outputs);
    return status;
}

dpk_status dpk_check_open(dpk_check *check, bool all_levels, bool *refused, dpk_error *err)
{
    *refused = false;
    dpk_status status = dpk_inputs_open(&check->inputs, check->question, NULL, err);
    dpk_isa only = dpk_check_level(check, check->question->seed);
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++) {
        bool wanted = dpk_check_has_level(check, isa) && (all_levels || isa == only);
        if (status != DPK_OK || *refused || !wanted)
            continue;
        dpk_outputs *expected = &check->expected[isa];
        dpk_run_options options = { .backend = dpk_plain_loop(), .separate = true };
        dpk_trial trial = dpk_check_trial(check, isa, options);
        status = dpk_trial_run(&trial, expected, err);
        *refused = expected->refused;
    }
    return status;
}

void dpk_check_close(dpk_check *check)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++)
        dpk_outputs_free(&check->expected[isa]);
    dpk_inputs_close(&check->inputs);
}
