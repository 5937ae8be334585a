/* SPDX-License-Identifier: MIT */
/* children.h: the processes that this one starts. All of them are listed, so that a handler of a
 * signal that ends this process can end them, too. They would die with it anyway; but then init has
 * to reap them, and in a container there may be no init that does. */
#ifndef DPK_CHILDREN_H
#define DPK_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* Forks. Both processes return: the child with 0, the parent with the child's number, or with -1
 * and errno set. `channel`, unless it is NULL, becomes the caller's end of a stream socket between
 * the two, which ends when the other process does: no other child of this process keeps it open.
 *
 * The child has no children and ignores the signals that a terminal sends to the whole group. A
 * child that `survives` lives on when this process dies, to clean up behind it, and is not listed.
 * All others die with this process. */
pid_t dpk_child_start(int *channel, bool survives);

/* Closes this process's end of the stream to a child that dpk_child_start has started. It must not
 * be closed by other means: another child may just be starting, which closes what is listed. */
void dpk_child_hang_up(pid_t pid, int channel);

/* In a child: whether its parent has died and the kernel did not kill the child for that, because
 * it was never allowed to be asked to. A child that works for long asks this from time to time.
 * Always false in other processes. */
bool dpk_child_orphaned(void);

/* Waits for the end of a child, takes it off the list, and returns its wait status, or
 * DPK_END_UNKNOWN: while a program ignores SIGCHLD, the kernel does not keep wait statuses. */
int dpk_child_reap(pid_t pid);

/* The same for a child that has been told to end and has nothing left to do: one that is stopped is
 * killed. */
int dpk_child_reap_told(pid_t pid);

enum { DPK_END_UNKNOWN = -1 };

/* From now on, children keep this process's handlers of faults (SIGSEGV, SIGBUS and the like),
 * which otherwise are reset, as they could jump to where the parent's work goes on. For who has a
 * handler that takes notes. */
void dpk_children_keep_fault_handlers(void);

/* Lists a process that was started by other means; takes it off, when it has been waited for. */
void dpk_children_add(pid_t pid);
void dpk_children_remove(pid_t pid);

/* Sends all of them a signal. Async-signal-safe. */
void dpk_children_signal(int number);

/* Kills and reaps all of them. Async-signal-safe; for handlers of signals that end this process. */
void dpk_children_end(void);

#endif
