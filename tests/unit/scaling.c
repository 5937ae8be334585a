/* SPDX-License-Identifier: MIT */
/* Speed-up and the laws of scaling: known laws are found again, and noise is told from law. */
#include "analysis/scaling.h"

#include "simulation.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST = 10 }; /* numbers of workers */

/* A scaling with the memory it points to. */
typedef struct measured {
    unsigned jobs[MOST], generation[SIMULATED_MAX];
    double seconds[MOST][SIMULATED_MAX];
    const double *series[MOST];
    dpk_scaling scaling;
} measured;

static double usl_seconds(double n, double alpha, double beta)
{
    return 0.02 * (1 + alpha * (n - 1) + beta * n * (n - 1)) / n;
}

static double amdahl_seconds(double n, double serial)
{
    return 0.02 * (serial + (1 - serial) / n);
}

/* Rounds that differ by a common factor alone; times are filled in by set(). */
static void begin(measured *all, const simulation *of, size_t count, const unsigned *jobs)
{
    memset(all, 0, sizeof *all);
    memcpy(all->jobs, jobs, count * sizeof *jobs);
    for (size_t i = 0; i < count; i++)
        all->series[i] = all->seconds[i];
    all->scaling = (dpk_scaling){ .count = count,
                                  .jobs = all->jobs,
                                  .seconds = all->series,
                                  .generation = all->generation,
                                  .rounds = number(of, all->generation) };
}

static void set(measured *all, size_t i, double seconds)
{
    for (size_t round = 0; round < all->scaling.rounds; round++)
        all->seconds[i][round] = seconds * (1 + 0.1 * (double)(round % 3));
}

static const simulation small = { .generations = 3, .each = 2 };
static const unsigned powers[MOST] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };

Test(scaling, usl_is_recovered)
{
    static const unsigned jobs[][MOST] = {
        { 1, 2, 3 }, { 16, 4, 1, 2 }, { 1, 2, 4, 8, 16, 32, 64, 128, 512, 1024 }, { 3, 6, 12, 48 }
    };
    static const size_t counts[] = { 3, 4, 10, 4 };
    static const double laws[][2] = { { 0.03, 0.001 }, { 0, 0.0005 }, { 0.2, 0 },
                                      { 0, 0 },        { 0.9, 0.3 },  { 1e-4, 1e-5 } };
    measured all;
    for (size_t j = 0; j < sizeof counts / sizeof *counts; j++)
        for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
            begin(&all, &small, counts[j], jobs[j]);
            for (size_t i = 0; i < counts[j]; i++)
                set(&all, i, usl_seconds(jobs[j][i], laws[k][0], laws[k][1]));
            dpk_usl law = dpk_usl_fit(&all.scaling);
            cr_assert(law.fitted);
            cr_expect_float_eq(law.alpha.estimate, laws[k][0], 1e-6, "alpha, case %zu %zu", j, k);
            cr_expect_float_eq(law.beta.estimate, laws[k][1], 1e-6, "beta, case %zu %zu", j, k);
            cr_expect_float_eq(law.beta.low, laws[k][1], 1e-6);
            cr_expect_float_eq(law.beta.high, laws[k][1], 1e-6);
            cr_expect_float_eq(1 / law.rate.estimate, 1.1 * 0.02, 1e-6); /* the median round */
            cr_expect_lt(law.error, 1e-6);
            cr_expect_float_eq(dpk_usl_seconds(&law, 7),
                               1.1 * usl_seconds(7, laws[k][0], laws[k][1]), 1e-6);
        }
}

Test(scaling, amdahl_is_recovered)
{
    static const double serial[] = { 0, 1e-4, 0.05, 0.5, 1 };
    measured all;
    for (size_t count = 2; count <= MOST; count += 4)
        for (size_t k = 0; k < sizeof serial / sizeof *serial; k++) {
            begin(&all, &small, count, powers);
            for (size_t i = 0; i < count; i++)
                set(&all, i, amdahl_seconds(powers[i], serial[k]));
            dpk_amdahl law = dpk_amdahl_fit(&all.scaling);
            cr_assert(law.fitted);
            cr_expect_float_eq(law.serial.estimate, serial[k], 1e-6);
            cr_expect_float_eq(law.first.estimate, 1.1 * 0.02, 1e-6);
            cr_expect_lt(law.error, 1e-6);
            cr_expect_float_eq(dpk_amdahl_seconds(&law, 3), 1.1 * amdahl_seconds(3, serial[k]),
                               1e-6);
        }
}

Test(scaling, best_number_of_workers)
{
    measured all;
    static const double laws[][3] = {
        { 0.03, 0.001, 31.144823 }, { 0.03, 0, INFINITY }, { 1, 0.01, 1 }, { 0.5, 2, 1 }
    };
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        begin(&all, &small, 6, powers);
        for (size_t i = 0; i < 6; i++)
            set(&all, i, usl_seconds(powers[i], laws[k][0], laws[k][1]));
        dpk_usl law = dpk_usl_fit(&all.scaling);
        if (isinf(laws[k][2]))
            cr_expect(isinf(law.best.estimate) && isinf(law.best.low) && isinf(law.best.high));
        else
            cr_expect_float_eq(law.best.estimate, laws[k][2], 1e-4, "case %zu: %g", k,
                               law.best.estimate);
    }
}

