/* SPDX-License-Identifier: MIT */
/* scan: prefix sums,
 *
 *     out[i] = in[0] + … + in[i]            inclusive
 *     out[i] = in[0] + … + in[i - 1]        exclusive
 *
 * in three phases (G. E. Blelloch, Prefix sums and their applications, CMU-CS-90-190, 1990): sum
 * each tile, scan the sums of the tiles into offsets, scan each tile from its offset. Tiles depend
 * on the number of elements only, so the result does not depend on who computes them.
 *
 * Plain floating-point sums would differ where tiles meet: sums of parts that are rounded on their
 * own can make a growing sequence step down. So sums carry along what their additions round away
 * (dpk_two_sum), and each element is rounded once. */
#include <dpk/numeric.h>

/* Elements per tile. They are so many that the serial phase, one step per tile, takes less than a
 * hundredth of the work, and so few that short arrays have several tiles. */
enum { TILE = 1024 };

/* Interleaved sums of one tile, enough for the widest vector units. */
enum { LANES = 32 };

/* A scan is a chain of additions, each of which waits for the one before. Four tiles are scanned at
 * a time, one in each lane of a vector; STEPS elements of each, a cache line of doubles, are
 * transposed at once. */
enum { ABREAST = 4, STEPS = 8 };

/* An unrounded sum of doubles is high + low, where low gathers what additions to high lost. */
struct real {
    double high, low;
};

struct scan {
    dpk_array in, out;
    bool exclusive;
    size_t count;
    void *sums, *offsets; /* one per tile: uint64_t for integers, struct real otherwise */
};

#define FOR_TYPE(type, integers, reals, ...)                                                       \
    ((type)&DPK_REALS ? DPK_CALL_REAL(type, reals, __VA_ARGS__)                                    \
                      : DPK_CALL_INTEGER(type, integers, __VA_ARGS__))

static inline double rounded(struct real sum)
{
    return dpk_sum_rounded(sum.high, sum.low);
}

static size_t tiles(const void *self)
{
    const struct scan *scan = self;
    return dpk_ceil_div(scan->count, TILE);
}

static size_t tile_end(const struct scan *scan, size_t tile)
{
    return dpk_smaller(scan->count, (tile + 1) * TILE);
}

/* ------------------------------------------------------------------------------ sums of tiles */

DPK_TEMPLATE void sum_integers(const struct scan *scan, dpk_span span, dpk_type type)
{
    for (size_t tile = span.begin; tile < span.end; tile++) {
        uint64_t sum = 0;
        for (size_t i = tile * TILE, end = tile_end(scan, tile); i < end; i++)
            sum += dpk_integer_get(scan->in.data, i, type);
        ((uint64_t *)scan->sums)[tile] = sum;
    }
}

DPK_TEMPLATE void sum_reals(const struct scan *scan, dpk_span span, dpk_type type)
{
    for (size_t tile = span.begin; tile < span.end; tile++) {
        double high[LANES] = { 0 }, low[LANES] = { 0 };
        size_t i = tile * TILE, end = tile_end(scan, tile);
        for (; i + LANES <= end; i += LANES) {
#pragma omp simd
            for (size_t lane = 0; lane < LANES; lane++)
                dpk_two_sum(dpk_real_get(scan->in.data, i + lane, type), &high[lane], &low[lane]);
        }
        for (size_t lane = 0; i + lane < end; lane++)
            dpk_two_sum(dpk_real_get(scan->in.data, i + lane, type), &high[lane], &low[lane]);

        struct real sum = { 0 };
        for (size_t lane = 0; lane < LANES; lane++) {
            dpk_two_sum(high[lane], &sum.high, &sum.low);
            sum.low += low[lane];
        }
        ((struct real *)scan->sums)[tile] = sum;
    }
}

static void sum_tiles(const void *self, dpk_span span, void *scratch)
{
    const struct scan *scan = self;
    (void)scratch;
    FOR_TYPE(scan->in.type, sum_integers, sum_reals, scan, span);
}

