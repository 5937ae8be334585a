/* SPDX-License-Identifier: MIT */
/* Several kernels in one run, fused over bands, against the same kernels one after the other: the
 * same bytes, whole and streamed, on every backend. Some of the kernels have two inputs or two
 * outputs, make other rows than they read, or read them from the end. */
#include "base/array.h"
#include "base/data.h"
#include "contract/stream.h"
#include "engine/registry.h"
#include "model/param.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

/* ------------------------------------------------------------------------ kernels with odd rows */

struct plain {
    dpk_array in, second, out, third;
};

static size_t rows(const void *self)
{
    return ((const struct plain *)self)->out.shape[0];
}

/* shrink: every second row. */
static dpk_status shape_shrink(void *self, dpk_error *err)
{
    struct plain *k = self;
    const size_t shape[DPK_MAX_RANK] = { (k->in.shape[0] + 1) / 2, k->in.shape[1], k->in.shape[2] };
    (void)err;
    dpk_array_shape(&k->out, k->in.type, 3, shape);
    return DPK_OK;
}

static dpk_span reads_shrink(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return (dpk_span){ .begin = 2 * out.begin, .end = 2 * out.end - 1 };
}

static void copy_row(const struct plain *k, size_t from, size_t to)
{
    memcpy(dpk_row(&k->out, to), dpk_row(&k->in, from),
           dpk_row_count(&k->in) * dpk_type_size(k->in.type));
}

static void shrink(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++)
        copy_row(self, 2 * y, y);
}

/* pad: three rows of zeros above, five below. */
enum { ABOVE = 3, BELOW = 5 };

static dpk_status shape_pad(void *self, dpk_error *err)
{
    struct plain *k = self;
    const size_t shape[DPK_MAX_RANK] = { k->in.shape[0] + ABOVE + BELOW, k->in.shape[1],
                                         k->in.shape[2] };
    (void)err;
    dpk_array_shape(&k->out, k->in.type, 3, shape);
    return DPK_OK;
}

static dpk_span reads_pad(const void *self, size_t port, dpk_span out)
{
    size_t last = ((const struct plain *)self)->in.shape[0];
    (void)port;
    out.begin = out.begin > ABOVE ? out.begin - ABOVE : 0;
    out.end = out.end > ABOVE ? out.end - ABOVE : 0;
    out.end = out.end < last ? out.end : last;
    return out;
}

static void pad(const void *self, dpk_span span, void *scratch)
{
    const struct plain *k = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++)
        if (y >= ABOVE && y - ABOVE < k->in.shape[0])
            copy_row(k, y - ABOVE, y);
        else
            memset(dpk_row(&k->out, y), 0, (size_t)k->out.stride[0]);
}

/* flip: the last row first. */
static dpk_span reads_flip(const void *self, size_t port, dpk_span out)
{
    size_t last = ((const struct plain *)self)->in.shape[0];
    (void)port;
    return (dpk_span){ .begin = last - out.end, .end = last - out.begin };
}

static void flip(const void *self, dpk_span span, void *scratch)
{
    const struct plain *k = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++)
        copy_row(k, k->in.shape[0] - 1 - y, y);
}

/* mix: half of one and half of another, which may be smaller: of that the last row counts on. */
static dpk_span reads_mix(const void *self, size_t port, dpk_span out)
{
    const struct plain *k = self;
    size_t last = k->second.shape[0];
    if (port == 0)
        return out;
    return (dpk_span){ .begin = out.begin < last ? out.begin : last - 1,
                       .end = out.end < last ? out.end : last };
}

static void mix(const void *self, dpk_span span, void *scratch)
{
    const struct plain *k = self;
    size_t last = k->second.shape[0];
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const uint8_t *a = dpk_row(&k->in, y), *b = dpk_row(&k->second, y < last ? y : last - 1);
        uint8_t *out = dpk_row(&k->out, y);
        for (size_t x = 0; x < dpk_row_count(&k->out); x++)
            out[x] = (uint8_t)((a[x] + b[x]) / 2);
    }
}

