/* SPDX-License-Identifier: MIT */
/* simulation.h: measurements of which the truth is known, and the same in every run. */
#ifndef DPK_SIMULATION_H
#define DPK_SIMULATION_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* From 0 to below 1 (Marsaglia's xorshift64; the state is not 0). */
static inline double uniform(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Box and Muller. */
static inline double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(1 - uniform(state)));
    return radius * cos(6.283185307179586 * uniform(state));
}

enum { SIMULATED_MAX = 96 }; /* rounds */

typedef struct simulation {
    size_t generations, each; /* rounds of each generation */
    double noise;             /* relative, of each time */
    double luck;              /* relative, of each variant's process in each generation */
    double drift;             /* by how much whole rounds differ, all variants alike */
    double outliers;          /* how many times are three times as long */
} simulation;

/* Of two series of one simulation that are to have a common drift, `drift` starts alike. */
static inline void simulate(const simulation *of, double seconds, uint64_t drift, uint64_t *random,
                            double *times)
{
    for (size_t i = 0; i < of->generations; i++) {
        double host = seconds * exp(of->luck * normal(random));
        for (size_t j = 0; j < of->each; j++) {
            double time = host * exp(of->noise * normal(random));
            time *= 1 + of->drift * uniform(&drift);
            times[i * of->each + j] = uniform(random) < of->outliers ? 3 * time : time;
        }
    }
}

/* Names the rounds' generations; gives the number of rounds. */
static inline size_t number(const simulation *of, unsigned *generation)
{
    size_t rounds = of->generations * of->each;
    for (size_t i = 0; i < rounds; i++)
        generation[i] = (unsigned)(i / of->each);
    return rounds;
}

#endif
