/* SPDX-License-Identifier: MIT */
/* mandelbrot: for each point c of the complex plane, how soon the orbit
 *
 *     z := z * z + c        from z = 0
 *
 * leaves a circle around the origin; points whose orbit stays inside for good are the Mandelbrot
 * set (B. B. Mandelbrot, The Fractal Geometry of Nature, 1982, chapter 19). Some points take two
 * steps and others as many as are allowed, so the times of rows differ a lot: this kernel shows
 * what dynamic scheduling gains. It therefore takes no short cuts inside the set.
 *
 * Steps are counted in fractions to let colours blend into each other: with z the first value
 * outside, n - log2(log |z| / log RADIUS) falls from n to n - 1 while |z| grows from RADIUS to its
 * square, where the count of whole steps changes. All arithmetic is that of IEEE 754, without
 * library functions that are free to round their own way: the picture is the same everywhere. */
#include <dpk/dpk.h>

#include <complex.h>
#include <math.h>
#include <string.h>

/* 256: so far out, where c is small beside z, fractions of steps fit together without a seam. */
enum { LOG2_RADIUS = 8 };
#define RADIUS_SQUARED ((double)(1 << (2 * LOG2_RADIUS)))

/* Orbits computed at the same time, and steps between two looks at whether any is still inside. */
enum { LANES = 16, STRIDE = 8 };

/* |z|^2 between RADIUS^2 and RADIUS^4 spans 16 powers of two. 64 entries for each keep a step
 * between neighbours below a five-hundredth of an iteration. */
enum { FRACTION_BITS = 6, FRACTIONS = (2 * LOG2_RADIUS) << FRACTION_BITS };

/* Enough colours that neighbours differ by at most one level. */
enum { PALETTE = 4096 };

/* The height of the view at zoom 1. */
#define VIEW_HEIGHT 2.5

/* The fourth root of the number of steps, times this, goes around the palette: early steps, which
 * fill large areas, get wide bands, and later ones bands narrow enough to tell them apart. */
#define TURNS 0.72

struct tables {
    double fraction[FRACTIONS + 1];
    uint8_t palette[PALETTE][3];
};

struct mandelbrot {
    dpk_array out;
    size_t width, height, iterations, samples;
    double x, y, zoom;
    struct tables *tables;
};

struct orbits {
    double cx[LANES], cy[LANES], x[LANES], y[LANES], steps[LANES];
};

/* Moves all orbits that will still be inside after STRIDE steps by so many steps, and leaves the
 * others where they are. An orbit that has left only moves away, so one look per leap is enough.
 * Returns how many orbits it moved. */
static double leap(struct orbits *orbits)
{
    double count = 0;
#pragma omp simd reduction(+ : count)
    for (size_t lane = 0; lane < LANES; lane++) {
        double cx = orbits->cx[lane], cy = orbits->cy[lane];
        double x = orbits->x[lane], y = orbits->y[lane];
        for (int step = 0; step < STRIDE; step++) {
            double xx = x * x, yy = y * y, xy = x * y;
            x = xx - yy + cx;
            y = xy + xy + cy;
        }
        bool inside = x * x + y * y <= RADIUS_SQUARED; /* false for NaN, which is far outside */
        orbits->x[lane] = inside ? x : orbits->x[lane];
        orbits->y[lane] = inside ? y : orbits->y[lane];
        orbits->steps[lane] += inside ? (double)STRIDE : 0.0;
        count += inside ? 1.0 : 0.0;
    }
    return count;
}

/* The steps after an orbit's last leap: at most STRIDE, the last of which may lead outside. */
static void walk(struct orbits *orbits, double iterations)
{
#pragma omp simd
    for (size_t lane = 0; lane < LANES; lane++) {
        double cx = orbits->cx[lane], cy = orbits->cy[lane];
        double x = orbits->x[lane], y = orbits->y[lane], steps = orbits->steps[lane];
        for (int step = 0; step < STRIDE; step++) {
            double xx = x * x, yy = y * y, xy = x * y;
            bool inside = (xx + yy <= RADIUS_SQUARED) & (steps < iterations);
            x = inside ? xx - yy + cx : x;
            y = inside ? xy + xy + cy : y;
            steps += inside ? 1.0 : 0.0;
        }
        orbits->x[lane] = x;
        orbits->y[lane] = y;
        orbits->steps[lane] = steps;
    }
}

/* Adds the colour of an orbit that ended after so many steps with this |z|^2. */
static void add_colour(const struct mandelbrot *mandelbrot, double steps, double square,
                       unsigned sum[3])
{
    if (square <= RADIUS_SQUARED)
        return; /* the set is black */

    /* As bits, positive doubles are in their order: exponent and mantissa lead to the entry. */
    const double least = RADIUS_SQUARED;
    uint64_t bits, least_bits;
    memcpy(&bits, &square, sizeof bits);
    memcpy(&least_bits, &least, sizeof least_bits);
    uint64_t entry = (bits - least_bits) >> (52 - FRACTION_BITS); /* of 52 bits of mantissa */
    double fraction = mandelbrot->tables->fraction[entry < FRACTIONS ? entry : FRACTIONS];
    double turns = TURNS * sqrt(sqrt(steps - fraction));
    const uint8_t *colour = mandelbrot->tables->palette[(size_t)(turns * PALETTE) % PALETTE];
    for (int channel = 0; channel < 3; channel++)
        sum[channel] += colour[channel];
}

