/* SPDX-License-Identifier: MIT */
/* statistics.c: medians, and intervals by the bootstrap of clustered rounds.
 *
 * The bootstrap (Efron 1979) draws rounds anew, with replacement, and sees how much the statistic
 * varies. Rounds of one generation share luck, so generations are drawn first and then rounds
 * within each (Davison, Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8; for
 * benchmarks: Kalibera, Jones, "Rigorous Benchmarking in Reasonable Time", 2013). That counts the
 * noise within generations nearly twice and so errs on the safe side. Drawing generations alone
 * leaves the median of few rounds too few values to vary among: in simulations one pair of equals
 * in 14 was found to differ.
 *
 * Of n generations the plain percentile interval is too narrow: it has the normal's 1.96 where
 * Student's t belongs, and the sample's variance, short by (n - 1)/n. Hesterberg ("What Teachers
 * Should Know About the Bootstrap", 2015) moves the percentiles outwards for that. But no
 * percentile lies outside what was drawn, and with three generations all of that is on the wrong
 * side of the truth in one case of four. So the same factor, t sqrt(n/(n - 1)) / 1.96, stretches
 * the interval about the estimate instead; it is 9.2 for two generations, 1.6 for five, and 1.1 for
 * twenty. Two or three values still say too little of how others would vary: where only processes
 * differ, 7 and 9 % of simulated pairs of equals are found to differ, and by one generation, whose
 * rounds then count as independent, 86 %. With four it is 5 %, as it should be; so with fewer
 * intervals are given, but nothing is taken for proven. */
#include "analysis/statistics.h"

#include "base/data.h"

#include <math.h>
#include <stdlib.h>

/* With r resamples the quantile q is number q (r + 1) of them in order, here a whole number. */
enum { RESAMPLES = 1999, TAIL = 50 };

static const double normal_quantile = 1.959964; /* of 0.975, as is Student's below */

static double student_quantile(size_t degrees)
{
    static const double few[] = { 12.706205, 4.302653 };
    if (degrees <= sizeof few / sizeof *few)
        return few[degrees - 1];
    /* Abramowitz, Stegun 26.7.5; from three degrees on it is right within 0.1 %. */
    double z = normal_quantile, z2 = z * z, v = (double)degrees;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / v) / v) / v) / v;
}

/* The value that sorting would bring to place k; smaller ones are before it (Hoare's FIND). */
static double nth(double *values, size_t count, size_t k)
{
    ptrdiff_t left = 0, right = (ptrdiff_t)count - 1, place = (ptrdiff_t)k;
    while (left < right) {
        double pivot = values[k];
        ptrdiff_t i = left, j = right;
        do {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i <= j) {
                double swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        } while (i <= j);
        if (j < place)
            left = i;
        if (place < i)
            right = j;
    }
    return values[k];
}

/* The two values, or the one, in the middle. */
static void middle(double *values, size_t count, double *low, double *high)
{
    *low = *high = nth(values, count, count / 2);
    if (count % 2 != 0)
        return;
    *low = values[0];
    for (size_t i = 1; i < count / 2; i++)
        *low = fmax(*low, values[i]);
}

double dpk_median(double *values, size_t count)
{
    double low, high;
    middle(values, count, &low, &high);
    return low + (high - low) / 2;
}

dpk_spread dpk_spread_of(const double *values, size_t count)
{
    if (count < 1 || count > DPK_ROUNDS_MAX)
        return (dpk_spread){ NAN, NAN, NAN, NAN, NAN };
    double work[DPK_ROUNDS_MAX];
    dpk_spread spread = { .min = values[0], .max = values[0] };
    for (size_t i = 0; i < count; i++) {
        work[i] = values[i];
        spread.min = fmin(spread.min, values[i]);
        spread.max = fmax(spread.max, values[i]);
        spread.mean += (values[i] - spread.mean) / (double)(i + 1);
    }
    spread.median = dpk_median(work, count);
    for (size_t i = 0; i < count; i++)
        work[i] = fabs(values[i] - spread.median);
    spread.mad = dpk_median(work, count);
    return spread;
}

/* Equally likely numbers below a bound of at most 32 bits. */
static size_t draw(uint64_t *state, size_t bound)
{
    return (size_t)((dpk_random(state) >> 32) * bound >> 32);
}

/* Rounds that are drawn together: cluster i is begin[i] to begin[i + 1]. */
typedef struct clusters {
    size_t count;
    size_t begin[DPK_ROUNDS_MAX + 1];
} clusters;

static void find_clusters(clusters *found, const unsigned *generation, size_t rounds)
{
    bool one = generation[0] == generation[rounds - 1];
    found->count = 0;
    for (size_t i = 0; i < rounds; i++)
        if (one || i == 0 || generation[i] != generation[i - 1])
            found->begin[found->count++] = i;
    found->begin[found->count] = rounds;
}

/* As many rounds as there are. The last cluster drawn is cut short where clusters differ in size,
 * as when time ran out in the middle of one. */
static void resample(const clusters *from, uint64_t *random, size_t *rounds)
{
    size_t most = from->begin[from->count];
    for (size_t count = 0; count < most;) {
        const size_t *cluster = &from->begin[draw(random, from->count)];
        size_t size = cluster[1] - cluster[0];
        for (size_t i = 0; i < size && count < most; i++)
            rounds[count++] = cluster[0] + draw(random, size);
    }
}

/* What resampling needs; too large for the stack of a thread. */
typedef struct bootstrap {
    size_t chosen[DPK_ROUNDS_MAX];
    clusters from;
    double results[RESAMPLES];
} bootstrap;

