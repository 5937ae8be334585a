/* SPDX-License-Identifier: MIT */
/* place.c: an affinity for one processor moves a thread at once; it is taken back at once, too. */
#include "machine/place.h"

#include <sched.h>

#ifdef __linux__

int dpk_place_here(void)
{
    return sched_getcpu();
}

void dpk_place_worker(unsigned w, int from)
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

#else

int dpk_place_here(void)
{
    return -1;
}

void dpk_place_worker(unsigned w, int from)
{
    (void)w;
    (void)from;
}

#endif
