/* SPDX-License-Identifier: MIT */
/* cases.h: what a kernel is asked to compute in a check, made from its descriptor alone. */
#ifndef DPK_CASES_H
#define DPK_CASES_H

#include "data.h"
#include "run.h"

enum { DPK_SETTING_MOST = 160 };

typedef struct dpk_case {
    char setting[DPK_SETTING_MOST]; /* parameters, as on a command line; "" for the defaults */
    size_t inputs;
    dpk_array input[DPK_MAX_PORTS]; /* type and shape; no data */
    dpk_data data;
    uint64_t seed; /* of the data, and of all that is random in how the case is run */
    bool brief;    /* one of very many: run it in fewer ways */
} dpk_case;

typedef struct dpk_case_list {
    dpk_case *cases;
    size_t count, room;
} dpk_case_list;

/* Every element type the ports take, in many shapes, with default parameters; and in a few shapes
 * each parameter at its limits, each choice, each flag, and what .checks says. quick: fewer of
 * all. Some cases may be such that the kernel refuses them. Errors: DPK_LIMIT; DPK_MISMATCH, when
 * the descriptor gives no cases. */
dpk_status dpk_cases_list(const dpk_kernel *kernel, bool quick, uint64_t seed, dpk_case_list *list,
                          dpk_error *err);
void dpk_cases_free(dpk_case_list *list);

/* Input elements of all inputs together. */
size_t dpk_case_elements(const dpk_case *question);

/* "in u8 7x5x3, mixed data, --sigma=500" */
const char *dpk_case_text(const dpk_case *question, const dpk_kernel *kernel, char *text,
                          size_t size);

/* Stores the parameters of the case in self: the defaults and the setting. Errors: DPK_USAGE. */
dpk_status dpk_case_params(const dpk_case *question, const dpk_kernel *kernel, void *self,
                           dpk_error *err);

#endif
