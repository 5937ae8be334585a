/* SPDX-License-Identifier: MIT */
/* pause.h: waiting without a processor. Who includes this defines _POSIX_C_SOURCE first. */
#ifndef DPK_PAUSE_H
#define DPK_PAUSE_H

#include <errno.h>
#include <time.h>

static inline void scenario_pause(unsigned microseconds)
{
    struct timespec left = { .tv_sec = microseconds / 1000000,
                             .tv_nsec = microseconds % 1000000 * 1000L };
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

#endif
