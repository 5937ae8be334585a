/* SPDX-License-Identifier: MIT */
/* Medians, intervals and verdicts: by hand where that can be done, and by simulated measurements
 * whose truth is known where it is about how often an interval is right. */
#include "analysis/statistics.h"

#include "simulation.h"

#include <criterion/criterion.h>
#include <math.h>

static bool near(double value, double expected)
{
    return fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected));
}

Test(statistics, spread_by_hand)
{
    dpk_spread spread = dpk_spread_of((double[]){ 7, 1, 4, 2, 100 }, 5);
    cr_expect_eq(spread.median, 4);
    cr_expect_eq(spread.mad, 3); /* of 3 3 0 2 96 */
    cr_expect_eq(spread.min, 1);
    cr_expect_eq(spread.max, 100);
    cr_expect(near(spread.mean, 22.8));
    spread = dpk_spread_of((double[]){ 8, 2, 6, 4 }, 4);
    cr_expect_eq(spread.median, 5);
    cr_expect_eq(spread.mad, 2);
    spread = dpk_spread_of((double[]){ 3 }, 1);
    cr_expect_eq(spread.median, 3);
    cr_expect_eq(spread.mad, 0);
    cr_expect(isnan(dpk_spread_of(NULL, 0).median));
}

Test(statistics, median_is_where_sorting_puts_it)
{
    uint64_t random = 7;
    for (size_t count = 1; count < 200; count++) {
        double values[200];
        for (size_t i = 0; i < count; i++)
            values[i] = floor(uniform(&random) * (double)(count % 7 * 10 + 3)); /* with ties */
        double median = dpk_median(values, count);
        size_t below = 0, above = 0;
        for (size_t i = 0; i < count; i++) {
            below += values[i] < median;
            above += values[i] > median;
        }
        cr_assert(below <= count / 2 && above <= count / 2, "%zu values", count);
    }
}

Test(statistics, a_common_drift_is_no_difference)
{
    double a[15], b[15];
    unsigned generation[15];
    number(&(simulation){ .generations = 5, .each = 3 }, generation);
    for (size_t i = 0; i < 15; i++) {
        a[i] = 1 + (double)(i * i % 11);
        b[i] = 1.25 * a[i];
    }
    dpk_interval ratio = dpk_ratio(a, b, generation, 15);
    cr_expect(near(ratio.estimate, 1.25));
    cr_expect(near(ratio.low, 1.25));
    cr_expect(near(ratio.high, 1.25));
}

Test(statistics, ratios_are_symmetric_and_reproducible)
{
    double a[12], b[12];
    unsigned generation[12];
    number(&(simulation){ .generations = 4, .each = 3 }, generation);
    uint64_t random = 3;
    for (size_t i = 0; i < 12; i++) {
        a[i] = exp(normal(&random));
        b[i] = exp(normal(&random));
    }
    dpk_interval ratio = dpk_ratio(a, b, generation, 12), again = dpk_ratio(a, b, generation, 12);
    dpk_interval inverse = dpk_ratio(b, a, generation, 12);
    cr_expect_eq(ratio.low, again.low);
    cr_expect_eq(ratio.high, again.high);
    cr_expect_lt(ratio.low, ratio.estimate);
    cr_expect_lt(ratio.estimate, ratio.high);
    cr_expect(near(ratio.estimate * inverse.estimate, 1));
    cr_expect(near(ratio.low * inverse.high, 1));
    cr_expect(near(ratio.high * inverse.low, 1));
}

static double mean(const void *data, const size_t *rounds, size_t count)
{
    const double *values = data;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[rounds[i]];
    return sum / (double)count;
}

Test(statistics, of_a_mean_the_interval_is_students)
{
    static const struct {
        size_t count;
        double t; /* from a table */
    } cases[] = { { 10, 2.262 }, { 20, 2.093 }, { 100, 1.984 } };
    uint64_t random = 11;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double values[100], sum = 0, squares = 0, n = (double)cases[c].count;
        unsigned generation[100];
        number(&(simulation){ .generations = cases[c].count, .each = 1 }, generation);
        for (size_t i = 0; i < cases[c].count; i++) {
            values[i] = normal(&random);
            sum += values[i];
            squares += values[i] * values[i];
        }
        double half = cases[c].t * sqrt((squares - sum * sum / n) / (n - 1) / n);
        dpk_interval interval = dpk_bootstrap(mean, values, generation, cases[c].count);
        cr_expect(near(interval.estimate, sum / n));
        cr_expect_float_eq((interval.high - interval.low) / 2 / half, 1, 0.08, "%g values: %g", n,
                           (interval.high - interval.low) / 2 / half);
    }
}

