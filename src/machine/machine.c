/* SPDX-License-Identifier: MIT */
/* machine.c: processors and memory as granted, not as built in. A container or a batch job often
 * may use far less than the machine has; taking more only makes workers queue. */
#include "machine/machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *dpk_machine_line(const char *path, char *line, size_t size)
{
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return line;
    if (fgets(line, (int)size, file) == NULL)
        line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

const char *dpk_machine_entry(const char *path, const char *name, char *line, size_t size)
{
    size_t length = strlen(name);
    FILE *file = fopen(path, "r");
    bool found = false;
    while (file != NULL && !found && fgets(line, (int)size, file) != NULL)
        found = strncmp(line, name, length) == 0;
    if (file != NULL)
        fclose(file);
    return found ? line + length : "";
}

static unsigned affinity(void)
{
    /* A machine with more processors than cpu_set_t has bits makes the call fail: ask for more. */
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

/* Where a cgroup controller keeps this process's files. Version 2 has one hierarchy, named by the
 * line "0::PATH"; version 1 has one for each controller, "N:NAME,NAME:PATH". */
static bool cgroup(const char *root, const char *controller, char *directory, size_t size,
                   bool *unified)
{
    char line[4096];
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "r");
    if (file == NULL)
        return false;
    bool found = false;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':');
        char *path = names == NULL ? NULL : strchr(names + 1, ':');
        if (path == NULL)
            continue;
        *names++ = '\0';
        *path++ = '\0';
        char list[4096];
        snprintf(list, sizeof list, ",%s,", names);
        char wanted[64];
        snprintf(wanted, sizeof wanted, ",%s,", controller);
        if (strstr(list, wanted) != NULL) {
            snprintf(directory, size, "%s/sys/fs/cgroup/%s%s", root, names, path);
            *unified = false;
            found = true;
            break;
        }
        if (names[0] == '\0') {
            snprintf(directory, size, "%s/sys/fs/cgroup%s", root, path);
            *unified = true;
            found = true;
        }
    }
    fclose(file);
    return found;
}

/* In a container the path may not exist; its ancestors, down to the mount's root, then do. */
void dpk_machine_cgroups(const char *root, const char *controller, dpk_cgroup_visit *visit,
                         void *context)
{
    char directory[8192];
    bool unified;
    if (!cgroup(root, controller, directory, sizeof directory, &unified))
        return;
    const size_t top = strlen(root) + strlen("/sys/fs/cgroup");
    for (;;) {
        visit(directory, unified, context);
        char *slash = strrchr(directory, '/');
        if (slash == NULL || (size_t)(slash - directory) < top)
            return;
        *slash = '\0';
    }
}

static double number(const char *directory, const char *file)
{
    char path[8448], line[64];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    char *end;
    dpk_machine_line(path, line, sizeof line);
    double value = strtod(line, &end);
    return end == line ? NAN : value;
}

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

static double entry(const char *path, const char *name)
{
    char line[256], *end;
    const char *text = dpk_machine_entry(path, name, line, sizeof line);
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

dpk_throttling dpk_machine_throttling_of(const char *directory, bool unified)
{
    char path[8448];
    snprintf(path, sizeof path, "%s/cpu.stat", directory);
    const dpk_throttling unknown = { NAN, NAN };
    dpk_throttling seen = { .times = entry(path, "nr_throttled ") };
    seen.seconds =
        unified ? 1e-6 * entry(path, "throttled_usec ") : 1e-9 * entry(path, "throttled_time ");
    return isnan(seen.times) || isnan(seen.seconds) ? unknown : seen;
}

/* The quota of every cgroup above this process may stop it: they are summed. */
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

static void memory(const char *directory, bool unified, void *context)
{
    double *least = context;
    double limit = number(directory, unified ? "memory.max" : "memory.limit_in_bytes");
    double used = number(directory, unified ? "memory.current" : "memory.usage_in_bytes");
    if (limit >= 0 && used >= 0 && limit - used < *least)
        *least = limit > used ? limit - used : 0;
}

size_t dpk_machine_memory(void)
{
    double available = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    if (file != NULL) {
        char line[256];
        while (available == 0 && fgets(line, sizeof line, file) != NULL)
            if (sscanf(line, "MemAvailable: %lf kB", &available) == 1)
                available *= 1024;
        fclose(file);
    }
    if (available == 0)
        available = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    dpk_machine_cgroups("", "memory", memory, &available);
    return (size_t)available;
}

/* Batch schedulers tell a job its share in the environment; OpenMP users tell OpenMP. */
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
    dpk_machine_cgroups("", "cpu", quota, &cpus.quota);
    scheduler(&cpus);

    unsigned jobs = cpus.affinity != 0 ? cpus.affinity : cpus.online;
    if (cpus.quota > 0 && ceil(cpus.quota) < jobs)
        jobs = (unsigned)ceil(cpus.quota);
    if (cpus.scheduler != 0 && cpus.scheduler < jobs)
        jobs = cpus.scheduler;
    cpus.jobs = jobs > DPK_JOBS_MAX ? DPK_JOBS_MAX : jobs;
    return cpus;
}
