/* SPDX-License-Identifier: MIT */
/* eventcount.c: a counter, and a futex on it. */
#include "workers/eventcount.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#ifdef __linux__
#    include <limits.h>
#    include <linux/futex.h>
#    include <sys/syscall.h>
#    include <unistd.h>
#endif

uint32_t dpk_eventcount_read(const dpk_eventcount *events)
{
    return atomic_load(&events->count);
}

static void sleep_briefly(void)
{
    const struct timespec moment = { .tv_nsec = 100 * 1000 };
    nanosleep(&moment, NULL);
}

#ifdef __linux__

void dpk_eventcount_notify(dpk_eventcount *events)
{
    atomic_fetch_add(&events->count, 1);
    if (atomic_load(&events->waiting) > 0)
        syscall(SYS_futex, &events->count, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* A waiter that is killed leaves `waiting` too high: that costs a system call, nothing more. */
void dpk_eventcount_wait(dpk_eventcount *events, uint32_t seen)
{
    const struct timespec patience = { .tv_nsec = 20 * 1000 * 1000 };
    atomic_fetch_add(&events->waiting, 1);
    if (syscall(SYS_futex, &events->count, FUTEX_WAIT, seen, &patience, NULL, 0) != 0 &&
        errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        sleep_briefly(); /* where a sandbox refuses the call */
    atomic_fetch_sub(&events->waiting, 1);
}

#else

void dpk_eventcount_notify(dpk_eventcount *events)
{
    atomic_fetch_add(&events->count, 1);
}

void dpk_eventcount_wait(dpk_eventcount *events, uint32_t seen)
{
    for (int i = 0; i < 200 && atomic_load(&events->count) == seen; i++)
        sleep_briefly();
}

#endif
