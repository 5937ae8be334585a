/* SPDX-License-Identifier: MIT */
/* sum: the sum of all elements, the same to the last bit however many workers add.
 *
 * Addition of floating-point numbers is not associative, so the order is part of the definition:
 * the elements are cut into blocks of BLOCK, each block into LANES interleaved lanes, lanes and
 * then blocks are added first to last. Every addition of doubles also yields what it rounded away
 * (dpk_two_sum), and these errors are added at the end, which gives the result as if computed with
 * twice the digits and then rounded (T. Ogita, S. M. Rump, S. Oishi, Accurate sum and dot product,
 * SIAM J. Sci. Comput. 26, 2005). */
#include <dpk/numeric.h>

/* The sum of 65536 samples of 16 bits always fits 32 bits. A block of 64 KiB to 1 MiB takes much
 * longer than handing it to a worker. */
enum { BLOCK = 65536 };

/* Interleaved sums, enough for the widest vector units, and the same number on every processor.
 * Even lanes add real parts of complex numbers, odd lanes imaginary parts. */
enum { LANES = 32 };

/* The sum of one block. Real numbers use both parts. */
struct partial {
    uint64_t whole; /* integers */
    double sum[2], error[2];
};

struct sum {
    dpk_array in, out;
    size_t count;
    struct partial *partials; /* one per block */
};

static void fold_lanes(const double sum[LANES], const double error[LANES], struct partial *partial)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        dpk_two_sum(sum[lane], &partial->sum[lane % 2], &partial->error[lane % 2]);
        partial->error[lane % 2] += error[lane];
    }
}

static void add_f64(const double *in, size_t count, struct partial *partial)
{
    double sum[LANES] = { 0 }, error[LANES] = { 0 };
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
#pragma omp simd
        for (size_t lane = 0; lane < LANES; lane++)
            dpk_two_sum(in[i + lane], &sum[lane], &error[lane]);
    }
    for (size_t i = whole; i < count; i++)
        dpk_two_sum(in[i], &sum[i - whole], &error[i - whole]);
    fold_lanes(sum, error, partial);
}

/* A double has 29 bits more than a float: room for a lane's BLOCK / LANES additions, so that
 * nothing is lost unless magnitudes differ by more than 2^18. */
static void add_f32(const float *in, size_t count, struct partial *partial)
{
    double sum[LANES] = { 0 };
    const double error[LANES] = { 0 };
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
#pragma omp simd
        for (size_t lane = 0; lane < LANES; lane++)
            sum[lane] += (double)in[i + lane];
    }
    for (size_t i = whole; i < count; i++)
        sum[i - whole] += (double)in[i];
    fold_lanes(sum, error, partial);
}

DPK_TEMPLATE uint64_t add_integers(const void *in, size_t count, dpk_type type)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += dpk_integer_get(in, i, type);
    return sum;
}

/* The sum of a block of 8 or 16 bits fits 32 bits, of which a vector adds twice as many at once. */
DPK_TEMPLATE uint64_t add_narrow(const void *in, size_t count, dpk_type type)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint32_t)dpk_integer_get(in, i, type);
    return sum;
}

static size_t blocks(const void *self)
{
    const struct sum *sum = self;
    return dpk_ceil_div(sum->count, BLOCK);
}

static void add_block(dpk_type type, const void *in, size_t count, struct partial *partial)
{
    *partial = (struct partial){ 0 };
    switch (type) {
    case DPK_U8:
        partial->whole = add_narrow(in, count, DPK_U8);
        break;
    case DPK_U16:
        partial->whole = add_narrow(in, count, DPK_U16);
        break;
    case DPK_I32:
        partial->whole = add_integers(in, count, DPK_I32);
        break;
    case DPK_I64:
        partial->whole = add_integers(in, count, DPK_I64);
        break;
    case DPK_F32:
        add_f32(in, count, partial);
        break;
    case DPK_F64:
        add_f64(in, count, partial);
        break;
    case DPK_C64:
        add_f32(in, 2 * count, partial);
        break;
    case DPK_C128:
        add_f64(in, 2 * count, partial);
        break;
    }
}

static dpk_partial partial_of(const void *self, size_t block)
{
    const struct sum *sum = self;
    return (dpk_partial){ &sum->partials[block], sizeof *sum->partials };
}

