/* SPDX-License-Identifier: MIT */
/* hear.h: hearing workers until a moment, where crews know spans of milliseconds. */
#ifndef DPK_HEAR_H
#define DPK_HEAR_H

#include "base/clock.h"
#include "workers/crew.h"

#include <limits.h>

/* Like dpk_crew_hear_within, until about `deadline` (dpk_now); UINT64_MAX: for as long as it takes;
 * what has passed already: only looks. */
static inline dpk_status dpk_hear_until(dpk_crew *crew, uint64_t deadline, dpk_crew_news *news,
                                        dpk_error *err)
{
    enum { MILLISECOND = 1000000 };
    uint64_t now = dpk_now(), rest = deadline > now ? deadline - now : 0;
    uint64_t limit = rest / MILLISECOND + (rest % MILLISECOND > 0);
    int most = limit < INT_MAX ? (int)limit : INT_MAX;
    return dpk_crew_hear_within(crew, deadline == UINT64_MAX ? -1 : most, news, err);
}

#endif
