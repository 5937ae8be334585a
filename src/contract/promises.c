/* SPDX-License-Identifier: MIT */
/* promises.c: see contract.h for the list. */
#include "contract/promises.h"

#include "contract/compare.h"

#include <stdio.h>

const dpk_backend *dpk_plain_loop(void)
{
    return dpk_backend_of(false, false);
}

/* Levels that the kernel was built for and this machine runs; base always. */
static bool has_level(const dpk_inquiry *inquiry, dpk_isa isa)
{
    return inquiry->row->variants[isa] != NULL && isa <= dpk_isa_best();
}

static const dpk_kernel *kernel_of(const dpk_inquiry *inquiry)
{
    return inquiry->row->variants[DPK_ISA_BASE];
}

static const char *output_name(const dpk_inquiry *inquiry, size_t output)
{
    return kernel_of(inquiry)->ports[dpk_kernel_inputs(kernel_of(inquiry)) + output].name;
}

static dpk_trial trial_of(const dpk_inquiry *inquiry, const dpk_inputs *inputs, dpk_isa isa,
                          dpk_run_options options)
{
    options.poison = true;
    options.jobs = options.jobs != 0 ? options.jobs : 1;
    return (dpk_trial){ .kernel = inquiry->row->variants[isa],
                        .isa = isa,
                        .question = inquiry->question,
                        .inputs = inputs,
                        .options = options,
                        .witness = inquiry->witness,
                        /* 37 is odd: 256 runs go by before one sees the same again */
                        .garbage = (unsigned char)(inquiry->witness->runs * 37 + 1) };
}

static dpk_status run(const dpk_inquiry *inquiry, const dpk_inputs *inputs, dpk_isa isa,
                      dpk_run_options options, dpk_outputs *outputs, dpk_error *err)
{
    dpk_trial trial = trial_of(inquiry, inputs, isa, options);
    return dpk_trial_run(&trial, outputs, err);
}

/* The outputs are byte for byte those that `as` speaks of. */
static dpk_status same(const dpk_inquiry *inquiry, const dpk_outputs *got,
                       const dpk_outputs *wanted, const char *as, dpk_error *err)
{
    for (size_t i = 0; i < wanted->count; i++) {
        char text[200];
        const dpk_array *is = &got->arrays[i], *should = &wanted->arrays[i];
        if (!dpk_compare_shapes(is, should, text, sizeof text) ||
            !dpk_compare_bytes(is, should, text, sizeof text))
            return dpk_witness_fail(inquiry->witness, err, "%s%s as %s", output_name(inquiry, i),
                                    text, as);
    }
    return DPK_OK;
}

/* Runs the case and expects what the plain loop made. *jobs becomes the number of workers. */
static dpk_status run_same(const dpk_inquiry *inquiry, dpk_isa isa, dpk_run_options options,
                           const char *as, unsigned *jobs, dpk_error *err)
{
    dpk_outputs outputs;
    dpk_status status = run(inquiry, &inquiry->inputs, isa, options, &outputs, err);
    if (status == DPK_OK)
        status = same(inquiry, &outputs, &inquiry->expected[isa], as, err);
    *jobs = outputs.jobs;
    dpk_outputs_free(&outputs);
    return status;
}

/* ------------------------------------------------------------------- the plain loop on its own */

/* Special floats have no norm to measure errors by: they are compared where results are exact. */
static bool comparable(const dpk_inquiry *inquiry)
{
    const dpk_kernel *kernel = kernel_of(inquiry);
    size_t limit = kernel->reference_limit;
    if (limit != 0 && dpk_case_elements(inquiry->question) > limit)
        return false;
    bool exact = kernel->tolerance.levels == 0 && kernel->tolerance.epsilons == 0;
    return exact || inquiry->question->data != DPK_DATA_SPECIAL;
}

static dpk_status near_reference(const dpk_inquiry *inquiry, dpk_isa isa,
                                 const dpk_outputs *reference, dpk_error *err)
{
    const dpk_outputs *got = &inquiry->expected[isa];
    for (size_t i = 0; i < got->count; i++) {
        char text[200];
        const dpk_array *is = &got->computed[i], *should = &reference->computed[i];
        if (!dpk_compare_shapes(is, should, text, sizeof text) ||
            !dpk_compare_values(is, should, &kernel_of(inquiry)->tolerance, text, sizeof text))
            return dpk_witness_fail(inquiry->witness, err, "by seq at ISA level %s, %s%s",
                                    dpk_isa_name(isa), output_name(inquiry, i), text);
    }
    return DPK_OK;
}

static dpk_status check_reference(const dpk_inquiry *inquiry, dpk_error *err)
{
    if (!comparable(inquiry))
        return DPK_OK;
    dpk_outputs reference;
    dpk_run_options options = { .backend = dpk_plain_loop(), .reference = true };
    dpk_status status = run(inquiry, &inquiry->inputs, DPK_ISA_BASE, options, &reference, err);
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++)
        status = near_reference(inquiry, isa, &reference, err);
    dpk_outputs_free(&reference);
    return status;
}

