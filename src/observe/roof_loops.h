/* SPDX-License-Identifier: MIT */
/* roof_loops.h: the loops that the roof is measured with, compiled for each ISA level. */
#ifndef DPK_ROOF_LOOPS_H
#define DPK_ROOF_LOOPS_H

#include "model/isa.h"

typedef struct dpk_roof_loops {
    /* Copies count words; each is combined with key, which is 0. */
    void (*copy)(uint64_t *to, const uint64_t *from, size_t count, uint64_t key);

    /* x = x * factor + term so often that one round does the number of operations said below, of
     * which each x*f+t is two. Returns what depends on all of them. */
    double (*fma32)(size_t rounds, double factor, double term);
    double (*fma64)(size_t rounds, double factor, double term);
    double operations32, operations64;
} dpk_roof_loops;

extern const dpk_roof_loops dpk_roof_loops_variant, dpk_roof_loops_variant_v3,
    dpk_roof_loops_variant_v4; /* those that are built */

/* The variant for an ISA level this CPU runs. */
static inline const dpk_roof_loops *dpk_roof_loops_at(dpk_isa isa)
{
#ifdef DPK_HAVE_V4
    if (isa >= DPK_ISA_V4)
        return &dpk_roof_loops_variant_v4;
#endif
#ifdef DPK_HAVE_V3
    if (isa >= DPK_ISA_V3)
        return &dpk_roof_loops_variant_v3;
#endif
    (void)isa;
    return &dpk_roof_loops_variant;
}

#endif
