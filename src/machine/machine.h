/* SPDX-License-Identifier: MIT */
/* machine.h: what this process may use of the machine it runs on. */
#ifndef DPK_MACHINE_H
#define DPK_MACHINE_H

#include "machine/cgroup.h"
#include "machine/lines.h"

#include <dpk/dpk.h>

/* More workers than this are refused: they would only queue, and each costs a descriptor. */
#define DPK_JOBS_MAX 1024

/* Every bound on how many workers can run at once; 0 where there is none. */
typedef struct dpk_cpus {
    unsigned online;           /* processors of the machine */
    unsigned affinity;         /* that this process may run on */
    double quota;              /* CPU seconds per second granted by the cgroup */
    unsigned scheduler;        /* asked for by the batch scheduler or by OpenMP's variable */
    const char *scheduler_env; /* the variable that said so */
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

/* How often the CPU quotas of the process's cgroups were used up so far, and for how many seconds
 * that kept processors idle, summed over them; NAN where the system does not tell. */
typedef struct dpk_throttling {
    double times, seconds;
} dpk_throttling;

dpk_throttling dpk_machine_throttling(const char *root);

/* From then until now; zeros where it is not known. */
dpk_throttling dpk_throttling_since(const dpk_throttling *then, dpk_throttling now);

/* The same of one cgroup, by its directory. */
dpk_throttling dpk_machine_throttling_of(const char *directory, bool unified);

#endif
