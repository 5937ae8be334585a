/* SPDX-License-Identifier: MIT */
/* isa.h: instruction-set levels kernels are compiled for, and which of them this CPU runs. */
#ifndef DPK_ISA_H
#define DPK_ISA_H

#include <dpk/dpk.h>

/* On x86-64 the levels of its psABI: base (SSE2), v3 (AVX2, FMA, …), v4 (AVX-512). Elsewhere
 * there is the base level only. */
typedef enum dpk_isa { DPK_ISA_BASE, DPK_ISA_V3, DPK_ISA_V4, DPK_ISA_LEVELS } dpk_isa;

/* The highest level this build has and this CPU (and its operating system) runs. */
dpk_isa dpk_isa_best(void);

/* "base", "v3", "v4". */
const char *dpk_isa_name(dpk_isa isa);

/* The level called name, or the best one for "auto". Errors: DPK_USAGE, for levels unknown, not
 * built or not run by this CPU. */
dpk_status dpk_isa_find(const char *name, dpk_isa *isa, dpk_error *err);

#endif
