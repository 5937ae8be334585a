/* SPDX-License-Identifier: MIT */
/* Passes of every kernel, called one by one: when items are left out, and when their partials are
 * computed elsewhere. Memory ends at inaccessible pages. */
#include "base/arena.h"
#include "base/array.h"
#include "base/data.h"
#include "engine/registry.h"
#include "model/isa.h"
#include "model/param.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

/* A kernel in memory of its own, prepared. */
struct instance {
    const dpk_kernel *kernel;
    dpk_arena arena;
    void *self;
};

static dpk_array *array_of(const struct instance *instance, const dpk_port *port)
{
    return (dpk_array *)((char *)instance->self + port->offset);
}

static void *allocate(struct instance *instance, size_t bytes)
{
    dpk_error err;
    void *memory = dpk_alloc(&instance->arena, bytes, &err);
    cr_assert(memory != NULL, "%s", err.text);
    return memory;
}

/* Several blocks, tiles and lines for every kernel, and odd numbers of them. */
static void shape_input(const dpk_port *port, dpk_type type, dpk_array *array)
{
    const size_t image[DPK_MAX_RANK] = { 61, 47, 4 }, square[DPK_MAX_RANK] = { 83, 83 };
    const size_t vector[DPK_MAX_RANK] = { 600011 };
    if (port->image)
        dpk_array_shape(array, type, 3, image);
    else if (port->rank == 2)
        dpk_array_shape(array, type, 2, square);
    else
        dpk_array_shape(array, type, 1, vector);
}

/* Defaults, or what a generator is tested with, which is small. */
static void set_parameters(struct instance *instance)
{
    char words[200];
    char *list[20], *place = NULL;
    const char *operands[20];
    int count = 0;
    dpk_error err;
    const dpk_kernel *kernel = instance->kernel;
    snprintf(words, sizeof words, "%s", kernel->ports[0].output ? kernel->checks[0] : "");
    for (char *word = strtok_r(words, " ", &place); word; word = strtok_r(NULL, " ", &place))
        list[count++] = word;
    const dpk_param_set sets[] = { { "Parameters", kernel->params, instance->self },
                                   { NULL, NULL, NULL } };
    cr_assert(dpk_param_parse(sets, count, list, &(dpk_operands){ .words = operands }, &err) ==
                  DPK_OK,
              "%s", err.text);
}

static void open_instance(struct instance *instance, const dpk_kernel *kernel, dpk_type type,
                          uint64_t garbage)
{
    dpk_error err = { .text = "" };
    instance->kernel = kernel;
    cr_assert(dpk_arena_open(&instance->arena, DPK_MEMORY_PRIVATE, true, &err) == DPK_OK, "%s",
              err.text);
    instance->self = allocate(instance, kernel->size);
    memset(instance->self, 0, kernel->size);
    set_parameters(instance);
    const dpk_port *port = kernel->ports;
    for (; port->name != NULL && !port->output; port++)
        shape_input(port, type, array_of(instance, port));
    for (const dpk_port *out = port; out->name != NULL; out++)
        *array_of(instance, out) = *array_of(instance, kernel->ports);
    cr_assert(kernel->shape == NULL || kernel->shape(instance->self, &err) == DPK_OK, "%s",
              err.text);
    cr_assert(kernel->prepare == NULL ||
                  kernel->prepare(instance->self, &instance->arena, &err) == DPK_OK,
              "%s", err.text);
    for (port = kernel->ports; port->name != NULL; port++) {
        dpk_array *array = array_of(instance, port);
        array->data = allocate(instance, dpk_array_bytes(array));
        dpk_data_fill(array->data, array->type, dpk_count(array), DPK_DATA_PLAIN,
                      port->output ? garbage : 1);
    }
}

static void close_instance(struct instance *instance)
{
    cr_expect(dpk_arena_intact(&instance->arena), "%s wrote beside its memory",
              instance->kernel->name);
    dpk_arena_close(&instance->arena);
}

/* Executes the items of a pass, except those left out with the probability rate / 16. */
static void execute(struct instance *instance, const dpk_pass *pass, uint64_t *state, unsigned rate)
{
    size_t repeat = pass->repeat != NULL ? pass->repeat(instance->self) : 1;
    void *scratch =
        pass->scratch == NULL ? NULL : allocate(instance, pass->scratch(instance->self));
    for (size_t step = 0; step < repeat; step++)
        for (size_t item = 0, extent = pass->extent(instance->self); item < extent; item++)
            if (dpk_random(state) % 16 >= rate)
                pass->work(instance->self, (dpk_span){ item, item + 1, step }, scratch);
}

/* ------------------------------------------------------------------------- kernels and types */

struct pair {
    size_t kernel;
    dpk_type type; /* of all inputs; 0 where there are none */
};

enum { PAIRS_MOST = 8 * 256 };

