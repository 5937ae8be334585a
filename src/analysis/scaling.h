/* SPDX-License-Identifier: MIT */
/* scaling.h: what more workers bring: speed-up, efficiency, and the laws that times obey.
 *
 * With T(N) the time of N workers and S(N) = T(1)/T(N) the speed-up,
 *
 *     Amdahl (1967)        T(N) = T(1) (s + (1 - s)/N)          s: the serial fraction
 *     Gunther (1993)       X(N) = gN/(1 + a(N - 1) + bN(N - 1))  the Universal Scalability Law
 *     Karp, Flatt (1990)   e = (1/S - 1/N)/(1 - 1/N)            s as one measurement tells it
 *
 * X = 1/T is the throughput, a (alpha) the cost of queueing for what is shared, b (beta) that of
 * workers agreeing with each other, which makes times grow again beyond sqrt((1 - a)/b) workers. */
#ifndef DPK_SCALING_H
#define DPK_SCALING_H

#include "analysis/statistics.h"

/* Times by number of workers and round. All series have all rounds. */
typedef struct dpk_scaling {
    size_t count;                 /* of numbers of workers */
    const unsigned *jobs;         /* [count], each at least 1, in any order */
    const double *const *seconds; /* [count][rounds], positive */
    const unsigned *generation;   /* [rounds], as for dpk_bootstrap */
    size_t rounds;
    unsigned cores; /* more workers than this only queue: the laws are not fitted to them; 0: to all
                       that are there */
} dpk_scaling;

/* S/N and e of a speed-up over one worker. e is NaN for one worker, and where N workers are slower
 * than one: more than all of the work cannot be serial. It is negative where N workers are more
 * than N times as fast. */
dpk_interval dpk_efficiency(dpk_interval speedup, unsigned jobs);
dpk_interval dpk_karp_flatt(dpk_interval speedup, unsigned jobs);

/* A law fitted to times by least squares of relative errors. */
typedef struct dpk_amdahl {
    bool fitted;         /* times of 2 numbers of workers are needed */
    dpk_interval first;  /* T(1), seconds */
    dpk_interval serial; /* fraction, 0 to 1 */
    double error;        /* root mean square of the relative errors */
} dpk_amdahl;

typedef struct dpk_usl {
    bool fitted;              /* times of 3 numbers of workers are needed */
    dpk_interval rate;        /* X(1), runs per second */
    dpk_interval alpha, beta; /* at least 0 */
    dpk_interval best; /* workers for the highest throughput, at least 1; INFINITY: ever more */
    double error;
} dpk_usl;

dpk_amdahl dpk_amdahl_fit(const dpk_scaling *scaling);
dpk_usl dpk_usl_fit(const dpk_scaling *scaling);

/* Why a law's numbers must not be told, NULL if they may be: it is not fitted, times are too far
 * from it, or the best fit is at a bound of the law, so that the numbers are those of the bound and
 * not those of the times. */
const char *dpk_amdahl_why_not(const dpk_amdahl *law);
const char *dpk_usl_why_not(const dpk_usl *law);

/* Seconds that the law's estimates predict. */
double dpk_amdahl_seconds(const dpk_amdahl *law, double jobs);
double dpk_usl_seconds(const dpk_usl *law, double jobs);

#endif
