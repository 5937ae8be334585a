/* SPDX-License-Identifier: MIT */
/* matmul: the product C = A·B of two matrices, C[i][j] = Σ_p A[i][p]·B[p][j].
 *
 * Computed by the definition, 2·m·n·k operations, in the order of Goto and van de Geijn (2008) as
 * BLIS arranges it (Van Zee and van de Geijn, 2015). Both matrices are first packed into panels,
 * MR rows of A and two vectors of columns of B, each stored in the order in which it will be read.
 * A micro-kernel then multiplies a row panel by a column panel, KC deep, holding its block of C in
 * registers: per step it reads two vectors and MR scalars for 2·MR vector multiply-adds. Around it
 * a tile of C goes through its panels so that one column panel stays in the first-level cache and
 * the tile's row panels stay in the second. Tiles are the items: they are many whichever of m and
 * n is large.
 *
 * Every element of C is a sum over p in steps of KC. The steps do not depend on the cut into tiles,
 * so the result has the same bits for any number of workers. Cutting the sum also helps accuracy:
 * rounding errors grow with KC + k/KC instead of k. */
#include <dpk/numeric.h>

#include <string.h>

/* The vectors of each level, and the number of rows. There must be enough rows to hide the latency
 * of multiply-add (4 cycles, two a cycle), and so few that registers are left for two vectors of B
 * and one element of A: 2·14 + 3 of 32 with AVX-512, 2·6 + 3 of 16 below. */
#if defined(__AVX512F__)
#    include <immintrin.h>
enum { VECTOR = 64, MR = 14 };
typedef __m512 f32_vector;
typedef __m512d f64_vector;
#    define F32_MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#    define F64_MULTIPLY_ADD(a, b, c) _mm512_fmadd_pd(a, b, c)
#elif defined(__AVX2__) && defined(__FMA__)
#    include <immintrin.h>
enum { VECTOR = 32, MR = 6 };
typedef __m256 f32_vector;
typedef __m256d f64_vector;
#    define F32_MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#    define F64_MULTIPLY_ADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#else
enum { VECTOR = 16, MR = 6 };
typedef float f32_vector __attribute__((vector_size(16), may_alias));
typedef double f64_vector __attribute__((vector_size(16), may_alias));
#    define F32_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#    define F64_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

enum {
    PANEL = 2 * VECTOR, /* bytes of one row of a column panel */
    KC = 256,           /* depth of a step: a column panel is then at most 32 KiB */
    TILE = 8,           /* panels across and down a tile: at most 0.5 MiB of panels per step */
};

struct matmul {
    dpk_array a, b, c;
    size_t size;         /* bytes of an element */
    size_t m, n, k;      /* a is m × k, b is k × n */
    size_t down, across; /* row panels of a, column panels of b */
    void *rows;          /* down panels of k × MR elements */
    void *columns;       /* across panels of k × PANEL bytes */
};

/* ------------------------------------------------------------------------------------- packing */

/* Transposes `height` ≤ MR rows of a, `stride` bytes apart, into one panel; missing rows are 0. In
 * steps of KC so that what is written stays in the first-level cache until every row has been
 * there. The callers give a constant size. */
static inline void transpose(char *panel, const char *row, size_t height, size_t stride, size_t k,
                             size_t size)
{
    if (height < MR)
        memset(panel, 0, k * MR * size);
    for (size_t start = 0; start < k; start += KC)
        for (size_t i = 0; i < height; i++)
            for (size_t p = start; p < dpk_smaller(k, start + KC); p++)
                memcpy(panel + (p * MR + i) * size, row + i * stride + p * size, size);
}

static void pack_rows(const void *self, dpk_span span, void *scratch)
{
    const struct matmul *mul = self;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        char *panel = (char *)mul->rows + item * mul->k * MR * mul->size;
        const char *row = dpk_row(&mul->a, item * MR);
        size_t height = dpk_smaller(MR, mul->m - item * MR), stride = mul->k * mul->size;
        if (mul->size == sizeof(float))
            transpose(panel, row, height, stride, mul->k, sizeof(float));
        else
            transpose(panel, row, height, stride, mul->k, sizeof(double));
    }
}

/* Rows are the outer loop and panels the inner one, so that b is read in memory order. */
static void pack_columns(const void *self, dpk_span span, void *scratch)
{
    const struct matmul *mul = self;
    (void)scratch;
    size_t row_bytes = mul->n * mul->size;
    for (size_t p = 0; p < mul->k; p++) {
        const char *row = dpk_row(&mul->b, p);
        for (size_t item = span.begin; item < span.end; item++) {
            char *panel = (char *)mul->columns + (item * mul->k + p) * PANEL;
            size_t bytes = dpk_smaller(PANEL, row_bytes - item * PANEL);
            memcpy(panel, row + item * PANEL, bytes);
            memset(panel + bytes, 0, PANEL - bytes);
        }
    }
}

