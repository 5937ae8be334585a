/* SPDX-License-Identifier: MIT */
/* fft: the discrete Fourier transform of a vector or a matrix, of any lengths:
 *
 *     X[k] = Σ_j x[j]·w^(jk),  w = exp(-2πi/n)
 *
 * Everything is made of short lines, transformed eight at a time, one to a vector lane, by radix-2,
 * 4 and odd butterflies in Stockham's self-sorting order: no length needs shuffles within vectors,
 * and eight complex numbers are a cache line or two of the array they come from. A long line is
 * split, n = n1·n2: transform the n2 columns of a matrix, multiply by twiddle factors, transform
 * its n1 rows (Cooley and Tukey, 1965; Bailey, 1990). So one long vector is many lines, too. A
 * length with a large prime factor becomes a convolution of length m ≥ 2n-1, by
 * jk = (j² + k² - (k-j)²)/2 (Bluestein, 1970), and m is split. The planner writes all this down as
 * steps, each of which reads its lines from one array and writes them to another.
 *
 * All arithmetic is in double: the error of c64 is then one rounding, whatever n, and one set of
 * butterflies serves both precisions. Roots of unity are accurate to a bit, so the error of c128
 * grows like log n. Nothing is fused or reordered: the bytes are the same at every ISA level. An
 * inverse transform is a forward one with real and imaginary parts exchanged. */
#include <dpk/dpk.h>

#include <complex.h>
#include <math.h>

#if defined(__AVX512F__)
enum { VECTOR = 64 };
#elif defined(__AVX__)
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif

enum {
    WIDTH = VECTOR / sizeof(double),
    LINES = 8,              /* transformed together, a batch */
    POINTS = LINES / WIDTH, /* vectors for one element of a batch */
    MAX_PRIME = 127,        /* factors; to there a convolution takes three times as long */
    MAX_LINE = 2048,        /* split beyond: two batches fill half a cache of 1 MiB */
    MIN_SPLIT = 64,         /* not split to there, however few lines there are */
    MAX_STAGES = 40,        /* 3^40 > 2^63 */
    MAX_STEPS = 12,         /* six for each axis */
    MAX_SLICES = 256,       /* of a step, enough to balance some ten workers */
};

typedef double vector __attribute__((vector_size(VECTOR), may_alias));

/* C's own complex product looks for NaNs, which keeps it from being vectorised. */
struct number {
    double re, im;
};

