/* SPDX-License-Identifier: MIT */
/* contract.c: the cases of a check one by one, in a process that may die of them. */
#include "contract/contract.h"

#include "contract/promises.h"
#include "workers/isolate.h"

/* Seconds. The longest run of a check takes some milliseconds; a sanitizer on a busy machine makes
 * that a hundred times longer. */
enum { USUAL_PATIENCE = 60 };

struct check {
    const dpk_kernel_row *row;
    const dpk_backend *backend;
    const dpk_contract_options *options;
    dpk_witness *witness;
    dpk_contract_result result;
};

static dpk_status check_case(struct check *check, const dpk_case *question, dpk_error *err)
{
    dpk_inquiry inquiry = { .row = check->row,
                            .backend = check->backend,
                            .question = question,
                            .quick = check->options->quick,
                            .witness = check->witness };
    if (question->enormous)
        return check->backend == dpk_plain_loop() ? dpk_inquiry_refuse(&inquiry, err) : DPK_OK;
    bool refused;
    dpk_status status = dpk_inquiry_open(&inquiry, &refused, err);
    if (status == DPK_OK && !refused)
        status = dpk_inquiry_check(&inquiry, err);
    dpk_inquiry_close(&inquiry);
    check->result.refused += refused;
    check->result.cases += !refused;
    return status;
}

static dpk_status check_cases(struct check *check, const dpk_case_list *list, dpk_error *err)
{
    dpk_error reason = { .text = "" };
    for (size_t i = 0; i < list->count; i++) {
        dpk_status status = check_case(check, &list->cases[i], &reason);
        if (status != DPK_OK)
            return dpk_fail(err, status, "%s", reason.text);
    }
    if (check->result.cases == 0)
        return dpk_fail(err, DPK_MISMATCH,
                        "%s refuses all %zu cases it was asked, the last with: %s",
                        check->row->variants[DPK_ISA_BASE]->name, list->count, reason.text);
    return DPK_OK;
}

/* In the process of its own. */
static dpk_status conduct(void *context, dpk_error *err)
{
    struct check *check = context;
    dpk_witness_watch(check->witness);
    dpk_case_list list;
    dpk_status status = dpk_cases_list(check->row->variants[DPK_ISA_BASE], check->options->quick,
                                       check->options->seed, &list, err);
    if (status == DPK_OK) {
        status = check_cases(check, &list, err);
        dpk_cases_free(&list);
    }
    check->witness->finished = true;
    return status;
}

dpk_status dpk_contract_check(const dpk_kernel_row *row, const dpk_backend *backend,
                              const dpk_contract_options *options, dpk_contract_result *result,
                              dpk_error *err)
{
    *result = (dpk_contract_result){ 0 };
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    if (kernel->reference == NULL)
        return dpk_fail(err, DPK_MISMATCH, "%s has no reference to be compared with", kernel->name);
    struct check check = { .row = row, .backend = backend, .options = options };
    unsigned patience = options->patience != 0 ? options->patience : USUAL_PATIENCE;
    check.witness = dpk_witness_open(patience, err);
    if (check.witness == NULL)
        return DPK_LIMIT;

    dpk_error reason;
    dpk_status status = dpk_isolate(conduct, &check, &check.result, sizeof check.result, &reason);
    if (status != DPK_OK && !check.witness->finished && check.witness->doing[0] != '\0') {
        char fault[160];
        dpk_witness_text(check.witness, fault, sizeof fault);
        status =
            dpk_witness_fail(check.witness, err, "%s%s%s", reason.text, *fault ? ": " : "", fault);
    } else if (status != DPK_OK) {
        (void)dpk_fail(err, status, "%s", reason.text);
    }
    *result = check.result;
    result->runs = check.witness->runs;
    dpk_witness_close(check.witness);
    return status;
}
