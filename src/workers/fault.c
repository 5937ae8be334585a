/* SPDX-License-Identifier: MIT */
/* fault.c: sleeps where the environment asks for it. */
#include "workers/fault.h"

#ifdef DPK_FAULTS

#    include <stdlib.h>
#    include <string.h>
#    include <time.h>

/* What stands behind "place:" in the environment, 0 if the fault is another. */
static double asked_for(const char *place)
{
    const char *fault = getenv("DPK_FAULT");
    size_t length = strlen(place);
    if (fault == NULL || strncmp(fault, place, length) != 0 || fault[length] != ':')
        return 0;
    return strtod(fault + length + 1, NULL);
}

static void rest(double ns)
{
    if (ns <= 0)
        return;
    const struct timespec time = { .tv_sec = (time_t)(ns * 1e-9),
                                   .tv_nsec = (long)(ns - (double)(time_t)(ns * 1e-9) * 1e9) };
    nanosleep(&time, NULL);
}

void dpk_fault_start(unsigned worker)
{
    if (worker > 0)
        rest(asked_for("start") * 1e6);
}

void dpk_fault_chunk(size_t chunk, size_t chunks, uint64_t took)
{
    double times = asked_for("chunk");
    if (chunk + 1 == chunks && times > 1)
        rest((times - 1) * (double)took);
}

void dpk_fault_stop(unsigned worker)
{
    if (worker > 0)
        rest(asked_for("stop") * 1e6);
}

#endif
