/* SPDX-License-Identifier: MIT */
/* environment_words.c: describes a machine and its load in sentences and in JSON. */
#include "observe/environment.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *dpk_conditions_text(const dpk_conditions *conditions, char *text, size_t size)
{
    char neighbours[64] = "", quota[64] = "";
    if (conditions->neighbours > 0)
        snprintf(neighbours, sizeof neighbours, "beside %u busy neighbour%s",
                 conditions->neighbours, conditions->neighbours == 1 ? "" : "s");
    if (conditions->quota > 0)
        snprintf(quota, sizeof quota, "with a quota of %.3g processor%s", conditions->quota,
                 conditions->quota == 1 ? "" : "s");
    snprintf(text, size, "%s%s%s", neighbours,
             neighbours[0] != '\0' && quota[0] != '\0' ? ", " : "", quota);
    return text;
}

DPK_PRINTF(2, 3) static void warn(dpk_warnings *warnings, const char *format, ...)
{
    if (warnings->count == DPK_WARNINGS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(warnings->text[warnings->count++], sizeof *warnings->text, format, arguments);
    va_end(arguments);
}

/* Warns if there are more workers than affinity and quota allow to run, or than there are cores.
 * The system does not enforce what a batch scheduler's variable grants. */
static void warn_of_crowding(const dpk_environment *environment, unsigned jobs, unsigned neighbours,
                             dpk_warnings *warnings)
{
    char others[48] = "";
    if (neighbours > 0)
        snprintf(others, sizeof others, " and %u busy neighbour%s", neighbours,
                 neighbours == 1 ? "" : "s");
    const dpk_cpus *cpus = &environment->cpus;
    double granted = cpus->affinity != 0 ? cpus->affinity : cpus->online;
    bool quota = cpus->quota > 0 && cpus->quota < granted;
    if (quota)
        granted = cpus->quota;
    if (jobs > granted || (neighbours > 0 && jobs + neighbours > environment->processors))
        warn(warnings, "%u worker%s%s share %.3g processors%s: they wait for each other", jobs,
             jobs == 1 ? "" : "s", others, granted, quota ? " (the cgroup's quota)" : "");
    else if (environment->smt == DPK_YES && jobs > environment->cores)
        warn(warnings,
             "%u workers run on %.0f cores with SMT: two on one core are slower than on two", jobs,
             environment->cores);
}

/* Thresholds. Others: an idle desktop uses one or two per cent of its processors, and time taken
 * from one worker delays all that wait for the last one. Pressure shows the same if others' use is
 * unknown, or low but at the wrong moment; starting threads makes a few per cent of it. Steal: 0 on
 * a host that is not crowded, except for single ticks. Throttling: a comparison can resolve about
 * one per cent. Load: half of the processors, beyond the workers themselves. */
static const double OTHERS = 0.05, PRESSURE = 0.1, STOLEN = 0.01, THROTTLED = 0.01, LOAD = 0.5;

static void warn_of_others(const dpk_environment *environment, const dpk_load *load, unsigned tasks,
                           dpk_warnings *warnings)
{
    double processors = environment->processors;
    double pressure = isnan(load->cgroup_pressure) ? load->pressure : load->cgroup_pressure;
    bool crowded = tasks > processors; /* then these make the pressure */
    if (load->others > OTHERS)
        warn(warnings,
             "other programs used %.0f %% of the processors while this was measured: times are "
             "longer than on a quiet machine, and vary more",
             100 * load->others);
    else if (pressure > PRESSURE && !crowded && !(load->throttles > 0))
        warn(warnings,
             "%.0f %% of the time some program waited for a processor: times are longer than on "
             "a quiet machine, and vary more",
             100 * pressure);
    else if (isnan(load->others) && isnan(pressure) && load->load > LOAD * processors + tasks)
        warn(warnings, "the load average is %.3g on %.0f processors: others may have used them",
             load->load, processors);
}

void dpk_environment_warnings(const dpk_environment *environment, const dpk_load *load,
                              unsigned jobs, unsigned neighbours, dpk_warnings *warnings)
{
    *warnings = (dpk_warnings){ 0 };
    warn_of_crowding(environment, jobs, neighbours, warnings);
    warn_of_others(environment, load, jobs + neighbours, warnings);
    if (load->stolen > STOLEN)
        warn(warnings, "the hypervisor gave %.1f %% of the processors' time to other machines",
             100 * load->stolen);
    if (load->throttles > 0 && load->throttled > THROTTLED * load->seconds)
        warn(warnings,
             "the cgroup's CPU quota was used up %.0f times and kept processors idle for %.2f s "
             "in all",
             load->throttles, load->throttled);
    const char *governor = environment->governor;
    if (*governor != '\0' && strcmp(governor, "performance") != 0)
        warn(warnings,
             "the frequency governor is '%s': the clock follows the load, and short runs may see "
             "a lower one",
             governor);
}

const char *dpk_load_text(const dpk_load *load, char *text, size_t size)
{
    double stolen = load->stolen > STOLEN ? load->stolen : 0;
    dpk_text to = dpk_text_begin(text, size);
    if (isnan(load->others))
        return text;
    dpk_text_add(&to, "Other programs used %.0f %% of the processors", 100 * load->others);
    if (stolen > 0)
        dpk_text_add(&to, ", and the hypervisor took %.1f %% of their time", 100 * stolen);
    dpk_text_add(&to,
                 load->others + stolen > OTHERS
                     ? ": times are longer than on a quiet machine, and vary more; much may be "
                       "too noisy to tell."
                     : ".");
    return text;
}

/* ---------------------------------------------------------------------------------------- JSON */

static void text(dpk_json *json, const char *key, const char *value)
{
    dpk_json_string(json, key, *value != '\0' ? value : NULL);
}

static void known(dpk_json *json, const char *key, dpk_known value)
{
    if (value == DPK_UNKNOWN)
        dpk_json_string(json, key, NULL);
    else
        dpk_json_bool(json, key, value == DPK_YES);
}

/* 0 stands for none in dpk_cpus. */
static void bound(dpk_json *json, const char *key, double value)
{
    dpk_json_number(json, key, value > 0 ? value : NAN);
}

static void write_load(dpk_json *json, const dpk_load *load)
{
    dpk_json_begin(json, "load", '{');
    dpk_json_number(json, "seconds", load->seconds);
    dpk_json_number(json, "own_share", load->own);
    dpk_json_number(json, "neighbours_share", load->neighbours);
    dpk_json_number(json, "others_share", load->others);
    dpk_json_number(json, "stolen_share", load->stolen);
    dpk_json_number(json, "pressure_share", load->pressure);
    dpk_json_number(json, "cgroup_pressure_share", load->cgroup_pressure);
    dpk_json_number(json, "throttled_seconds", load->throttled);
    dpk_json_number(json, "throttled_times", load->throttles);
    dpk_json_number(json, "load_average", load->load);
    dpk_json_end(json, '}');
}

void dpk_environment_json(dpk_json *json, const char *key, const dpk_environment *environment,
                          const dpk_load *load)
{
    const dpk_cpus *cpus = &environment->cpus;
    dpk_json_begin(json, key, '{');
    text(json, "processor", environment->processor);
    dpk_json_string(json, "isa", dpk_isa_name(environment->isa));
    bound(json, "processors_online", cpus->online);
    bound(json, "affinity", cpus->affinity);
    bound(json, "cgroup_quota", cpus->quota);
    bound(json, "scheduler", cpus->scheduler);
    bound(json, "default_jobs", cpus->jobs);
    dpk_json_number(json, "cores", environment->cores);
    known(json, "smt", environment->smt);
    known(json, "turbo", environment->turbo);
    text(json, "governor", environment->governor);
    text(json, "kernel", environment->kernel);
    dpk_json_number(json, "aslr", environment->aslr);
    text(json, "huge_pages_private", environment->huge_private);
    text(json, "huge_pages_shared", environment->huge_shared);
    dpk_json_string(json, "dpk", DPK_VERSION);
    text(json, "compiler", environment->compiler);
    if (load != NULL)
        write_load(json, load);
    dpk_json_end(json, '}');
}
