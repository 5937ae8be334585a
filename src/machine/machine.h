/* SPDX-License-Identifier: MIT */
/* machine.h: what this process may use of the machine it runs on. */
#ifndef DPK_MACHINE_H
#define DPK_MACHINE_H

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

/* Bytes of memory this process can still take: free memory, or the cgroup's if that is less. */
size_t dpk_machine_memory(void);

/* Calls visit for the directory of this process's cgroup and for each of its ancestors': every one
 * of them is a bound. unified: of cgroup version 2, else of version 1. root stands before /proc and
 * /sys: "" but for tests. */
typedef void dpk_cgroup_visit(const char *directory, bool unified, void *context);
void dpk_machine_cgroups(const char *root, const char *controller, dpk_cgroup_visit *visit,
                         void *context);

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

/* What stands behind `name` at the beginning of a line of a text file; "" if no line has it. */
const char *dpk_machine_entry(const char *path, const char *name, char *line, size_t size);

/* First line of a small text file, without its newline; "" if it cannot be read. */
const char *dpk_machine_line(const char *path, char *line, size_t size);

#endif
