/* SPDX-License-Identifier: MIT */
/* synthetic.c: each kernel stands for a kind of work: rows that read rows around them; outputs with
 * more or with fewer rows than the input; passes that need all of the pass before, repeated; items
 * that can be told apart. Where nothing else is said, the reference is the passes themselves: what
 * is checked is not the kernel. */
#include "contract/synthetic.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL(name_, ...)                                                                         \
    {                                                                                              \
        .abi = DPK_ABI, .descriptor = sizeof(dpk_kernel), .name = name_, .group = "synthetic",     \
        .param_bytes = sizeof(dpk_param), .port_bytes = sizeof(dpk_port),                          \
        .pass_bytes = sizeof(dpk_pass), __VA_ARGS__                                                \
    }

/* ------------------------------------------------------------------- rows that read rows around */

struct around {
    dpk_array in, out;
};

enum { ABOVE = 2, BELOW = 1 };

static size_t around_rows(const void *self)
{
    return ((const struct around *)self)->out.shape[0];
}

static dpk_span around_reads(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, ABOVE, BELOW);
}

/* The mean of the row ABOVE and the row BELOW, or of the nearest there are. */
static void around_work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct around *around = self;
    size_t rows = around->in.shape[0], width = dpk_row_count(&around->in);
    for (size_t y = span.begin; y < span.end; y++) {
        const void *above = dpk_row(&around->in, y > ABOVE ? y - ABOVE : 0);
        const void *below = dpk_row(&around->in, y + BELOW < rows ? y + BELOW : rows - 1);
        void *out = dpk_row(&around->out, y);
        for (size_t x = 0; x < width && around->in.type == DPK_U8; x++)
            ((uint8_t *)out)[x] =
                (uint8_t)((((const uint8_t *)above)[x] + ((const uint8_t *)below)[x]) / 2);
        for (size_t x = 0; x < width && around->in.type == DPK_F32; x++)
            ((float *)out)[x] = 0.5F * ((const float *)above)[x] + 0.5F * ((const float *)below)[x];
    }
}

static bool around_reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    around_work(self, (dpk_span){ .end = around_rows(self) }, NULL);
    return true;
}

static const dpk_port around_ports[] = {
    DPK_IN(struct around, in, .image = true, .types = DPK_U8 | DPK_F32, .alpha = DPK_PREMULTIPLIED),
    DPK_OUT(struct around, out, .image = true, .alpha = DPK_PREMULTIPLIED),
    DPK_END,
};

static const dpk_pass around_passes[] = {
    { .name = "rows", .extent = around_rows, .reads = around_reads, .work = around_work },
    DPK_END,
};

static const dpk_kernel around =
    KERNEL("around", .size = sizeof(struct around), .ports = around_ports, .passes = around_passes,
           .reference = around_reference);

/* -------------------------------------------------------------- more or fewer rows than are read
 */

struct resized {
    dpk_array in, out;
    unsigned above, below; /* rows of zeros added */
    unsigned every;        /* takes one of so many rows */
};

static dpk_status resized_shape(void *self, dpk_error *err)
{
    struct resized *resized = self;
    if (resized->in.rank != 2)
        return dpk_fail(err, DPK_BAD_INPUT, "needs a matrix");
    const size_t shape[DPK_MAX_RANK] = {
        (resized->in.shape[0] + resized->every - 1) / resized->every + resized->above +
            resized->below,
        resized->in.shape[1],
    };
    dpk_array_shape(&resized->out, resized->in.type, 2, shape);
    return DPK_OK;
}

static size_t resized_rows(const void *self)
{
    return ((const struct resized *)self)->out.shape[0];
}

/* The input row of output row y, where there is one: none above and none from the input's end. */
static size_t row_of(const struct resized *resized, size_t y)
{
    return y < resized->above ? 0 : (y - resized->above) * resized->every;
}

static dpk_span resized_reads(const void *self, size_t port, dpk_span out)
{
    (void)port;
    const struct resized *resized = self;
    size_t end = out.end > resized->above ? row_of(resized, out.end - 1) + 1 : 0;
    return (dpk_span){ .begin = row_of(resized, out.begin), .end = end };
}

static void resized_work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct resized *resized = self;
    size_t width = dpk_row_count(&resized->in);
    for (size_t y = span.begin; y < span.end; y++) {
        size_t from = row_of(resized, y);
        bool inside = y >= resized->above && from < resized->in.shape[0];
        if (inside)
            memcpy(dpk_row(&resized->out, y), dpk_row(&resized->in, from), width);
        else
            memset(dpk_row(&resized->out, y), 0, width);
    }
}

