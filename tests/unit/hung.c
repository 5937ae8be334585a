/* SPDX-License-Identifier: MIT */
/* hung: signs of workers at times that the tests make up. */
#include "workers/hung.h"

#include <criterion/criterion.h>

#define MS ((uint64_t)1000000)

/* Looks every 100 ms, which is not too often for a limit of 800 ms. */
static unsigned looks_until_hung(dpk_hung *hung, uint64_t *now, dpk_sign (*sign)(unsigned look))
{
    for (unsigned look = 0; look < 100; look++) {
        *now += 100 * MS;
        cr_assert(dpk_hung_look(hung, *now));
        if (dpk_hung_worker(hung, 1, sign(look)))
            return look;
    }
    return 100;
}

static dpk_sign same(unsigned look)
{
    (void)look;
    return (dpk_sign){ .order = 3, .done = 7 };
}

static dpk_sign moving(unsigned look)
{
    return (dpk_sign){ .order = 3, .done = look / 5, .current = look % 3 };
}

Test(hung, who_shows_the_same_for_too_long_hangs)
{
    dpk_hung *hung = dpk_hung_new(2, 800 * MS);
    uint64_t now = 1000000 * MS;
    cr_assert(hung != NULL);
    cr_expect(dpk_hung_pause(hung) == 100);
    cr_expect(looks_until_hung(hung, &now, moving) == 100);
    unsigned looks = looks_until_hung(hung, &now, same);
    cr_expect(looks > 8 && looks < 12, "%u looks", looks);
    dpk_hung_free(hung);
}

/* A process that was stopped for an hour has not seen its workers hang for an hour. */
Test(hung, a_long_pause_counts_little)
{
    dpk_hung *hung = dpk_hung_new(2, 800 * MS);
    uint64_t now = 1000000 * MS;
    cr_assert(dpk_hung_look(hung, now) && !dpk_hung_worker(hung, 1, same(0)));
    now += 3600 * 1000 * MS;
    cr_assert(dpk_hung_look(hung, now) && !dpk_hung_worker(hung, 1, same(0)));
    unsigned looks = looks_until_hung(hung, &now, same);
    cr_expect(looks >= 5 && looks < 12, "%u looks", looks);
    dpk_hung_free(hung);
}

Test(hung, who_has_nothing_to_do_does_not_hang)
{
    dpk_hung *hung = dpk_hung_new(2, 800 * MS);
    uint64_t now = 1000000 * MS;
    for (unsigned look = 0; look < 100; look++) {
        cr_assert(dpk_hung_look(hung, now += 100 * MS));
        if (look % 7 == 0)
            dpk_hung_rests(hung, 1);
        else
            cr_expect(!dpk_hung_worker(hung, 1, same(0)));
    }
    cr_expect(!dpk_hung_look(hung, now + 1));
    dpk_hung_free(hung);
}
