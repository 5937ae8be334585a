/* SPDX-License-Identifier: MIT */
/* futex.c: Linux's call, and what takes its place elsewhere. */
#include "workers/futex.h"

#include "base/clock.h"

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

static void sleep_briefly(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 100 * 1000 }, NULL);
}

#ifdef __linux__

void dpk_futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* The kernel looks at the word once more before the caller sleeps. */
void dpk_futex_sleep(_Atomic uint32_t *word, uint32_t seen, uint64_t most_ns)
{
    const struct timespec patience = { .tv_nsec = (long)most_ns };
    if (syscall(SYS_futex, word, FUTEX_WAIT, seen, &patience, NULL, 0) != 0 && errno != EAGAIN &&
        errno != EINTR && errno != ETIMEDOUT)
        sleep_briefly(); /* where a sandbox refuses the call */
}

#else

void dpk_futex_wake(_Atomic uint32_t *word)
{
    (void)word;
}

void dpk_futex_sleep(_Atomic uint32_t *word, uint32_t seen, uint64_t most_ns)
{
    uint64_t end = dpk_now() + most_ns;
    while (atomic_load(word) == seen && dpk_now() < end)
        sleep_briefly();
}

#endif