/* Scenarios do on purpose what kernels must not. */
static size_t list_pairs(struct pair pairs[PAIRS_MOST])
{
    size_t count = 0;
    for (size_t kernel = 0; dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE] != NULL; kernel++) {
        const dpk_kernel *base = dpk_builtin_kernels[kernel].variants[DPK_ISA_BASE];
        unsigned types = base->ports[0].output ? 0 : base->ports[0].types;
        bool premultiplied = base->ports[0].alpha == DPK_PREMULTIPLIED;
        if (base->lesson != NULL)
            continue;
        if (types == 0)
            pairs[count++] = (struct pair){ kernel, (dpk_type)0 };
        for (unsigned type = premultiplied ? DPK_F32 : 1; type <= types; type *= 2)
            if ((types & type) != 0 && count < PAIRS_MOST)
                pairs[count++] = (struct pair){ kernel, (dpk_type)type };
    }
    cr_assert_lt(count, PAIRS_MOST);
    return count;
}

static const dpk_kernel *kernel_of(const struct pair *pair)
{
    return dpk_kernel_variant(&dpk_builtin_kernels[pair->kernel], dpk_isa_best());
}

/* ------------------------------------------------------------------------------- items left out */

ParameterizedTestParameters(passes, are_safe_when_items_are_left_out)
{
    static struct pair pairs[PAIRS_MOST];
    return cr_make_param_array(struct pair, pairs, list_pairs(pairs));
}

ParameterizedTest(const struct pair *pair, passes, are_safe_when_items_are_left_out)
{
    const dpk_kernel *kernel = kernel_of(pair);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct instance instance;
        uint64_t state = seed;
        open_instance(&instance, kernel, pair->type, seed + 1);
        for (const dpk_pass *pass = kernel->passes; pass->name != NULL; pass++)
            execute(&instance, pass, &state, seed % 2 == 0 ? 8 : 2);
        close_instance(&instance);
    }
}

/* ----------------------------------------------------------------------------- partials elsewhere
 */

/* Items of the pass that belong to one of two instances. */
static void execute_half(struct instance *instance, const dpk_pass *pass, size_t half)
{
    void *scratch =
        pass->scratch == NULL ? NULL : allocate(instance, pass->scratch(instance->self));
    for (size_t item = half; item < pass->extent(instance->self); item += 2)
        pass->work(instance->self, (dpk_span){ item, item + 1, 0 }, scratch);
}

static void bring(const struct instance *from, const struct instance *to, const dpk_pass *pass)
{
    for (size_t item = 1; item < pass->extent(from->self); item += 2) {
        dpk_partial source = pass->partial(from->self, item);
        dpk_partial target = pass->partial(to->self, item);
        cr_assert_eq(source.bytes, target.bytes);
        memcpy(target.data, source.data, source.bytes);
    }
}

static void expect_equal(const struct instance *is, const struct instance *should)
{
    for (const dpk_port *port = is->kernel->ports; port->name != NULL; port++)
        if (port->output)
            cr_expect(memcmp(array_of(is, port)->data, array_of(should, port)->data,
                             dpk_array_bytes(array_of(is, port))) == 0,
                      "%s: '%s' differs when partials come from elsewhere", is->kernel->name,
                      port->name);
}

ParameterizedTestParameters(passes, take_partials_from_elsewhere)
{
    static struct pair pairs[PAIRS_MOST];
    return cr_make_param_array(struct pair, pairs, list_pairs(pairs));
}

ParameterizedTest(const struct pair *pair, passes, take_partials_from_elsewhere)
{
    const dpk_kernel *kernel = kernel_of(pair);
    struct instance whole, here, there;
    uint64_t state = 1;
    open_instance(&whole, kernel, pair->type, 2);
    open_instance(&here, kernel, pair->type, 3);
    open_instance(&there, kernel, pair->type, 4);
    for (const dpk_pass *pass = kernel->passes; pass->name != NULL; pass++) {
        execute(&whole, pass, &state, 0);
        if (pass->partial != NULL) {
            execute_half(&here, pass, 0);
            execute_half(&there, pass, 1);
            bring(&there, &here, pass);
        } else {
            execute(&here, pass, &state, 0);
        }
    }
    expect_equal(&here, &whole);
    close_instance(&whole);
    close_instance(&here);
    close_instance(&there);
}

Test(passes, reductions_say_where_their_partials_lie)
{
    const char *const reductions[] = { "equalize", "scan", "sum" };
    for (size_t i = 0; i < sizeof reductions / sizeof *reductions; i++)
        for (size_t k = 0; dpk_builtin_kernels[k].variants[DPK_ISA_BASE] != NULL; k++) {
            const dpk_kernel *kernel = dpk_builtin_kernels[k].variants[DPK_ISA_BASE];
            if (strcmp(kernel->name, reductions[i]) == 0)
                cr_expect(kernel->passes[0].partial != NULL, "%s", kernel->name);
        }
}
