/* SPDX-License-Identifier: MIT */
/* clock.h: a clock that is never set back or forward, the same in all processes. */
#ifndef DPK_CLOCK_H
#define DPK_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds since an arbitrary moment in the past. */
static inline uint64_t dpk_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
