/* SPDX-License-Identifier: MIT */
/* inputs.h: the inputs of a case, where reading beside them and writing to them are fatal. */
#ifndef DPK_INPUTS_H
#define DPK_INPUTS_H

#include "contract/cases.h"

typedef struct dpk_mapping {
    unsigned char *base;
    size_t size;
    unsigned char *contents; /* whole pages that hold the array, */
    size_t bytes;            /* or the part of it that can be read */
} dpk_mapping;

typedef struct dpk_inputs {
    dpk_array arrays[DPK_MAX_PORTS];
    dpk_mapping mappings[DPK_MAX_PORTS];
} dpk_inputs;

/* Maps and fills them: read-only, between inaccessible pages. An array lies against the page
 * before it or against the page behind it, which depends on the seed, and is aligned to its
 * elements only. Where `usual` is not NULL, it has a span of rows for each input; rows outside it
 * are filled with other data. Errors: DPK_LIMIT. Call close even if open fails. */
dpk_status dpk_inputs_open(dpk_inputs *inputs, const dpk_case *question, const dpk_span *usual,
                           dpk_error *err);

/* The same contents as `whole` has, but only the rows of each input's span can be read. The span
 * lies against the inaccessible page behind it if at_end, else against the one before it. Errors:
 * DPK_LIMIT. */
dpk_status dpk_inputs_open_rows(dpk_inputs *inputs, const dpk_inputs *whole, size_t count,
                                const dpk_span *rows, bool at_end, dpk_error *err);
void dpk_inputs_close(dpk_inputs *inputs);

/* Makes all contents inaccessible, or readable again. */
void dpk_inputs_hide(const dpk_inputs *inputs, bool hidden);

#endif
