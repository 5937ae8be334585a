/* SPDX-License-Identifier: MIT */
/* limits.c: limits of the system, which count from a process's start, beyond what it has now. */
#include "workers/limits.h"

#include "workers/account.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Lowers the limit; never raises one that others have set. */
static void lower(int resource, double most)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return;
    if (limit.rlim_cur == RLIM_INFINITY || (double)limit.rlim_cur > most)
        limit.rlim_cur = (rlim_t)most;
    setrlimit(resource, &limit);
}

/* Bytes of private memory that can be written, which is what RLIMIT_DATA limits; 0 if the system
 * does not say. */
static double data_bytes(void)
{
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %*s %*s %*s %*s %lf", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

static double seconds_used(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return 0;
    return 1e-9 * (double)dpk_usage_of_rusage(&used).cpu;
}

void dpk_limit_self(const dpk_limits *limits)
{
    double data = limits->memory > 0 ? data_bytes() : 0;
    if (data > 0)
        lower(RLIMIT_DATA, data + (double)limits->memory);
    if (limits->cpu_time > 0) {
        signal(SIGXCPU, SIG_DFL);
        lower(RLIMIT_CPU, ceil(seconds_used() + limits->cpu_time));
    }
}

void dpk_limit_no_core(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
}

void dpk_limit_renew(const dpk_limits *limits)
{
    struct rlimit limit;
    if (!(limits->cpu_time > 0) || getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    double most = ceil(seconds_used() + limits->cpu_time);
    if (limit.rlim_max == RLIM_INFINITY || most < (double)limit.rlim_max)
        limit.rlim_cur = (rlim_t)most;
    setrlimit(RLIMIT_CPU, &limit);
}