static dpk_partial sum_of(const void *self, size_t tile)
{
    const struct scan *scan = self;
    if (scan->out.type == DPK_I64)
        return (dpk_partial){ (uint64_t *)scan->sums + tile, sizeof(uint64_t) };
    return (dpk_partial){ (struct real *)scan->sums + tile, sizeof(struct real) };
}

/* ---------------------------------------------------------------------------- scan of the sums */

static void scan_sums(const void *self, dpk_span span, void *scratch)
{
    const struct scan *scan = self;
    (void)span, (void)scratch;
    if (scan->out.type == DPK_I64) {
        uint64_t sum = 0;
        for (size_t tile = 0; tile < tiles(self); tile++) {
            ((uint64_t *)scan->offsets)[tile] = sum;
            sum += ((const uint64_t *)scan->sums)[tile];
        }
        return;
    }
    struct real sum = { 0 };
    for (size_t tile = 0; tile < tiles(self); tile++) {
        const struct real *next = (const struct real *)scan->sums + tile;
        ((struct real *)scan->offsets)[tile] = sum;
        dpk_two_sum(next->high, &sum.high, &sum.low);
        sum.low += next->low;
    }
}

/* ------------------------------------------------------------------------------ scans of tiles */

DPK_TEMPLATE void scan_integers(const struct scan *scan, dpk_span span, dpk_type type)
{
    uint64_t *out = scan->out.data;
    uint64_t sum = ((const uint64_t *)scan->offsets)[span.begin];
    for (size_t i = span.begin * TILE, end = tile_end(scan, span.end - 1); i < end; i++) {
        uint64_t before = sum;
        sum += dpk_integer_get(scan->in.data, i, type);
        out[i] = scan->exclusive ? before : sum;
    }
}

DPK_TEMPLATE void scan_real_tile(const struct scan *scan, size_t tile, dpk_type type)
{
    struct real sum = ((const struct real *)scan->offsets)[tile];
    for (size_t i = tile * TILE, end = tile_end(scan, tile); i < end; i++) {
        double before = rounded(sum);
        dpk_two_sum(dpk_real_get(scan->in.data, i, type), &sum.high, &sum.low);
        dpk_real_put(scan->out.data, i, scan->exclusive ? before : rounded(sum), type);
    }
}

/* The same for ABREAST whole tiles, one in each lane of a vector. Returns false when a sum has
 * become infinite or NaN: then the results are wrong. */
DPK_TEMPLATE bool scan_real_tiles(const struct scan *scan, size_t tile, dpk_type type)
{
    const struct real *offsets = (const struct real *)scan->offsets + tile;
    bool exclusive = scan->exclusive, finite = true;
    double high[ABREAST], low[ABREAST], x[STEPS][ABREAST];
    for (size_t k = 0; k < ABREAST; k++) {
        high[k] = offsets[k].high;
        low[k] = offsets[k].low;
    }
    for (size_t i = tile * TILE; i < (tile + 1) * TILE; i += STEPS) {
        for (size_t k = 0; k < ABREAST; k++)
            for (size_t step = 0; step < STEPS; step++)
                x[step][k] = dpk_real_get(scan->in.data, i + k * TILE + step, type);
        for (size_t step = 0; step < STEPS; step++) {
#pragma omp simd
            for (size_t k = 0; k < ABREAST; k++) {
                double before = high[k] + low[k];
                dpk_two_sum(x[step][k], &high[k], &low[k]);
                x[step][k] = exclusive ? before : high[k] + low[k];
            }
        }
        for (size_t k = 0; k < ABREAST; k++)
            for (size_t step = 0; step < STEPS; step++)
                dpk_real_put(scan->out.data, i + k * TILE + step, x[step][k], type);
    }
    for (size_t k = 0; k < ABREAST; k++)
        finite = finite && isfinite(high[k]);
    return finite;
}