/* Whole numbers are the same at all levels; floats may be rounded otherwise. */
static dpk_status check_levels(const dpk_inquiry *inquiry, dpk_error *err)
{
    const dpk_outputs *base = &inquiry->expected[DPK_ISA_BASE];
    for (size_t i = 0; i < base->count; i++)
        if (base->computed[i].type & (DPK_F32 | DPK_F64 | DPK_C64 | DPK_C128))
            return DPK_OK;
    dpk_status status = DPK_OK;
    for (dpk_isa isa = DPK_ISA_BASE + 1; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++) {
        char as[64];
        snprintf(as, sizeof as, "at ISA level base (this is by seq at %s)", dpk_isa_name(isa));
        if (has_level(inquiry, isa))
            status = same(inquiry, &inquiry->expected[isa], base, as, err);
    }
    return status;
}

static dpk_status check_repetition(const dpk_inquiry *inquiry, dpk_error *err)
{
    dpk_status status = DPK_OK;
    unsigned jobs;
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS && status == DPK_OK; isa++) {
        if (!has_level(inquiry, isa))
            continue;
        dpk_run_options again = { .backend = dpk_plain_loop() };
        status = run_same(inquiry, isa, again, "in the run before", &jobs, err);
        dpk_run_options twice = { .backend = &dpk_backend_twice };
        if (status == DPK_OK)
            status = run_same(inquiry, isa, twice, "when no chunk is executed twice", &jobs, err);
    }
    return status;
}

/* The probe's output rows stay as they are when all input rows change that the pass says it does
 * not read for them. */
static dpk_status check_probe(const dpk_inquiry *inquiry, dpk_isa isa, const dpk_probe *probe,
                              dpk_error *err)
{
    const dpk_outputs *expected = &inquiry->expected[isa];
    dpk_inputs inputs;
    dpk_outputs outputs = { 0 };
    dpk_status status = dpk_inputs_open(&inputs, inquiry->question, probe->reads, err);
    if (status == DPK_OK)
        status = run(inquiry, &inputs, isa, (dpk_run_options){ .backend = dpk_plain_loop() },
                     &outputs, err);
    for (size_t i = 0; i < outputs.count && status == DPK_OK; i++) {
        char text[200];
        const dpk_array *is = &outputs.arrays[i], *should = &expected->arrays[i];
        size_t rows = should->rank > 0 ? should->shape[0] : 0, end = probe->rows.end;
        if (!dpk_compare_rows(is, should, probe->rows.begin, end < rows ? end : rows, text,
                              sizeof text))
            status = dpk_witness_fail(inquiry->witness, err,
                                      "%s%s as before input rows changed which it says it does not "
                                      "read for output rows [%zu, %zu)",
                                      output_name(inquiry, i), text, probe->rows.begin, end);
    }
    dpk_outputs_free(&outputs);
    dpk_inputs_close(&inputs);
    return status;
}

static dpk_status check_reads(const dpk_inquiry *inquiry, dpk_error *err)
{
    dpk_isa isa = dpk_isa_best();
    while (!has_level(inquiry, isa))
        isa--;
    const dpk_outputs *expected = &inquiry->expected[isa];
    if (!expected->local || inquiry->question->inputs == 0 || expected->longest < 2)
        return DPK_OK;
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < DPK_PROBES && status == DPK_OK; i++)
        status = check_probe(inquiry, isa, &expected->probes[i], err);
    return status;
}

/* ------------------------------------------------------------------------------ every backend */

/* Workers' numbers: none besides the caller, one, more than this machine may have, and not a
 * divisor of much. */
static const unsigned many_jobs[] = { 1, 2, 3, 7 };
static const unsigned few_jobs[] = { 3 };

static dpk_status check_sharing(const dpk_inquiry *inquiry, dpk_error *err)
{
    bool few = inquiry->quick || inquiry->question->brief;
    const unsigned *jobs = few ? few_jobs : many_jobs;
    size_t count = few ? sizeof few_jobs / sizeof *few_jobs : sizeof many_jobs / sizeof *many_jobs;
    unsigned workers = 0;
    for (size_t i = 0; i < count; i++) {
        for (unsigned schedule = DPK_DYNAMIC; schedule <= DPK_STATIC; schedule++) {
            for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++) {
                dpk_run_options options = { .backend = inquiry->backend,
                                            .jobs = jobs[i],
                                            .schedule = (dpk_schedule)schedule };
                bool same_again = options.jobs == 1 && schedule == DPK_STATIC;
                if (!has_level(inquiry, isa) || same_again)
                    continue;
                dpk_status status =
                    run_same(inquiry, isa, options, "backend seq makes it", &workers, err);
                if (status != DPK_OK)
                    return status;
            }
        }
        /* No more chunks than that: with more jobs it would be the same again. */
        if (workers < jobs[i])
            break;
    }
    return DPK_OK;
}

