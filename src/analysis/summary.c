/* SPDX-License-Identifier: MIT */
/* summary.c: what samples say: times, rates, differences from the first variant, and scaling.
 *
 * Of two variants with different numbers of workers a mean over workers tells little: twice the
 * workers have half of the work each even where nothing is gained. So their difference is taken
 * apart. Where w1 and w2 workers spend W1 and W2 in all in load, work and store,
 *
 *     W2/w2 - W1/w1  =  (W1/w2 - W1/w1)  +  (W2 - W1)/w2
 *
 * the first term is what sharing the same work among another number of workers brings, and the
 * second, phase by phase, what it takes beyond that. */
#include "analysis/comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A variant's samples, by round. Seconds are means over the workers; counts are of all of them. */
typedef struct series {
    double workers[DPK_ROUNDS_MAX];
    double wall[DPK_ROUNDS_MAX];
    double phase[DPK_PHASES][DPK_ROUNDS_MAX];
    double shared[DPK_ROUNDS_MAX]; /* load, work and store */
    double queued[DPK_ROUNDS_MAX];
    double queued_share[DPK_ROUNDS_MAX]; /* of shared */
    double system[DPK_ROUNDS_MAX];
    double faults[DPK_ROUNDS_MAX];
    double voluntary[DPK_ROUNDS_MAX];
    double around_system[DPK_ROUNDS_MAX]; /* outside of jobs */
    double around_faults[DPK_ROUNDS_MAX];
} series;

static const double zeros[DPK_ROUNDS_MAX];

static unsigned workers_in(const dpk_variant *variant, size_t round)
{
    unsigned workers = variant->samples[round].ledger.workers;
    return workers > 0 ? workers : variant->jobs;
}

unsigned dpk_variant_workers(const dpk_variant *variant)
{
    return workers_in(variant, 0);
}

/* Explains a number of workers below the requested one if no note does. A run starts no more
 * workers than it has chunks; if it could not start as many in some rounds, rounds differ. */
static void note_fewer_workers(dpk_variant *variant, size_t rounds)
{
    unsigned least = variant->jobs, most = 0;
    for (size_t r = 0; r < rounds; r++) {
        unsigned workers = workers_in(variant, r);
        least = workers < least ? workers : least;
        most = workers > most ? workers : most;
    }
    if (least < variant->jobs && variant->note[0] == '\0')
        snprintf(variant->note, sizeof variant->note, "only %u of %u workers%s", least,
                 variant->jobs,
                 least < most ? " in some rounds: no more could be started"
                              : ": there are no more chunks of work");
}

/* Seconds of processor time in load, work and store, 0 if unknown. For a whole command, the
 * workers' accounts lack what one process does alone before they start and after they end. What all
 * processes used includes start and stop, so that queueing is understated rather than overstated.
 */
static double processor_time(const dpk_sample *sample, dpk_scope scope)
{
    uint64_t cpu = sample->ledger.used.cpu;
    if (scope == DPK_SCOPE_RUN && sample->used.cpu > cpu)
        cpu = sample->used.cpu;
    return 1e-9 * (double)cpu;
}

static void read_sample(series *into, size_t r, const dpk_sample *sample, unsigned workers,
                        dpk_scope scope)
{
    const dpk_usage *used = &sample->ledger.used;
    double shared = 0, cpu = processor_time(sample, scope) / workers;
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        double mean = 1e-9 * (double)sample->ledger.ns[phase] / workers;
        into->phase[phase][r] = mean;
        if (dpk_phase_is_shared(phase))
            shared += mean;
    }
    into->workers[r] = workers;
    into->wall[r] = 1e-9 * (double)sample->wall;
    into->shared[r] = shared;
    into->queued[r] = cpu > 0 ? fmax(shared - cpu, 0) : NAN;
    into->queued_share[r] = shared > 0 ? into->queued[r] / shared : NAN;
    into->system[r] = 1e-9 * (double)used->system / workers;
    into->faults[r] = (double)used->minor_faults + (double)used->major_faults;
    into->voluntary[r] = (double)used->voluntary_switches;
    /* The system samples processor time, so a sum of short parts may exceed the whole. */
    const dpk_usage *all = &sample->used;
    into->around_system[r] = 1e-9 * ((double)all->system - (double)used->system) / workers;
    into->around_faults[r] = (double)(all->minor_faults + all->major_faults) - into->faults[r];
}

static void read_samples(series *into, const dpk_comparison *comparison, const dpk_variant *variant)
{
    for (size_t r = 0; r < comparison->rounds; r++)
        read_sample(into, r, &variant->samples[r], workers_in(variant, r), comparison->scope);
}

