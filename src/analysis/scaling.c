/* SPDX-License-Identifier: MIT */
/* scaling.c: fits Amdahl's law and the Universal Scalability Law to times.
 *
 * Both laws are linear in the right unknowns when they are written for times instead of throughput:
 *
 *     Amdahl   T(N) = p + q/N                          s = p/(p + q), T(1) = p + q
 *     USL      T(N) = u/N + v (N - 1)/N + w (N - 1)    g = 1/u, a = v/u, b = w/u
 *
 * so least squares of relative errors, sum (T(N)/t - 1)^2, has a closed form and needs no starting
 * point. That no unknown is negative is had by trying every set of those that are not zero: with
 * three there are few, and the best that is feasible is the optimum (the problem is convex).
 *
 * N. J. Gunther, "Guerrilla Capacity Planning", 2007, chapters 4 and 5. */
#include "analysis/scaling.h"

#include <math.h>

enum { UNKNOWNS = 3 };

/* Normal equations of rows r with right-hand side 1: sums of r r', of r, and their number. */
typedef struct equations {
    size_t unknowns;
    double matrix[UNKNOWNS][UNKNOWNS];
    double right[UNKNOWNS];
    double count;
} equations;

static void add_row(equations *sums, const double *row)
{
    for (size_t i = 0; i < sums->unknowns; i++) {
        for (size_t j = 0; j < sums->unknowns; j++)
            sums->matrix[i][j] += row[i] * row[j];
        sums->right[i] += row[i];
    }
    sums->count++;
}

/* Solves for the unknowns in the set, the others being zero: Gauss elimination, which needs no
 * pivoting as the matrix is positive definite. False if it is not, or if one comes out negative. */
static bool solve(const equations *sums, unsigned set, double *x)
{
    size_t index[UNKNOWNS], size = 0;
    for (size_t i = 0; i < sums->unknowns; i++) {
        x[i] = 0;
        if (set >> i & 1)
            index[size++] = i;
    }
    double a[UNKNOWNS][UNKNOWNS + 1];
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < size; j++)
            a[i][j] = sums->matrix[index[i]][index[j]];
        a[i][size] = sums->right[index[i]];
    }
    for (size_t k = 0; k < size; k++) {
        /* What is left of a column that depends on the others is rounding. */
        if (!(a[k][k] > 1e-12 * sums->matrix[index[k]][index[k]]))
            return false;
        for (size_t i = k + 1; i < size; i++)
            for (size_t j = size + 1; j-- > k;)
                a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    for (size_t k = size; k-- > 0;) {
        double sum = a[k][size];
        for (size_t j = k + 1; j < size; j++)
            sum -= a[k][j] * x[index[j]];
        x[index[k]] = sum / a[k][k];
        if (!(x[index[k]] > 0) || !isfinite(x[index[k]]))
            return false;
    }
    return true;
}

/* The sum of squares that x leaves. */
static double squares(const equations *sums, const double *x)
{
    double total = sums->count;
    for (size_t i = 0; i < sums->unknowns; i++) {
        total -= 2 * x[i] * sums->right[i];
        for (size_t j = 0; j < sums->unknowns; j++)
            total += x[i] * sums->matrix[i][j] * x[j];
    }
    return fmax(total, 0);
}

/* The unknowns, none negative, that leave the smallest sum of squares, which is returned; INFINITY
 * without any. Those of the set `positive` are not zero. */
static double least_squares(const equations *sums, unsigned positive, double *x)
{
    double best = INFINITY;
    for (unsigned set = 1; set < 1u << sums->unknowns; set++) {
        double trial[UNKNOWNS];
        if ((set & positive) != positive || !solve(sums, set, trial))
            continue;
        /* One more unknown must explain relative errors that a clock can see: 1e-6. */
        double left = squares(sums, trial);
        if (!(left < best - 1e-12 * sums->count))
            continue;
        best = left;
        for (size_t i = 0; i < sums->unknowns; i++)
            x[i] = trial[i];
    }
    return best;
}

static bool counts(const dpk_scaling *scaling, size_t i)
{
    return scaling->cores == 0 || scaling->jobs[i] <= scaling->cores;
}