Test(scaling, too_few_points_are_not_fitted)
{
    measured all;
    begin(&all, &small, 4, (unsigned[]){ 2, 2, 4, 4 });
    for (size_t i = 0; i < 4; i++)
        set(&all, i, amdahl_seconds(all.jobs[i], 0.1));
    cr_expect(dpk_amdahl_fit(&all.scaling).fitted);
    cr_expect_not(dpk_usl_fit(&all.scaling).fitted);
    all.scaling.cores = 2;
    cr_expect_not(dpk_amdahl_fit(&all.scaling).fitted);
    all.scaling.cores = 1;
    cr_expect_not(dpk_amdahl_fit(&all.scaling).fitted);
    all.scaling.cores = 0;
    all.scaling.rounds = 0;
    cr_expect_not(dpk_amdahl_fit(&all.scaling).fitted);
    all.scaling.count = 0;
    cr_expect_not(dpk_usl_fit(&all.scaling).fitted);
}

Test(scaling, one_round_says_nothing_for_sure)
{
    measured all;
    begin(&all, &small, 4, powers);
    for (size_t i = 0; i < 4; i++)
        set(&all, i, usl_seconds(powers[i], 0.1, 0.01));
    all.scaling.rounds = 1;
    dpk_amdahl amdahl = dpk_amdahl_fit(&all.scaling);
    dpk_usl usl = dpk_usl_fit(&all.scaling);
    cr_expect_float_eq(usl.beta.estimate, 0.01, 1e-6);
    cr_expect(amdahl.serial.low == 0 && amdahl.serial.high == 1);
    cr_expect(usl.beta.low == 0 && usl.beta.high == INFINITY);
    cr_expect(usl.best.low == 1 && usl.best.high == INFINITY);
}

Test(scaling, workers_beyond_the_cores_are_left_out)
{
    measured all;
    begin(&all, &small, 5, powers);
    for (size_t i = 0; i < 5; i++)
        set(&all, i, powers[i] <= 4 ? usl_seconds(powers[i], 0.1, 0.01) : 1);
    all.scaling.cores = 4;
    dpk_usl law = dpk_usl_fit(&all.scaling);
    cr_expect_float_eq(law.alpha.estimate, 0.1, 1e-6);
    cr_expect_float_eq(law.beta.estimate, 0.01, 1e-6);
}

Test(scaling, more_than_linear_speedup_stays_within_the_law)
{
    measured all;
    begin(&all, &small, 4, powers);
    for (size_t i = 0; i < 4; i++)
        set(&all, i, 1 / pow(powers[i], 1.2));
    dpk_usl usl = dpk_usl_fit(&all.scaling);
    dpk_amdahl amdahl = dpk_amdahl_fit(&all.scaling);
    cr_expect(usl.fitted && amdahl.fitted);
    cr_expect_eq(usl.alpha.estimate, 0);
    cr_expect_eq(usl.beta.estimate, 0);
    cr_expect_eq(amdahl.serial.estimate, 0);
    cr_expect_gt(amdahl.error, 0.1);
    for (size_t i = 0; i < 4; i++)
        set(&all, i, powers[i]); /* each worker makes it slower */
    amdahl = dpk_amdahl_fit(&all.scaling);
    cr_expect(amdahl.fitted && amdahl.serial.estimate == 1);
    set(&all, 2, 0); /* no clock says so */
    cr_expect_not(dpk_amdahl_fit(&all.scaling).fitted);
    cr_expect_not(dpk_usl_fit(&all.scaling).fitted);
}

static const char *amdahl_of(measured *all)
{
    dpk_amdahl law = dpk_amdahl_fit(&all->scaling);
    return dpk_amdahl_why_not(&law);
}

static const char *usl_of(measured *all)
{
    dpk_usl law = dpk_usl_fit(&all->scaling);
    return dpk_usl_why_not(&law);
}

static bool says(const char *why_not, const char *part)
{
    return why_not != NULL && strstr(why_not, part) != NULL;
}

