/* SPDX-License-Identifier: MIT */
/* flow.h: bands that are decoded, computed and encoded at the same time, by all workers of a team.
 * For pipeline.c, which decides what flows. */
#ifndef DPK_FLOW_H
#define DPK_FLOW_H

#include "engine/run.h"
#include "files/format.h"

typedef struct dpk_flow dpk_flow;

typedef struct dpk_flow_plan {
    dpk_run *run;        /* prepared; windowed if the flow is to compute, else computed already */
    dpk_reader *readers; /* of the run's inputs; NULL: all of them are there, or there are none */
    dpk_writer *writers; /* in arena memory, as workers use them */
    size_t writer_count; /* of arrays with the same number of rows */
    size_t band;         /* rows of a band */
    size_t slots;        /* bands in flight */
    bool by_parts;       /* decode the only reader's parts, anyone any of them */
} dpk_flow_plan;

/* Takes the flow's memory from the run's arena; before the team is opened. Errors: DPK_LIMIT. */
dpk_status dpk_flow_make(dpk_flow **made, const dpk_flow_plan *plan, dpk_error *err);

size_t dpk_flow_bands(const dpk_flow *flow);

/* Bytes of scratch the flow needs for each worker. */
size_t dpk_flow_scratch(const dpk_flow *flow);

/* Executes the flow on the run's open team. *lied: parts of the input were not what they claimed
 * to be, and what has been written is to be thrown away. Errors: the formats', and
 * DPK_WORKER_LOST. */
dpk_status dpk_flow_execute(dpk_flow *flow, bool *lied, dpk_error *err);

#endif
