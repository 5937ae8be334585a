/* SPDX-License-Identifier: MIT */
/* children.h: the processes this one has started, so that a signal that ends it finds them. They
 * would die with it anyway; but then the system has to bury them, which in a container may never
 * happen. */
#ifndef DPK_CHILDREN_H
#define DPK_CHILDREN_H

#include <sys/types.h>

/* Called by the parent, after fork and after wait. */
void dpk_children_add(pid_t pid);
void dpk_children_remove(pid_t pid);

/* Sends all of them a signal. Async-signal-safe. */
void dpk_children_signal(int number);

/* Kills and reaps all of them. Async-signal-safe; for the parent's signal handlers. */
void dpk_children_end(void);

#endif
