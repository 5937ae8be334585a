/* SPDX-License-Identifier: MIT */
/* fft: the discrete Fourier transform of a vector or a matrix, of any lengths:
 *
 *     X[k] = Σ_j x[j]·w^(jk),  w = exp(-2πi/n)
 *
 * Short lines are transformed eight at a time, one to a vector lane, by butterflies of radix 2, 4
 * and odd ones in Stockham's self-sorting order. This needs no shuffles within vectors for any
 * length, and eight complex numbers are one or two cache lines of the array they come from. A long
 * line is split, n = n1·n2: the n2 columns of a matrix are transformed and multiplied by twiddle
 * factors, then its n1 rows are transformed (Cooley and Tukey, 1965; Bailey, 1990). So a long
 * vector consists of many lines, too. A length with a large prime factor becomes a convolution of
 * length m ≥ 2n-1, by jk = (j² + k² - (k-j)²)/2 (Bluestein, 1970), and m is split. A plan lists the
 * steps of all this; each step reads its lines from one array and writes them to another.
 *
 * All arithmetic is in double. So the error of c64 is one rounding, whatever n is, and the same
 * butterflies serve both precisions. Roots of unity are accurate to the last bit, so the error of
 * c128 grows like log n. Operations are not fused or reordered, so the bytes are the same at every
 * ISA level. An inverse transform is a forward one with real and imaginary parts exchanged. */
#include "fft_plan.h"

#include <complex.h>

struct fft {
    dpk_array in, out;
    bool inverse;
    struct plan *plan; /* NULL for an empty array */
};

/* --------------------------------------------------------------------------------------- passes */

/* A power of two by which numbers are divided when they are near the largest one: so much that no
 * sum of any step can overflow, and so little that what is lost at the other end is far below the
 * rounding errors. */
#define SHRINK 0x1p512

static size_t slices(const void *self)
{
    const struct fft *fft = self;
    return fft->plan != NULL ? fft->plan->slices : 0;
}

static size_t steps(const void *self)
{
    const struct fft *fft = self;
    return fft->plan != NULL ? fft->plan->steps : 0;
}

static size_t scratch_bytes(const void *self)
{
    const struct fft *fft = self;
    return fft->plan != NULL ? 2 * fft->plan->longest * POINTS * sizeof(struct point) : 0;
}

static struct step find_arrays(const struct fft *fft, size_t number)
{
    struct step step = fft->plan->step[number];
    if (step.from.place == INPUT)
        step.from.data = fft->in.data;
    if (step.to.place == OUTPUT)
        step.to.data = fft->out.data;
    return step;
}

static void shrink(struct point *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        batch[i].re *= 1 / SHRINK;
        batch[i].im *= 1 / SHRINK;
    }
}

/* Executes a slice of a step; with `shrunken`, it divides the numbers of the input. Returns whether
 * all numbers that it wrote are finite. Groups are the inner loop, so that a cache line they share
 * is completed at once. */
static bool run_slice(const struct fft *fft, const struct step *step, size_t slice, bool shrunken,
                      void *scratch)
{
    size_t begin = batches(step) * slice / fft->plan->slices;
    size_t end = batches(step) * (slice + 1) / fft->plan->slices;
    size_t points = step->line->length * POINTS;
    struct point *batch = scratch, *spare = batch + points;
    bool finite = true;
    for (size_t i = begin; i < end; i++) {
        size_t group = i % step->groups, first = i / step->groups * LINES;
        load(step, group, first, batch);
        if (shrunken && step->from.place == INPUT)
            shrink(batch, points);
        finite &= store(step, group, first, transform(step->line, batch, spare));
    }
    return finite;
}

static void run_step(const void *self, dpk_span span, void *scratch)
{
    const struct fft *fft = self;
    const struct step step = find_arrays(fft, span.step);
    for (size_t slice = span.begin; slice < span.end; slice++) {
        bool finite = run_slice(fft, &step, slice, false, scratch);
        if (span.step + 1 == fft->plan->steps)
            fft->plan->overflow[slice] = !finite;
    }
}

/* One item where results are doubles. Sums of floats cannot overflow, as they are doubles. */
static size_t doubles(const void *self)
{
    const struct fft *fft = self;
    return fft->plan != NULL && fft->out.type == DPK_C128;
}

/* Sums on the way to a result can overflow although the result does not. That is rare: when a slice
 * wrote a number that is not finite, one worker executes all steps again, on numbers that are
 * shrunk when they are read and grown when they are written. Both are exact, and what is still not
 * finite then has no finite value. */
static void again(const void *self, dpk_span span, void *scratch)
{
    const struct fft *fft = self;
    bool overflow = false;
    (void)span;
    for (size_t slice = 0; slice < fft->plan->slices; slice++)
        overflow = overflow || fft->plan->overflow[slice];
    for (size_t i = 0; i < fft->plan->steps && overflow; i++) {
        struct step step = find_arrays(fft, i);
        if (step.to.place == OUTPUT)
            step.to.scale *= SHRINK;
        for (size_t slice = 0; slice < fft->plan->slices; slice++)
            (void)run_slice(fft, &step, slice, true, scratch);
    }
}

/* ----------------------------------------------------------------------------------- descriptor */

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

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct fft *fft = self;
    if (dpk_count(&fft->in) == 0)
        return DPK_OK;
    fft->plan = dpk_alloc(arena, sizeof *fft->plan, err);
    if (fft->plan == NULL)
        return DPK_LIMIT;
    memset(fft->plan, 0, sizeof *fft->plan);
    return make_plan(fft->plan, &fft->in, &fft->out, fft->inverse, arena, err);
}

/* Transforms n numbers, `stride` apart, by the definition; w and copy have room for n numbers. */
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
    size_t count = dpk_count(&fft->in), rows = fft->in.rank == 2 ? fft->in.shape[0] : 1;
    if (count == 0 || count > SIZE_MAX / 3 / sizeof(long double complex))
        return count == 0;
    long double complex *z = dpk_alloc(arena, 3 * count * sizeof *z, NULL);
    if (z == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        dpk_complex number = dpk_complex_get(fft->in.data, i, fft->in.type);
        z[i] = number.re + I * number.im;
    }
    int sign = fft->inverse ? 1 : -1;
    for (size_t row = 0; row < rows; row++)
        define(z + row * (count / rows), count / rows, 1, sign, z + count, z + 2 * count);
    for (size_t column = 0; column < count / rows; column++)
        define(z + column, rows, count / rows, sign, z + count, z + 2 * count);
    for (size_t i = 0; i < count; i++) {
        long double complex sum = fft->inverse ? z[i] / count : z[i];
        dpk_complex number = { (double)creall(sum), (double)cimagl(sum) };
        dpk_complex_put(fft->out.data, i, number, fft->out.type);
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
    { .name = "again", .extent = doubles, .work = again, .scratch = scratch_bytes },
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
