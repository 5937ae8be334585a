/* SPDX-License-Identifier: MIT */
/* environment.c: reads /proc and /sys, and computes the difference of two readings. The files are
 * described in proc(5) and in the kernel's documentation: "Pressure stall information", "Control
 * group v2", "CPU performance scaling". */
#include "observe/environment.h"

#include "base/clock.h"
#include "machine/topology.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Long enough for the list of processors of any machine. */
enum { LINE = 4096, PATH = 8448 };

/* For functions with such buffers: inlined into one, they would have a stack of all of them. */
#define APART __attribute__((noinline))

/* The first line of root/path. */
DPK_PRINTF(3, 4)
static const char *read_line(char line[LINE], const char *root, const char *format, ...)
{
    char path[PATH];
    size_t length = (size_t)snprintf(path, sizeof path, "%s", root);
    va_list arguments;
    va_start(arguments, format);
    if (length < sizeof path)
        vsnprintf(path + length, sizeof path - length, format, arguments);
    va_end(arguments);
    return dpk_machine_line(path, line, LINE);
}

/* The number at the beginning of a text, NAN if there is none. */
static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

static dpk_known known(const char *text, char yes, char no)
{
    return text[0] == yes ? DPK_YES : text[0] == no ? DPK_NO : DPK_UNKNOWN;
}

/* ------------------------------------------------------------------------------------ processors
 */

/* Whether a number is in a list such as "0-3,8". */
static bool listed(const char *list, unsigned long wanted)
{
    for (char *end; *list != '\0'; list = *end == ',' ? end + 1 : end) {
        unsigned long first = strtoul(list, &end, 10), last = first;
        if (end == list)
            return false;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (first <= wanted && wanted <= last)
            return true;
        if (*end != ',')
            return false;
    }
    return false;
}

/* The processors this process may run on, as a list; all where the system does not tell. */
APART static void read_allowed(char allowed[LINE], const char *root)
{
    char path[PATH], line[LINE];
    snprintf(path, sizeof path, "%s/proc/self/status", root);
    const char *list = dpk_machine_entry(path, "Cpus_allowed_list:", line, sizeof line);
    list += strspn(list, " \t");
    snprintf(allowed, LINE, "%s", *list != '\0' ? list : "0-1048575");
}

/* Whether this processor is the first allowed one of its core, so that each core counts once. */
static bool leads(const char *siblings, const char *allowed, unsigned long processor)
{
    for (unsigned long other = 0; other < processor; other++)
        if (listed(siblings, other) && listed(allowed, other))
            return false;
    return true;
}

/* Reads the processors' lines in /proc/stat, which are in ascending order and only of those that
 * are online. */
APART static void read_processors(dpk_environment *environment, const char *root,
                                  const char *allowed)
{
    char path[PATH], line[LINE], text[LINE];
    snprintf(path, sizeof path, "%s/proc/stat", root);
    FILE *file = fopen(path, "r");
    const double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    double busy = 0, stolen = 0, total = 0, processors = 0, cores = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long cpu;
        double user, nice, system, idle, wait, interrupt, soft, steal;
        if (sscanf(line, "cpu%lu %lf %lf %lf %lf %lf %lf %lf %lf", &cpu, &user, &nice, &system,
                   &idle, &wait, &interrupt, &soft, &steal) != 9 ||
            line[3] == ' ' || !listed(allowed, cpu))
            continue;
        /* Time of guests is part of user and nice. */
        double used = user + nice + system + interrupt + soft;
        busy += used * tick;
        stolen += steal * tick;
        total += (used + idle + wait + steal) * tick;
        processors++;
        const char *siblings = read_line(
            text, root, "/sys/devices/system/cpu/cpu%lu/topology/thread_siblings_list", cpu);
        cores += *siblings == '\0' ? NAN : leads(siblings, allowed, cpu);
        const char *governor =
            read_line(text, root, "/sys/devices/system/cpu/cpu%lu/cpufreq/scaling_governor", cpu);
        if (*governor != '\0' &&
            (environment->governor[0] == '\0' || strcmp(environment->governor, "performance") == 0))
            snprintf(environment->governor, sizeof environment->governor, "%.31s", governor);
    }
    if (file != NULL)
        fclose(file);
    if (processors == 0)
        return;
    environment->busy = busy;
    environment->stolen = stolen;
    environment->total = total;
    environment->processors = processors;
    environment->cores = cores;
}