static bool enough(const dpk_scaling *scaling, size_t least)
{
    size_t different = 0;
    for (size_t i = 0; i < scaling->count; i++) {
        bool is_new = counts(scaling, i);
        for (size_t j = 0; j < i; j++)
            is_new = is_new && scaling->jobs[j] != scaling->jobs[i];
        different += is_new;
    }
    return different >= least && scaling->rounds >= 1 && scaling->rounds <= DPK_ROUNDS_MAX;
}

/* The median over rounds of the seconds of one series, in units of another's in the same round
 * (NULL: in seconds). */
static double typical(const double *seconds, const double *unit, const size_t *rounds, size_t count)
{
    double values[DPK_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        values[i] = seconds[rounds[i]] / (unit != NULL ? unit[rounds[i]] : 1);
    return dpk_median(values, count);
}

/* A law's unknowns for some rounds. They are relative to the times of one series, and so free of
 * what disturbed a whole round. */
typedef struct fit {
    double x[UNKNOWNS]; /* NaN if there is no fit */
    double unit;        /* seconds */
    double error;
} fit;

static fit fit_law(const dpk_scaling *scaling, size_t unknowns, const size_t *rounds, size_t count)
{
    const double *unit = NULL;
    equations sums = { .unknowns = unknowns };
    for (size_t i = 0; i < scaling->count; i++) {
        if (!counts(scaling, i))
            continue;
        if (unit == NULL)
            unit = scaling->seconds[i];
        double n = scaling->jobs[i], t = typical(scaling->seconds[i], unit, rounds, count);
        if (unknowns == 2)
            add_row(&sums, (double[]){ 1 / t, 1 / n / t });
        else
            add_row(&sums, (double[]){ 1 / n / t, (n - 1) / n / t, (n - 1) / t });
    }
    fit found = { .x = { NAN, NAN, NAN }, .unit = typical(unit, NULL, rounds, count) };
    double left = least_squares(&sums, unknowns == 2 ? 0 : 1, found.x);
    found.error = sqrt(left / sums.count);
    return found;
}

static fit amdahl(const void *scaling, const size_t *rounds, size_t count)
{
    return fit_law(scaling, 2, rounds, count);
}

static double amdahl_first(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = amdahl(scaling, rounds, count);
    return (law.x[0] + law.x[1]) * law.unit;
}

static double amdahl_serial(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = amdahl(scaling, rounds, count);
    return law.x[0] / (law.x[0] + law.x[1]);
}

static fit usl(const void *scaling, const size_t *rounds, size_t count)
{
    return fit_law(scaling, 3, rounds, count);
}

static double usl_rate(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = usl(scaling, rounds, count);
    return 1 / (law.x[0] * law.unit);
}

static double usl_alpha(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = usl(scaling, rounds, count);
    return law.x[1] / law.x[0];
}

static double usl_beta(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = usl(scaling, rounds, count);
    return law.x[2] / law.x[0];
}

/* The reciprocal of the best number of workers: it is 0, not infinite, when beta is 0. */
static double usl_best(const void *scaling, const size_t *rounds, size_t count)
{
    fit law = usl(scaling, rounds, count);
    double spare = law.x[0] - law.x[1];
    return spare <= 0 ? 1 : sqrt(law.x[2] / spare);
}

static dpk_interval within(double least, dpk_interval interval, double most)
{
    interval.low = fmin(fmax(interval.low, least), most);
    interval.high = fmin(fmax(interval.high, least), most);
    return interval;
}

static double error_of(const dpk_scaling *scaling, size_t unknowns)
{
    size_t all[DPK_ROUNDS_MAX] = { 0 };
    for (size_t i = 0; i < scaling->rounds; i++)
        all[i] = i;
    return fit_law(scaling, unknowns, all, scaling->rounds).error;
}

dpk_amdahl dpk_amdahl_fit(const dpk_scaling *scaling)
{
    dpk_amdahl law = { .error = enough(scaling, 2) ? error_of(scaling, 2) : INFINITY };
    law.fitted = isfinite(law.error);
    if (!law.fitted)
        return law;
    const unsigned *generation = scaling->generation;
    law.first =
        within(0, dpk_bootstrap(amdahl_first, scaling, generation, scaling->rounds), INFINITY);
    law.serial = within(0, dpk_bootstrap(amdahl_serial, scaling, generation, scaling->rounds), 1);
    return law;
}

dpk_usl dpk_usl_fit(const dpk_scaling *scaling)
{
    dpk_usl law = { .error = enough(scaling, 3) ? error_of(scaling, 3) : INFINITY };
    law.fitted = isfinite(law.error);
    if (!law.fitted)
        return law;
    const unsigned *generation = scaling->generation;
    size_t rounds = scaling->rounds;
    law.rate = within(0, dpk_bootstrap(usl_rate, scaling, generation, rounds), INFINITY);
    law.alpha = within(0, dpk_bootstrap(usl_alpha, scaling, generation, rounds), INFINITY);
    law.beta = within(0, dpk_bootstrap(usl_beta, scaling, generation, rounds), INFINITY);
    dpk_interval best = within(0, dpk_bootstrap(usl_best, scaling, generation, rounds), 1);
    law.best = (dpk_interval){ 1 / fmin(best.estimate, 1), 1 / best.high, 1 / best.low };
    return law;
}

/* A law whose error (root mean square) is larger does not describe the times. */
static const double MISFIT = 0.2;

/* Rounding in the fit is less than this. */
static const double AT_BOUND = 1e-9;

static const char few[] = "too few numbers of workers were measured";
static const char far[] = "times do not follow the law";
static const char slow[] = "more workers are not faster, which the law cannot describe";
static const char linear[] =
    "the speed-up is that of the number of workers, or more: the law finds "
    "no cost of sharing";

const char *dpk_amdahl_why_not(const dpk_amdahl *law)
{
    double serial = law->serial.estimate;
    return !law->fitted              ? few
           : !(law->error <= MISFIT) ? far
           : serial > 1 - AT_BOUND   ? slow
           : serial < AT_BOUND       ? linear
                                     : NULL;
}

/* One of two costs may be zero. But if no resample finds any of it, the best fit would be negative.
 */
static bool is_stuck(dpk_interval cost)
{
    return cost.estimate < AT_BOUND && cost.high < AT_BOUND;
}

const char *dpk_usl_why_not(const dpk_usl *law)
{
    bool no_cost = law->alpha.estimate < AT_BOUND && law->beta.estimate < AT_BOUND;
    return !law->fitted                                  ? few
           : !(law->error <= MISFIT)                     ? far
           : law->best.estimate < 1 + AT_BOUND           ? slow
           : no_cost                                     ? linear
           : is_stuck(law->alpha) || is_stuck(law->beta) ? "the best fit has a negative cost"
                                                         : NULL;
}

double dpk_amdahl_seconds(const dpk_amdahl *law, double jobs)
{
    double serial = law->serial.estimate;
    return law->first.estimate * (serial + (1 - serial) / jobs);
}

double dpk_usl_seconds(const dpk_usl *law, double jobs)
{
    double cost = 1 + (law->alpha.estimate + law->beta.estimate * jobs) * (jobs - 1);
    return cost / (law->rate.estimate * jobs);
}

dpk_interval dpk_efficiency(dpk_interval speedup, unsigned jobs)
{
    return (dpk_interval){ speedup.estimate / jobs, speedup.low / jobs, speedup.high / jobs };
}

static double karp_flatt(double speedup, double jobs)
{
    return jobs > 1 ? (1 / speedup - 1 / jobs) / (1 - 1 / jobs) : NAN;
}

dpk_interval dpk_karp_flatt(dpk_interval speedup, unsigned jobs)
{
    if (!(karp_flatt(speedup.estimate, jobs) <= 1))
        return (dpk_interval){ NAN, NAN, NAN };
    return (dpk_interval){ karp_flatt(speedup.estimate, jobs), karp_flatt(speedup.high, jobs),
                           karp_flatt(speedup.low, jobs) };
}
