/* SPDX-License-Identifier: MIT */
/* compare_host.h: `dpk compare --host` and `dpk compare --command`, the processes in which a
 * variant is measured: in memory, or as a whole command. They are not for people: they expect the
 * process that measures behind one descriptor, and a host its inputs behind another. */
#ifndef DPK_COMPARE_HOST_H
#define DPK_COMPARE_HOST_H

#include "engine/registry.h"

/* words: a kernel, its parameters, options of a run. */
dpk_status dpk_compare_host(dpk_registry *registry, int count, char *const *words, dpk_error *err);

/* words: what follows `dpk run`. */
dpk_status dpk_compare_command(dpk_registry *registry, int count, char *const *words,
                               dpk_error *err);

#endif
