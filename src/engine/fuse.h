/* SPDX-License-Identifier: MIT */
/* fuse.h: stages that follow each other, as one pass over the rows of the last. Each worker makes a
 * few rows at a time of all that lies between the stages, in its scratch, while they are in its
 * caches: no array between two stages exists as a whole. */
#ifndef DPK_FUSE_H
#define DPK_FUSE_H

#include "engine/plan.h"

/* Stages [first, first + count) of the plan, executed as one pass, or a single stage with all of
 * its passes. In arena memory; workers read it. */
typedef struct dpk_group {
    const dpk_plan *plan;
    size_t first, count;
    bool banded; /* one pass, which says what it reads, over the rows of all that the group makes */
    size_t rows; /* of a banded group: items of its pass */

    /* Of a banded group of several stages: */
    size_t part;                   /* rows made at a time */
    size_t local[DPK_MAX_STAGES];  /* rows in memory of what the stage makes; 0: not in scratch */
    size_t offset[DPK_MAX_STAGES]; /* in a worker's scratch, of the stage's struct and local rows */
    size_t kernel_scratch;         /* offset of the scratch of the kernels themselves */
    size_t bytes;                  /* of scratch, in all */
} dpk_group;

/* Cuts the plan into groups, as few as can be; `fuse` false: one for each stage; `always`: even
 * where so many rows lie between stages that it does not pay. groups: room for DPK_MAX_STAGES.
 * Marks values as local. Returns how many groups there are. */
size_t dpk_fuse(dpk_plan *plan, dpk_group *groups, bool fuse, bool always);

/* The pass of a banded group, with the group as its self; or, of one stage, the kernel's own. */
typedef struct dpk_group_pass {
    const dpk_pass *pass;
    const void *self;
} dpk_group_pass;

dpk_group_pass dpk_group_pass_of(const dpk_group *group);

/* Rows of a value, an input of the banded group, that output rows `out` need. Empty (begin = end)
 * for none. */
dpk_span dpk_group_reads(const dpk_group *group, unsigned value, dpk_span out);

#endif