static void put_pixel(uint8_t *pixel, unsigned sum[3], size_t points)
{
    for (int channel = 0; channel < 3; channel++) {
        pixel[channel] = (uint8_t)((sum[channel] + points / 2) / points);
        sum[channel] = 0;
    }
}

/* Where sample number i of `samples` per pixel and axis is, in pixels from the middle. */
static double offset(size_t i, size_t samples, size_t pixels)
{
    return ((double)i + 0.5) / (double)samples - (double)pixels / 2;
}

/* Points are taken pixel by pixel and within it row by row, LANES at a time. */
static void row(const struct mandelbrot *mandelbrot, size_t y, uint8_t *pixels)
{
    size_t samples = mandelbrot->samples, points = samples * samples;
    size_t count = mandelbrot->width * points, iterations = mandelbrot->iterations;
    double scale = VIEW_HEIGHT / mandelbrot->zoom / (double)mandelbrot->height;
    unsigned sum[3] = { 0 };

    for (size_t begin = 0; begin < count; begin += LANES) {
        struct orbits orbits = { 0 };
        for (size_t lane = 0; lane < LANES; lane++) {
            size_t i = begin + lane < count ? begin + lane : count - 1;
            size_t column = i / points * samples + i % samples;
            size_t line = y * samples + i % points / samples;
            orbits.cx[lane] = mandelbrot->x + scale * offset(column, samples, mandelbrot->width);
            orbits.cy[lane] = mandelbrot->y - scale * offset(line, samples, mandelbrot->height);
        }
        for (size_t left = iterations; left >= STRIDE && leap(&orbits) > 0; left -= STRIDE)
            ;
        walk(&orbits, (double)iterations);
        for (size_t lane = 0; lane < LANES && begin + lane < count; lane++) {
            double zx = orbits.x[lane], zy = orbits.y[lane];
            add_colour(mandelbrot, orbits.steps[lane], zx * zx + zy * zy, sum);
            if ((begin + lane + 1) % points == 0) {
                put_pixel(pixels, sum, points);
                pixels += 3;
            }
        }
    }
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct mandelbrot *mandelbrot = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++)
        row(mandelbrot, y, dpk_row(&mandelbrot->out, y));
}

static size_t rows(const void *self)
{
    const struct mandelbrot *mandelbrot = self;
    return mandelbrot->height;
}

/* One row is enough work for a chunk, and small chunks even out differences between rows. */
static size_t grain(const void *self)
{
    (void)self;
    return 1;
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct mandelbrot *mandelbrot = self;
    size_t width = mandelbrot->width, height = mandelbrot->height;
    if (width != 0 && height > PTRDIFF_MAX / 3 / width)
        return dpk_fail(err, DPK_LIMIT, "a picture of %zu by %zu pixels is too large", width,
                        height);
    dpk_array_shape(&mandelbrot->out, DPK_U8, 3, (const size_t[DPK_MAX_RANK]){ height, width, 3 });
    return DPK_OK;
}

/* For x of at least 1: powers of two, then the series of artanh, whose remainder is below 1e-10
 * as (x - 1) / (x + 1) is at most 1/3. */
static double log2_of(double x)
{
    double whole = 0;
    for (; x >= 2; x /= 2)
        whole++;
    double ratio = (x - 1) / (x + 1), power = ratio, sum = 0;
    for (int k = 1; k < 20; k += 2, power *= ratio * ratio)
        sum += power / k;
    return whole + 2 / 0.69314718055994530942 * sum;
}

/* A closed curve through night, sea, sky, ivory, amber, rust and plum (E. Catmull, R. Rom, A class
 * of local interpolating splines, 1974). */
