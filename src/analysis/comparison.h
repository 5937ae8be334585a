/* SPDX-License-Identifier: MIT */
/* comparison.h: measurements of several ways to execute one kernel, and what they mean.
 *
 *     rounds.c       fills in samples, round by round
 *     summary.c      computes from the samples what all reports say
 *     verdict.c      puts it into words
 *     report_*.c     print, draw and export it
 *
 * Only reports know of files and formats; only rounds.c measures. */
#ifndef DPK_COMPARISON_H
#define DPK_COMPARISON_H

#include <dpk/lesson.h>

#include "analysis/scaling.h"
#include "analysis/statistics.h"
#include "engine/run.h"
#include "observe/environment.h"
#include "observe/roof.h"

typedef enum dpk_scope {
    DPK_SCOPE_COMPUTE, /* inputs in memory; from opening the team to its end */
    DPK_SCOPE_RUN,     /* the whole command, file to file */
} dpk_scope;

/* One execution of a variant. */
typedef struct dpk_sample {
    uint64_t wall;             /* ns, by the clock of the process that waited for it */
    dpk_ledger ledger;         /* by the workers' accounts */
    dpk_usage used;            /* by all processes, over the whole execution */
    dpk_throttling throttling; /* by CPU quotas; zeros where there is none */
} dpk_sample;

/* A stretch of a worker's time, on the timeline of one execution. */
typedef struct dpk_mark {
    uint64_t begin, end; /* ns since the execution began */
    uint64_t chunk;
    uint32_t worker;
    uint16_t phase; /* dpk_phase */
    uint16_t pass;  /* 1 + the index of the kernel's pass; 0: none */
} dpk_mark;

typedef struct dpk_timeline {
    dpk_mark *marks; /* by worker, then by time */
    size_t count;
    size_t lost; /* marks that did not fit */
} dpk_timeline;

/* What a variant's samples say, alone and compared with the first variant. */
typedef struct dpk_summary {
    dpk_spread seconds;
    dpk_interval ratio; /* of times, this one's to the first's: above 1 is slower */
    dpk_verdict verdict;

    /* Seconds of wall time: means over the workers and over the middle half of all rounds. The
     * phases add up to the wall time. */
    double wall, phase[DPK_PHASES];
    /* The part of load, work and store that workers spent without a processor: waiting for one,
     * throttled by a quota, or blocked in the operating system. NAN unknown. */
    double queued;
    dpk_interval queued_share; /* of that time, from 0 to 1 */
    /* How much more than the first variant. The phases add up to the whole. */
    dpk_interval wall_more, phase_more[DPK_PHASES];
    /* The same difference in other parts, for variants with different numbers of workers. The
     * workers share load, work and store: shared_more is the difference that the other number of
     * workers alone makes to them, and extra_more what the phases take beyond that. */
    dpk_interval shared_more, extra_more[DPK_PHASES];
    /* Details of load, work and store, also beyond their share: time without a processor, time in
     * the operating system; and counts, over all workers, of page faults (minor and major) and of
     * voluntary switches. */
    dpk_interval queued_more, system_more, faults_more, voluntary_more;
    /* Details of start and stop: time in the operating system, as a mean over the workers, and page
     * faults of all. */
    dpk_interval around_system_more, around_faults_more;

    /* Of all processes together, over the whole execution: medians, */
    double minor_faults, major_faults, voluntary_switches, involuntary_switches;
    double throttles;    /* how often a CPU quota was used up; */
    double user, system; /* and means: seconds of processor time, */
    double throttled;    /* and of processors kept idle by a quota */
    /* Medians by pass of the kernel: wall time, and page faults of all workers. */
    double pass_seconds[DPK_MAX_PASSES], pass_faults[DPK_MAX_PASSES];

    /* By the kernel's cost and the median time; NAN where the kernel names none. */
    double bytes_per_second, operations_per_second;
    double roof;           /* share of the nearer roof that is reached; NAN unknown */
    const char *roof_name; /* "memory", "arithmetic", "cache" (whose roof is unknown) or NULL */

    double speedup_base; /* seconds of one worker: this backend's, or the first variant's */
    dpk_interval speedup, efficiency, karp_flatt; /* NAN where there is no base */
} dpk_summary;

/* How a variant ended that died, and so has no times. */
typedef struct dpk_failure {
    char text[480]; /* "" for a variant that has not died */
    size_t items,
        delivered; /* of the pass in which workers died, with --keep-going; 0 if it cannot */
} dpk_failure;