/* --------------------------------------------------------------------------------- differences */

typedef struct contrast {
    const dpk_comparison *comparison;
    const series *first, *other;
} contrast;

static dpk_interval more(const contrast *of, const double *part_first, const double *part_other)
{
    /* Also true of a phase that neither has, and of the first variant itself. */
    bool equal = true;
    for (size_t r = 0; r < of->comparison->rounds && equal; r++)
        equal = part_first[r] == part_other[r];
    if (equal)
        return (dpk_interval){ 0, 0, 0 };
    dpk_difference difference = { of->first->wall, of->other->wall, part_first, part_other };
    return dpk_difference_of(&difference, of->comparison->generation, of->comparison->rounds);
}

/* The first variant's part as it would be if the other's workers shared it. */
static void share(const contrast *of, const double *part_first, double shared[DPK_ROUNDS_MAX])
{
    for (size_t r = 0; r < of->comparison->rounds; r++)
        shared[r] = part_first[r] * (of->first->workers[r] / of->other->workers[r]);
}

static dpk_interval beyond_share(const contrast *of, const double *part_first,
                                 const double *part_other)
{
    double shared[DPK_ROUNDS_MAX];
    share(of, part_first, shared);
    return more(of, shared, part_other);
}

static void summarise_differences(const contrast *of, dpk_summary *summary)
{
    const series *first = of->first, *other = of->other;
    double shared[DPK_ROUNDS_MAX];
    share(of, first->shared, shared);
    summary->shared_more = more(of, first->shared, shared);
    summary->wall_more = more(of, first->wall, other->wall);
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        dpk_interval plain = more(of, first->phase[phase], other->phase[phase]);
        summary->phase_more[phase] = plain;
        summary->extra_more[phase] =
            dpk_phase_is_shared(phase) ? beyond_share(of, first->phase[phase], other->phase[phase])
                                       : plain;
    }
    summary->queued_more = beyond_share(of, first->queued, other->queued);
    summary->system_more = beyond_share(of, first->system, other->system);
    summary->faults_more = more(of, first->faults, other->faults);
    summary->voluntary_more = more(of, first->voluntary, other->voluntary);
    summary->around_system_more = more(of, first->around_system, other->around_system);
    summary->around_faults_more = more(of, first->around_faults, other->around_faults);
}

/* ------------------------------------------------------------------------------------ by itself */

/* The mean over the middle half of the rounds, by wall time. */
static dpk_interval middle(const dpk_comparison *comparison, const series *of, const double *part)
{
    dpk_difference difference = { zeros, of->wall, zeros, part };
    return dpk_difference_of(&difference, comparison->generation, comparison->rounds);
}

static double middle_mean(const dpk_comparison *comparison, const series *of, const double *part)
{
    return middle(comparison, of, part).estimate;
}

/* The median of a number that a sample has at this offset. */
static double median_of(const dpk_variant *variant, size_t rounds, size_t offset)
{
    double values[DPK_ROUNDS_MAX];
    for (size_t r = 0; r < rounds; r++) {
        uint64_t value;
        memcpy(&value, (const char *)&variant->samples[r] + offset, sizeof value);
        values[r] = (double)value;
    }
    return dpk_median(values, rounds);
}

static double median_throttles(const dpk_variant *variant, size_t rounds)
{
    double values[DPK_ROUNDS_MAX];
    for (size_t r = 0; r < rounds; r++)
        values[r] = variant->samples[r].throttling.times;
    return dpk_median(values, rounds);
}

static void summarise_usage(const dpk_comparison *comparison, dpk_variant *variant)
{
    dpk_summary *summary = &variant->summary;
    size_t rounds = comparison->rounds;
    for (size_t r = 0; r < rounds; r++) {
        const dpk_usage *used = &variant->samples[r].used;
        summary->throttled += variant->samples[r].throttling.seconds / (double)rounds;
        summary->user += 1e-9 * (double)used->user / (double)rounds;
        summary->system += 1e-9 * (double)used->system / (double)rounds;
    }
    summary->minor_faults = median_of(variant, rounds, offsetof(dpk_sample, used.minor_faults));
    summary->major_faults = median_of(variant, rounds, offsetof(dpk_sample, used.major_faults));
    summary->voluntary_switches =
        median_of(variant, rounds, offsetof(dpk_sample, used.voluntary_switches));
    summary->involuntary_switches =
        median_of(variant, rounds, offsetof(dpk_sample, used.involuntary_switches));
    summary->throttles = median_throttles(variant, rounds);
}