/* The n-th of the levels, counted round and round. */
static dpk_isa level_number(const dpk_inquiry *inquiry, uint64_t n)
{
    unsigned levels = 0;
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++)
        levels += has_level(inquiry, isa);
    dpk_isa isa = DPK_ISA_BASE;
    for (n %= levels; n > 0; n -= has_level(inquiry, isa))
        isa++;
    return isa;
}

/* Chunks of other sizes in other orders, at one level after the other. One is of few items, the
 * others of any number. */
static dpk_status check_cutting(const dpk_inquiry *inquiry, dpk_error *err)
{
    size_t most = inquiry->expected[DPK_ISA_BASE].longest;
    unsigned cuts = inquiry->quick || inquiry->question->brief ? 1 : 3, workers;
    uint64_t random = inquiry->question->seed;
    dpk_status status = DPK_OK;
    for (unsigned cut = 0; cut < cuts && status == DPK_OK; cut++) {
        dpk_run_options options = { .backend = inquiry->backend,
                                    .jobs = many_jobs[1 + cut % 3],
                                    .schedule = cut % 2 ? DPK_STATIC : DPK_DYNAMIC,
                                    .grain = 1 + dpk_random(&random) % (cut == 0 ? 4 : most + 1),
                                    .shuffle = (unsigned)dpk_random(&random) | 1 };
        status = run_same(inquiry, level_number(inquiry, inquiry->question->seed + cut), options,
                          "backend seq makes it in the usual chunks", &workers, err);
    }
    return status;
}

static dpk_status stream(const dpk_inquiry *inquiry, dpk_isa isa, unsigned jobs, size_t band,
                         size_t part, bool *streamed, dpk_error *err)
{
    dpk_run_options options = { .backend = inquiry->backend, .jobs = jobs };
    dpk_trial trial = trial_of(inquiry, &inquiry->inputs, isa, options);
    trial.band = band;
    trial.part = part;
    dpk_outputs outputs;
    dpk_status status = dpk_trial_run(&trial, &outputs, err);
    *streamed = !outputs.whole && !outputs.refused;
    if (status == DPK_OK && *streamed)
        status = same(inquiry, &outputs, &inquiry->expected[isa],
                      "backend seq makes it of the whole array", err);
    dpk_outputs_free(&outputs);
    return status;
}

/* With only a window of rows in memory, for kernels that allow it. */
static dpk_status check_streaming(const dpk_inquiry *inquiry, dpk_error *err)
{
    unsigned most = inquiry->quick || inquiry->question->brief ? 1 : 3;
    uint64_t random = inquiry->question->seed;
    dpk_status status = DPK_OK;
    bool streamed = true;
    for (unsigned i = 0; i < most && streamed && status == DPK_OK; i++) {
        size_t band = 1 + dpk_random(&random) % 8;
        size_t part = dpk_random(&random) % 2 ? 1 + dpk_random(&random) % band : 0;
        dpk_isa isa = level_number(inquiry, inquiry->question->seed + i);
        status = stream(inquiry, isa, many_jobs[(2 + i) % 4], band, part, &streamed, err);
    }
    return status;
}

/* ---------------------------------------------------------------------------------- the inquiry */

static const struct {
    bool once; /* not for every backend, but in the check of the plain loop */
    dpk_status (*check)(const dpk_inquiry *inquiry, dpk_error *err);
} promises[] = {
    { true, check_reference },  { true, check_levels },   { true, check_repetition },
    { true, check_reads },      { false, check_sharing }, { false, check_cutting },
    { false, check_streaming },
};

dpk_status dpk_inquiry_check(const dpk_inquiry *inquiry, dpk_error *err)
{
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        if (promises[i].once && inquiry->backend != dpk_plain_loop())
            continue;
        dpk_status status = promises[i].check(inquiry, err);
        if (status != DPK_OK)
            return status;
    }
    return DPK_OK;
}

dpk_status dpk_inquiry_refuse(const dpk_inquiry *inquiry, dpk_error *err)
{
    dpk_inputs inputs = { .mappings = { { .base = NULL } } };
    for (size_t i = 0; i < inquiry->question->inputs; i++)
        inputs.arrays[i] = inquiry->question->input[i];
    dpk_run_options options = { .backend = inquiry->backend };
    dpk_trial trial = trial_of(inquiry, &inputs, DPK_ISA_BASE, options);
    return dpk_trial_prepare(&trial, err);
}

dpk_status dpk_inquiry_open(dpk_inquiry *inquiry, bool *refused, dpk_error *err)
{
    *refused = false;
    dpk_status status = dpk_inputs_open(&inquiry->inputs, inquiry->question, NULL, err);
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++) {
        if (status != DPK_OK || *refused || !has_level(inquiry, isa))
            continue;
        dpk_run_options options = { .backend = dpk_plain_loop() };
        dpk_outputs *expected = &inquiry->expected[isa];
        status = run(inquiry, &inquiry->inputs, isa, options, expected, err);
        *refused = expected->refused;
    }
    return status;
}

void dpk_inquiry_close(dpk_inquiry *inquiry)
{
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++)
        dpk_outputs_free(&inquiry->expected[isa]);
    dpk_inputs_close(&inquiry->inputs);
}