/* part: the differences from the rows above and below, in two outputs. */
static dpk_span reads_part(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, 1, 1);
}

static void part(const void *self, dpk_span span, void *scratch)
{
    const struct plain *k = self;
    size_t last = k->in.shape[0] - 1;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const uint8_t *here = dpk_row(&k->in, y), *above = dpk_row(&k->in, y > 0 ? y - 1 : 0);
        const uint8_t *below = dpk_row(&k->in, y < last ? y + 1 : last);
        uint8_t *up = dpk_row(&k->out, y), *down = dpk_row(&k->third, y);
        for (size_t x = 0; x < dpk_row_count(&k->out); x++) {
            up[x] = (uint8_t)(here[x] - above[x]);
            down[x] = (uint8_t)(here[x] - below[x]);
        }
    }
}

static const dpk_port one_to_one[] = {
    DPK_IN(struct plain, in, .image = true, .types = DPK_U8 | DPK_U16),
    DPK_OUT(struct plain, out, .image = true),
    DPK_END,
};

static const dpk_port two_to_one[] = {
    DPK_IN(struct plain, in, .image = true, .types = DPK_U8),
    DPK_IN(struct plain, second, .image = true, .types = DPK_U8),
    DPK_OUT(struct plain, out, .image = true),
    DPK_END,
};

static const dpk_port one_to_two[] = {
    DPK_IN(struct plain, in, .image = true, .types = DPK_U8),
    DPK_OUT(struct plain, out, .image = true),
    DPK_OUT(struct plain, third, .image = true),
    DPK_END,
};

#define KERNEL(name_, ports_, shape_)                                                              \
    static const dpk_kernel kernel_##name_ = {                                                     \
        .abi = DPK_ABI,                                                                            \
        .name = #name_,                                                                            \
        .size = sizeof(struct plain),                                                              \
        .ports = ports_,                                                                           \
        .shape = shape_,                                                                           \
        .passes =                                                                                  \
            (const dpk_pass[]){                                                                    \
                { .name = "rows", .extent = rows, .reads = reads_##name_, .work = name_ },         \
                DPK_END },                                                                         \
    };

KERNEL(shrink, one_to_one, shape_shrink)
KERNEL(pad, one_to_one, shape_pad)
KERNEL(flip, one_to_one, NULL)
KERNEL(mix, two_to_one, NULL)
KERNEL(part, one_to_two, NULL)

/* ---------------------------------------------------------------------------------- running them
 */

static dpk_registry registry;

static void open_registry(void)
{
    dpk_error err;
    cr_assert(dpk_registry_open(&registry, &(dpk_registry_host){ .warn = NULL }, &err) == DPK_OK);
}

static void close_registry(void)
{
    dpk_registry_close(&registry);
}

static const dpk_kernel *built_in(const char *name)
{
    const dpk_kernel_row *row = dpk_registry_find(&registry, name);
    cr_assert(row != NULL);
    return dpk_kernel_variant(row, dpk_isa_best());
}

/* What is run: nodes, and arrays that the test owns. */
struct graph {
    dpk_node nodes[DPK_MAX_NODES];
    size_t node_count;
    dpk_array inputs[2], outputs[2];
    size_t output_count;
    bool windowed;
    size_t groups;
};

static dpk_array picture(dpk_type type, size_t height, size_t width, size_t channels, uint64_t seed)
{
    dpk_array array = { 0 };
    const size_t shape[DPK_MAX_RANK] = { height, width, channels };
    dpk_array_shape(&array, type, 3, shape);
    array.data = malloc(dpk_array_bytes(&array) + 1);
    cr_assert(array.data != NULL);
    dpk_data_fill(array.data, type, dpk_count(&array), DPK_DATA_PLAIN, seed);
    return array;
}

