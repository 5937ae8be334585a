/* SPDX-License-Identifier: MIT */
/* load.c: when one load is another than another one, and what that explains. */
#include "analysis/load.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const dpk_load unknown = { .seconds = 10,
                                  .others = NAN,
                                  .stolen = NAN,
                                  .pressure = NAN,
                                  .cgroup_pressure = NAN,
                                  .throttled = NAN };

static dpk_load_change change;

static const char *compare(dpk_load now, dpk_load before)
{
    change = dpk_load_compare(&now, &before, "before");
    return change.text;
}

Test(load, others_take_processors)
{
    dpk_load now = unknown, before = unknown;
    now.others = 0.6, before.others = 0.2;
    cr_expect_str_eq(compare(now, before),
                     "other programs used 60 % of the processors, and 20 % before");
    cr_expect_float_eq(change.explains, 2, 1e-12);
    cr_expect_neq(*compare(before, now), '\0');
    cr_expect_eq(change.explains, 1);
    now.others = 0.21;
    cr_expect_str_eq(compare(now, before), "");
    now.stolen = 0.39; /* by the hypervisor: for others, too */
    cr_expect_neq(*compare(now, before), '\0');
    cr_expect_float_eq(change.explains, 2, 1e-12);
    now.others = 1;
    cr_expect(*compare(now, before) != '\0' && isfinite(change.explains));
}

Test(load, pressure_tells_where_others_are_unknown)
{
    dpk_load now = unknown, before = unknown;
    now.pressure = 0.5, before.pressure = 0.1;
    cr_expect_str_eq(compare(now, before),
                     "50 % of the time some program waited for a processor, "
                     "and 10 % before");
    cr_expect(isinf(change.explains));
    cr_expect_neq(*compare(before, now), '\0');
    cr_expect_eq(change.explains, 1);
    now.cgroup_pressure = 0.11, before.cgroup_pressure = 0.1; /* nearer to what is measured */
    cr_expect_str_eq(compare(now, before), "");
    now.cgroup_pressure = 0.9;
    now.others = before.others = 0.1;
    cr_expect_str_eq(compare(now, before), "");
}

Test(load, a_quota_that_is_used_up)
{
    dpk_load now = unknown, before = unknown;
    now.throttled = 4, before.throttled = 0;
    now.others = 0.1, before.others = 0.1;
    cr_expect(strstr(compare(now, before), "a CPU quota kept processors idle for 0.40 s") != NULL);
    cr_expect(isinf(change.explains));
}

Test(load, nothing_is_known)
{
    dpk_load now = unknown;
    cr_expect_str_eq(compare(now, unknown), "");
    now.others = 0.9, now.pressure = 0.9, now.throttled = 5;
    cr_expect_str_eq(compare(now, unknown), "");
    cr_expect_eq(change.explains, 1);
}