static bool says_nothing(dpk_interval interval)
{
    return interval.low == -INFINITY && interval.high == INFINITY;
}

Test(statistics, where_nothing_can_be_said_nothing_is)
{
    static const unsigned generation[DPK_ROUNDS_MAX + 1];
    static double values[DPK_ROUNDS_MAX + 1];
    for (size_t i = 0; i <= DPK_ROUNDS_MAX; i++)
        values[i] = (double)(i + 1);
    cr_expect(says_nothing(dpk_bootstrap(mean, values, generation, 0)));
    dpk_interval one = dpk_bootstrap(mean, values, generation, 1);
    cr_expect(says_nothing(one));
    cr_expect_eq(one.estimate, 1);
    cr_expect_not(says_nothing(dpk_bootstrap(mean, values, generation, 2)));
    cr_expect_not(says_nothing(dpk_bootstrap(mean, values, generation, DPK_ROUNDS_MAX)));
    cr_expect(says_nothing(dpk_bootstrap(mean, values, generation, DPK_ROUNDS_MAX + 1)));
    cr_expect(says_nothing(dpk_difference_of(&(dpk_difference){ values, values, values, values },
                                             generation, DPK_ROUNDS_MAX + 1)));
    dpk_interval ratio = dpk_ratio(values, values, generation, 1);
    cr_expect_eq(ratio.low, 0);
    cr_expect_eq(ratio.high, INFINITY);
    values[1] = NAN;
    cr_expect(says_nothing(dpk_bootstrap(mean, values, generation, 3)));
}