static void set_parameters(const dpk_run *run)
{
    for (size_t n = 0; n < run->plan.node_count; n++) {
        const dpk_kernel *kernel = run->plan.nodes[n].kernel;
        dpk_param_set set = { .params = kernel->params, .target = dpk_run_self(run, n) };
        dpk_error err;
        cr_assert(dpk_param_set_defaults(&set, &err) == DPK_OK, "%s", err.text);
    }
}

static void keep_outputs(struct graph *graph, const dpk_run *run, bool copy)
{
    graph->output_count = dpk_run_outputs(run);
    for (size_t i = 0; i < graph->output_count; i++) {
        const dpk_array *output = dpk_run_output(run, i);
        graph->outputs[i] = *output;
        graph->outputs[i].ring = 0;
        graph->outputs[i].data = calloc(1, dpk_array_bytes(output) + 1);
        if (copy)
            memcpy(graph->outputs[i].data, output->data, dpk_array_bytes(output));
    }
}

static dpk_status run_whole(struct graph *graph, dpk_run *run, dpk_error *err)
{
    dpk_status status = dpk_run_prepare(run, err);
    graph->groups = run->group_count;
    if (status == DPK_OK)
        status = dpk_run_execute(run, err);
    if (status == DPK_OK)
        keep_outputs(graph, run, true);
    return status;
}

static dpk_status run_streamed(struct graph *graph, dpk_run *run, size_t band, dpk_error *err)
{
    dpk_stream *stream;
    dpk_status status = dpk_stream_prepare(&stream, run, graph->inputs, band, 0, err);
    graph->windowed = run->windowed;
    graph->groups = run->group_count;
    keep_outputs(graph, run, false);
    return status == DPK_OK ? dpk_stream_execute(stream, graph->outputs, err) : status;
}

/* band 0: as a whole. */
static void run_graph(struct graph *graph, const dpk_run_options *options, size_t band)
{
    dpk_arena arena;
    dpk_error err = { .text = "" };
    dpk_memory memory = options->backend->processes ? DPK_MEMORY_SHARED : DPK_MEMORY_PRIVATE;
    dpk_run *run;
    cr_assert(dpk_arena_open(&arena, memory, false, &err) == DPK_OK);
    cr_assert(dpk_run_begin_nodes(&run, graph->nodes, graph->node_count, options, &arena, &err) ==
              DPK_OK);
    set_parameters(run);
    for (size_t i = 0; i < dpk_run_inputs(run); i++)
        cr_assert(dpk_run_bind(run, i, &graph->inputs[i], "input", &err) == DPK_OK, "%s", err.text);
    cr_assert(dpk_run_shape(run, &err) == DPK_OK, "%s", err.text);
    dpk_status status =
        band == 0 ? run_whole(graph, run, &err) : run_streamed(graph, run, band, &err);
    cr_assert(status == DPK_OK, "%s", err.text);
    dpk_arena_close(&arena);
}

static void free_outputs(struct graph *graph)
{
    for (size_t i = 0; i < graph->output_count; i++)
        free(graph->outputs[i].data);
    graph->output_count = 0;
}

static void expect_same(const struct graph *is, const struct graph *should, const char *how)
{
    cr_assert_eq(is->output_count, should->output_count);
    for (size_t i = 0; i < is->output_count; i++) {
        size_t bytes = dpk_array_bytes(&should->outputs[i]);
        cr_assert_eq(dpk_array_bytes(&is->outputs[i]), bytes);
        cr_expect(memcmp(is->outputs[i].data, should->outputs[i].data, bytes) == 0,
                  "output %zu, %s, %s", i, is->nodes[0].kernel->name, how);
    }
}

/* The chain's kernels, each in a run of its own. */
static void run_singly(const struct graph *chain, struct graph *last)
{
    const dpk_run_options options = {
        .backend = dpk_backend_find("seq"), .jobs = 1, .isa = dpk_isa_best(), .separate = true
    };
    dpk_array input = chain->inputs[0];
    for (size_t n = 0; n < chain->node_count; n++) {
        struct graph single = { .node_count = 1, .inputs = { input } };
        dpk_error err;
        cr_assert(dpk_chain(single.nodes, &chain->nodes[n].kernel, 1, &err) == DPK_OK);
        run_graph(&single, &options, 0);
        if (n > 0)
            free(input.data);
        input = single.outputs[0];
        *last = single;
    }
}

