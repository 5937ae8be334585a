/* SPDX-License-Identifier: MIT */
/* plan.h: what a run does, as a list of stages. A stage is a kernel that reads values and makes
 * values; a value is an array: an input, an output, or what one stage hands to the next. The user
 * names nodes, kernels and where their inputs come from; the plan adds the conversions that images
 * need on their way (premultiplied alpha, floats) as stages of their own. */
#ifndef DPK_PLAN_H
#define DPK_PLAN_H

#include "model/isa.h"

/* Where an input of a node comes from: output `port` of another node, or input `port` of the run.
 */
typedef struct dpk_link {
    unsigned node; /* an earlier one, or DPK_RUN_INPUT */
    unsigned port; /* counted from 0 among the outputs, or among the run's inputs */
} dpk_link;

enum { DPK_RUN_INPUT = 0xFFFF };

/* A kernel to be run, one of several. */
typedef struct dpk_node {
    const dpk_kernel *kernel;
    dpk_link from[DPK_MAX_PORTS]; /* of its inputs */
} dpk_node;

enum { DPK_MAX_NODES = 12, DPK_MAX_STAGES = 4 * DPK_MAX_NODES, DPK_MAX_VALUES = 96 };

typedef struct dpk_value {
    dpk_array array;        /* as the user sees it; data and ring say where it lies, if anywhere */
    bool output;            /* of the run */
    bool local;             /* lies in workers' scratch alone, a few rows at a time (fuse.h) */
    unsigned premultiplied; /* the value that is this one converted; 0: none yet */
    unsigned widened;
} dpk_value;

typedef struct dpk_stage {
    const dpk_kernel *kernel;
    void *self;                     /* its struct, in the arena */
    unsigned values[DPK_MAX_PORTS]; /* by port */
    unsigned inputs, outputs;       /* ports */
    unsigned node;                  /* DPK_MAX_NODES for conversions */
} dpk_stage;

typedef struct dpk_plan {
    dpk_node nodes[DPK_MAX_NODES];
    void *selves[DPK_MAX_NODES]; /* the nodes' structs, zeroed when the plan is begun */
    size_t node_count;

    dpk_value values[DPK_MAX_VALUES]; /* the first input_count of them are the run's inputs */
    size_t value_count;
    dpk_stage stages[DPK_MAX_STAGES]; /* each after those whose values it reads */
    size_t stage_count;

    size_t input_count, output_count;
    unsigned outputs[DPK_MAX_PORTS]; /* values: outputs of nodes that no node reads, in order */
    unsigned made[DPK_MAX_NODES][DPK_MAX_PORTS]; /* values: the nodes' outputs */
    dpk_isa isa;                                 /* of conversions */
} dpk_plan;

size_t dpk_kernel_inputs(const dpk_kernel *kernel);
size_t dpk_kernel_outputs(const dpk_kernel *kernel);

/* The array of the kernel's port, in its struct. */
static inline dpk_array *dpk_kernel_array(const dpk_kernel *kernel, void *self, size_t port)
{
    return (dpk_array *)(void *)((char *)self + kernel->ports[port].offset);
}

/* The same of a stage: what its passes see. */
static inline dpk_array *dpk_stage_array(const dpk_stage *stage, size_t port)
{
    return dpk_kernel_array(stage->kernel, stage->self, port);
}

/* Takes over the nodes and makes their structs. Errors: DPK_LIMIT, DPK_USAGE (too many nodes, ports
 * or inputs). */
dpk_status dpk_plan_begin(dpk_plan *plan, const dpk_node *nodes, size_t count, dpk_arena *arena,
                          dpk_error *err);

/* Makes nodes of kernels one after the other: each reads output 0 of the one before as input 0, and
 * what else it reads from the run's inputs, in order. Errors: DPK_USAGE, for a kernel without
 * inputs behind another. */
dpk_status dpk_chain(dpk_node *nodes, const dpk_kernel *const *kernels, size_t count,
                     dpk_error *err);

/* Input number `input` of the run is array; its data is taken up by dpk_plan_connect. Errors:
 * DPK_BAD_INPUT, naming the input by `name`. */
dpk_status dpk_plan_bind(dpk_plan *plan, size_t input, const dpk_array *array, const char *name,
                         dpk_error *err);

/* Settles types and shapes of all values and adds the conversions. The arrays that kernels see have
 * no data. Errors: as kernels say; DPK_BAD_INPUT where a kernel cannot take what another makes;
 * DPK_LIMIT. */
dpk_status dpk_plan_shape(dpk_plan *plan, dpk_arena *arena, dpk_error *err);

/* Lets the arrays that kernels see lie where the values do. */
void dpk_plan_connect(dpk_plan *plan);

/* Whether the plan has an output with elements. */
bool dpk_plan_makes_anything(const dpk_plan *plan);

#endif