static void add_blocks(const void *self, dpk_span span, void *scratch)
{
    const struct sum *sum = self;
    (void)scratch;
    for (size_t block = span.begin; block < span.end; block++) {
        size_t begin = block * BLOCK, left = sum->count - begin;
        const char *in = (const char *)sum->in.data + begin * dpk_type_size(sum->in.type);
        add_block(sum->in.type, in, dpk_smaller(left, BLOCK), &sum->partials[block]);
    }
}

static void fold(const void *self, dpk_span span, void *scratch)
{
    const struct sum *sum = self;
    struct partial total = { 0 };
    (void)span, (void)scratch;

    for (size_t block = 0; block < blocks(self); block++) {
        const struct partial *partial = &sum->partials[block];
        total.whole += partial->whole;
        for (size_t part = 0; part < 2; part++) {
            dpk_two_sum(partial->sum[part], &total.sum[part], &total.error[part]);
            total.error[part] += partial->error[part];
        }
    }
    if (sum->out.type == DPK_I64) {
        *(uint64_t *)sum->out.data = total.whole;
    } else if (sum->out.type == DPK_C128) {
        for (size_t part = 0; part < 2; part++)
            ((double *)sum->out.data)[part] = dpk_sum_rounded(total.sum[part], total.error[part]);
    } else {
        dpk_two_sum(total.sum[1], &total.sum[0], &total.error[0]);
        *(double *)sum->out.data = dpk_sum_rounded(total.sum[0], total.error[0] + total.error[1]);
    }
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct sum *sum = self;
    unsigned type = sum->in.type;
    dpk_type wide = type & DPK_COMPLEX ? DPK_C128 : type & DPK_REALS ? DPK_F64 : DPK_I64;
    (void)err;
    dpk_array_shape(&sum->out, wide, 0, (const size_t[DPK_MAX_RANK]){ 0 });
    return DPK_OK;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct sum *sum = self;
    sum->count = dpk_count(&sum->in);
    sum->partials = dpk_alloc(arena, blocks(self) * sizeof *sum->partials, err);
    return sum->partials != NULL ? DPK_OK : DPK_LIMIT;
}

/* Adds the elements one after the other. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct sum *sum = self;
    dpk_type type = sum->in.type;
    size_t count = dpk_count(&sum->in), parts = sum->out.type == DPK_C128 ? 2 : 1;
    (void)arena;

    if (sum->out.type == DPK_I64) {
        uint64_t total = 0;
        for (size_t i = 0; i < count; i++)
            total += dpk_integer_get(sum->in.data, i, type);
        *(uint64_t *)sum->out.data = total;
        return true;
    }
    for (size_t part = 0; part < parts; part++) {
        double total = 0, lost = 0;
        for (size_t i = part; i < parts * count; i += parts)
            dpk_neumaier(dpk_real_get(sum->in.data, i, type), &total, &lost);
        ((double *)sum->out.data)[part] = dpk_sum_rounded(total, lost);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct sum *sum = self;
    double count = (double)dpk_count(&sum->in);
    return (dpk_cost){ .bytes = count * (double)dpk_type_size(sum->in.type),
                       .operations = sum->out.type == DPK_C128 ? 2 * count : count };
}

static const dpk_port ports[] = {
    DPK_IN(struct sum, in, .types = DPK_INTEGERS | DPK_REALS | DPK_COMPLEX,
           .help = "array of any shape"),
    DPK_OUT(struct sum, out, .printed = true, .help = "one number: i64, f64 or c128"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "blocks", .extent = blocks, .work = add_blocks, .partial = partial_of },
    { .name = "fold", .extent = dpk_once, .work = fold },
    DPK_END,
};

DPK_KERNEL(sum, .summary = "sum of all elements, the same on any number of workers",
           .group = "array",
           .details =
               "Integers add up to an i64 that wraps around modulo 2^64, f32 and f64 to an f64, "
               "complex numbers to a c128; the sum of no elements is 0. Blocks of 65536 elements "
               "are summed in 32 interleaved lanes, then lanes and blocks are added in order, so "
               "the result is the same bits for every backend, number of workers and instruction "
               "set. f64 and c128 carry the rounding error of every addition along (Ogita, Rump "
               "and Oishi 2005), which makes the result as good as one computed with 106 bits; "
               "f32 and c64 are added with 53 bits.",
           .examples = (const char *const[]){ "dpk sum data/samples.npy", "dpk sum data/coast.png",
                                              NULL },
           .size = sizeof(struct sum), .ports = ports, .shape = shape, .prepare = prepare,
           .passes = passes, .reference = reference, .tolerance = { .epsilons = 16 }, .cost = cost);