/* With some numbers of workers and rows of a band. */
static void expect_same_by(const dpk_backend *backend, struct graph *graph,
                           const struct graph *expected)
{
    static const size_t bands[] = { 0, 1, 4, 7, 64 };
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++) {
        const dpk_run_options options = { .backend = backend,
                                          .jobs = 1 + (unsigned)i % 3,
                                          .isa = dpk_isa_best(),
                                          .schedule = i % 2 ? DPK_STATIC : DPK_DYNAMIC,
                                          .poison = true };
        run_graph(graph, &options, bands[i]);
        expect_same(graph, expected, backend->name);
        free_outputs(graph);
    }
}

/* A test for every backend, each in a process of its own: where threads have been, none can be
 * forked. */
static struct criterion_test_params all_backends(void)
{
    enum { MOST = 16 };
    static size_t numbers[MOST];
    size_t count = 0;
    for (; dpk_backends[count] != NULL && count < MOST; count++)
        numbers[count] = count;
    return cr_make_param_array(size_t, numbers, count);
}

static bool can_be_used(const dpk_backend *backend)
{
    return backend->unavailable == NULL || backend->unavailable() == NULL;
}

#define CHAIN_TEST(name)                                                                           \
    static void test_##name(const dpk_backend *backend);                                           \
    ParameterizedTestParameters(chain, name)                                                       \
    {                                                                                              \
        return all_backends();                                                                     \
    }                                                                                              \
    ParameterizedTest(const size_t *number, chain, name)                                           \
    {                                                                                              \
        if (can_be_used(dpk_backends[*number]))                                                    \
            test_##name(dpk_backends[*number]);                                                    \
    }                                                                                              \
    static void test_##name(const dpk_backend *backend)

static struct graph make_chain(const dpk_kernel *const *kernels, size_t count, dpk_array input)
{
    struct graph graph = { .node_count = count, .inputs = { input } };
    dpk_error err;
    cr_assert(dpk_chain(graph.nodes, kernels, count, &err) == DPK_OK, "%s", err.text);
    return graph;
}

static void check_chain(const dpk_backend *backend, const dpk_kernel *const *kernels, size_t count,
                        dpk_array input)
{
    struct graph chain = make_chain(kernels, count, input), expected = { 0 };
    run_singly(&chain, &expected);
    expect_same_by(backend, &chain, &expected);
    free_outputs(&expected);
    free(input.data);
}

TestSuite(chain, .init = open_registry, .fini = close_registry);

CHAIN_TEST(blur_sobel_invert_are_one_pass)
{
    const dpk_kernel *const kernels[] = { built_in("blur"), built_in("sobel"), built_in("invert") };
    static const struct {
        dpk_type type;
        size_t height, width, channels;
    } pictures[] = { { DPK_U8, 200, 61, 3 },  { DPK_U8, 200, 61, 4 },  { DPK_U8, 130, 77, 1 },
                     { DPK_U16, 200, 33, 3 }, { DPK_U16, 150, 20, 2 }, { DPK_F32, 150, 21, 4 },
                     { DPK_U8, 1, 1, 4 },     { DPK_U8, 3, 500, 3 } };
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        check_chain(backend, kernels, 3,
                    picture(pictures[i].type, pictures[i].height, pictures[i].width,
                            pictures[i].channels, i + 1));
}

