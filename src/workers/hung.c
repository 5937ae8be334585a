/* SPDX-License-Identifier: MIT */
/* hung.c: for each worker, its last sign, and how long that has been the same. */
#include "workers/hung.h"

#include <stdlib.h>

enum { LOOKS = 8, PAUSE_LEAST = 2, PAUSE_MOST = 500 }; /* per limit; ms */

struct watched {
    dpk_sign sign;
    uint64_t same; /* ns for which it was the same */
};

struct dpk_hung {
    uint64_t limit, looked, counts; /* ns; counts: since the last look */
    struct watched workers[];
};

dpk_hung *dpk_hung_new(unsigned workers, uint64_t limit)
{
    dpk_hung *hung = calloc(1, sizeof *hung + workers * sizeof(struct watched));
    if (hung != NULL)
        hung->limit = limit;
    return hung;
}

void dpk_hung_free(dpk_hung *hung)
{
    free(hung);
}

int dpk_hung_pause(const dpk_hung *hung)
{
    uint64_t ms = hung->limit / LOOKS / 1000000;
    return ms < PAUSE_LEAST ? PAUSE_LEAST : ms > PAUSE_MOST ? PAUSE_MOST : (int)ms;
}

bool dpk_hung_look(dpk_hung *hung, uint64_t now)
{
    uint64_t pause = (uint64_t)dpk_hung_pause(hung) * 1000000, passed = now - hung->looked;
    if (passed < pause)
        return false;
    hung->counts = passed < 2 * pause ? passed : 2 * pause;
    hung->looked = now;
    return true;
}

bool dpk_hung_worker(dpk_hung *hung, unsigned worker, dpk_sign sign)
{
    struct watched *watched = &hung->workers[worker];
    const dpk_sign *old = &watched->sign;
    if (sign.order == old->order && sign.done == old->done && sign.current == old->current) {
        watched->same += hung->counts;
        return watched->same > hung->limit;
    }
    *watched = (struct watched){ .sign = sign };
    return false;
}

void dpk_hung_rests(dpk_hung *hung, unsigned worker)
{
    hung->workers[worker] = (struct watched){ .same = 0 };
}
