/* SPDX-License-Identifier: MIT */
/* seat.c: a futex on a counter, and a flag that saves the call when nobody sleeps. */
#include "workers/seat.h"

#include "base/clock.h"
#include "machine/machine.h"
#include "workers/futex.h"

#include <stdatomic.h>
#include <stdbool.h>

/* What it takes to wake a sleeping thread. */
enum { WAKE_NS = 2000 };

/* For how long a waiter sleeps at most. */
enum { PATIENCE_NS = 100 * 1000 * 1000 };

uint32_t dpk_seat_read(const dpk_seat *seat)
{
    return atomic_load(&seat->word);
}

void dpk_seat_relax(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb");
#endif
}

static bool changes_soon(const dpk_seat *seat, uint32_t seen, unsigned spin_ns)
{
    uint64_t end = spin_ns == 0 ? 0 : dpk_now() + spin_ns;
    while (dpk_seat_read(seat) == seen) {
        if (spin_ns == 0 || dpk_now() >= end)
            return false;
        for (int i = 0; i < 8 && dpk_seat_read(seat) == seen; i++)
            dpk_seat_relax();
    }
    return true;
}

/* The flag is taken down by whoever posts, so that many posts in a row make one system call. One
 * that is killed between the two leaves the waiter asleep for as long as its patience lasts. */
void dpk_seat_post(dpk_seat *seat)
{
    atomic_fetch_add(&seat->word, 1);
    if (atomic_load(&seat->parked) != 0 && atomic_exchange(&seat->parked, 0) != 0)
        dpk_futex_wake(&seat->word);
}

/* A waiter that is killed leaves the flag up: that costs one system call, nothing more. */
void dpk_seat_wait(dpk_seat *seat, uint32_t seen, unsigned spin_ns)
{
    if (!changes_soon(seat, seen, spin_ns))
        dpk_seat_sleep(seat, seen, PATIENCE_NS);
}

void dpk_seat_sleep(dpk_seat *seat, uint32_t seen, uint64_t most_ns)
{
    atomic_store(&seat->parked, 1);
    dpk_futex_sleep(&seat->word, seen, most_ns < PATIENCE_NS ? most_ns : PATIENCE_NS);
    atomic_store(&seat->parked, 0);
}

unsigned dpk_seat_spin(unsigned jobs)
{
    dpk_cpus cpus = dpk_machine_cpus();
    unsigned usable = cpus.affinity != 0 ? cpus.affinity : cpus.online;
    return jobs > usable || cpus.quota > 0 ? 0 : WAKE_NS;
}