static void summarise_passes(const dpk_comparison *comparison, dpk_variant *variant)
{
    dpk_summary *summary = &variant->summary;
    double seconds[DPK_ROUNDS_MAX], faults[DPK_ROUNDS_MAX];
    for (size_t pass = 0; pass < DPK_MAX_PASSES; pass++) {
        for (size_t r = 0; r < comparison->rounds; r++) {
            const dpk_pass_time *time = &variant->samples[r].ledger.passes[pass];
            seconds[r] = 1e-9 * (double)time->ns;
            faults[r] = (double)time->faults;
        }
        summary->pass_seconds[pass] = dpk_median(seconds, comparison->rounds);
        summary->pass_faults[pass] = dpk_median(faults, comparison->rounds);
    }
}

/* The type of the arithmetic, taken from the first output; 0 if unknown. */
static dpk_type result_type(const dpk_comparison *comparison)
{
    const dpk_port *port = comparison->kernel->ports;
    while (port != NULL && port->name != NULL && !port->output)
        port++;
    if (comparison->self == NULL || port == NULL || port->name == NULL)
        return 0;
    const void *array = (const char *)comparison->self + port->offset;
    return ((const dpk_array *)array)->type;
}

static void summarise_rates(const dpk_comparison *comparison, dpk_variant *variant)
{
    static const char *const names[] = {
        [DPK_BOUND_MEMORY] = "memory",
        [DPK_BOUND_ARITHMETIC] = "arithmetic",
        [DPK_BOUND_CACHE] = "cache",
    };
    dpk_summary *summary = &variant->summary;
    const dpk_cost *cost = &comparison->cost;
    double seconds = summary->seconds.median;
    summary->bytes_per_second = cost->bytes > 0 ? cost->bytes / seconds : NAN;
    summary->operations_per_second = cost->operations > 0 ? cost->operations / seconds : NAN;
    summary->roof = NAN;
    if (!comparison->roof_known)
        return;
    dpk_bound bound;
    summary->roof =
        dpk_roof_share(&comparison->roof, dpk_variant_workers(variant), result_type(comparison),
                       cost->bytes / seconds, cost->operations / seconds, &bound);
    summary->roof_name = names[bound];
    if (bound == DPK_BOUND_CACHE)
        summary->roof = NAN; /* a share of memory's rate, which is not what bounds it */
}

static void summarise_variant(dpk_comparison *comparison, dpk_variant *variant, const series *first,
                              const series *own)
{
    dpk_summary *summary = &variant->summary;
    *summary = (dpk_summary){ .seconds = dpk_spread_of(own->wall, comparison->rounds) };
    summary->ratio = dpk_ratio(first->wall, own->wall, comparison->generation, comparison->rounds);
    summary->verdict = dpk_comparison_judge(comparison, summary->ratio);
    summary->wall = middle_mean(comparison, own, own->wall);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        summary->phase[phase] = middle_mean(comparison, own, own->phase[phase]);
    summary->queued = middle_mean(comparison, own, own->queued);
    summary->queued_share = middle(comparison, own, own->queued_share);
    summarise_differences(&(contrast){ comparison, first, own }, summary);
    summarise_usage(comparison, variant);
    summarise_passes(comparison, variant);
    summarise_rates(comparison, variant);
}

/* -------------------------------------------------------------------------------------- scaling */

/* The variant with one worker that speed-up refers to: of the same backend, or the first variant;
 * NULL if both have several workers. */
static const dpk_variant *base_of(const dpk_comparison *comparison, const dpk_variant *variant)
{
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *other = &comparison->variants[i];
        if (other->backend == variant->backend && dpk_variant_workers(other) == 1)
            return other;
    }
    return dpk_variant_workers(&comparison->variants[0]) == 1 ? &comparison->variants[0] : NULL;
}

static void read_wall(double *seconds, const dpk_comparison *comparison, const dpk_variant *variant)
{
    for (size_t r = 0; r < comparison->rounds; r++)
        seconds[r] = 1e-9 * (double)variant->samples[r].wall;
}

dpk_interval dpk_variant_ratio(const dpk_comparison *comparison, const dpk_variant *a,
                               const dpk_variant *b)
{
    double wall_a[DPK_ROUNDS_MAX], wall_b[DPK_ROUNDS_MAX];
    read_wall(wall_a, comparison, a);
    read_wall(wall_b, comparison, b);
    return dpk_ratio(wall_a, wall_b, comparison->generation, comparison->rounds);
}

dpk_verdict dpk_comparison_judge(const dpk_comparison *comparison, dpk_interval ratio)
{
    return dpk_judge(ratio, comparison->width / 2, comparison->generations);
}

