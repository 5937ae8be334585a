/* SPDX-License-Identifier: MIT */
/* claims: every chunk is taken once, whoever takes it and whoever dies meanwhile. */
#include "workers/claims.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNKS = 20000, WORKERS = 4 };

static dpk_claims *claims;
static _Atomic unsigned char taken[CHUNKS];

static void set_up(void)
{
    claims = aligned_alloc(64, (dpk_claims_bytes(CHUNKS) + 63) / 64 * 64);
    cr_assert(claims != NULL);
    dpk_claims_reset(claims, CHUNKS);
}

static void tear_down(void)
{
    free(claims);
}

TestSuite(claims, .init = set_up, .fini = tear_down);

static void *take_all(void *number)
{
    unsigned worker = *(unsigned *)number;
    size_t i;
    while (dpk_claims_take_next(claims, worker, &i)) {
        atomic_fetch_add(&taken[i], 1);
        dpk_claims_done(claims, i);
    }
    return NULL;
}

Test(claims, every_chunk_is_taken_once)
{
    pthread_t threads[WORKERS];
    unsigned numbers[WORKERS];
    for (unsigned w = 0; w < WORKERS; w++) {
        numbers[w] = w;
        cr_assert(pthread_create(&threads[w], NULL, take_all, &numbers[w]) == 0);
    }
    for (unsigned w = 0; w < WORKERS; w++)
        pthread_join(threads[w], NULL);
    for (size_t i = 0; i < CHUNKS; i++)
        cr_expect(taken[i] == 1, "chunk %zu was taken %d times", i, taken[i]);
}

/* A worker that dies after it has taken a chunk, and before it has moved on. */
Test(claims, the_dead_leave_no_gap)
{
    size_t i;
    cr_expect(dpk_claims_take(claims, 0, 1) && dpk_claims_take(claims, 1, 2));
    cr_expect(!dpk_claims_take(claims, 0, 3));
    cr_expect(dpk_claims_take_next(claims, 0, &i) && i == 2);
    cr_expect(dpk_claims_take_next(claims, 0, &i) && i == 3);
    dpk_claims_reset(claims, 2);
    cr_expect(dpk_claims_take_next(claims, 0, &i) && i == 0);
    cr_expect(dpk_claims_take_next(claims, 5, &i) && i == 1);
    cr_expect(!dpk_claims_take_next(claims, 0, &i));
}