static bool resized_reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    const struct resized *resized = self;
    size_t width = dpk_row_count(&resized->in);
    uint8_t *out = resized->out.data;
    memset(out, 0, resized->out.shape[0] * width);
    out += resized->above * width;
    for (size_t y = 0; y < resized->in.shape[0]; y += resized->every, out += width)
        memcpy(out, (const uint8_t *)resized->in.data + y * width, width);
    return true;
}

static const dpk_port resized_ports[] = {
    DPK_IN(struct resized, in, .types = DPK_U8, .rank = 2),
    DPK_OUT(struct resized, out),
    DPK_END,
};

static const dpk_pass resized_passes[] = {
    { .name = "rows", .extent = resized_rows, .reads = resized_reads, .work = resized_work },
    DPK_END,
};

static const dpk_param pad_params[] = {
    DPK_PARAM(struct resized, above, .def = "3", .max = 9, .help = "rows added above"),
    DPK_PARAM(struct resized, below, .def = "5", .max = 9, .help = "rows added below"),
    DPK_PARAM(struct resized, every, .def = "1", .min = 1, .max = 1, .help = "takes all rows"),
    DPK_END,
};

static const dpk_param thin_params[] = {
    DPK_PARAM(struct resized, above, .def = "0", .max = 1, .help = "rows added above"),
    DPK_PARAM(struct resized, below, .def = "0", .max = 1, .help = "rows added below"),
    DPK_PARAM(struct resized, every, .def = "3", .min = 1, .max = 8, .help = "takes every n-th"),
    DPK_END,
};

#define RESIZED(name, params_)                                                                     \
    KERNEL(name, .size = sizeof(struct resized), .params = params_, .ports = resized_ports,        \
           .shape = resized_shape, .passes = resized_passes, .reference = resized_reference)

static const dpk_kernel pad = RESIZED("pad", pad_params);
static const dpk_kernel thin = RESIZED("thin", thin_params);

/* ------------------------------------------------------------- passes that need the pass before */

struct rounds {
    dpk_array in, out, sum;
    uint64_t *values[2];
    uint64_t *sums; /* of blocks */
    unsigned repeat;
};

enum { BLOCK = 100 };

static size_t rounds_items(const void *self)
{
    return dpk_count(&((const struct rounds *)self)->in);
}

static size_t rounds_blocks(const void *self)
{
    return (rounds_items(self) + BLOCK - 1) / BLOCK;
}

static size_t rounds_repeat(const void *self)
{
    return ((const struct rounds *)self)->repeat;
}

static dpk_status rounds_shape(void *self, dpk_error *err)
{
    (void)err;
    struct rounds *rounds = self;
    dpk_array_shape(&rounds->out, DPK_I64, 1, rounds->in.shape);
    dpk_array_shape(&rounds->sum, DPK_I64, 0, rounds->in.shape);
    return DPK_OK;
}

static dpk_status rounds_prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct rounds *rounds = self;
    for (size_t i = 0; i < 2; i++) {
        rounds->values[i] = dpk_alloc(arena, rounds_items(self) * sizeof(uint64_t), err);
        if (rounds->values[i] == NULL)
            return DPK_LIMIT;
    }
    rounds->sums = dpk_alloc(arena, rounds_blocks(self) * sizeof(uint64_t), err);
    return rounds->sums != NULL ? DPK_OK : DPK_LIMIT;
}

static void rounds_begin(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct rounds *rounds = self;
    for (size_t i = span.begin; i < span.end; i++)
        rounds->values[0][i] = ((const uint8_t *)rounds->in.data)[i];
}

/* Each from itself and its neighbours in the round before, the last and the first being such. */
static void rounds_mix(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct rounds *rounds = self;
    const uint64_t *from = rounds->values[span.step % 2];
    size_t items = rounds_items(self);
    for (size_t i = span.begin; i < span.end; i++)
        rounds->values[(span.step + 1) % 2][i] =
            from[i > 0 ? i - 1 : items - 1] + 3 * from[i] + 5 * from[i + 1 < items ? i + 1 : 0];
}

static void rounds_sum(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct rounds *rounds = self;
    const uint64_t *values = rounds->values[rounds->repeat % 2];
    size_t items = rounds_items(self);
    for (size_t block = span.begin; block < span.end; block++) {
        uint64_t sum = 0;
        for (size_t i = block * BLOCK; i < items && i < (block + 1) * BLOCK; i++) {
            ((uint64_t *)rounds->out.data)[i] = values[i];
            sum += values[i];
        }
        rounds->sums[block] = sum;
    }
}