bool dpk_comparison_is_short(const dpk_comparison *comparison)
{
    return comparison->generations < DPK_GENERATIONS_LEAST;
}

static void summarise_speedup(const dpk_comparison *comparison, dpk_variant *variant)
{
    dpk_summary *summary = &variant->summary;
    const dpk_interval unknown = { NAN, NAN, NAN };
    const dpk_variant *base = base_of(comparison, variant);
    summary->speedup_base = NAN;
    summary->speedup = summary->efficiency = summary->karp_flatt = unknown;
    if (base == NULL)
        return;
    unsigned workers = dpk_variant_workers(variant);
    summary->speedup_base = base->summary.seconds.median;
    summary->speedup = dpk_variant_ratio(comparison, variant, base);
    summary->efficiency = dpk_efficiency(summary->speedup, workers);
    summary->karp_flatt = dpk_karp_flatt(summary->speedup, workers);
}

/* Processors that can be used at the same time, by affinity and the cgroup's quota. */
static unsigned processors(const dpk_environment *environment)
{
    const dpk_cpus *cpus = &environment->cpus;
    unsigned most = cpus->affinity > 0 ? cpus->affinity : cpus->online;
    if (cpus->quota > 0 && ceil(cpus->quota) < most)
        most = (unsigned)ceil(cpus->quota);
    return most;
}

/* Fits the laws to all variants of a backend. memory: room for the rounds of all variants. */
static void add_law(dpk_comparison *comparison, const dpk_backend *backend, double *memory)
{
    unsigned jobs[DPK_VARIANTS_MAX];
    const double *seconds[DPK_VARIANTS_MAX];
    dpk_scaling scaling = { .jobs = jobs,
                            .seconds = seconds,
                            .generation = comparison->generation,
                            .rounds = comparison->rounds,
                            .cores = processors(&comparison->before) };
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_variant *variant = &comparison->variants[i];
        if (variant->backend != backend)
            continue;
        read_wall(memory, comparison, variant);
        jobs[scaling.count] = dpk_variant_workers(variant);
        seconds[scaling.count++] = memory;
        memory += comparison->rounds;
    }
    dpk_law law = { .backend = backend, .amdahl = dpk_amdahl_fit(&scaling) };
    if (!law.amdahl.fitted)
        return;
    law.usl = dpk_usl_fit(&scaling);
    comparison->laws[comparison->law_count++] = law;
}

static void summarise_scaling(dpk_comparison *comparison)
{
    comparison->law_count = 0;
    for (size_t i = 0; i < comparison->variant_count; i++)
        summarise_speedup(comparison, &comparison->variants[i]);
    double *memory = calloc(comparison->variant_count * comparison->rounds, sizeof *memory);
    for (size_t i = 0; i < comparison->variant_count && memory != NULL; i++) {
        const dpk_backend *backend = comparison->variants[i].backend;
        bool seen = comparison->law_count == DPK_BACKENDS_MAX;
        for (size_t j = 0; j < i; j++)
            seen = seen || comparison->variants[j].backend == backend;
        if (!seen)
            add_law(comparison, backend, memory);
    }
    free(memory);
}

/* Returns the most workers that a variant had. memory: for two variants' samples. */
static unsigned summarise_variants(dpk_comparison *comparison, series memory[2])
{
    series *first = &memory[0], *own = &memory[1];
    unsigned jobs = 0;
    read_samples(first, comparison, &comparison->variants[0]);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        dpk_variant *variant = &comparison->variants[i];
        note_fewer_workers(variant, comparison->rounds);
        read_samples(own, comparison, variant);
        summarise_variant(comparison, variant, first, own);
        comparison->reached = fmax(comparison->reached, dpk_half_width(variant->summary.ratio));
        if (dpk_variant_workers(variant) > jobs)
            jobs = dpk_variant_workers(variant);
    }
    return jobs;
}

void dpk_summarise(dpk_comparison *comparison)
{
    series *memory = calloc(2, sizeof *memory);
    if (memory == NULL) {
        comparison->reached = INFINITY;
        snprintf(comparison->variants[0].note, sizeof comparison->variants[0].note,
                 "not enough memory to summarise the samples");
        return;
    }
    comparison->reached = 0;
    comparison->generations = dpk_generations(comparison->generation, comparison->rounds);
    unsigned jobs = summarise_variants(comparison, memory);
    free(memory);
    summarise_scaling(comparison);
    comparison->load = dpk_environment_difference(&comparison->before, &comparison->after);
    dpk_environment_warnings(&comparison->before, &comparison->load, jobs,
                             comparison->conditions.neighbours, &comparison->warnings);
}
