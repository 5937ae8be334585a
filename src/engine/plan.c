/* SPDX-License-Identifier: MIT */
/* plan.c: from nodes to stages, and types and shapes of all that lies between them. */
#include "engine/plan.h"

#include "base/arena.h"
#include "base/array.h"
#include "engine/convert.h"

#include <stdio.h>
#include <string.h>

static size_t count_ports(const dpk_kernel *kernel, bool output)
{
    size_t count = 0;
    for (const dpk_port *port = kernel->ports; port->name != NULL; port++)
        count += port->output == output;
    return count;
}

size_t dpk_kernel_inputs(const dpk_kernel *kernel)
{
    return count_ports(kernel, false);
}

size_t dpk_kernel_outputs(const dpk_kernel *kernel)
{
    return count_ports(kernel, true);
}

/* -------------------------------------------------------------------------------------- nodes */

dpk_status dpk_chain(dpk_node *nodes, const dpk_kernel *const *kernels, size_t count,
                     dpk_error *err)
{
    unsigned inputs = 0;
    for (unsigned n = 0; n < count; n++) {
        nodes[n] = (dpk_node){ .kernel = kernels[n] };
        size_t ports = dpk_kernel_inputs(kernels[n]);
        if (n > 0 && ports == 0)
            return dpk_fail(err, DPK_USAGE, "%s has no input: it cannot follow %s",
                            kernels[n]->name, kernels[n - 1]->name);
        for (size_t port = 0; port < ports; port++)
            nodes[n].from[port] = n > 0 && port == 0
                                      ? (dpk_link){ .node = n - 1, .port = 0 }
                                      : (dpk_link){ .node = DPK_RUN_INPUT, .port = inputs++ };
    }
    return DPK_OK;
}

/* True when some node reads output `port` of node n. */
static bool is_read(const dpk_plan *plan, unsigned n, unsigned port)
{
    for (size_t reader = 0; reader < plan->node_count; reader++)
        for (size_t i = 0; i < dpk_kernel_inputs(plan->nodes[reader].kernel); i++) {
            dpk_link link = plan->nodes[reader].from[i];
            if (link.node == n && link.port == port)
                return true;
        }
    return false;
}

static dpk_status count_ends(dpk_plan *plan, dpk_error *err)
{
    size_t outputs = 0;
    for (unsigned n = 0; n < plan->node_count; n++) {
        const dpk_node *node = &plan->nodes[n];
        for (size_t i = 0; i < dpk_kernel_inputs(node->kernel); i++)
            if (node->from[i].node == DPK_RUN_INPUT && node->from[i].port >= plan->input_count)
                plan->input_count = node->from[i].port + 1;
        for (unsigned port = 0; port < dpk_kernel_outputs(node->kernel); port++)
            outputs += !is_read(plan, n, port);
    }
    plan->value_count = plan->input_count;
    if (plan->input_count > DPK_MAX_PORTS || outputs > DPK_MAX_PORTS)
        return dpk_fail(err, DPK_USAGE, "%zu inputs and %zu outputs are more than %d",
                        plan->input_count, outputs, DPK_MAX_PORTS);
    return DPK_OK;
}

static void *make_self(const dpk_kernel *kernel, dpk_arena *arena, dpk_error *err)
{
    return dpk_zeroed(dpk_alloc_input(arena, kernel->size, err), kernel->size);
}

dpk_status dpk_plan_begin(dpk_plan *plan, const dpk_node *nodes, size_t count, dpk_arena *arena,
                          dpk_error *err)
{
    *plan = (dpk_plan){ .node_count = count };
    if (count > DPK_MAX_NODES)
        return dpk_fail(err, DPK_USAGE, "%zu kernels one after the other are more than %d", count,
                        DPK_MAX_NODES);
    for (size_t n = 0; n < count; n++) {
        plan->nodes[n] = nodes[n];
        plan->selves[n] = make_self(nodes[n].kernel, arena, err);
        if (plan->selves[n] == NULL)
            return DPK_LIMIT;
    }
    return count_ends(plan, err);
}