APART static void read_settings(dpk_environment *environment, const char *root)
{
    static const char *const huge[] = { "enabled", "shmem_enabled" };
    char *const words[] = { environment->huge_private, environment->huge_shared };
    char line[LINE];
    dpk_processor_model(root, environment->processor, sizeof environment->processor);
    snprintf(environment->kernel, sizeof environment->kernel, "%.63s",
             read_line(line, root, "/proc/sys/kernel/osrelease"));
    /* Intel's driver has a file of its own, with the inverse meaning. */
    environment->turbo =
        known(read_line(line, root, "/sys/devices/system/cpu/intel_pstate/no_turbo"), '0', '1');
    if (environment->turbo == DPK_UNKNOWN)
        environment->turbo =
            known(read_line(line, root, "/sys/devices/system/cpu/cpufreq/boost"), '1', '0');
    environment->smt = known(read_line(line, root, "/sys/devices/system/cpu/smt/active"), '1', '0');
    environment->aslr = number(read_line(line, root, "/proc/sys/kernel/randomize_va_space"));
    for (int i = 0; i < 2; i++) {
        read_line(line, root, "/sys/kernel/mm/transparent_hugepage/%s", huge[i]);
        const char *open = strchr(line, '[');
        if (open != NULL && strcspn(open + 1, "]") < sizeof environment->huge_private)
            sprintf(words[i], "%.*s", (int)strcspn(open + 1, "]"), open + 1);
    }
}

/* ------------------------------------------------------------------------------------ counters */

/* Seconds some process waited: "some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS". */
APART static double waited(const char *path)
{
    char line[LINE];
    const char *total = strstr(dpk_machine_entry(path, "some ", line, sizeof line), "total=");
    return total != NULL ? number(total + strlen("total=")) * 1e-6 : NAN;
}

/* The nearest cgroup that has the file is meant. */
static void cgroup_pressure(const char *directory, bool unified, void *context)
{
    (void)unified;
    dpk_environment *environment = context;
    char path[PATH];
    snprintf(path, sizeof path, "%s/cpu.pressure", directory);
    if (isnan(environment->cgroup_pressure))
        environment->cgroup_pressure = waited(path);
}

static double cpu_seconds(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage) != 0)
        return NAN;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void dpk_environment_read(dpk_environment *environment, const char *root, const char *compiler)
{
    char line[LINE], path[PATH], allowed[LINE];
    *environment = (dpk_environment){
        .isa = dpk_isa_best(),
        .cpus = dpk_machine_cpus(),
        .processors = NAN,
        .cores = NAN,
        .cgroup_pressure = NAN,
        .throttling = dpk_machine_throttling(root),
        .busy = NAN,
        .stolen = NAN,
        .total = NAN,
    };
    snprintf(environment->compiler, sizeof environment->compiler, "%s", compiler);
    read_settings(environment, root);
    read_allowed(allowed, root);
    environment->load = number(read_line(line, root, "/proc/loadavg"));
    dpk_machine_cgroups(root, "cpu", cgroup_pressure, environment);
    snprintf(path, sizeof path, "%s/proc/pressure/cpu", root);

    /* What is compared with each other is read at the same moment. */
    environment->clock = 1e-9 * (double)dpk_now();
    environment->pressure = waited(path);
    read_processors(environment, root, allowed);
    environment->own = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
}

static double at_least_0(double value)
{
    return value < 0 ? 0 : value;
}

dpk_load dpk_environment_difference(const dpk_environment *before, const dpk_environment *after)
{
    /* The system counts in ticks of a hundredth of a second and charges each to one process: with a
     * hundred ticks, a share is exact to about one per cent. */
    const double shortest = 1;
    double total = after->total - before->total, seconds = after->clock - before->clock;
    dpk_load load = {
        .seconds = seconds,
        .own = NAN,
        .neighbours = NAN,
        .others = NAN,
        .stolen = NAN,
        .pressure = NAN,
        .cgroup_pressure = NAN,
        .throttled = after->throttling.seconds - before->throttling.seconds,
        .throttles = after->throttling.times - before->throttling.times,
        .load = after->load,
    };
    /* Shares are unknown if processors came or went in between. */
    if (total >= shortest && after->processors == before->processors) {
        double own = after->own - before->own;
        load.neighbours = (after->neighbours - before->neighbours) / total;
        load.own = own / total - load.neighbours;
        load.others = at_least_0(after->busy - before->busy - own) / total;
        load.stolen = at_least_0(after->stolen - before->stolen) / total;
    }
    if (seconds > 0) {
        load.pressure = (after->pressure - before->pressure) / seconds;
        load.cgroup_pressure = (after->cgroup_pressure - before->cgroup_pressure) / seconds;
    }
    return load;
}