DPK_TEMPLATE void scan_reals(const struct scan *scan, dpk_span span, dpk_type type)
{
    size_t tile = span.begin, whole = scan->count / TILE;
    for (; tile + ABREAST <= dpk_smaller(span.end, whole); tile += ABREAST)
        if (!scan_real_tiles(scan, tile, type))
            for (size_t k = 0; k < ABREAST; k++)
                scan_real_tile(scan, tile + k, type);
    for (; tile < span.end; tile++)
        scan_real_tile(scan, tile, type);
}

static void scan_tiles(const void *self, dpk_span span, void *scratch)
{
    const struct scan *scan = self;
    (void)scratch;
    FOR_TYPE(scan->in.type, scan_integers, scan_reals, scan, span);
}

/* --------------------------------------------------------------------------------- the kernel */

static dpk_status shape(void *self, dpk_error *err)
{
    struct scan *scan = self;
    bool real = scan->in.type & DPK_REALS;
    (void)err;
    dpk_array_shape(&scan->out, real ? scan->in.type : DPK_I64, scan->in.rank, scan->in.shape);
    return DPK_OK;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct scan *scan = self;
    scan->count = dpk_count(&scan->in);
    scan->sums = dpk_alloc(arena, tiles(self) * sizeof(struct real), err);
    scan->offsets = dpk_alloc(arena, tiles(self) * sizeof(struct real), err);
    return scan->sums != NULL && scan->offsets != NULL ? DPK_OK : DPK_LIMIT;
}

/* Adds the elements one after the other. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct scan *scan = self;
    uint64_t whole = 0;
    double real = 0, lost = 0;
    (void)arena;

    for (size_t i = 0; i < dpk_count(&scan->in); i++) {
        if (scan->out.type == DPK_I64) {
            uint64_t before = whole;
            whole += dpk_integer_get(scan->in.data, i, scan->in.type);
            ((uint64_t *)scan->out.data)[i] = scan->exclusive ? before : whole;
        } else {
            double before = dpk_sum_rounded(real, lost);
            dpk_neumaier(dpk_real_get(scan->in.data, i, scan->in.type), &real, &lost);
            double after = dpk_sum_rounded(real, lost);
            dpk_real_put(scan->out.data, i, scan->exclusive ? before : after, scan->out.type);
        }
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct scan *scan = self;
    double count = (double)dpk_count(&scan->in);
    size_t element = dpk_type_size(scan->in.type) + dpk_type_size(scan->out.type);
    return (dpk_cost){ .bytes = count * (double)element, .operations = count };
}

static const dpk_param params[] = {
    DPK_PARAM(struct scan, exclusive, .def = "no",
              .help = "leave an element out of its own sum, so that the result begins with 0"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct scan, in, .types = DPK_INTEGERS | DPK_REALS,
           .help = "array of any shape, taken row after row"),
    DPK_OUT(struct scan, out, .help = "its prefix sums, in the same shape"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "sums", .extent = tiles, .work = sum_tiles, .partial = sum_of },
    { .name = "offsets", .extent = dpk_once, .work = scan_sums },
    { .name = "scans", .extent = tiles, .work = scan_tiles },
    DPK_END,
};

DPK_KERNEL(scan, .summary = "prefix sums", .group = "array",
           .details =
               "out[i] = in[0] + ... + in[i], or with --exclusive in[0] + ... + in[i - 1], over "
               "all elements in row-major order. Integers of any type give i64, which wraps around "
               "modulo 2^64. f32 and f64 stay what they are: sums are carried with twice the "
               "digits of f64 and each element is rounded once. Three phases (Blelloch 1990): "
               "sums of tiles, scan of these sums, scan of each tile from its offset; the result "
               "is the same bits for every backend, number of workers and instruction set.",
           .examples = (const char *const[]){ "dpk scan data/samples.npy sums.npy",
                                              "dpk scan data/samples.npy sums.npy --exclusive",
                                              NULL },
           .size = sizeof(struct scan), .params = params, .ports = ports, .shape = shape,
           .prepare = prepare, .passes = passes, .reference = reference,
           .tolerance = { .epsilons = 1 }, .cost = cost);
