/* SPDX-License-Identifier: MIT */
/* machine.h: what this process may use of the machine it runs on. */
#ifndef DPK_MACHINE_H
#define DPK_MACHINE_H

#include "machine/cgroup.h"
#include "machine/lines.h"

#include <dpk/dpk.h>

/* The most workers a run may have. More would only wait for processors, and each needs a
 * descriptor. */
#define DPK_JOBS_MAX 1024

/* The limits on how many workers can run at the same time; 0 for one that does not exist. */
typedef struct dpk_cpus {
    unsigned online;           /* processors of the machine */
    unsigned affinity;         /* that this process may run on */
    double quota;              /* CPU seconds per second granted by the cgroup */
    unsigned scheduler;        /* granted by the batch scheduler, or OMP_NUM_THREADS */
    const char *scheduler_env; /* the variable it is from */
    unsigned jobs;             /* the smallest of them, quota rounded up: the default -j */
} dpk_cpus;

dpk_cpus dpk_machine_cpus(void);

/* The least CPU quota of this process's cgroups in processors, 0 for none. root is put before /proc
 * and /sys, here and below: "" but in tests. */
double dpk_machine_quota(const char *root);

/* Bytes of memory this process can still take: free memory, or the cgroup's if that is less. Memory
 * that caches files and can be reclaimed is free in either sense. */
size_t dpk_machine_memory(void);
size_t dpk_machine_memory_below(const char *root);

/* How often the CPU quotas of this process's cgroups have been used up, and the seconds for which
 * it was throttled, both summed over the cgroups; NAN if unknown. */
typedef struct dpk_throttling {
    double times, seconds;
} dpk_throttling;

dpk_throttling dpk_machine_throttling(const char *root);

/* Returns the difference of two readings; zeros if either is unknown. */
dpk_throttling dpk_throttling_since(const dpk_throttling *then, dpk_throttling now);

/* Reads the throttling of one cgroup. */
dpk_throttling dpk_machine_throttling_of(const char *directory, bool unified);

#endif