typedef struct dpk_variant {
    const dpk_backend *backend;
    unsigned jobs; /* requested; a sample's ledger says how many there were */
    char name[32]; /* "omp -j2"; unique */
    dpk_sample *samples;
    uint64_t digest; /* of the outputs */
    size_t peak;     /* bytes: peak of the memory of all processes (PSS), 0 if unknown */
    dpk_timeline timeline;
    char note[160]; /* why it is slower than it might be, "" if it is not; dpk_summarise notes fewer
                       workers */
    dpk_failure failure;
    dpk_summary summary;
} dpk_variant;

/* The laws fitted to the times of one backend. */
typedef struct dpk_law {
    const dpk_backend *backend;
    dpk_amdahl amdahl;
    dpk_usl usl;
} dpk_law;

typedef enum dpk_ending {
    DPK_ENDED_NARROW,      /* all intervals of ratios are as narrow as requested */
    DPK_ENDED_ROUNDS,      /* as many rounds as requested */
    DPK_ENDED_BUDGET,      /* the budget is spent */
    DPK_ENDED_INTERRUPTED, /* Ctrl-C */
} dpk_ending;

enum { DPK_VARIANTS_MAX = 64, DPK_BACKENDS_MAX = 8 };

typedef struct dpk_comparison {
    /* What was requested. */
    const dpk_kernel *kernel;
    dpk_isa isa;
    const void *self;    /* the kernel's struct with its parameters */
    const char *command; /* "blur photo.png --sigma=2" */
    const char *inputs;  /* "u8 3172x5640x3", by a comma; "" for none */
    dpk_scope scope;
    dpk_conditions conditions;
    double width;  /* requested half-width of ratios' intervals: 0.01 is 1 % */
    double budget; /* seconds */
    dpk_cost cost; /* zeros where the kernel names none */

    /* What was measured. samples[r] of every variant is of round r. */
    dpk_variant variants[DPK_VARIANTS_MAX];
    size_t variant_count;
    size_t rounds;
    unsigned generation[DPK_ROUNDS_MAX]; /* of each round */
    dpk_ending ending;
    double seconds; /* spent in all */
    dpk_environment before, after;

    /* What follows from it. */
    bool roof_known;
    dpk_roof roof;
    dpk_load load;
    dpk_warnings warnings;
    size_t generations;
    double reached; /* the widest half-width of a ratio's interval */
    dpk_law laws[DPK_BACKENDS_MAX];
    size_t law_count;
} dpk_comparison;

/* Computes all that follows from the samples. There must be at least one round. */
void dpk_summarise(dpk_comparison *comparison);

/* How many workers the variant had. */
unsigned dpk_variant_workers(const dpk_variant *variant);

/* The ratio of the times of b to those of a. */
dpk_interval dpk_variant_ratio(const dpk_comparison *comparison, const dpk_variant *a,
                               const dpk_variant *b);

/* What such a ratio proves. A difference below half of the requested precision proves nothing,
 * however certain it is. */
dpk_verdict dpk_comparison_judge(const dpk_comparison *comparison, dpk_interval ratio);

/* Whether there are too few generations for any verdict, so that all intervals may be too narrow.
 */
bool dpk_comparison_is_short(const dpk_comparison *comparison);

/* "95 % intervals", or what they are in a comparison that is short. */
const char *dpk_intervals_name(const dpk_comparison *comparison);

/* "All variants gave the same bytes, of digest …, before any was timed.": what was checked first.
 * "" for a comparison that does not say so. */
const char *dpk_equality_text(const dpk_comparison *comparison, char *text, size_t size);

/* The sentence about a variant other than the first: how much faster or slower it is and why, or
 * that no difference is proven, or that there are too few rounds to tell. */
const char *dpk_verdict_text(const dpk_comparison *comparison, const dpk_variant *variant,
                             char *text, size_t size);

/* The sentence about all variants: which one wins, or which ones cannot be told apart. */
const char *dpk_winner_text(const dpk_comparison *comparison, char *text, size_t size);

/* Explains the ratios and intervals of a table to its readers. */
const char *dpk_ratios_text(const dpk_comparison *comparison, char *text, size_t size);

/* Whether a variant has died, so that nothing has been timed. */
bool dpk_comparison_is_fatal(const dpk_comparison *comparison);

/* Why measuring ended, and the precision reached. */
const char *dpk_ending_text(const dpk_comparison *comparison, char *text, size_t size);

#endif
