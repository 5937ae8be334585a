/* SPDX-License-Identifier: MIT */
/* comparison_fixture.h: comparisons with known causes, for tests of what is said about them. A plan
 * says what a variant costs; samples are made of it with noise of three kinds, as machines have it:
 * of a round (all variants alike), of a process (one variant's whole generation), of a sample. The
 * same plan gives the same samples always. */
#ifndef DPK_TEST_COMPARISON_FIXTURE_H
#define DPK_TEST_COMPARISON_FIXTURE_H

#include "analysis/comparison.h"
#include "engine/registry.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plan {
    const char *backend;
    unsigned jobs;
    double phase[DPK_PHASES];                     /* ms of wall time: means over the workers */
    double queued, system;                        /* ms, of load, work and store; likewise */
    double faults, major, voluntary, involuntary; /* of all workers together */
    double peak;                                  /* MB */
    double around_system;                         /* ms, outside of jobs: means over the workers */
};

struct design {
    size_t generations, rounds; /* rounds of each generation */
    double noise;               /* of a sample and of a process: standard deviation, 0.01 is 1 % */
    unsigned seed;
};

/* ------------------------------------------------------------------------------------- samples */

/* About normal, with mean 0 and deviation 1: twelve uniform numbers have a variance of 1. */
static inline double fixture_normal(uint64_t *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(*random >> 11) * 0x1p-53;
    }
    return sum;
}

static inline uint64_t fixture_ns(double ms)
{
    return ms > 0 ? (uint64_t)(ms * 1e6) : 0;
}

/* Every phase gets noise of its own, so that each has an interval; scale is common to them. */
static inline dpk_sample fixture_sample(const struct plan *plan, double scale, double noise,
                                        uint64_t *random)
{
    dpk_sample sample = { .ledger = { .workers = plan->jobs, .chunks = 64 } };
    dpk_usage *used = &sample.ledger.used;
    double sum = 0, busy = 0;
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        double ms = plan->phase[phase] * scale * (1 + noise * fixture_normal(random));
        sample.ledger.ns[phase] = fixture_ns(ms * plan->jobs);
        sum += ms;
        if (phase == DPK_LOAD || phase == DPK_WORK || phase == DPK_STORE)
            busy += ms;
    }
    double queued = plan->queued * scale * (1 + noise * fixture_normal(random));
    double system = plan->system * scale * (1 + noise * fixture_normal(random));
    used->cpu = fixture_ns((busy - queued) * plan->jobs);
    used->system = fixture_ns(system * plan->jobs);
    used->user = used->cpu - used->system;
    used->minor_faults = (uint64_t)fmax(0, plan->faults + 3 * fixture_normal(random));
    used->major_faults = (uint64_t)plan->major;
    used->voluntary_switches = (uint64_t)fmax(0, plan->voluntary + fixture_normal(random));
    used->involuntary_switches = (uint64_t)fmax(0, plan->involuntary + fixture_normal(random));
    sample.used = *used;
    sample.used.system += fixture_ns(plan->around_system * plan->jobs);
    sample.wall = fixture_ns(sum * 1.001); /* the clock that waits for it sees a little more */
    return sample;
}

/* Each worker starts, does four chunks with a wait after each, and stops. */
static inline void fixture_timeline(const struct plan *plan, dpk_timeline *timeline)
{
    enum { CHUNKS = 4, MARKS = 2 * CHUNKS + 2 };
    timeline->marks = calloc(plan->jobs * MARKS, sizeof *timeline->marks);
    cr_assert_not_null(timeline->marks);
    for (unsigned w = 0; w < plan->jobs; w++) {
        uint64_t now = 0;
        for (int i = 0; i < MARKS; i++) {
            dpk_phase phase = i % 2 == 1 ? DPK_WORK : DPK_WAIT;
            if (i == 0 || i == MARKS - 1)
                phase = i == 0 ? DPK_START : DPK_STOP;
            dpk_mark mark = { .begin = now, .worker = w, .phase = (uint16_t)phase };
            if (phase == DPK_WORK) {
                mark.pass = i < CHUNKS ? 1 : 2;
                mark.chunk = (uint64_t)(i / 2) * plan->jobs + w;
            }
            double parts = phase == DPK_WORK || phase == DPK_WAIT ? CHUNKS : 1;
            now += fixture_ns(plan->phase[phase] / parts);
            mark.end = now;
            if (mark.end > mark.begin)
                timeline->marks[timeline->count++] = mark;
        }
    }
}