static size_t row_panels(const void *self)
{
    return ((const struct matmul *)self)->down;
}

static size_t column_panels(const void *self)
{
    return ((const struct matmul *)self)->across;
}

/* -------------------------------------------------------------------------------- micro-kernel */

/* Adds KC steps, from `start` on, of row panel `down` times column panel `across` to their block of
 * C; the first steps set it. Results beyond the edges of C are dropped. The sums can stay in
 * registers, as they are copied before anything is indexed at run time. */
#define MICRO_KERNEL(name, real, vector, multiply_add)                                             \
    static void name(const struct matmul *mul, size_t down, size_t across, size_t start)           \
    {                                                                                              \
        enum { NR = PANEL / sizeof(real) };                                                        \
        const real *a = (const real *)mul->rows + (down * mul->k + start) * MR;                    \
        const vector *b = (const vector *)mul->columns + (across * mul->k + start) * 2;            \
        vector sum[MR][2] = { { { 0 } } };                                                         \
        for (size_t depth = dpk_smaller(KC, mul->k - start); depth > 0; depth--, a += MR, b += 2)  \
            for (size_t r = 0; r < MR; r++) {                                                      \
                vector x = a[r] - (vector){ 0 };                                                   \
                sum[r][0] = multiply_add(x, b[0], sum[r][0]);                                      \
                sum[r][1] = multiply_add(x, b[1], sum[r][1]);                                      \
            }                                                                                      \
                                                                                                   \
        real block[MR][NR];                                                                        \
        memcpy(block, sum, sizeof block);                                                          \
        size_t height = dpk_smaller(MR, mul->m - down * MR);                                       \
        size_t width = dpk_smaller(NR, mul->n - across * NR);                                      \
        for (size_t r = 0; r < height; r++) {                                                      \
            real *c = (real *)dpk_row(&mul->c, down * MR + r) + across * NR;                       \
            for (size_t j = 0; j < width; j++)                                                     \
                c[j] = start == 0 ? block[r][j] : c[j] + block[r][j];                              \
        }                                                                                          \
    }

MICRO_KERNEL(f32_block, float, f32_vector, F32_MULTIPLY_ADD)
MICRO_KERNEL(f64_block, double, f64_vector, F64_MULTIPLY_ADD)

static size_t tiles_across(const struct matmul *mul)
{
    return dpk_ceil_div(mul->across, TILE);
}

/* Makes at least one step. When k is 0, that has depth 0 and sets C to 0. */
static void multiply_tile(const struct matmul *mul, size_t tile)
{
    size_t top = tile / tiles_across(mul) * TILE, left = tile % tiles_across(mul) * TILE;
    size_t bottom = dpk_smaller(mul->down, top + TILE),
           right = dpk_smaller(mul->across, left + TILE);
    size_t start = 0;
    do {
        for (size_t across = left; across < right; across++)
            for (size_t down = top; down < bottom; down++)
                if (mul->size == sizeof(float))
                    f32_block(mul, down, across, start);
                else
                    f64_block(mul, down, across, start);
        start += KC;
    } while (start < mul->k);
}

static void multiply(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    for (size_t tile = span.begin; tile < span.end; tile++)
        multiply_tile(self, tile);
}

static size_t tiles(const void *self)
{
    const struct matmul *mul = self;
    return dpk_ceil_div(mul->down, TILE) * tiles_across(mul);
}

/* ----------------------------------------------------------------------------------- descriptor */

