/* SPDX-License-Identifier: MIT */
/* load.c: compares two loads. */
#include "analysis/load.h"

#include <math.h>
#include <stdio.h>

/* Shares that differ by less count as the same. The system counts in ticks, so that each share is
 * exact to about one per cent. Pressure includes the shortest waits: starting threads alone makes
 * some per cent of it. */
static const double OTHERS = 0.02, PRESSURE = 0.1, THROTTLED = 0.01;

/* The share that is left to the measured program at least, whatever others take. */
static const double LEFT = 0.01;

static double taken(const dpk_load *load)
{
    return load->others + (isnan(load->stolen) ? 0 : load->stolen);
}

static double pressure(const dpk_load *load)
{
    return isnan(load->cgroup_pressure) ? load->pressure : load->cgroup_pressure;
}

static double throttled(const dpk_load *load)
{
    return load->seconds > 0 ? load->throttled / load->seconds : NAN;
}

static bool differ(double now, double before, double least)
{
    return fabs(now - before) > least; /* false if either is unknown */
}

dpk_load_change dpk_load_compare(const dpk_load *now, const dpk_load *before, const char *then)
{
    dpk_load_change change = { .explains = 1 };
    char *text = change.text;
    if (differ(throttled(now), throttled(before), THROTTLED)) {
        if (throttled(now) > throttled(before))
            change.explains = INFINITY;
        snprintf(text, sizeof change.text,
                 "a CPU quota kept processors idle for %.2f s of each second, and for %.2f s %s",
                 throttled(now), throttled(before), then);
    } else if (differ(taken(now), taken(before), OTHERS)) {
        change.explains = fmax(1, (1 - taken(before)) / fmax(1 - taken(now), LEFT));
        snprintf(text, sizeof change.text,
                 "other programs used %.0f %% of the processors, and %.0f %% %s", 100 * taken(now),
                 100 * taken(before), then);
    } else if (isnan(taken(now) - taken(before)) &&
               differ(pressure(now), pressure(before), PRESSURE)) {
        if (pressure(now) > pressure(before))
            change.explains = INFINITY;
        snprintf(text, sizeof change.text,
                 "%.0f %% of the time some program waited for a processor, and %.0f %% %s",
                 100 * pressure(now), 100 * pressure(before), then);
    }
    return change;
}
