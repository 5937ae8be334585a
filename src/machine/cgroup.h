/* SPDX-License-Identifier: MIT */
/* cgroup.h: finding the control groups that limit this process. */
#ifndef DPK_CGROUP_H
#define DPK_CGROUP_H

#include <stdbool.h>

/* Called with the directory of a cgroup. unified: it is of cgroup version 2, else of version 1. */
typedef void dpk_cgroup_visit(const char *directory, bool unified, void *context);

/* Calls visit once for the cgroup in which a controller ("cpu", "memory") has this process, and
 * once for each of its ancestors, up to the root of the hierarchy: each of them may have a limit.
 * root is put before /proc and /sys: "" but in tests. */
void dpk_machine_cgroups(const char *root, const char *controller, dpk_cgroup_visit *visit,
                         void *context);

#endif
