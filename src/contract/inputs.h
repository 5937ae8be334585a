/* SPDX-License-Identifier: MIT */
/* inputs.h: the inputs of a case, where reading beside them and writing to them are fatal. */
#ifndef DPK_INPUTS_H
#define DPK_INPUTS_H

#include "contract/cases.h"

typedef struct dpk_inputs {
    dpk_array arrays[DPK_MAX_PORTS];
    struct dpk_mapping {
        unsigned char *base;
        size_t size;
    } mappings[DPK_MAX_PORTS];
} dpk_inputs;

/* Maps and fills them: read-only, between inaccessible pages. An array lies against the page
 * before it or against the page behind it, which depends on the seed, and is aligned to its
 * elements only. Rows of input i outside usual[i] are filled with other data than usual;
 * usual may be NULL: none are. Errors: DPK_LIMIT. Call close in any case. */
dpk_status dpk_inputs_open(dpk_inputs *inputs, const dpk_case *question, const dpk_span *usual,
                           dpk_error *err);
void dpk_inputs_close(dpk_inputs *inputs);

#endif
