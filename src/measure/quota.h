/* SPDX-License-Identifier: MIT */
/* quota.h: a cgroup that limits the processor time of its processes, as a container with a CPU
 * limit does. It is made for one measurement and removed afterwards, whatever happens. */
#ifndef DPK_QUOTA_H
#define DPK_QUOTA_H

#include "machine/machine.h"

#include <sys/types.h>

typedef struct dpk_quota {
    char folder[512]; /* the cgroup's */
    bool unified;     /* of cgroup version 2 */
    pid_t guardian;   /* removes it; 0: there is none */
    int socket;       /* the guardian waits until it closes */
} dpk_quota;

/* Makes a cgroup whose processes may use `processors` processors' time. Processes of this program
 * that are started from now on find it in their environment and enter it by dpk_quota_enter.
 * Errors: DPK_FAILED if there is no controller of processor time, or this process may not use it.
 */
dpk_status dpk_quota_begin(dpk_quota *quota, double processors, dpk_error *err);

/* Call this first in a measured process: enters the cgroup, if there is one. Errors: DPK_FAILED. */
dpk_status dpk_quota_enter(dpk_error *err);

/* Removes the cgroup once its processes are gone, and returns how often the quota was used up. */
dpk_throttling dpk_quota_end(dpk_quota *quota);

#endif
