/* SPDX-License-Identifier: MIT */
/* environment.h: the machine, its settings and its load while something is measured. A snapshot is
 * taken before and after; their difference is the load. Every source is optional, because
 * containers and other kernels lack some of them: what cannot be read is unknown and never guessed.
 */
#ifndef DPK_ENVIRONMENT_H
#define DPK_ENVIRONMENT_H

#include "base/json.h"
#include "machine/machine.h"
#include "model/isa.h"

typedef enum dpk_known { DPK_UNKNOWN, DPK_NO, DPK_YES } dpk_known;

/* Unknown texts are "", unknown numbers NAN. Counters count from some moment in the past. */
typedef struct dpk_environment {
    /* the machine */
    char processor[128];
    char kernel[64]; /* release of the operating system's */
    char compiler[64];
    dpk_isa isa;       /* the best level */
    dpk_cpus cpus;     /* of this process, whatever the root; the caller may lower the quota */
    double processors; /* this process may run on: by affinity alone */
    double cores;      /* with SMT, fewer than processors */
    char governor[32]; /* of the processors' frequency: if not all are "performance", another */
    dpk_known turbo, smt;
    double aslr;           /* kernel.randomize_va_space: 0 off, 2 all */
    char huge_private[16]; /* transparent huge pages: always, madvise, never */
    char huge_shared[16];  /* those of memory that processes share */

    /* its load: counters in seconds */
    double clock;
    double load;            /* processes that run or wait, average of a minute */
    double pressure;        /* some process of the machine waited for a processor */
    double cgroup_pressure; /* some process of this one's cgroup did, or was throttled */
    dpk_throttling throttling;
    double busy, stolen; /* processor time, of the processors this process may run on: used,
                            taken by the hypervisor, */
    double total;        /* and all of it */
    double own;          /* CPU time of this process and of children it has waited for; for
                            others the caller may add theirs */
    double neighbours;   /* of it, that of neighbours (measure/neighbours.h) since the measurement
                            began:   filled in by the caller */
} dpk_environment;

/* root: a prefix of /proc and /sys, "" except in tests. compiler: what this was built with. */
void dpk_environment_read(dpk_environment *environment, const char *root, const char *compiler);

/* The difference of two snapshots. Shares are of the processors' time, from 0 to 1; NAN if unknown,
 * or if the time between is too short for the system's ticks. */
typedef struct dpk_load {
    double seconds;
    double own;                       /* share */
    double neighbours;                /* share of neighbours */
    double others;                    /* share other processes used, and the system for them */
    double stolen;                    /* share the hypervisor took */
    double pressure, cgroup_pressure; /* shares of the wall time */
    double throttled;                 /* seconds, summed over processors */
    double throttles;
    double load; /* average of the last minute at the end */
} dpk_load;

dpk_load dpk_environment_difference(const dpk_environment *before, const dpk_environment *after);

/* The load that a measurement puts on the machine on purpose. */
typedef struct dpk_conditions {
    unsigned neighbours; /* busy processes beside it */
    double quota;        /* processors its processes may use in all; 0: no limit */
} dpk_conditions;

/* "beside 2 busy neighbours, with a quota of 0.5 processors"; "" for nothing in the way. */
const char *dpk_conditions_text(const dpk_conditions *conditions, char *text, size_t size);

/* Sentences, with figures, about what made the measured times longer or less certain. A quiet
 * machine has none. */
enum { DPK_WARNINGS_MAX = 8 };

typedef struct dpk_warnings {
    size_t count;
    char text[DPK_WARNINGS_MAX][240];
} dpk_warnings;

/* jobs: the most workers that ran at a time; neighbours: busy processes started beside them. */
void dpk_environment_warnings(const dpk_environment *environment, const dpk_load *load,
                              unsigned jobs, unsigned neighbours, dpk_warnings *warnings);

/* "Other programs used 70 % of the processors …", and what that means for the measured times; "" if
 * it is unknown. */
const char *dpk_load_text(const dpk_load *load, char *text, size_t size);

/* Writes both as one object. load may be NULL. */
void dpk_environment_json(dpk_json *json, const char *key, const dpk_environment *environment,
                          const dpk_load *load);

#endif
