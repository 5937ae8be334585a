/* SPDX-License-Identifier: MIT */
/* contract.c: the cases of a check one by one, in a process that may die of them. */
#include "contract/contract.h"

#include "contract/promises.h"
#include "contract/sharing.h"
#include "contract/synthetic.h"
#include "contract/watch.h"
#include "workers/isolate.h"

/* Seconds. The longest run of a check takes some milliseconds; a sanitizer on a busy machine makes
 * that a hundred times longer. */
enum { USUAL_PATIENCE = 60 };

/* What is checked. */
typedef enum tier { OF_KERNEL, OF_BACKEND, OF_PAIR } tier;

struct session {
    const dpk_kernel_row *row; /* NULL: those of synthetic.h */
    const dpk_backend *backend;
    const dpk_contract_options *options;
    tier tier;
    dpk_witness *witness;
    dpk_contract_result result;
};

static dpk_status check_backend(const dpk_check *check, dpk_error *err)
{
    dpk_status status = dpk_promises_reference(check, err);
    return status == DPK_OK ? dpk_check_backend(check, err) : status;
}

static dpk_status check_case(struct session *session, const dpk_kernel_row *row,
                             const dpk_case *question, dpk_error *err)
{
    static dpk_status (*const checks[])(const dpk_check *check, dpk_error *err) = {
        [OF_KERNEL] = dpk_promises_of_kernel,
        [OF_BACKEND] = check_backend,
        [OF_PAIR] = dpk_check_pair,
    };
    dpk_check check = { .row = row,
                        .backend = session->backend,
                        .question = question,
                        .few = session->options->quick,
                        .witness = session->witness };
    if (question->enormous)
        return session->tier == OF_KERNEL ? dpk_promises_refuse(&check, err) : DPK_OK;
    bool refused;
    dpk_status status = dpk_check_open(&check, session->tier != OF_PAIR, &refused, err);
    if (status == DPK_OK && !refused)
        status = checks[session->tier](&check, err);
    dpk_check_close(&check);
    session->result.refused += refused;
    session->result.cases += !refused;
    return status;
}

static dpk_status check_cases(struct session *session, const dpk_kernel_row *row,
                              const dpk_case_list *list, dpk_error *err)
{
    dpk_error reason = { .text = "" };
    size_t before = session->result.cases;
    for (size_t i = 0; i < list->count; i++) {
        dpk_status status = check_case(session, row, &list->cases[i], &reason);
        if (status != DPK_OK)
            return dpk_fail(err, status, "%s", reason.text);
    }
    if (session->result.cases == before)
        return dpk_fail(err, DPK_MISMATCH,
                        "%s refuses all %zu cases it was asked, the last with: %s",
                        row->variants[DPK_ISA_BASE]->name, list->count, reason.text);
    return DPK_OK;
}

static dpk_status check_row(struct session *session, const dpk_kernel_row *row, dpk_error *err)
{
    dpk_selection selection = session->options->quick ? DPK_CASES_QUICK : DPK_CASES_ALL;
    if (session->tier == OF_PAIR)
        selection = DPK_CASES_TELLING;
    dpk_case_list list;
    dpk_status status =
        dpk_cases_list(row->variants[DPK_ISA_BASE], selection, session->options->seed, &list, err);
    if (status == DPK_OK) {
        status = check_cases(session, row, &list, err);
        dpk_cases_free(&list);
    }
    return status;
}

/* In the process of its own. */
static dpk_status conduct(void *context, dpk_error *err)
{
    struct session *session = context;
    dpk_status status = DPK_OK;
    dpk_witness_watch(session->witness);
    if (session->tier == OF_KERNEL)
        dpk_watch_install();
    if (session->row != NULL)
        status = check_row(session, session->row, err);
    for (size_t i = 0; session->row == NULL && i < dpk_synthetic_count && status == DPK_OK; i++)
        status = check_row(session, &dpk_synthetic_kernels[i], err);
    session->witness->finished = true;
    return status;
}

static dpk_status check_isolated(struct session *session, dpk_contract_result *result,
                                 dpk_error *err)
{
    unsigned patience = session->options->patience;
    session->witness = dpk_witness_open(patience != 0 ? patience : USUAL_PATIENCE, err);
    if (session->witness == NULL)
        return DPK_LIMIT;
    dpk_error reason;
    dpk_status status =
        dpk_isolate(conduct, session, &session->result, sizeof session->result, &reason);
    const dpk_witness *witness = session->witness;
    if (status != DPK_OK && !witness->finished && witness->doing[0] != '\0') {
        char fault[320];
        dpk_witness_text(witness, fault, sizeof fault);
        status = dpk_witness_fail(witness, err, "%s%s%s", reason.text, *fault ? ": " : "", fault);
    } else if (status != DPK_OK) {
        (void)dpk_fail(err, status, "%s", reason.text);
    }
    *result = session->result;
    result->runs = witness->runs;
    dpk_witness_close(session->witness);
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
    struct session session = { .row = row,
                               .backend = backend,
                               .options = options,
                               .tier = backend->sequential ? OF_KERNEL : OF_PAIR };
    return check_isolated(&session, result, err);
}

dpk_status dpk_contract_check_backend(const dpk_backend *backend,
                                      const dpk_contract_options *options,
                                      dpk_contract_result *result, dpk_error *err)
{
    *result = (dpk_contract_result){ 0 };
    struct session session = { .backend = backend, .options = options, .tier = OF_BACKEND };
    return check_isolated(&session, result, err);
}
