/* SPDX-License-Identifier: MIT */
/* machine.c: a container or a batch job may often use far less than the machine has. Workers beyond
 * that would only wait for a processor. */
#include "machine/machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned affinity(void)
{
    /* The call fails if the machine has more processors than the set has bits. */
    for (int bits = CPU_SETSIZE; bits <= 1 << 20; bits *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)bits);
        if (set == NULL)
            return 0;
        size_t size = CPU_ALLOC_SIZE((size_t)bits);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return (unsigned)count;
    }
    return 0;
}

/* The number in a file of a cgroup; NAN if there is none, as in "max". */
static double number(const char *directory, const char *file)
{
    char path[8448], line[64];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    char *end;
    dpk_machine_line(path, line, sizeof line);
    double value = strtod(line, &end);
    return end == line ? NAN : value;
}

/* The least quota of all cgroups visited, 0 for none, in processors. */
static void quota(const char *directory, bool unified, void *context)
{
    double *least = context;
    double granted = NAN, period = NAN;
    if (unified) {
        char path[8448], line[64];
        snprintf(path, sizeof path, "%s/cpu.max", directory);
        if (sscanf(dpk_machine_line(path, line, sizeof line), "%lf %lf", &granted, &period) != 2)
            return;
    } else {
        granted = number(directory, "cpu.cfs_quota_us");
        period = number(directory, "cpu.cfs_period_us");
    }
    if (granted > 0 && period > 0 && (*least == 0 || granted / period < *least))
        *least = granted / period;
}

/* The number behind `name` in a file of a cgroup; NAN if there is none. */
static double entry(const char *directory, const char *file, const char *name)
{
    char path[8448], line[256], *end;
    snprintf(path, sizeof path, "%s/%s", directory, file);
    const char *text = dpk_machine_entry(path, name, line, sizeof line);
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

dpk_throttling dpk_machine_throttling_of(const char *directory, bool unified)
{
    const dpk_throttling unknown = { NAN, NAN };
    dpk_throttling seen = { .times = entry(directory, "cpu.stat", "nr_throttled ") };
    seen.seconds = unified ? 1e-6 * entry(directory, "cpu.stat", "throttled_usec ")
                           : 1e-9 * entry(directory, "cpu.stat", "throttled_time ");
    return isnan(seen.times) || isnan(seen.seconds) ? unknown : seen;
}

/* Each cgroup above this process can throttle it, so the times are summed. */
static void throttling(const char *directory, bool unified, void *context)
{
    dpk_throttling *sum = context, seen = dpk_machine_throttling_of(directory, unified);
    if (isnan(seen.times))
        return;
    sum->times = seen.times + (isnan(sum->times) ? 0 : sum->times);
    sum->seconds = seen.seconds + (isnan(sum->seconds) ? 0 : sum->seconds);
}

dpk_throttling dpk_machine_throttling(const char *root)
{
    dpk_throttling sum = { NAN, NAN };
    dpk_machine_cgroups(root, "cpu", throttling, &sum);
    return sum;
}

dpk_throttling dpk_throttling_since(const dpk_throttling *then, dpk_throttling now)
{
    dpk_throttling since = { now.times - then->times, now.seconds - then->seconds };
    return isnan(since.times) ? (dpk_throttling){ 0, 0 } : since;
}

/* The least that a cgroup visited still grants. Files that were read or written and are not in use
 * count as used, but the system reclaims them before it refuses memory. How much they are is asked
 * only where the answer matters: the system may sum it up over all processors, which takes as long
 * as a small run. */
static void memory(const char *directory, bool unified, void *context)
{
    double *least = context;
    double limit = number(directory, unified ? "memory.max" : "memory.limit_in_bytes");
    double used = number(directory, unified ? "memory.current" : "memory.usage_in_bytes");
    if (!(limit >= 0) || !(used >= 0) || limit - used >= *least)
        return;
    double cached =
        entry(directory, "memory.stat", unified ? "inactive_file " : "total_inactive_file ");
    if (cached > 0)
        used = cached < used ? used - cached : 0;
    if (limit - used < *least)
        *least = limit > used ? limit - used : 0;
}

size_t dpk_machine_memory_below(const char *root)
{
    char path[4096], line[256];
    double available = 0;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    if (sscanf(dpk_machine_entry(path, "MemAvailable:", line, sizeof line), "%lf kB", &available) ==
        1)
        available *= 1024;
    if (available == 0)
        available = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    dpk_machine_cgroups(root, "memory", memory, &available);
    return (size_t)available;
}

size_t dpk_machine_memory(void)
{
    return dpk_machine_memory_below("");
}

double dpk_machine_quota(const char *root)
{
    double least = 0;
    dpk_machine_cgroups(root, "cpu", quota, &least);
    return least;
}

/* Batch schedulers pass the number of processors of a job in the environment; users of OpenMP set
 * OMP_NUM_THREADS. */
static void scheduler(dpk_cpus *cpus)
{
    static const char *const variables[] = { "SLURM_CPUS_PER_TASK", "PBS_NCPUS", "NSLOTS",
                                             "LSB_DJOB_NUMPROC", "OMP_NUM_THREADS" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i]);
        long value = text == NULL ? 0 : strtol(text, NULL, 10);
        if (value < 1 || (cpus->scheduler != 0 && value >= (long)cpus->scheduler))
            continue;
        cpus->scheduler = value > DPK_JOBS_MAX ? DPK_JOBS_MAX : (unsigned)value;
        cpus->scheduler_env = variables[i];
    }
}

dpk_cpus dpk_machine_cpus(void)
{
    dpk_cpus cpus = { 0 };
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cpus.online = online > 0 ? (unsigned)online : 1;
    cpus.affinity = affinity();
    cpus.quota = dpk_machine_quota("");
    scheduler(&cpus);

    unsigned jobs = cpus.affinity != 0 ? cpus.affinity : cpus.online;
    if (cpus.quota > 0 && ceil(cpus.quota) < jobs)
        jobs = (unsigned)ceil(cpus.quota);
    if (cpus.scheduler != 0 && cpus.scheduler < jobs)
        jobs = cpus.scheduler;
    cpus.jobs = jobs > DPK_JOBS_MAX ? DPK_JOBS_MAX : jobs;
    return cpus;
}
