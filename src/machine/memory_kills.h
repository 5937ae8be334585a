/* SPDX-License-Identifier: MIT */
/* memory_kills.h: processes that the kernel kills when memory runs out. */
#ifndef DPK_MEMORY_KILLS_H
#define DPK_MEMORY_KILLS_H

#include <stdint.h>

/* How many processes the kernel has killed for lack of memory so far: in this process's cgroup, or
 * where it has none with such a counter, on the whole machine. 0 if the system does not say. root
 * stands before /proc and /sys: "" but for tests. */
uint64_t dpk_memory_kills(const char *root);

/* Makes the kernel kill this process before others of the same user when memory runs out: a worker,
 * whose parent can then say what has happened. */
void dpk_memory_kill_me_first(void);

#endif