static void rounds_fold(const void *self, dpk_span span, void *scratch)
{
    (void)span, (void)scratch;
    const struct rounds *rounds = self;
    uint64_t sum = 0;
    for (size_t block = 0; block < rounds_blocks(self); block++)
        sum += rounds->sums[block];
    *(uint64_t *)rounds->sum.data = sum;
}

static dpk_partial rounds_partial(const void *self, size_t item)
{
    return (dpk_partial){ &((const struct rounds *)self)->sums[item], sizeof(uint64_t) };
}

static bool rounds_reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    const struct rounds *rounds = self;
    const dpk_span all = { .end = rounds_items(self) };
    rounds_begin(self, all, NULL);
    for (size_t step = 0; step < rounds->repeat; step++)
        rounds_mix(self, (dpk_span){ .end = all.end, .step = step }, NULL);
    rounds_sum(self, (dpk_span){ .end = rounds_blocks(self) }, NULL);
    rounds_fold(self, all, NULL);
    return true;
}

static const dpk_param rounds_params[] = {
    DPK_PARAM(struct rounds, repeat, .def = "5", .max = 8, .help = "how often values are mixed"),
    DPK_END,
};

static const dpk_port rounds_ports[] = {
    DPK_IN(struct rounds, in, .types = DPK_U8, .rank = 1),
    DPK_OUT(struct rounds, out),
    DPK_OUT(struct rounds, sum),
    DPK_END,
};

static const dpk_pass rounds_passes[] = {
    { .name = "begin", .extent = rounds_items, .work = rounds_begin },
    { .name = "mix", .extent = rounds_items, .work = rounds_mix, .repeat = rounds_repeat },
    { .name = "sum", .extent = rounds_blocks, .work = rounds_sum, .partial = rounds_partial },
    { .name = "fold", .extent = dpk_once, .work = rounds_fold },
    DPK_END,
};

static const dpk_kernel rounds =
    KERNEL("rounds", .size = sizeof(struct rounds), .params = rounds_params, .ports = rounds_ports,
           .shape = rounds_shape, .prepare = rounds_prepare, .passes = rounds_passes,
           .reference = rounds_reference);

/* --------------------------------------------------------------- items that can be told apart */

/* Counts what no kernel may count: how often an item is executed. The result is 1 for an item that
 * was executed once, with scratch that nobody else wrote to meanwhile. */
struct census {
    dpk_array in, out;
    atomic_uint *counts;
};

enum { SCRATCH = 256, DISTURBED = 99 };

static size_t census_items(const void *self)
{
    return dpk_count(&((const struct census *)self)->in);
}

static size_t census_scratch(const void *self)
{
    (void)self;
    return SCRATCH;
}

static dpk_status census_prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct census *census = self;
    size_t bytes = census_items(self) * sizeof *census->counts;
    census->counts = dpk_alloc(arena, bytes, err);
    if (census->counts == NULL)
        return DPK_LIMIT;
    for (size_t i = 0; i < census_items(self); i++)
        atomic_init(&census->counts[i], 0);
    return DPK_OK;
}

static bool is_filled(const volatile uint8_t *scratch, uint8_t with)
{
    for (size_t i = 0; i < SCRATCH; i++)
        if (scratch[i] != with)
            return false;
    return true;
}

static void census_work(const void *self, dpk_span span, void *scratch)
{
    const struct census *census = self;
    for (size_t i = span.begin; i < span.end; i++) {
        bool alone = true;
        memset(scratch, (uint8_t)i, SCRATCH);
        for (size_t times = 0; times <= i % 17; times++) /* some items take longer than others */
            alone &= is_filled(scratch, (uint8_t)i);
        unsigned count = atomic_fetch_add(&census->counts[i], 1) + 1;
        ((uint8_t *)census->out.data)[i] = (uint8_t)(alone ? count : DISTURBED);
    }
}

static bool census_reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    const struct census *census = self;
    memset(census->out.data, 1, census_items(self));
    return true;
}

static const dpk_port census_ports[] = {
    DPK_IN(struct census, in, .types = DPK_U8, .rank = 1),
    DPK_OUT(struct census, out),
    DPK_END,
};

static const dpk_pass census_passes[] = {
    { .name = "items", .extent = census_items, .work = census_work, .scratch = census_scratch },
    DPK_END,
};

static const dpk_kernel census =
    KERNEL("census", .size = sizeof(struct census), .ports = census_ports,
           .prepare = census_prepare, .passes = census_passes, .reference = census_reference);

const dpk_kernel_row dpk_synthetic_kernels[] = {
    { .variants = { &around } }, { .variants = { &pad } },    { .variants = { &thin } },
    { .variants = { &rounds } }, { .variants = { &census } },
};
const size_t dpk_synthetic_count = sizeof dpk_synthetic_kernels / sizeof *dpk_synthetic_kernels;
