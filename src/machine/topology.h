/* SPDX-License-Identifier: MIT */
/* topology.h: how the machine is built: cores and caches. From hwloc where the build has it,
 * otherwise what the C library tells. */
#ifndef DPK_TOPOLOGY_H
#define DPK_TOPOLOGY_H

#include <dpk/dpk.h>

typedef struct dpk_topology {
    char cpu[128];                            /* model name, "" if unknown */
    unsigned packages, cores, threads, nodes; /* 0 where unknown */
    size_t cache[3];                          /* bytes of one L1d, L2, L3; 0 where unknown */
    const char *source;                       /* who told */
} dpk_topology;

void dpk_topology_read(dpk_topology *topology);

/* The processor's model name, "" if unknown. root stands before /proc: "" but for tests. */
void dpk_processor_model(const char *root, char *model, size_t size);

#endif
