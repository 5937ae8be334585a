/* SPDX-License-Identifier: MIT */
/* pin.c: setting the affinity to one processor moves a thread at once; then it is reset. */
#include "machine/pin.h"

#include <sched.h>
#include <string.h>

#ifdef __linux__

int dpk_pin_here(void)
{
    return sched_getcpu();
}

void dpk_pin_worker(unsigned w, int from)
{
    cpu_set_t allowed, one;
    if (from < 0 || from >= CPU_SETSIZE || sched_getaffinity(0, sizeof allowed, &allowed) != 0 ||
        w >= (unsigned)CPU_COUNT(&allowed))
        return;
    int cpu = from;
    for (unsigned left = w; left > 0; left -= CPU_ISSET(cpu, &allowed) != 0)
        cpu = (cpu + 1) % CPU_SETSIZE;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0)
        sched_setaffinity(0, sizeof allowed, &allowed);
}

dpk_affinity dpk_affinity_save(void)
{
    dpk_affinity affinity = { .known = false };
    affinity.known =
        sched_getaffinity(0, sizeof affinity.words, (cpu_set_t *)(void *)affinity.words) == 0;
    return affinity;
}

void dpk_affinity_restore(const dpk_affinity *affinity)
{
    dpk_affinity now = dpk_affinity_save();
    if (affinity->known && now.known && memcmp(affinity->words, now.words, sizeof now.words) != 0)
        sched_setaffinity(0, sizeof affinity->words,
                          (const cpu_set_t *)(const void *)affinity->words);
}

#else

dpk_affinity dpk_affinity_save(void)
{
    return (dpk_affinity){ .known = false };
}

void dpk_affinity_restore(const dpk_affinity *affinity)
{
    (void)affinity;
}

int dpk_pin_here(void)
{
    return -1;
}

void dpk_pin_worker(unsigned w, int from)
{
    (void)w;
    (void)from;
}

#endif
