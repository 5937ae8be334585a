/* SPDX-License-Identifier: MIT */
/* peak.h: memory of a process and all that it has started. */
#ifndef DPK_PEAK_H
#define DPK_PEAK_H

#include <stddef.h>
#include <sys/types.h>

/* Bytes that these processes have in memory now (PSS: a page that n processes share counts 1/n in
 * each of them). 0 if the system does not say. */
size_t dpk_memory_of_tree(pid_t pid);

#endif