Test(chain, a_fused_chain_keeps_a_window_only)
{
    const dpk_kernel *const kernels[] = { built_in("blur"), built_in("sobel"), built_in("invert") };
    struct graph chain = make_chain(kernels, 3, picture(DPK_U8, 400, 50, 4, 1));
    const dpk_run_options options = { .backend = dpk_backend_find("seq"),
                                      .jobs = 1,
                                      .isa = dpk_isa_best() };
    run_graph(&chain, &options, 4);
    cr_expect(chain.windowed);
    cr_expect_eq(chain.groups, 1);
    free_outputs(&chain);
    free(chain.inputs[0].data);
}

CHAIN_TEST(whole_image_passes_part_it)
{
    const dpk_kernel *const kernels[] = { built_in("blur"), built_in("equalize"), built_in("sobel"),
                                          built_in("invert") };
    check_chain(backend, kernels, 4, picture(DPK_U8, 90, 40, 3, 7));
    check_chain(backend, kernels, 4, picture(DPK_U8, 90, 40, 4, 8));
}

CHAIN_TEST(other_rows_than_it_reads)
{
    const dpk_kernel *const kernels[] = { &kernel_shrink, built_in("blur"), &kernel_pad,
                                          &kernel_shrink, built_in("sobel") };
    check_chain(backend, kernels, 5, picture(DPK_U8, 311, 20, 3, 3));
    const dpk_kernel *const padded[] = { &kernel_pad, &kernel_pad, built_in("invert") };
    check_chain(backend, padded, 3, picture(DPK_U8, 40, 20, 3, 3));
    check_chain(backend, padded, 1, picture(DPK_U8, 40, 20, 3, 3));
    check_chain(backend, kernels, 1, picture(DPK_U8, 40, 20, 3, 3));
}

CHAIN_TEST(rows_from_the_end)
{
    const dpk_kernel *const kernels[] = { built_in("blur"), &kernel_flip, built_in("sobel"),
                                          &kernel_flip };
    check_chain(backend, kernels, 4, picture(DPK_U8, 150, 20, 3, 3));
    const dpk_kernel *const alone[] = { &kernel_flip };
    check_chain(backend, alone, 1, picture(DPK_U8, 150, 20, 3, 3));
}

/* in -> part -> (up, down); mix(up, second input) is an output, and so is down. */
CHAIN_TEST(two_inputs_and_two_outputs)
{
    struct graph graph = { .node_count = 2 };
    graph.inputs[0] = picture(DPK_U8, 140, 30, 3, 1);
    graph.inputs[1] = picture(DPK_U8, 99, 30, 3, 2);
    graph.nodes[0] = (dpk_node){ .kernel = &kernel_part, .from = { { DPK_RUN_INPUT, 0 } } };
    graph.nodes[1] =
        (dpk_node){ .kernel = &kernel_mix, .from = { { 0, 0 }, { DPK_RUN_INPUT, 1 } } };
    const dpk_run_options options = {
        .backend = dpk_backend_find("seq"), .jobs = 1, .isa = dpk_isa_best(), .separate = true
    };
    struct graph expected = graph;
    run_graph(&expected, &options, 0);
    cr_assert_eq(expected.output_count, 2);
    expect_same_by(backend, &graph, &expected);
    free_outputs(&expected);
    free(graph.inputs[0].data);
    free(graph.inputs[1].data);
}

CHAIN_TEST(both_inputs_from_one_picture)
{
    struct graph graph = { .node_count = 2 };
    graph.inputs[0] = picture(DPK_U8, 140, 30, 3, 1);
    graph.nodes[0] = (dpk_node){ .kernel = built_in("blur"), .from = { { DPK_RUN_INPUT, 0 } } };
    graph.nodes[1] =
        (dpk_node){ .kernel = &kernel_mix, .from = { { 0, 0 }, { DPK_RUN_INPUT, 0 } } };
    const dpk_run_options options = {
        .backend = dpk_backend_find("seq"), .jobs = 1, .isa = dpk_isa_best(), .separate = true
    };
    struct graph expected = graph;
    run_graph(&expected, &options, 0);
    expect_same_by(backend, &graph, &expected);
    free_outputs(&expected);
    free(graph.inputs[0].data);
}
