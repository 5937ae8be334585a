/* SPDX-License-Identifier: MIT */
/* limits.h: what a worker process may use. */
#ifndef DPK_LIMITS_H
#define DPK_LIMITS_H

#include <stddef.h>

typedef struct dpk_limits {
    size_t memory;   /* bytes that it may allocate besides what it has already; 0: any */
    double cpu_time; /* s of processor time besides what it has used; 0: any. Rounded up to whole
                        seconds */
} dpk_limits;

/* From now on, this process gets no more memory of its own than that (its allocations fail), and
 * dies of SIGXCPU when its time is over. What it shares with others does not count. */
void dpk_limit_self(const dpk_limits *limits);

/* This process, which takes the place of one that has died, leaves no core file: the first one has
 * left one, if there are to be any. */
void dpk_limit_no_core(void);

/* The processor time counts from now on. */
void dpk_limit_renew(const dpk_limits *limits);

#endif
