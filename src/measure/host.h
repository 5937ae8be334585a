/* SPDX-License-Identifier: MIT */
/* host.h: a process, freshly executed, in which one variant is measured, seen from outside. Each
 * variant has its own, so that none inherits another's threads, memory or caches of the allocator;
 * between its turns it sleeps in a read. */
#ifndef DPK_HOST_H
#define DPK_HOST_H

#include "analysis/comparison.h"

typedef struct dpk_host {
    pid_t pid;
    int socket;
} dpk_host;

/* Executes this program with these words, the last of them NULL, and waits until it has its inputs,
 * which are in the file `inputs`. Errors: DPK_FAILED, and what the host says. */
dpk_status dpk_host_start(dpk_host *host, const char *const *words, int inputs, dpk_error *err);

/* Has it execute the variant without timing it, and fills in digest, peak, timeline and note.
 * Errors: DPK_WORKER_LOST for a host that died, and what the host says. */
dpk_status dpk_host_check(dpk_host *host, dpk_variant *variant, dpk_error *err);

/* Has it execute the variant and takes the times; warm: after it has executed it untimed. Errors:
 * as above. */
dpk_status dpk_host_sample(dpk_host *host, bool warm, dpk_sample *sample, dpk_error *err);

/* Has it execute the variant, whose workers are processes and die, so that it keeps going, and
 * fills in its failure: "" if none has died this time. Errors: as above. */
dpk_status dpk_host_keep_going(dpk_host *host, dpk_variant *variant, dpk_error *err);

/* Ends and reaps it. Harmless on one that was never started (pid 0). */
void dpk_host_stop(dpk_host *host);

/* What follows "dpk compare" on a host's command line. */
#define DPK_HOST_WORD "--host"

/* The path of this program, for executing it again. */
const char *dpk_program_path(void);

#endif