/* Leaves the interval unbounded where there is none. */
static void find_interval(bootstrap *memory, dpk_statistic statistic, const void *data,
                          const unsigned *generation, size_t rounds, dpk_interval *interval)
{
    for (size_t i = 0; i < rounds; i++)
        memory->chosen[i] = i;
    interval->estimate = statistic(data, memory->chosen, rounds);
    if (rounds < 2 || !isfinite(interval->estimate))
        return;

    find_clusters(&memory->from, generation, rounds);
    uint64_t random = 1; /* any seed, but always the same */
    for (size_t i = 0; i < RESAMPLES; i++) {
        resample(&memory->from, &random, memory->chosen);
        memory->results[i] = statistic(data, memory->chosen, rounds);
        if (!isfinite(memory->results[i]))
            return;
    }

    double low = nth(memory->results, RESAMPLES, TAIL - 1);
    double high = nth(memory->results, RESAMPLES, RESAMPLES - TAIL);
    double n = (double)memory->from.count;
    double stretch = student_quantile(memory->from.count - 1) * sqrt(n / (n - 1)) / normal_quantile;
    interval->low = interval->estimate - stretch * fmax(interval->estimate - low, 0);
    interval->high = interval->estimate + stretch * fmax(high - interval->estimate, 0);
}

dpk_interval dpk_bootstrap(dpk_statistic statistic, const void *data, const unsigned *generation,
                           size_t rounds)
{
    dpk_interval interval = { NAN, -INFINITY, INFINITY };
    if (rounds < 1 || rounds > DPK_ROUNDS_MAX)
        return interval;
    bootstrap *memory = calloc(1, sizeof *memory);
    if (memory != NULL)
        find_interval(memory, statistic, data, generation, rounds, &interval);
    free(memory);
    return interval;
}

size_t dpk_generations(const unsigned *generation, size_t rounds)
{
    size_t count = rounds > 0;
    for (size_t i = 1; i < rounds; i++)
        count += generation[i] != generation[i - 1];
    return count;
}

typedef struct pair {
    const double *a, *b;
} pair;

/* A logarithm, so that a/b has the same interval upside down. */
static double log_ratio(const void *data, const size_t *rounds, size_t count)
{
    const pair *times = data;
    double ratios[DPK_ROUNDS_MAX], low, high;
    ratios[0] = 1;
    for (size_t i = 0; i < count; i++)
        ratios[i] = times->b[rounds[i]] / times->a[rounds[i]];
    middle(ratios, count, &low, &high);
    return (log(low) + log(high)) / 2;
}

dpk_interval dpk_ratio(const double *a, const double *b, const unsigned *generation, size_t rounds)
{
    dpk_interval logs = dpk_bootstrap(log_ratio, &(pair){ a, b }, generation, rounds);
    return (dpk_interval){ exp(logs.estimate), exp(logs.low), exp(logs.high) };
}

double dpk_half_width(dpk_interval ratio)
{
    return sqrt(ratio.high / ratio.low) - 1;
}

/* Rounds in the order of the totals' differences. */
typedef struct ranked {
    double total, part;
    size_t round;
} ranked;

typedef struct ranking {
    size_t count;
    ranked rounds[DPK_ROUNDS_MAX];
    size_t place[DPK_ROUNDS_MAX]; /* of each round in the above */
} ranking;

static int by_total(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->total != b->total)
        return a->total < b->total ? -1 : 1;
    return a->round < b->round ? -1 : 1;
}

static double midmean(const void *data, const size_t *rounds, size_t count)
{
    const ranking *all = data;
    unsigned times[DPK_ROUNDS_MAX];
    for (size_t i = 0; i < all->count; i++)
        times[i] = 0;
    for (size_t i = 0; i < count; i++)
        times[all->place[rounds[i]]]++;

    double begin = (double)count / 4, end = (double)count - begin;
    double sum = 0, position = 0;
    for (size_t i = 0; i < all->count; i++) {
        double next = position + times[i];
        double weight = fmin(next, end) - fmax(position, begin);
        if (weight > 0)
            sum += weight * all->rounds[i].part;
        position = next;
    }
    return sum / (end - begin);
}

dpk_interval dpk_difference_of(const dpk_difference *difference, const unsigned *generation,
                               size_t rounds)
{
    if (rounds < 1 || rounds > DPK_ROUNDS_MAX)
        return (dpk_interval){ NAN, -INFINITY, INFINITY };
    ranking *all = calloc(1, sizeof *all);
    if (all == NULL)
        return (dpk_interval){ NAN, -INFINITY, INFINITY };
    all->count = rounds;
    for (size_t i = 0; i < rounds; i++)
        all->rounds[i] = (ranked){ .total = difference->total_b[i] - difference->total_a[i],
                                   .part = difference->part_b[i] - difference->part_a[i],
                                   .round = i };
    qsort(all->rounds, rounds, sizeof *all->rounds, by_total);
    for (size_t i = 0; i < rounds; i++)
        all->place[all->rounds[i].round] = i;
    dpk_interval interval = dpk_bootstrap(midmean, all, generation, rounds);
    free(all);
    return interval;
}

dpk_verdict dpk_judge(dpk_interval ratio, double floor, size_t generations)
{
    if (generations < DPK_GENERATIONS_LEAST)
        return DPK_UNPROVEN;
    if (ratio.high < 1 / (1 + floor))
        return DPK_FASTER;
    if (ratio.low > 1 + floor)
        return DPK_SLOWER;
    return DPK_UNPROVEN;
}