static dpk_status shape(void *self, dpk_error *err)
{
    struct matmul *mul = self;
    const dpk_array *a = &mul->a, *b = &mul->b;
    const char *a_type = a->type == DPK_F32 ? "f32" : "f64";
    const char *b_type = b->type == DPK_F32 ? "f32" : "f64";
    if (a->type != b->type)
        return dpk_fail(
            err, DPK_BAD_INPUT,
            "matmul needs one element type, but a is %zu x %zu %s and b is %zu x %zu %s",
            a->shape[0], a->shape[1], a_type, b->shape[0], b->shape[1], b_type);
    if (a->shape[1] != b->shape[0])
        return dpk_fail(err, DPK_BAD_INPUT,
                        "matmul needs as many columns in a as rows in b, but a is %zu x %zu and b "
                        "is %zu x %zu",
                        a->shape[0], a->shape[1], b->shape[0], b->shape[1]);
    mul->size = dpk_type_size(a->type);
    mul->m = a->shape[0];
    mul->n = b->shape[1];
    mul->k = a->shape[1];
    size_t bytes;
    if (__builtin_mul_overflow(mul->m, mul->n, &bytes) ||
        __builtin_mul_overflow(bytes, mul->size, &bytes) || bytes > PTRDIFF_MAX)
        return dpk_fail(err, DPK_LIMIT, "a product of %zu x %zu elements does not fit into memory",
                        mul->m, mul->n);
    dpk_array_shape(&mul->c, a->type, 2, (const size_t[DPK_MAX_RANK]){ mul->m, mul->n });
    return DPK_OK;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct matmul *mul = self;
    mul->down = dpk_ceil_div(mul->m, MR);
    mul->across = dpk_ceil_div(mul->n, PANEL / mul->size);
    size_t row_panel, column_panel, rows, columns;
    if (__builtin_mul_overflow(mul->k, MR * mul->size, &row_panel) ||
        __builtin_mul_overflow(mul->k, PANEL, &column_panel) ||
        __builtin_mul_overflow(mul->down, row_panel, &rows) ||
        __builtin_mul_overflow(mul->across, column_panel, &columns))
        return dpk_fail(err, DPK_LIMIT, "matrices of %zu x %zu and %zu x %zu are too large to pack",
                        mul->m, mul->k, mul->k, mul->n);
    mul->rows = dpk_alloc(arena, rows, err);
    mul->columns = dpk_alloc(arena, columns, err);
    return mul->rows != NULL && mul->columns != NULL ? DPK_OK : DPK_LIMIT;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct matmul *mul = self;
    (void)arena;
    for (size_t i = 0; i < mul->m; i++)
        for (size_t j = 0; j < mul->n; j++) {
            long double sum = 0;
            for (size_t p = 0; p < mul->k; p++)
                sum += (long double)dpk_real_get(mul->a.data, i * mul->k + p, mul->a.type) *
                       dpk_real_get(mul->b.data, p * mul->n + j, mul->b.type);
            dpk_real_put(mul->c.data, i * mul->n + j, (double)sum, mul->c.type);
        }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct matmul *mul = self;
    double m = (double)mul->m, n = (double)mul->n, k = (double)mul->k;
    return (dpk_cost){ .bytes = (double)mul->size * (m * k + k * n + m * n),
                       .operations = 2 * m * n * k };
}

static const dpk_port ports[] = {
    DPK_IN(struct matmul, a, .types = DPK_REALS, .rank = 2, .help = "left matrix, m x k"),
    DPK_IN(struct matmul, b, .types = DPK_REALS, .rank = 2,
           .help = "right matrix, k x n, of the same type"),
    DPK_OUT(struct matmul, c, .help = "their product, m x n"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "pack rows", .extent = row_panels, .work = pack_rows },
    { .name = "pack columns", .extent = column_panels, .work = pack_columns },
    { .name = "multiply", .extent = tiles, .grain = dpk_once, .work = multiply },
    DPK_END,
};

/* Errors are a few epsilons of Σ|a·b|, which cancellation makes many of the largest |c| when the
 * elements are few. */
DPK_KERNEL(matmul, .summary = "product of two matrices", .group = "array",
           .details =
               "C[i][j] = sum over p of A[i][p] * B[p][j], for f32 or f64 matrices.\n"
               "\n"
               "2 m n k operations, none saved by identities that lose accuracy. Both "
               "matrices are packed into panels in the order of use; a micro-kernel keeps a "
               "block of C in registers, tiles keep panels in the caches. Sums are cut into "
               "steps of fixed depth, so the result does not depend on how many workers "
               "share the tiles, and errors grow slowly with k.\n"
               "\n"
               "K. Goto, R. van de Geijn, Anatomy of high-performance matrix "
               "multiplication, ACM TOMS 34(3), 2008. F. Van Zee, R. van de Geijn, BLIS: a "
               "framework for rapidly instantiating BLAS functionality, ACM TOMS 41(3), "
               "2015.",
           .examples = (const char *const[]){ "dpk matmul data/a.npy data/b.npy c.npy", NULL },
           .size = sizeof(struct matmul), .ports = ports, .shape = shape, .prepare = prepare,
           .passes = passes, .reference = reference, .tolerance = { .epsilons = 256 },
           .cost = cost);