static void make_palette(uint8_t palette[PALETTE][3])
{
    static const uint8_t points[][3] = { { 4, 6, 38 },      { 10, 52, 122 },  { 58, 150, 214 },
                                         { 246, 250, 238 }, { 255, 188, 56 }, { 188, 66, 18 },
                                         { 58, 14, 52 } };
    enum { POINTS = sizeof points / sizeof *points };
    for (size_t entry = 0; entry < PALETTE; entry++) {
        size_t point = entry * POINTS / PALETTE;
        double t = (double)(entry * POINTS % PALETTE) / PALETTE;
        for (int channel = 0; channel < 3; channel++) {
            double a = points[(point + POINTS - 1) % POINTS][channel];
            double b = points[point][channel];
            double c = points[(point + 1) % POINTS][channel];
            double d = points[(point + 2) % POINTS][channel];
            double cubic = 3 * (b - c) + d - a, square = 2 * a - 5 * b + 4 * c - d;
            double level = b + t / 2 * (c - a + t * (square + t * cubic)) + 0.5;
            palette[entry][channel] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
        }
    }
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct mandelbrot *mandelbrot = self;
    struct tables *tables = dpk_alloc(arena, sizeof *tables, err);
    if (tables == NULL)
        return DPK_LIMIT;
    for (size_t entry = 0; entry <= FRACTIONS; entry++) {
        double mantissa = 1 + (double)(entry % (1 << FRACTION_BITS)) / (1 << FRACTION_BITS);
        double square = (double)(2 * LOG2_RADIUS + (entry >> FRACTION_BITS)) + log2_of(mantissa);
        tables->fraction[entry] = log2_of(square / (2 * LOG2_RADIUS));
    }
    make_palette(tables->palette);
    mandelbrot->tables = tables;
    return DPK_OK;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct mandelbrot *mandelbrot = self;
    size_t width = mandelbrot->width, height = mandelbrot->height, samples = mandelbrot->samples;
    double scale = VIEW_HEIGHT / mandelbrot->zoom / (double)height;
    (void)arena;

    for (size_t i = 0; i < width * height; i++) {
        unsigned sum[3] = { 0 };
        for (size_t y = i / width * samples; y < (i / width + 1) * samples; y++) {
            for (size_t x = i % width * samples; x < (i % width + 1) * samples; x++) {
                double complex c = mandelbrot->x + scale * offset(x, samples, width) +
                                   (mandelbrot->y - scale * offset(y, samples, height)) * I;
                double complex z = 0;
                size_t steps = 0;
                while (creal(z) * creal(z) + cimag(z) * cimag(z) <= RADIUS_SQUARED &&
                       steps < mandelbrot->iterations) {
                    z = z * z + c;
                    steps++;
                }
                add_colour(mandelbrot, (double)steps, creal(z) * creal(z) + cimag(z) * cimag(z),
                           sum);
            }
        }
        put_pixel((uint8_t *)mandelbrot->out.data + 3 * i, sum, samples * samples);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct mandelbrot *mandelbrot = self;
    return (dpk_cost){ .bytes = 3 * (double)mandelbrot->width * (double)mandelbrot->height };
}

static const dpk_param params[] = {
    DPK_PARAM(struct mandelbrot, width, .def = "1920", .min = 1, .max = 1000000, .unit = "px",
              .help = "width of the picture"),
    DPK_PARAM(struct mandelbrot, height, .def = "1080", .min = 1, .max = 1000000, .unit = "px",
              .help = "height of the picture"),
    DPK_PARAM(struct mandelbrot, x, .def = "-0.65", .min = -10, .max = 10,
              .help = "real part of the point in the middle"),
    DPK_PARAM(struct mandelbrot, y, .def = "0", .min = -10, .max = 10,
              .help = "imaginary part of the point in the middle"),
    DPK_PARAM(struct mandelbrot, zoom, .def = "1", .min = 0.01, .max = 1e13,
              .help = "magnification; the view is 2.5 / zoom high"),
    DPK_PARAM(struct mandelbrot, iterations, .def = "1000", .min = 1, .max = 1000000,
              .help = "steps after which a point counts as in the set"),
    DPK_PARAM(struct mandelbrot, samples, .def = "2", .min = 1, .max = 16,
              .help = "points per pixel in each direction, averaged"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_OUT(struct mandelbrot, out, .image = true, .help = "picture, RGB with 8 bits"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .grain = grain, .reads = dpk_reads_same, .work = work },
    DPK_END,
};

static const char *const checks[] = {
    "--width=67 --height=41 --samples=1",
    "--width=1 --height=1 --iterations=100000",
    "--width=1009 --height=1 --samples=3 --iterations=7",
    "--width=3 --height=211 --samples=4 --iterations=33",
    "--width=16 --height=9 --samples=16 --x=0.28 --y=0.01 --iterations=1",
    "--width=96 --height=65 --x=-0.743643887037151 --y=0.13182590420533 --zoom=2000",
    "--width=31 --height=33 --x=-0.743643887037151 --y=0.13182590420533 --zoom=1e13",
    "--width=33 --height=31 --x=10 --y=-10 --zoom=0.01 --iterations=50",
    NULL,
};

DPK_KERNEL(mandelbrot, .summary = "picture of the Mandelbrot set", .group = "generator",
           .details =
               "Each point c is coloured by the number of steps z := z * z + c, from z = 0, that "
               "take |z| beyond 256, counted in fractions; points that stay inside are black. f64 "
               "tells neighbouring pixels apart up to a zoom of about 1e12. Rows near the set take "
               "longest: compare --schedule=static with dynamic.",
           .examples =
               (const char *const[]){
                   "dpk mandelbrot set.png",
                   "dpk mandelbrot seahorses.png --width=960 --height=540 --x=-0.743643887037151 "
                   "--y=0.13182590420533 --zoom=2000 --iterations=3000",
                   NULL },
           .size = sizeof(struct mandelbrot), .params = params, .ports = ports, .shape = shape,
           .prepare = prepare, .passes = passes, .reference = reference, .checks = checks,
           .cost = cost);
