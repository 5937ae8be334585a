/* SPDX-License-Identifier: MIT */
/* quota.h: a cgroup whose processes get no more than a share of processor time, as in a container
 * with a CPU limit. It is made for one measurement, and gone afterwards whatever happens. */
#ifndef DPK_QUOTA_H
#define DPK_QUOTA_H

#include "machine/machine.h"

#include <sys/types.h>

typedef struct dpk_quota {
    char folder[512]; /* the cgroup's */
    bool unified;     /* of cgroup version 2 */
    pid_t guardian;   /* removes it; 0: there is none */
    int socket;       /* the guardian waits for its end */
} dpk_quota;

/* Makes the cgroup, for so many processors' time. Processes of this program that are started from
 * now on find it in their environment and enter it by dpk_quota_enter. Errors: DPK_FAILED, where
 * there is no controller of processor time or this process may not use it. */
dpk_status dpk_quota_begin(dpk_quota *quota, double processors, dpk_error *err);

/* In a process to be measured, first: enters the cgroup if there is one. Errors: DPK_FAILED. */
dpk_status dpk_quota_enter(dpk_error *err);

/* Removes it, when those processes are gone; returns how often it was used up. */
dpk_throttling dpk_quota_end(dpk_quota *quota);

#endif
