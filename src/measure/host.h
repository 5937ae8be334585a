/* SPDX-License-Identifier: MIT */
/* host.h: the parent's view of a host, a freshly executed process in which one variant is measured.
 * Each variant has a host of its own, so that none inherits another's threads, memory or allocator
 * caches. Between requests a host sleeps in a read. */
#ifndef DPK_HOST_H
#define DPK_HOST_H

#include "analysis/comparison.h"

typedef struct dpk_host {
    pid_t pid;
    int socket;
} dpk_host;

/* Executes this program with these words, which end with NULL, and waits until it has read its
 * inputs from the descriptor `inputs`. Errors: DPK_FAILED, and those that the host reports. */
dpk_status dpk_host_start(dpk_host *host, const char *const *words, int inputs, dpk_error *err);

/* Executes the variant untimed, and fills in digest, peak, timeline and note. Errors:
 * DPK_WORKER_LOST if the host has died, and those that the host reports. */
dpk_status dpk_host_check(dpk_host *host, dpk_variant *variant, dpk_error *err);

/* Executes the variant and takes the times. warm: executes it once untimed before. Errors: as
 * above.
 */
dpk_status dpk_host_sample(dpk_host *host, bool warm, dpk_sample *sample, dpk_error *err);

/* Executes a variant whose workers are processes that die, replaces them, and fills in the failure:
 * "" if none died this time. Errors: as above. */
dpk_status dpk_host_keep_going(dpk_host *host, dpk_variant *variant, dpk_error *err);

/* Ends and reaps the host. Does nothing if it was never started (pid 0). */
void dpk_host_stop(dpk_host *host);

/* What follows "dpk compare" on a host's command line. */
#define DPK_HOST_WORD "--host"

/* The path of this program, for executing it again. */
const char *dpk_program_path(void);

#endif
