/* SPDX-License-Identifier: MIT */
/* cases.h: what a kernel is asked to compute in a check, made from its descriptor alone. */
#ifndef DPK_CASES_H
#define DPK_CASES_H

#include "base/data.h"
#include "contract/settings.h"
#include "engine/run.h"

typedef struct dpk_case {
    dpk_setting setting;
    size_t inputs;
    dpk_array input[DPK_MAX_PORTS]; /* type and shape; no data */
    dpk_data data;
    uint64_t seed; /* of the data, and of all that is random in how the case is run */
    bool brief;    /* one of very many: run it in fewer ways */
    bool enormous; /* more than memory holds: prepare it, and expect no more than a refusal */
} dpk_case;

typedef struct dpk_case_list {
    dpk_case *cases;
    size_t count, room;
} dpk_case_list;

/* Which cases. */
typedef enum dpk_selection {
    DPK_CASES_ALL,     /* every element type the ports take, in many shapes, with the first setting
                          (settings.h); in a few shapes with all others; and in shapes that no
                          memory holds */
    DPK_CASES_QUICK,   /* fewer of all these */
    DPK_CASES_TELLING, /* every element type in one or two shapes, and each setting once */
} dpk_selection;

/* The kernel may refuse some of the cases. Errors: DPK_LIMIT; DPK_MISMATCH, when the descriptor
 * gives no cases. */
dpk_status dpk_cases_list(const dpk_kernel *kernel, dpk_selection selection, uint64_t seed,
                          dpk_case_list *list, dpk_error *err);
void dpk_cases_free(dpk_case_list *list);

/* Input elements of all inputs together. */
size_t dpk_case_elements(const dpk_case *question);

/* "in u8 7x5x3, mixed data, --sigma=500" */
const char *dpk_case_text(const dpk_case *question, const dpk_kernel *kernel, char *text,
                          size_t size);

#endif