/* One element of WIDTH lines. */
struct point {
    vector re, im;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t ceil_div(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

/* ------------------------------------------------------------------------------ roots of unity */

/* exp(-2πi·j/n), 0 ≤ j < n. Quarter turns are taken off exactly and leave an angle within π/4. */
static struct number root_of_unity(int64_t j, int64_t n)
{
    int64_t turns = (8 * j + n) / (2 * n);
    double angle = 1.57079632679489661923 * ((double)(4 * j - turns * n) / (double)n);
    struct number w = { cos(angle), -sin(angle) };
    for (; turns > 0; turns--)
        w = (struct number){ w.im, -w.re };
    return w;
}

/* All roots of one order from a table of about 2·√order: w^j = high[j >> bits]·low[j mod 2^bits].
 */
struct roots {
    size_t order;
    unsigned bits;
    struct number *low, *high;
};

static struct number product(struct number a, struct number b)
{
    return (struct number){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static struct number root(const struct roots *roots, size_t j)
{
    size_t mask = ((size_t)1 << roots->bits) - 1;
    return product(roots->high[j >> roots->bits], roots->low[j & mask]);
}

/* ------------------------------------------------------------------------------ batches of lines
 */

struct line {
    size_t length;
    unsigned stages;
    unsigned radix[MAX_STAGES];
    struct number *root; /* all of them, of order length */
};

static inline struct point add(struct point a, struct point b)
{
    return (struct point){ a.re + b.re, a.im + b.im };
}

static inline struct point subtract(struct point a, struct point b)
{
    return (struct point){ a.re - b.re, a.im - b.im };
}

static inline struct point multiply(struct point a, struct number w)
{
    return (struct point){ a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re };
}

static inline void butterfly_2(struct point *z)
{
    struct point a = z[0];
    z[0] = add(a, z[1]);
    z[1] = subtract(a, z[1]);
}

static inline void butterfly_4(struct point *z)
{
    struct point a = add(z[0], z[2]), b = subtract(z[0], z[2]);
    struct point c = add(z[1], z[3]), d = subtract(z[1], z[3]);
    struct point turned = { d.im, -d.re };
    z[0] = add(a, c);
    z[1] = add(b, turned);
    z[2] = subtract(a, c);
    z[3] = subtract(b, turned);
}

/* By pairs: z[j]·w + z[-j]·w* = (z[j] + z[-j])·Re w + i·(z[j] - z[-j])·Im w, indices mod radix. The
 * roots of order radix are `stride` apart. */
static inline void butterfly_odd(struct point *z, size_t radix, const struct number *roots,
                                 size_t stride)
{
    struct point sum[MAX_PRIME / 2 + 1], difference[MAX_PRIME / 2 + 1], total = z[0];
    for (size_t j = 1; j <= radix / 2; j++) {
        sum[j] = add(z[j], z[radix - j]);
        difference[j] = subtract(z[j], z[radix - j]);
        total = add(total, sum[j]);
    }
    for (size_t k = 1; k <= radix / 2; k++) {
        struct point even = z[0], odd = { { 0 }, { 0 } };
        for (size_t j = 1; j <= radix / 2; j++) {
            struct number w = roots[j * k % radix * stride];
            even = add(even, (struct point){ sum[j].re * w.re, sum[j].im * w.re });
            odd = add(odd, (struct point){ -difference[j].im * w.im, difference[j].re * w.im });
        }
        z[k] = add(even, odd);
        z[radix - k] = subtract(even, odd);
    }
    z[0] = total;
}

/* One stage of Stockham's algorithm; `done` is the product of the radices before it. */
static inline void stage(const struct line *line, size_t radix, size_t done,
                         const struct point *from, struct point *to)
{
    size_t left = line->length / done / radix, run = done * POINTS;
    for (size_t p = 0; p < left; p++)
        for (size_t q = 0; q < run; q++) {
            struct point z[MAX_PRIME];
            z[0] = from[p * run + q];
            for (size_t j = 1; j < radix; j++)
                z[j] = from[(j * left + p) * run + q];
            if (radix == 2)
                butterfly_2(z);
            else if (radix == 4)
                butterfly_4(z);
            else
                butterfly_odd(z, radix, line->root, line->length / radix);
            to[p * radix * run + q] = z[0];
            for (size_t k = 1; k < radix; k++)
                to[(p * radix + k) * run + q] = multiply(z[k], line->root[p * k * done]);
        }
}

/* Transforms the batch in z, using spare, and returns the one of them that holds the result. The
 * constants unroll the loops of the frequent radices. */
static struct point *transform(const struct line *line, struct point *z, struct point *spare)
{
    size_t done = 1;
    for (unsigned s = 0; s < line->stages; s++) {
        if (line->radix[s] == 2)
            stage(line, 2, done, z, spare);
        else if (line->radix[s] == 3)
            stage(line, 3, done, z, spare);
        else if (line->radix[s] == 4)
            stage(line, 4, done, z, spare);
        else if (line->radix[s] == 5)
            stage(line, 5, done, z, spare);
        else
            stage(line, line->radix[s], done, z, spare);
        done *= line->radix[s];
        struct point *result = spare;
        spare = z;
        z = result;
    }
    return z;
}

/* --------------------------------------------------------------------------------------- steps */

/* Rows of `length` numbers. Those of real types have no imaginary part; without any data, all
 * numbers are 1. */
struct numbers {
    void *data;
    dpk_type type;
    size_t length;
    bool exchange; /* real and imaginary parts, on reading and on writing */
    double scale;  /* factor, on writing */
};

static struct number read_number(const struct numbers *from, size_t i)
{
    const float *f32 = from->data;
    const double *f64 = from->data;
    struct number z = { 1, 0 };
    if (f32 == NULL)
        return z;
    if (from->type == DPK_F32)
        z.re = f32[i];
    else if (from->type == DPK_F64)
        z.re = f64[i];
    else if (from->type == DPK_C64)
        z = (struct number){ f32[2 * i], f32[2 * i + 1] };
    else
        z = (struct number){ f64[2 * i], f64[2 * i + 1] };
    return from->exchange ? (struct number){ z.im, z.re } : z;
}

static void write_number(const struct numbers *to, size_t i, struct number z)
{
    double re = to->scale * (to->exchange ? z.im : z.re);
    double im = to->scale * (to->exchange ? z.re : z.im);
    if (to->type == DPK_C64) {
        ((float *)to->data)[2 * i] = (float)re;
        ((float *)to->data)[2 * i + 1] = (float)im;
    } else {
        ((double *)to->data)[2 * i] = re;
        ((double *)to->data)[2 * i + 1] = im;
    }
}

/* One of the lengths of the array, and how it is transformed. */
struct axis {
    size_t n, count;           /* `count` lines of n numbers */
    size_t m;                  /* n, or the length of the convolution */
    struct line columns, rows; /* lengths of m as a matrix; of one row if it is not split */
    struct roots roots;        /* of order m, for twiddle factors */
    struct roots chirp;        /* of order 2n */
    struct number *filter;     /* the chirp transformed */
    struct number *work[2];    /* count × m, between steps */
};

/* What numbers are multiplied by before or after a step. */
enum factor { ONE, TWIDDLE, CHIRP, CHIRP_CONJUGATE, FILTER };

/* Each row of `from` is a group of lines, stored along or across; they are transformed and stored
 * across: in rows of `to`, or interleaved, number i of all groups side by side. */
struct step {
    const struct axis *axis;
    const struct line *line;
    size_t groups, lines; /* lines of a group */
    struct numbers from, to;
    bool along, interleaved; /* otherwise across, and in rows */
    enum factor before, after;
};

struct fft {
    dpk_array in, out;
    bool inverse;
    struct axis axis[2];
    unsigned steps;
    struct step step[MAX_STEPS];
    size_t longest; /* line of any step */
    size_t slices;  /* of every step */
};

/* For element e of line l, which is number i of its group when stored across. */
static struct number factor(const struct axis *axis, enum factor kind, size_t e, size_t l, size_t i)
{
    if (kind == TWIDDLE)
        return root(&axis->roots, e * l);
    if (kind == FILTER)
        return axis->filter[i];
    /* b[i] = exp(πi·i²/n) for -n < i < n, modulo m; what is between is never multiplied by data. */
    uint64_t distance = smaller(i, axis->m - i);
    if (distance >= axis->n)
        return (struct number){ 0, 0 };
    struct number w = root(&axis->chirp, (size_t)(distance * distance % axis->chirp.order));
    return (struct number){ w.re, kind == CHIRP ? -w.im : w.im };
}

/* The real part of element e of a lane; its imaginary part is WIDTH further on. */
static inline double *part(struct point *batch, size_t e, size_t lane)
{
    return (double *)(batch + e * POINTS + lane / WIDTH) + lane % WIDTH;
}

/* Lanes without a line, and numbers beyond the end of a row, are 0. */
static void load(const struct step *step, size_t group, size_t first, struct point *batch)
{
    const struct numbers *from = &step->from;
    for (size_t e = 0; e < step->line->length; e++)
        for (size_t lane = 0; lane < LINES; lane++) {
            size_t l = first + lane, across = e * step->lines + l;
            size_t i = step->along ? l * step->line->length + e : across;
            struct number z = { 0, 0 };
            if (l < step->lines && i < from->length)
                z = read_number(from, group * from->length + i);
            if (l < step->lines && step->before != ONE)
                z = product(z, factor(step->axis, step->before, e, l, across));
            part(batch, e, lane)[0] = z.re;
            part(batch, e, lane)[WIDTH] = z.im;
        }
}

static void store(const struct step *step, size_t group, size_t first, struct point *batch)
{
    const struct numbers *to = &step->to;
    size_t lines = smaller(LINES, step->lines - first);
    for (size_t e = 0; e < step->line->length; e++)
        for (size_t lane = 0; lane < lines; lane++) {
            size_t l = first + lane, i = e * step->lines + l;
            struct number z = { part(batch, e, lane)[0], part(batch, e, lane)[WIDTH] };
            if (i >= to->length)
                return;
            if (step->after != ONE)
                z = product(z, factor(step->axis, step->after, e, l, i));
            write_number(to, step->interleaved ? i * step->groups + group : group * to->length + i,
                         z);
        }
}

static size_t batches(const struct step *step)
{
    return step->groups * ceil_div(step->lines, LINES);
}

/* Groups are the inner loop, so that a cache line they share is completed at once. */
static void run_step(const void *self, dpk_span span, void *scratch)
{
    const struct fft *fft = self;
    const struct step *step = &fft->step[span.step];
    size_t begin = batches(step) * span.begin / fft->slices;
    size_t end = batches(step) * span.end / fft->slices;
    struct point *batch = scratch, *spare = batch + step->line->length * POINTS;
    for (size_t i = begin; i < end; i++) {
        size_t group = i % step->groups, first = i / step->groups * LINES;
        load(step, group, first, batch);
        store(step, group, first, transform(step->line, batch, spare));
    }
}

static size_t slices(const void *self)
{
    return ((const struct fft *)self)->slices;
}

static size_t steps(const void *self)
{
    return ((const struct fft *)self)->steps;
}

static size_t scratch_bytes(const void *self)
{
    return 2 * ((const struct fft *)self)->longest * POINTS * sizeof(struct point);
}

/* ------------------------------------------------------------------------------------- planner */

static struct number *allocate(size_t rows, size_t columns, dpk_arena *arena, dpk_error *err)
{
    size_t bytes;
    if (!__builtin_mul_overflow(rows, columns, &bytes) &&
        !__builtin_mul_overflow(bytes, sizeof(struct number), &bytes))
        return dpk_alloc(arena, bytes, err);
    (void)dpk_fail(err, DPK_LIMIT,
                   "this transform would need more memory than there are addresses");
    return NULL;
}

/* Whether n has no prime factor above `largest`. */
static bool is_smooth(size_t n, size_t largest)
{
    for (size_t p = 2; p <= largest; p++)
        while (n % p == 0)
            n /= p;
    return n == 1;
}

/* Room for the convolution, quick to transform, and a matrix with sides of whole batches. */
static size_t convolution_length(size_t n)
{
    size_t m = ceil_div(2 * n - 1, LINES * LINES) * LINES * LINES;
    while (!is_smooth(m, 5))
        m += LINES * LINES;
    return m;
}

static size_t divisor_near_root(size_t n)
{
    size_t divisor = (size_t)sqrt((double)n);
    while (n % divisor)
        divisor--;
    return divisor;
}

static bool make_roots(struct roots *roots, size_t order, dpk_arena *arena, dpk_error *err)
{
    roots->order = order;
    while (order >> roots->bits >> roots->bits)
        roots->bits++;
    size_t low = (size_t)1 << roots->bits, high = (order >> roots->bits) + 1;
    roots->low = allocate(1, low + high, arena, err);
    if (roots->low == NULL)
        return false;
    roots->high = roots->low + low;
    for (size_t j = 0; j < low; j++)
        roots->low[j] = root_of_unity(j % order, order);
    for (size_t j = 0; j < high; j++)
        roots->high[j] = root_of_unity((j << roots->bits) % order, order);
    return true;
}

static bool make_line(struct line *line, size_t length, dpk_arena *arena, dpk_error *err)
{
    line->length = length;
    line->root = allocate(1, length, arena, err);
    for (size_t j = 0; j < length && line->root != NULL; j++)
        line->root[j] = root_of_unity(j, length);
    for (unsigned radix = 4; length > 1;) {
        if (length % radix == 0) {
            line->radix[line->stages++] = radix;
            length /= radix;
        } else {
            radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
        }
    }
    return line->root != NULL;
}

static bool make_axis(struct axis *axis, size_t n, size_t count, dpk_arena *arena, dpk_error *err)
{
    bool smooth = is_smooth(n, MAX_PRIME);
    bool split = !smooth || n > MAX_LINE || (n > MIN_SPLIT && count < LINES);
    if (!smooth && n > UINT32_MAX) { /* squares are taken in 64 bits */
        (void)dpk_fail(err, DPK_LIMIT,
                       "a length with a prime factor above %d can be 2^32 - 1 at most", MAX_PRIME);
        return false;
    }
    size_t m = smooth ? n : convolution_length(n), columns = split ? divisor_near_root(m) : m;
    axis->n = n;
    axis->m = m;
    axis->count = count;
    axis->filter = allocate(smooth ? 0 : 1, m, arena, err);
    axis->work[0] = allocate(split ? count : 0, m, arena, err);
    axis->work[1] = allocate(smooth ? 0 : count, m, arena, err);
    return axis->filter != NULL && axis->work[0] != NULL && axis->work[1] != NULL &&
           make_line(&axis->columns, columns, arena, err) &&
           make_line(&axis->rows, m / columns, arena, err) &&
           make_roots(&axis->roots, m, arena, err) && make_roots(&axis->chirp, 2 * n, arena, err);
}

static void add_step(struct fft *fft, struct step step)
{
    fft->step[fft->steps++] = step;
    if (fft->longest < step.line->length)
        fft->longest = step.line->length;
    if (fft->slices < batches(&step))
        fft->slices = smaller(batches(&step), MAX_SLICES);
}

static struct numbers rows_of(struct number *data, size_t length)
{
    return (struct numbers){ data, DPK_C128, length, .scale = 1 };
}

/* The rows of `from` become the columns of `to`. */
static void plan_split(struct fft *fft, const struct axis *axis, size_t rows, struct numbers from,
                       enum factor before, struct numbers to)
{
    struct numbers work = rows_of(axis->work[0], axis->m);
    add_step(fft, (struct step){ axis, &axis->columns, rows, axis->rows.length, from, work,
                                 .before = before, .after = TWIDDLE });
    add_step(fft, (struct step){ axis, &axis->rows, rows, axis->columns.length, work, to,
                                 .along = true, .interleaved = true });
}

/* With b[j] = exp(πi·j²/n), X = b*·((b*·x) ⊛ b). The convolution's inverse transform takes the
 * steps of a split backwards: rows, then columns. */
static void plan_bluestein(struct fft *fft, const struct axis *axis, struct numbers from,
                           struct numbers to)
{
    size_t m = axis->m, count = axis->count;
    struct numbers ones = { .length = m }, filter = rows_of(axis->filter, m);
    struct numbers work = rows_of(axis->work[0], m), convolved = rows_of(axis->work[1], m);
    struct numbers exchanged = convolved;
    exchanged.exchange = true;
    to.exchange = !to.exchange;
    to.scale /= (double)m;

    plan_split(fft, axis, 1, ones, CHIRP, filter);
    add_step(fft, (struct step){ axis, &axis->columns, count, axis->rows.length, from, work,
                                 .before = CHIRP_CONJUGATE, .after = TWIDDLE });
    add_step(fft, (struct step){ axis, &axis->rows, count, axis->columns.length, work, exchanged,
                                 .along = true, .after = FILTER });
    add_step(fft, (struct step){ axis, &axis->rows, count, axis->columns.length, convolved, work,
                                 .after = TWIDDLE });
    add_step(fft, (struct step){ axis, &axis->columns, count, axis->rows.length, work, to,
                                 .along = true, .interleaved = true, .after = CHIRP });
}

static void plan_axis(struct fft *fft, const struct axis *axis, struct numbers from,
                      struct numbers to)
{
    bool split = axis->rows.length > 1;
    from.length = to.length = split ? axis->n : axis->n * axis->count;
    if (axis->m > axis->n)
        plan_bluestein(fft, axis, from, to);
    else if (split)
        plan_split(fft, axis, axis->count, from, ONE, to);
    else
        add_step(fft,
                 (struct step){ axis, &axis->columns, 1, axis->count, from, to, .along = true });
}

/* In two dimensions the first axis leaves a transposed matrix, and the second turns it back. */
static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct fft *fft = self;
    size_t count = dpk_count(&fft->in), rows = fft->in.rank == 2 ? fft->in.shape[0] : 1;
    if (count == 0)
        return DPK_OK;
    struct numbers x = { .data = fft->in.data, .type = fft->in.type, .exchange = fft->inverse };
    struct numbers y = { .data = fft->out.data,
                         .type = fft->out.type,
                         .exchange = fft->inverse,
                         .scale = fft->inverse ? 1 / (double)count : 1 };
    struct numbers between = rows_of(allocate(fft->in.rank - 1, count, arena, err), 0);
    if (between.data == NULL || !make_axis(&fft->axis[0], count / rows, rows, arena, err) ||
        !make_axis(&fft->axis[1], rows, count / rows, arena, err))
        return DPK_LIMIT;
    plan_axis(fft, &fft->axis[0], x, fft->in.rank == 2 ? between : y);
    if (fft->in.rank == 2)
        plan_axis(fft, &fft->axis[1], between, y);
    return DPK_OK;
}

/* ---------------------------------------------------------------------------------- descriptor */

static dpk_status shape(void *self, dpk_error *err)
{
    struct fft *fft = self;
    if (fft->in.rank != 1 && fft->in.rank != 2)
        return dpk_fail(err, DPK_BAD_INPUT, "fft takes a vector or a matrix, not rank %u",
                        fft->in.rank);
    bool single = fft->in.type == DPK_F32 || fft->in.type == DPK_C64;
    dpk_array_shape(&fft->out, single ? DPK_C64 : DPK_C128, fft->in.rank, fft->in.shape);
    return DPK_OK;
}

/* n numbers, `stride` apart, by the definition; w and copy have room for as many. */
static void define(long double complex *z, size_t n, size_t stride, int sign,
                   long double complex *w, long double complex *copy)
{
    for (size_t j = 0; j < n; j++) {
        w[j] = cexpl(sign * 2 * acosl(-1) * I * j / n);
        copy[j] = z[j * stride];
    }
    for (size_t k = 0; k < n; k++) {
        long double complex sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += copy[j] * w[j * k % n];
        z[k * stride] = sum;
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct fft *fft = self;
    const struct numbers x = { .data = fft->in.data, .type = fft->in.type };
    const struct numbers y = { .data = fft->out.data, .type = fft->out.type, .scale = 1 };
    size_t count = dpk_count(&fft->in), rows = fft->in.rank == 2 ? fft->in.shape[0] : 1;
    if (count == 0 || count > SIZE_MAX / 3 / sizeof(long double complex))
        return count == 0;
    long double complex *z = dpk_alloc(arena, 3 * count * sizeof *z, NULL);
    if (z == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct number number = read_number(&x, i);
        z[i] = number.re + I * number.im;
    }
    int sign = fft->inverse ? 1 : -1;
    for (size_t row = 0; row < rows; row++)
        define(z + row * (count / rows), count / rows, 1, sign, z + count, z + 2 * count);
    for (size_t column = 0; column < count / rows; column++)
        define(z + column, rows, count / rows, sign, z + count, z + 2 * count);
    for (size_t i = 0; i < count; i++) {
        long double complex sum = fft->inverse ? z[i] / count : z[i];
        write_number(&y, i, (struct number){ (double)creall(sum), (double)cimagl(sum) });
    }
    return true;
}

/* The customary count of operations, 5·n·log2 n. */
static dpk_cost cost(const void *self)
{
    const struct fft *fft = self;
    double count = (double)dpk_count(&fft->in);
    return (dpk_cost){
        .bytes = count * (double)(dpk_type_size(fft->in.type) + dpk_type_size(fft->out.type)),
        .operations = count > 1 ? 5 * count * log2(count) : 0,
    };
}

static const dpk_param params[] = {
    DPK_PARAM(struct fft, inverse, .def = "no", .help = "inverse transform, divided by the count"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct fft, in, .types = DPK_F32 | DPK_F64 | DPK_C64 | DPK_C128,
           .help = "vector or matrix, real or complex"),
    DPK_OUT(struct fft, out, .help = "its transform: c64 for f32 and c64, otherwise c128"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "lines",
      .extent = slices,
      .grain = dpk_once,
      .work = run_step,
      .scratch = scratch_bytes,
      .repeat = steps },
    DPK_END,
};

DPK_KERNEL(fft, .summary = "discrete Fourier transform of a vector or a matrix",
           .group = "transform",
           .details =
               "X[k] = sum over j of x[j] * exp(-2 pi i j k / n); with --inverse the exponent is "
               "positive and the sum is divided by n. A matrix is transformed along both axes. "
               "Any length, including 0 and primes.\n"
               "\n"
               "Lengths with prime factors up to 127 are factored as by Cooley and Tukey: a long "
               "vector is the columns, then the rows of a matrix, and those are transformed eight "
               "at a time by radix-4, 2, 3, 5 and prime stages in Stockham's order. Other lengths "
               "become a convolution of about twice the length, as by Bluestein. Double precision "
               "inside for all types; the error grows like log n.\n"
               "\n"
               "J. Cooley, J. Tukey, An algorithm for the machine calculation of complex Fourier "
               "series, Math. Comp. 19, 1965. L. Bluestein, A linear filtering approach to the "
               "computation of discrete Fourier transform, IEEE Trans. Audio Electroacoust. 18, "
               "1970. D. Bailey, FFTs in external or hierarchical memory, J. Supercomputing 4, "
               "1990.",
           .examples = (const char *const[]){ "dpk fft data/samples.npy spectrum.npy",
                                              "dpk fft data/samples.npy signal.npy --inverse",
                                              "dpk fft data/a.npy spectrum.npy", NULL },
           .size = sizeof(struct fft), .params = params, .ports = ports, .shape = shape,
           .prepare = prepare, .passes = passes, .reference = reference,
           .tolerance = { .epsilons = 32 }, .reference_limit = 8192, .cost = cost);
