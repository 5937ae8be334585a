/* SPDX-License-Identifier: MIT */
/* bell.c: an event count on a futex. */
#include "workers/bell.h"

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

uint32_t dpk_bell_read(const dpk_bell *bell)
{
    return atomic_load(&bell->rings);
}

static void sleep_briefly(void)
{
    const struct timespec moment = { .tv_nsec = 100 * 1000 };
    nanosleep(&moment, NULL);
}

#ifdef __linux__

void dpk_bell_ring(dpk_bell *bell)
{
    atomic_fetch_add(&bell->rings, 1);
    if (atomic_load(&bell->waiting) > 0)
        syscall(SYS_futex, &bell->rings, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* A waiter that is killed leaves `waiting` too high: that costs a system call, nothing more. */
void dpk_bell_wait(dpk_bell *bell, uint32_t seen)
{
    const struct timespec patience = { .tv_nsec = 20 * 1000 * 1000 };
    atomic_fetch_add(&bell->waiting, 1);
    if (syscall(SYS_futex, &bell->rings, FUTEX_WAIT, seen, &patience, NULL, 0) != 0 &&
        errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        sleep_briefly(); /* where a sandbox refuses the call */
    atomic_fetch_sub(&bell->waiting, 1);
}

#else

void dpk_bell_ring(dpk_bell *bell)
{
    atomic_fetch_add(&bell->rings, 1);
}

void dpk_bell_wait(dpk_bell *bell, uint32_t seen)
{
    for (int i = 0; i < 200 && atomic_load(&bell->rings) == seen; i++)
        sleep_briefly();
}

#endif