/* ------------------------------------------------------------------------- what ports take */

/* A picture of one channel may come and go as a matrix: kernels see three axes. */
static dpk_array image_of(const dpk_array *array)
{
    dpk_array image = *array;
    if (array->rank == 2) {
        const size_t shape[DPK_MAX_RANK] = { array->shape[0], array->shape[1], 1 };
        dpk_array_shape(&image, array->type, 3, shape);
    }
    return image;
}

static dpk_array seen_by(const dpk_port *port, const dpk_array *array)
{
    return port->image ? image_of(array) : *array;
}

static bool needs_alpha(const dpk_port *port, const dpk_array *seen)
{
    return port->alpha == DPK_PREMULTIPLIED && dpk_has_alpha(seen);
}

/* An integer image for a kernel that takes floats and no such integers. */
static bool needs_floats(const dpk_port *port, const dpk_array *seen)
{
    bool integer = seen->type == DPK_U8 || seen->type == DPK_U16;
    return port->image && integer && !(port->types & seen->type) && (port->types & DPK_F32);
}

static const char *rank_text(const dpk_port *port)
{
    return port->image       ? "an image: rows, columns, channels"
           : port->rank == 1 ? "a vector"
           : port->rank == 2 ? "a matrix"
                             : "another rank";
}

static dpk_status check_input(const dpk_port *port, const dpk_array *array, const char *name,
                              dpk_error *err)
{
    char given[96], accepted[96];
    dpk_array seen = seen_by(port, array);
    dpk_array_text(&seen, given, sizeof given);
    if (seen.rank == 0)
        snprintf(given, sizeof given, "a single %s", dpk_type_name(seen.type));
    if (!(port->types & seen.type) && !needs_floats(port, &seen))
        return dpk_fail(err, DPK_BAD_INPUT, "%s: is %s, but input '%s' takes %s", name, given,
                        port->name, dpk_types_text(port->types, accepted, sizeof accepted));
    unsigned rank = port->image ? 3 : port->rank;
    if (rank != 0 && seen.rank != rank)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: is %s, but input '%s' takes %s", name, given,
                        port->name, rank_text(port));
    return DPK_OK;
}

dpk_status dpk_plan_bind(dpk_plan *plan, size_t input, const dpk_array *array, const char *name,
                         dpk_error *err)
{
    plan->values[input].array = *array;
    dpk_status status = DPK_OK;
    for (size_t n = 0; n < plan->node_count; n++) {
        const dpk_node *node = &plan->nodes[n];
        for (size_t i = 0; i < dpk_kernel_inputs(node->kernel) && status == DPK_OK; i++)
            if (node->from[i].node == DPK_RUN_INPUT && node->from[i].port == input)
                status = check_input(&node->kernel->ports[i], array, name, err);
    }
    return status;
}

/* ------------------------------------------------------------------------- values and stages */

static dpk_status add_value(dpk_plan *plan, const dpk_array *array, unsigned *value, dpk_error *err)
{
    if (!dpk_array_fits(array->type, array->rank, array->shape))
        return dpk_fail(err, DPK_LIMIT, "the result would be larger than any memory");
    if (plan->value_count == DPK_MAX_VALUES)
        return dpk_fail(err, DPK_USAGE, "so many kernels have more than %d arrays between them",
                        DPK_MAX_VALUES);
    *value = (unsigned)plan->value_count++;
    plan->values[*value] = (dpk_value){ .array = *array };
    plan->values[*value].array.data = NULL;
    plan->values[*value].array.ring = 0;
    return DPK_OK;
}

static dpk_status add_stage(dpk_plan *plan, const dpk_stage *stage, dpk_error *err)
{
    if (plan->stage_count == DPK_MAX_STAGES)
        return dpk_fail(err, DPK_USAGE, "so many kernels take more than %d stages", DPK_MAX_STAGES);
    plan->stages[plan->stage_count++] = *stage;
    return DPK_OK;
}

