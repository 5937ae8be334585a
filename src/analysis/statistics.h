/* SPDX-License-Identifier: MIT */
/* statistics.h: what rounds of measurement say, and how far that can be trusted.
 *
 * In a round every variant is timed once, one shortly after the other, so what disturbs a whole
 * round (a warm processor, a busy neighbour) is common to all and drops out of ratios and
 * differences within it. Rounds come in generations: one set of freshly started host processes
 * each. What a process happens to get (page colours, huge pages, its place in the caches) stays
 * with it, so rounds of one generation are no independent witnesses; generations are. The caller
 * starts the hosts of a generation, and times the variants of a round, in random order: no
 * statistic can mend a bias that every generation has. */
#ifndef DPK_STATISTICS_H
#define DPK_STATISTICS_H

#include <dpk/dpk.h>

/* No more are needed: the interval of 1000 rounds is narrower than any machine is steady. It bounds
 * the work space. */
enum { DPK_ROUNDS_MAX = 1024 };

/* Of fewer generations no difference is proven (see statistics.c). */
enum { DPK_GENERATIONS_LEAST = 4 };

/* How many there are; those of one generation are adjacent. */
size_t dpk_generations(const unsigned *generation, size_t rounds);

typedef struct dpk_spread {
    double median, min, max, mean;
    double mad; /* median of the distances from the median */
} dpk_spread;

/* Of 1 to DPK_ROUNDS_MAX values, none of them NaN; all NaN otherwise. */
dpk_spread dpk_spread_of(const double *values, size_t count);

/* Of at least one value; puts them in another order. */
double dpk_median(double *values, size_t count);

/* An estimate and where the true value lies in at least 95 % of cases. If nothing can be said, low
 * and high are -INFINITY and INFINITY. */
typedef struct dpk_interval {
    double estimate, low, high;
} dpk_interval;

/* A number computed from some of the rounds, each of them maybe several times; count is at most
 * DPK_ROUNDS_MAX. */
typedef double (*dpk_statistic)(const void *data, const size_t *rounds, size_t count);

/* The statistic of all rounds and its interval. generation[] names each round's generation; those
 * of one generation are adjacent. The same data give the same interval always. With one generation
 * the rounds count as independent: the interval then speaks of these very processes, not of the
 * next ones. With fewer than two rounds, more than DPK_ROUNDS_MAX, or a statistic that is not
 * finite, nothing can be said. */
dpk_interval dpk_bootstrap(dpk_statistic statistic, const void *data, const unsigned *generation,
                           size_t rounds);

/* b/a: the median of the rounds' ratios (positive times). Its interval lies between 0 and
 * INFINITY, and that of a/b is its reciprocal. */
dpk_interval dpk_ratio(const double *a, const double *b, const unsigned *generation, size_t rounds);

/* Half of such an interval's width, as a share: what stands after ±. 0.01 is 1 %, of a ratio 1 from
 * 0.99 to 1.01; of one that is wider, intervals that a factor of 1.01 takes to either side. */
double dpk_half_width(dpk_interval ratio);

/* Where a difference comes from: a part of a total, of two variants, by round. */
typedef struct dpk_difference {
    const double *total_a, *total_b;
    const double *part_a, *part_b; /* the totals again, for the difference of the totals */
} dpk_difference;

/* part_b - part_a: the mean of the rounds whose total_b - total_a is in the middle half (the
 * interquartile mean, where rounds at its edges count in part). All parts of one total are averaged
 * over the same rounds, so the estimates of parts that add up to the total in each round add up to
 * the total's estimate. */
dpk_interval dpk_difference_of(const dpk_difference *difference, const unsigned *generation,
                               size_t rounds);

typedef enum dpk_verdict { DPK_UNPROVEN, DPK_FASTER, DPK_SLOWER } dpk_verdict;

/* What the interval of a ratio b/a of times proves of b: faster or slower only if all of it lies
 * beyond 1 by more than the floor, a relative difference (0.01 is 1 %) below which nobody cares or
 * the clock cannot tell; and only by as many generations as are needed. */
dpk_verdict dpk_judge(dpk_interval ratio, double floor, size_t generations);

#endif
