/* SPDX-License-Identifier: MIT */
/* isa.c: tests the features that a level needs instead of the CPU model, as a hypervisor may hide
 * features that the model has. */
#include "model/isa.h"

#include "base/text.h"

#include <string.h>

static const char *const names[DPK_ISA_LEVELS] = { "base", "v3", "v4" };

static const bool built[DPK_ISA_LEVELS] = {
    [DPK_ISA_BASE] = true,
#ifdef DPK_HAVE_V3
    [DPK_ISA_V3] = true,
#endif
#ifdef DPK_HAVE_V4
    [DPK_ISA_V4] = true,
#endif
};

/* This build has the level and this CPU runs it. */
static bool runs(dpk_isa isa)
{
    if (!built[isa])
        return false;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (isa >= DPK_ISA_V3 && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                               __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")))
        return false;
    if (isa >= DPK_ISA_V4 &&
        !(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
          __builtin_cpu_supports("avx512vl")))
        return false;
    return true;
#else
    return isa == DPK_ISA_BASE;
#endif
}

dpk_isa dpk_isa_best(void)
{
    dpk_isa best = DPK_ISA_BASE;
    for (dpk_isa isa = DPK_ISA_BASE; isa < DPK_ISA_LEVELS; isa++)
        if (runs(isa))
            best = isa;
    return best;
}

const char *dpk_isa_name(dpk_isa isa)
{
    return names[isa];
}

dpk_status dpk_isa_find(const char *name, dpk_isa *isa, dpk_error *err)
{
    if (strcmp(name, "auto") == 0) {
        *isa = dpk_isa_best();
        return DPK_OK;
    }
    for (dpk_isa level = DPK_ISA_BASE; level < DPK_ISA_LEVELS; level++) {
        if (strcmp(name, names[level]) != 0)
            continue;
        *isa = level;
        if (runs(level))
            return DPK_OK;
        return dpk_fail(err, DPK_USAGE,
                        "this machine or this build has no ISA level '%s'; the "
                        "highest is '%s'",
                        name, names[dpk_isa_best()]);
    }
    char text[64];
    dpk_text levels = dpk_text_begin(text, sizeof text);
    for (dpk_isa level = DPK_ISA_BASE; level < DPK_ISA_LEVELS; level++)
        dpk_text_add(&levels, ", %s", names[level]);
    return dpk_fail(err, DPK_USAGE, "--isa '%s': must be one of auto%s", name, text);
}