Test(statistics, rounds_of_one_process_are_one_witness)
{
    const double a[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    const double b[] = { 1.09, 1.10, 1.10, 1.11, 1.02, 1.01, 1.01, 1.02 };
    dpk_interval two = dpk_ratio(a, b, (unsigned[]){ 0, 0, 0, 0, 1, 1, 1, 1 }, 8);
    dpk_interval eight = dpk_ratio(a, b, (unsigned[]){ 0, 1, 2, 3, 4, 5, 6, 7 }, 8);
    dpk_interval one = dpk_ratio(a, b, (unsigned[8]){ 0 }, 8);
    cr_expect_eq(dpk_judge(two, 0, 2), DPK_UNPROVEN);
    cr_expect_gt(two.high / two.low, 1.5);
    cr_expect_lt(eight.high / eight.low, 1.2);
    cr_expect_eq(eight.low, one.low); /* no generations: rounds are all there is */
    cr_expect_eq(eight.high, one.high);
}

Test(statistics, an_unfinished_generation_is_no_trouble)
{
    const double a[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    const double b[] = { 1.09, 1.10, 1.10, 1.11, 1.12, 1.11, 1.10, 1.10 };
    dpk_interval ratio = dpk_ratio(a, b, (unsigned[]){ 0, 0, 0, 1, 1, 1, 2, 3 }, 8);
    cr_expect(near(ratio.estimate, 1.10));
    cr_expect_eq(dpk_judge(ratio, 0, 4), DPK_SLOWER);
}

Test(statistics, midmean_by_hand)
{
    /* In the order of the totals' differences 0 1 2 3 4 the rounds are 3 1 0 4 2. A quarter of five
     * rounds is left out at each end, so the weights are 0, 3/4, 1, 3/4, 0. */
    const double zero[5] = { 0 };
    const double total[] = { 2, 1, 4, 0, 3 }, part[] = { 10, 20, 1000, -1000, 40 };
    const unsigned generation[5] = { 0 };
    dpk_difference difference = { zero, total, zero, part };
    cr_expect(near(dpk_difference_of(&difference, generation, 5).estimate,
                   (0.75 * 20 + 10 + 0.75 * 40) / 2.5));
    difference.part_b = total;
    cr_expect(near(dpk_difference_of(&difference, generation, 5).estimate, 2));
}

Test(statistics, parts_of_a_difference_add_up)
{
    enum { PARTS = 5 };
    simulation of = { .generations = 6, .each = 3, .noise = 0.05, .luck = 0.05, .outliers = 0.1 };
    unsigned generation[SIMULATED_MAX];
    size_t rounds = number(&of, generation);
    double total[2][SIMULATED_MAX] = { 0 }, part[2][PARTS][SIMULATED_MAX];
    uint64_t random = 5;
    for (int variant = 0; variant < 2; variant++)
        for (int p = 0; p < PARTS; p++) {
            simulate(&of, 1 + p + variant, 1, &random, part[variant][p]);
            for (size_t i = 0; i < rounds; i++)
                total[variant][i] += part[variant][p][i];
        }
    double sum = 0;
    for (int p = 0; p < PARTS; p++) {
        dpk_difference of_part = { total[0], total[1], part[0][p], part[1][p] };
        sum += dpk_difference_of(&of_part, generation, rounds).estimate;
    }
    dpk_difference of_total = { total[0], total[1], total[0], total[1] };
    cr_expect_float_eq(sum, dpk_difference_of(&of_total, generation, rounds).estimate, 1e-9);
}

Test(statistics, only_an_interval_beyond_the_floor_proves)
{
    cr_expect_eq(dpk_judge((dpk_interval){ 1.1, 1.001, 1.2 }, 0, DPK_GENERATIONS_LEAST),
                 DPK_SLOWER);
    cr_expect_eq(dpk_judge((dpk_interval){ 1.1, 1.001, 1.2 }, 0.01, DPK_GENERATIONS_LEAST),
                 DPK_UNPROVEN);
    cr_expect_eq(dpk_judge((dpk_interval){ 1.1, 0.999, 1.2 }, 0, DPK_GENERATIONS_LEAST),
                 DPK_UNPROVEN);
    cr_expect_eq(dpk_judge((dpk_interval){ 0.9, 0.8, 0.98 }, 0.01, DPK_GENERATIONS_LEAST),
                 DPK_FASTER);
    cr_expect_eq(dpk_judge((dpk_interval){ 0.9, 0.8, 0.98 }, 0.05, DPK_GENERATIONS_LEAST),
                 DPK_UNPROVEN);
    cr_expect_eq(dpk_judge((dpk_interval){ NAN, -INFINITY, INFINITY }, 0, DPK_GENERATIONS_LEAST),
                 DPK_UNPROVEN);
    cr_expect_eq(dpk_judge((dpk_interval){ 1, 1, 1 }, 0, DPK_GENERATIONS_LEAST), DPK_UNPROVEN);
}

Test(statistics, half_widths_are_of_either_side)
{
    cr_expect(near(dpk_half_width((dpk_interval){ 1.1, 1, 1.21 }), 0.1));
    cr_expect(near(dpk_half_width((dpk_interval){ 1 / 1.1, 1 / 1.21, 1 }), 0.1));
    cr_expect_eq(dpk_half_width((dpk_interval){ 1, 1, 1 }), 0);
    cr_expect_eq(dpk_half_width((dpk_interval){ 1, 0, INFINITY }), INFINITY);
}

Test(statistics, generations_are_counted)
{
    cr_expect_eq(dpk_generations((unsigned[]){ 0 }, 0), 0);
    cr_expect_eq(dpk_generations((unsigned[]){ 3 }, 1), 1);
    cr_expect_eq(dpk_generations((unsigned[]){ 0, 0, 1, 2, 2, 2 }, 6), 3);
}

/* Equals whose processes differ: their intervals miss the truth more often than one in 20, so they
 * prove nothing. */
Test(statistics, few_generations_prove_nothing)
{
    simulation of = { .each = 4, .noise = 0.002, .luck = 0.02 };
    enum { CASES = 400 };
    int missed[DPK_GENERATIONS_LEAST + 1] = { 0 };
    for (size_t generations = 1; generations <= DPK_GENERATIONS_LEAST; generations++) {
        uint64_t random = 2026;
        of.generations = generations;
        for (int i = 0; i < CASES; i++) {
            double a[SIMULATED_MAX], b[SIMULATED_MAX];
            unsigned generation[SIMULATED_MAX];
            size_t rounds = number(&of, generation);
            simulate(&of, 0.01, 1, &random, a);
            simulate(&of, 0.01, 1, &random, b);
            dpk_interval ratio = dpk_ratio(a, b, generation, rounds);
            missed[generations] += ratio.low > 1 || ratio.high < 1;
            if (generations < DPK_GENERATIONS_LEAST)
                cr_expect_eq(dpk_judge(ratio, 0, generations), DPK_UNPROVEN);
        }
    }
    cr_expect_gt(missed[1], CASES / 2, "%d", missed[1]);
    cr_expect_gt(missed[3], CASES / 20, "%d", missed[3]);
    cr_expect_leq(missed[4], CASES / 20, "%d", missed[4]);
}

/* How many of some comparisons find a difference; of the right sign if there is one. The designs
 * take turns: `least` to 12 generations of 2 to 5 rounds. */
static int proven(int comparisons, simulation of, size_t least, double difference)
{
    int found = 0;
    uint64_t random = 2026;
    for (int i = 0; i < comparisons; i++) {
        of.generations = least + (size_t)i % (13 - least);
        of.each = 2 + (size_t)i / 8 % 4;
        double a[SIMULATED_MAX], b[SIMULATED_MAX];
        unsigned generation[SIMULATED_MAX];
        size_t rounds = number(&of, generation);
        uint64_t drift = random;
        simulate(&of, 0.01, drift, &random, a);
        simulate(&of, 0.01 * (1 + difference), drift, &random, b);
        dpk_verdict verdict = dpk_judge(dpk_ratio(a, b, generation, rounds), 0, of.generations);
        found += difference > 0 ? verdict == DPK_SLOWER : verdict != DPK_UNPROVEN;
    }
    return found;
}

Test(statistics, equals_are_rarely_found_to_differ)
{
    simulation of = { .noise = 0.02, .drift = 0.2 };
    int noise = proven(100, of, 5, 0);
    of.outliers = 0.05;
    int outliers = proven(100, of, 5, 0);
    of.luck = 0.02;
    int luck = proven(100, of, 5, 0);
    of.noise = 0.002; /* now the generations are the sample, and their rounds say nothing new */
    int pure_luck = proven(100, of, 5, 0);
    int all = noise + outliers + luck + pure_luck;
    cr_expect_leq(all, 20, "of 400: %d + %d + %d + %d", noise, outliers, luck, pure_luck);
}

Test(statistics, what_differs_is_found)
{
    simulation of = { .noise = 0.02, .drift = 0.2 };
    cr_expect_gt(proven(100, of, 5, 0.05), 90);
    of.outliers = 0.05; /* from here on it takes some more generations */
    cr_expect_gt(proven(100, of, 8, 0.05), 90);
    of.luck = 0.01;
    cr_expect_gt(proven(100, of, 8, 0.05), 90);
}

/* Of differences, half of whose time is in the part that is looked at. */
Test(statistics, differences_lie_in_their_intervals)
{
    enum { CASES = 100 };
    simulation of = { .noise = 0.02, .luck = 0.01, .outliers = 0.05 };
    uint64_t random = 8;
    int right = 0;
    for (size_t i = 0; i < CASES; i++) {
        of.generations = 5 + i % 8;
        of.each = 2 + i / 8 % 4;
        double part[2][SIMULATED_MAX], total[2][SIMULATED_MAX];
        unsigned generation[SIMULATED_MAX];
        size_t rounds = number(&of, generation);
        for (int variant = 0; variant < 2; variant++) {
            simulate(&of, 1 + 0.1 * variant, 1, &random, part[variant]);
            simulate(&of, 1, 1, &random, total[variant]);
            for (size_t j = 0; j < rounds; j++)
                total[variant][j] += part[variant][j];
        }
        dpk_difference difference = { total[0], total[1], part[0], part[1] };
        dpk_interval found = dpk_difference_of(&difference, generation, rounds);
        right += found.low <= 0.1 && 0.1 <= found.high;
    }
    cr_expect_geq(right, 93, "%d of %d", right, CASES);
}
