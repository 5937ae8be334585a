/* SPDX-License-Identifier: MIT */
/* topology.h: the cores and caches of the machine. */
#ifndef DPK_TOPOLOGY_H
#define DPK_TOPOLOGY_H

#include <dpk/dpk.h>

typedef struct dpk_topology {
    char cpu[128];                            /* model name, "" if unknown */
    unsigned packages, cores, threads, nodes; /* 0 where unknown */
    size_t cache[3];                          /* bytes of one L1d, L2, L3; 0 where unknown */
    const char *source;                       /* "hwloc" or "sysconf" */
} dpk_topology;

void dpk_topology_read(dpk_topology *topology);

/* Reads the processor's model name, "" if unknown. root is put before /proc: "" but in tests. */
void dpk_processor_model(const char *root, char *model, size_t size);

#endif