/* Numbers that a law's bound has made are no findings. */
Test(scaling, a_fit_at_its_bound_is_withheld)
{
    static const struct {
        double seconds[4]; /* of 1, 2, 4, 8 workers */
        const char *amdahl, *usl;
    } cases[] = {
        { { 1, 0.55, 0.325, 0.2125 },
          NULL,
          "negative cost" }, /* Amdahl's 10 %: no cost of agreeing */
        { { 1, 0.58, 0.38, 0.35 }, NULL, NULL },
        { { 1, 1, 1, 1 }, "not faster", "not faster" },
        { { 1, 1.05, 1.1, 1.15 }, "not faster", "not faster" }, /* "100 % is serial" */
        { { 1, 0.5, 0.25, 0.125 }, "no cost of sharing", "no cost of sharing" },
        { { 1, 0.48, 0.24, 0.115 }, "no cost of sharing", "no cost of sharing" },
        { { 1, 2, 4, 8 }, "do not follow", "not faster" },
    };
    measured all;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        begin(&all, &small, 4, powers);
        for (size_t i = 0; i < 4; i++)
            set(&all, i, cases[k].seconds[i]);
        const char *amdahl = amdahl_of(&all), *usl = usl_of(&all);
        cr_expect(cases[k].amdahl != NULL ? says(amdahl, cases[k].amdahl) : amdahl == NULL,
                  "%zu: %s", k, amdahl);
        cr_expect(cases[k].usl != NULL ? says(usl, cases[k].usl) : usl == NULL, "%zu: %s", k, usl);
    }
    all.scaling.count = 1;
    cr_expect(says(amdahl_of(&all), "too few"));
    cr_expect(says(usl_of(&all), "too few"));
}

Test(scaling, least_squares_by_hand)
{
    /* Two points of N = 1 with times 1 and 2 and none else that varies: the relative errors of T
     * are T - 1 and T/2 - 1, least at T = 1.2. At N = 2 the law is free to be exact. */
    measured all;
    begin(&all, &small, 3, (unsigned[]){ 1, 1, 2 });
    set(&all, 0, 1 / 1.1);
    set(&all, 1, 2 / 1.1);
    set(&all, 2, 0.9 / 1.1);
    dpk_amdahl law = dpk_amdahl_fit(&all.scaling);
    cr_expect_float_eq(law.first.estimate, 1.2, 1e-9);
    cr_expect_float_eq(dpk_amdahl_seconds(&law, 2), 0.9, 1e-9);
    cr_expect_float_eq(law.serial.estimate, 0.5, 1e-9);
    cr_expect_float_eq(law.error, sqrt((0.04 + 0.16) / 3), 1e-9);
}

Test(scaling, efficiency_and_karp_flatt_by_hand)
{
    dpk_interval speedup = { 2, 1.6, 2.5 };
    dpk_interval efficiency = dpk_efficiency(speedup, 4), serial = dpk_karp_flatt(speedup, 4);
    cr_expect_float_eq(efficiency.estimate, 0.5, 1e-12);
    cr_expect_float_eq(efficiency.low, 0.4, 1e-12);
    cr_expect_float_eq(serial.estimate, 1.0 / 3, 1e-12);
    cr_expect_float_eq(serial.low, 0.2, 1e-12);
    cr_expect_float_eq(serial.high, 0.5, 1e-12);
    cr_expect(isnan(dpk_karp_flatt(speedup, 1).estimate));
    cr_expect_eq(dpk_karp_flatt((dpk_interval){ 2, 0, INFINITY }, 4).high, INFINITY);
    cr_expect_lt(dpk_karp_flatt((dpk_interval){ 4.4, 4.2, 4.6 }, 4).high, 0);
    /* More than all of the work is not serial. */
    cr_expect(isnan(dpk_karp_flatt((dpk_interval){ 0.7, 0.6, 0.8 }, 2).estimate));
}

static bool holds(dpk_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

/* Noise, lucky processes and outliers at six numbers of workers. */
Test(scaling, intervals_hold_the_truth)
{
    enum { CASES = 40, POINTS = 6 };
    const double alpha = 0.04, beta = 0.002;
    const double best = sqrt((1 - alpha) / beta);
    simulation of = { .each = 3, .noise = 0.02, .luck = 0.01, .drift = 0.2, .outliers = 0.03 };
    uint64_t random = 4;
    int right[4] = { 0 }, narrow = 0;
    measured all;
    for (size_t c = 0; c < CASES; c++) {
        of.generations = 5 + c % 4;
        begin(&all, &of, POINTS, powers);
        uint64_t drift = random;
        for (size_t i = 0; i < POINTS; i++)
            simulate(&of, usl_seconds(powers[i], alpha, beta), drift, &random, all.seconds[i]);
        dpk_usl usl = dpk_usl_fit(&all.scaling);
        right[0] += holds(usl.alpha, alpha);
        right[1] += holds(usl.beta, beta);
        right[2] += holds(usl.best, best);
        narrow += usl.alpha.low > alpha / 2 && usl.best.high < 1.5 * best;
        for (size_t i = 0; i < POINTS; i++)
            simulate(&of, amdahl_seconds(powers[i], alpha), drift, &random, all.seconds[i]);
        right[3] += holds(dpk_amdahl_fit(&all.scaling).serial, alpha);
    }
    for (int i = 0; i < 4; i++)
        cr_expect_geq(right[i], CASES * 93 / 100, "%d: %d of %d", i, right[i], CASES);
    cr_expect_geq(narrow, CASES * 9 / 10, "%d of %d tell something", narrow, CASES);
}
