/* SPDX-License-Identifier: MIT */
/* isolate.h: calling a function in a process of its own, so that its crash, its threads and its
 * memory stay there; and processes that run beside this one. */
#ifndef DPK_ISOLATE_H
#define DPK_ISOLATE_H

#include <dpk/dpk.h>

#include <sys/types.h>

/* Calls function(context, err) in a child process and returns what it returned, with its err. A
 * child that dies gives DPK_FAILED and a sentence that names the signal. result: bytes of memory
 * in context that the child's call fills and that are copied back; NULL for none. */
dpk_status dpk_isolate(dpk_status (*function)(void *context, dpk_error *err), void *context,
                       void *result, size_t bytes, dpk_error *err);

/* Describes how a process ended, by its wait status or DPK_END_UNKNOWN: "was killed by signal 11
 * (SIGSEGV, Segmentation fault)", "ended with exit code 3". */
const char *dpk_wait_status_text(int status, char *text, size_t size);

/* Starts a process that calls the function and ends, for what is to go on beside this one. It
 * ignores the terminal's signals, and dies with this process unless it `survives`, as
 * dpk_child_start says. Returns its number, or -1 with errno set. */
pid_t dpk_start_beside(void (*function)(const void *context), const void *context, bool survives);

#endif