static inline void fixture_variant(dpk_comparison *comparison, const struct plan *plan,
                                   const struct design *design, const double *disturbance)
{
    dpk_variant *variant = &comparison->variants[comparison->variant_count];
    uint64_t random = design->seed + 1000 * ++comparison->variant_count;
    fixture_normal(&random); /* neighbouring seeds are alike at first */
    *variant = (dpk_variant){ .backend = dpk_backend_find(plan->backend), .jobs = plan->jobs };
    cr_assert_not_null(variant->backend, "%s", plan->backend);
    if (strcmp(plan->backend, "seq") == 0)
        strcpy(variant->name, "seq");
    else
        snprintf(variant->name, sizeof variant->name, "%s -j%u", plan->backend, plan->jobs);
    variant->digest = 0x0123456789abcdef;
    variant->peak = (size_t)(plan->peak * 1e6);
    variant->samples = calloc(comparison->rounds, sizeof *variant->samples);
    cr_assert_not_null(variant->samples);
    double luck = 1;
    for (size_t r = 0; r < comparison->rounds; r++) {
        if (r % design->rounds == 0)
            luck = 1 + design->noise / 2 * fixture_normal(&random);
        variant->samples[r] = fixture_sample(plan, luck * disturbance[r], design->noise, &random);
    }
    fixture_timeline(plan, &variant->timeline);
}

/* ---------------------------------------------------------------------------------- comparison */

static inline dpk_environment fixture_environment(double clock)
{
    return (dpk_environment){
        .processor = "A processor",
        .kernel = "6.1.0",
        .compiler = "GNU 12.2.0",
        .isa = DPK_ISA_BASE,
        .cpus = { .online = 2, .affinity = 2, .jobs = 2 },
        .processors = 2,
        .cores = 2,
        .governor = "performance",
        .turbo = DPK_NO,
        .smt = DPK_NO,
        .aslr = 2,
        .huge_private = "madvise",
        .huge_shared = "never",
        .clock = clock,
        .load = 0.5,
        .pressure = 0,
        .cgroup_pressure = NAN,
        .busy = 1.7 * clock,
        .stolen = 0,
        .total = 2 * clock,
        .own = 1.68 * clock,
    };
}

/* A comparison that has been measured but not summarised; to be freed by free_comparison. */
static inline dpk_comparison *make_comparison(const struct plan *plans, size_t count,
                                              struct design design)
{
    static const dpk_pass passes[] = { { .name = "rows" },
                                       { .name = "columns" },
                                       { .name = NULL } };
    static const dpk_kernel kernel = { .name = "blur", .summary = "a kernel", .passes = passes };
    dpk_comparison *comparison = calloc(1, sizeof *comparison);
    cr_assert_not_null(comparison);
    *comparison = (dpk_comparison){
        .kernel = &kernel,
        .isa = DPK_ISA_BASE,
        .command = "blur photo.png --sigma=2",
        .inputs = "u8 3000x4000x3",
        .scope = DPK_SCOPE_COMPUTE,
        .width = 0.01,
        .budget = 30,
        .cost = { .bytes = 72e6, .operations = 400e6 },
        .rounds = design.generations * design.rounds,
        .ending = DPK_ENDED_ROUNDS,
        .seconds = 12.5,
        .before = fixture_environment(100),
        .after = fixture_environment(112.5),
        .roof_known = true,
        .roof = { .processor = "A processor",
                  .jobs = 2,
                  .copy = { 10e9, 16e9 },
                  .fma32 = { 40e9, 80e9 },
                  .fma64 = { 20e9, 40e9 } },
    };
    cr_assert_leq(comparison->rounds, DPK_ROUNDS_MAX);
    double disturbance[DPK_ROUNDS_MAX];
    uint64_t random = design.seed + 1;
    for (size_t r = 0; r < comparison->rounds; r++) {
        comparison->generation[r] = (unsigned)(r / design.rounds);
        disturbance[r] = exp(2 * design.noise * fixture_normal(&random));
    }
    for (size_t i = 0; i < count; i++)
        fixture_variant(comparison, &plans[i], &design, disturbance);
    return comparison;
}

static inline void free_comparison(dpk_comparison *comparison)
{
    for (size_t i = 0; i < comparison->variant_count; i++) {
        free(comparison->variants[i].samples);
        free(comparison->variants[i].timeline.marks);
    }
    free(comparison);
}

/* Everything at once: a sequential variant, two backends that scale, one of them slower by faults
 * and its start, and more workers than processors. */
static inline dpk_comparison *example_comparison(void)
{
    static const struct plan plans[] = {
        { "seq", 1, { [DPK_WORK] = 100 }, .system = 1, .faults = 900, .peak = 160 },
        { "omp", 1, { 0, 0.02, 100, 0.1, 0, 0.01 }, .system = 1, .faults = 900, .peak = 160 },
        { "omp", 2, { 0, 0.1, 50.5, 1.2, 0, 0.05 }, .system = 0.6, .faults = 910, .peak = 161 },
        { "fork", 2, { 0, 1.3, 53, 1.3, 0, 0.5 }, .system = 3, .faults = 14000, .peak = 163 },
        { "fork",
          4,
          { 0, 2.3, 50, 3, 0, 0.8 },
          .queued = 24,
          .system = 2,
          .faults = 14500,
          .voluntary = 40,
          .involuntary = 60,
          .peak = 166 },
    };
    return make_comparison(plans, sizeof plans / sizeof *plans, (struct design){ 8, 5, 0.01, 1 });
}

#endif
