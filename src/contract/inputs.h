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
 * elements only. Rows outside [begin, end) are filled with other data than usual. Errors:
 * DPK_LIMIT. To be closed in any case. */
dpk_status dpk_inputs_open(dpk_inputs *inputs, const dpk_case *question, size_t begin, size_t end,
                           dpk_error *err);
void dpk_inputs_close(dpk_inputs *inputs);

#endif