/* Those that are built. */
extern const dpk_kernel dpk_conversions[], dpk_conversions_v3[], dpk_conversions_v4[];

const dpk_kernel *dpk_conversion_kernel(dpk_conversion_kind kind, dpk_isa isa)
{
#ifdef DPK_HAVE_V4
    if (isa >= DPK_ISA_V4)
        return &dpk_conversions_v4[kind];
#endif
#ifdef DPK_HAVE_V3
    if (isa >= DPK_ISA_V3)
        return &dpk_conversions_v3[kind];
#endif
    (void)isa;
    return &dpk_conversions[kind];
}

/* Adds the stage that makes a value of `type` from value `from`. */
static dpk_status convert(dpk_plan *plan, dpk_conversion_kind kind, unsigned from, dpk_type type,
                          dpk_arena *arena, unsigned *to, dpk_error *err)
{
    const dpk_kernel *kernel = dpk_conversion_kernel(kind, plan->isa);
    dpk_conversion *self = make_self(kernel, arena, err);
    if (self == NULL)
        return DPK_LIMIT;
    dpk_array array = plan->values[from].array;
    dpk_array_shape(&array, type, array.rank, array.shape);
    dpk_status status = add_value(plan, &array, to, err);
    if (status != DPK_OK)
        return status;
    self->from = image_of(&plan->values[from].array);
    self->to = image_of(&array);
    self->from.data = self->to.data = NULL;
    const dpk_stage stage = { .kernel = kernel,
                              .self = self,
                              .values = { from, *to },
                              .inputs = 1,
                              .outputs = 1,
                              .node = DPK_MAX_NODES };
    return add_stage(plan, &stage, err);
}

/* ------------------------------------------------------------------------------ one node's stage
 */

/* How the images of a node are converted, so that its outputs can be converted back. */
struct node_images {
    dpk_type type;  /* of what input 0 was, before its conversion */
    bool converted; /* it was premultiplied or widened */
    bool matrix;    /* an image came as a matrix */
};

static dpk_status take_input(dpk_plan *plan, dpk_stage *stage, size_t i, struct node_images *images,
                             dpk_arena *arena, dpk_error *err)
{
    const dpk_port *port = &stage->kernel->ports[i];
    dpk_link link = plan->nodes[stage->node].from[i];
    unsigned value = link.node == DPK_RUN_INPUT ? link.port : plan->made[link.node][link.port];
    char name[96];
    dpk_status status = DPK_OK;
    if (link.node != DPK_RUN_INPUT) {
        snprintf(name, sizeof name, "what %s makes", plan->nodes[link.node].kernel->name);
        status = check_input(port, &plan->values[value].array, name, err);
    }
    dpk_array seen = seen_by(port, &plan->values[value].array);
    bool alpha = needs_alpha(port, &seen), floats = needs_floats(port, &seen);
    if (i == 0 && (alpha || floats))
        *images = (struct node_images){ .type = seen.type, .converted = true };
    images->matrix |= port->image && plan->values[value].array.rank == 2;
    unsigned *known = alpha ? &plan->values[value].premultiplied : &plan->values[value].widened;
    if (status == DPK_OK && (alpha || floats)) {
        if (*known == 0)
            status = convert(plan, alpha ? DPK_PREMULTIPLY : DPK_WIDEN, value, DPK_F32, arena,
                             known, err);
        value = *known;
    }
    stage->values[i] = value;
    if (status == DPK_OK) {
        dpk_array *own = dpk_stage_array(stage, i);
        *own = seen_by(port, &plan->values[value].array);
        own->data = NULL;
        own->ring = 0;
    }
    return status;
}

/* Images of floats go back to the type they came in: colour as it was premultiplied, or what has no
 * alpha to be divided by. */
