/* SPDX-License-Identifier: MIT */
/* watch.h: what a kernel does besides computing: memory of its own, locks, threads, descriptors,
 * output. Works in the process of a check, and in one thread of it. */
#ifndef DPK_WATCH_H
#define DPK_WATCH_H

#include <dpk/dpk.h>

/* From now on calls of the C library can be watched, where the system allows it. */
void dpk_watch_install(void);

/* Begins and ends a watched run. In between standard output and standard error go to a file that
 * nobody reads. */
void dpk_watch_begin(void);
void dpk_watch_end(void);

/* A pass of that name begins, or ends if name is NULL. */
void dpk_watch_pass(const char *name);

/* The same kernel, whose shape() and prepare() are watched for memory that they do not return. One
 * at a time. */
dpk_kernel dpk_watch_kernel(const dpk_kernel *kernel);

/* What was seen since the beginning of the last watched run: "pass 'rows' called malloc()"; "" if
 * there is nothing to be said. */
const char *dpk_watch_text(char *text, size_t size);

#endif