static dpk_status give_output(dpk_plan *plan, dpk_stage *stage, size_t port,
                              const struct node_images *images, dpk_arena *arena, dpk_error *err)
{
    dpk_array array = *dpk_stage_array(stage, port);
    bool premultiplied = stage->kernel->ports[port].alpha == DPK_PREMULTIPLIED;
    bool image = array.rank == 3 && array.type == DPK_F32;
    unsigned value = stage->values[port];
    if (!images->converted || !image)
        return DPK_OK;
    if (premultiplied && dpk_has_alpha(&array))
        return convert(plan, DPK_UNPREMULTIPLY, value, images->type, arena, &stage->values[port],
                       err);
    bool narrow = premultiplied || (stage->kernel->ports[port].types & images->type);
    if (images->type == DPK_F32 || !narrow)
        return DPK_OK;
    return convert(plan, DPK_NARROW, value, images->type, arena, &stage->values[port], err);
}

static dpk_status shape_outputs(dpk_plan *plan, dpk_stage *stage, const struct node_images *images,
                                dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
        if (stage->inputs > 0)
            *dpk_stage_array(stage, port) = *dpk_stage_array(stage, 0);
    if (stage->kernel->shape != NULL)
        status = stage->kernel->shape(stage->self, err);
    for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++) {
        dpk_array array = *dpk_stage_array(stage, port);
        if (images->matrix && array.rank == 3 && array.shape[2] == 1)
            dpk_array_shape(&array, array.type, 2, array.shape);
        if (status == DPK_OK)
            status = add_value(plan, &array, &stage->values[port], err);
    }
    return status;
}

static dpk_status add_node(dpk_plan *plan, unsigned n, dpk_arena *arena, dpk_error *err)
{
    const dpk_kernel *kernel = plan->nodes[n].kernel;
    dpk_stage stage = { .kernel = kernel,
                        .self = plan->selves[n],
                        .inputs = (unsigned)dpk_kernel_inputs(kernel),
                        .outputs = (unsigned)dpk_kernel_outputs(kernel),
                        .node = n };
    struct node_images images = { .converted = false };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < stage.inputs && status == DPK_OK; i++)
        status = take_input(plan, &stage, i, &images, arena, err);
    if (status == DPK_OK)
        status = shape_outputs(plan, &stage, &images, err);
    if (status == DPK_OK)
        status = add_stage(plan, &stage, err);
    for (size_t port = stage.inputs; port < stage.inputs + stage.outputs && status == DPK_OK;
         port++) {
        status = give_output(plan, &stage, port, &images, arena, err);
        plan->made[n][port - stage.inputs] = stage.values[port];
    }
    return status;
}

static void mark_outputs(dpk_plan *plan)
{
    for (unsigned n = 0; n < plan->node_count; n++)
        for (unsigned port = 0; port < dpk_kernel_outputs(plan->nodes[n].kernel); port++) {
            unsigned value = plan->made[n][port];
            if (is_read(plan, n, port))
                continue;
            plan->values[value].output = true;
            plan->outputs[plan->output_count++] = value;
        }
}

dpk_status dpk_plan_shape(dpk_plan *plan, dpk_arena *arena, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (unsigned n = 0; n < plan->node_count && status == DPK_OK; n++)
        status = add_node(plan, n, arena, err);
    if (status == DPK_OK)
        mark_outputs(plan);
    return status;
}

void dpk_plan_connect(dpk_plan *plan)
{
    for (size_t s = 0; s < plan->stage_count; s++) {
        const dpk_stage *stage = &plan->stages[s];
        for (size_t port = 0; port < stage->inputs + stage->outputs; port++) {
            const dpk_array *value = &plan->values[stage->values[port]].array;
            dpk_array *own = dpk_stage_array(stage, port);
            own->data = value->data;
            own->ring = value->ring;
        }
    }
}

bool dpk_plan_makes_anything(const dpk_plan *plan)
{
    /* An array without elements may have any number of rows, of nothing. */
    for (size_t i = 0; i < plan->output_count; i++)
        if (dpk_count(&plan->values[plan->outputs[i]].array) > 0)
            return true;
    return false;
}
