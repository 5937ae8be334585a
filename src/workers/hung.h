/* SPDX-License-Identifier: MIT */
/* hung.h: which workers have shown no sign of progress for too long. This is the bookkeeping alone:
 * what a sign is, when to look and what is done to a worker that hangs is the caller's business. */
#ifndef DPK_HUNG_H
#define DPK_HUNG_H

#include <stdbool.h>
#include <stdint.h>

/* Anything of which one part changes at least when a worker gets on. */
typedef struct dpk_sign {
    uint64_t order, done, current;
} dpk_sign;

typedef struct dpk_hung dpk_hung;

/* For so many workers, which hang after `limit` ns. NULL if there is no memory. */
dpk_hung *dpk_hung_new(unsigned workers, uint64_t limit);
void dpk_hung_free(dpk_hung *hung);

/* How long to wait before looking again, in ms. */
int dpk_hung_pause(const dpk_hung *hung);

/* Begins to look at all workers, at a time that dpk_now() says. Returns false if it is too early.
 * Between two looks, no more time counts than is usual: while this process itself was stopped (with
 * Ctrl-Z), workers probably were, too. */
bool dpk_hung_look(dpk_hung *hung, uint64_t now);

/* Looks at a worker that has something to do; returns whether it hangs. */
bool dpk_hung_worker(dpk_hung *hung, unsigned worker, dpk_sign sign);

/* A worker has nothing to do, so that it cannot hang. */
void dpk_hung_rests(dpk_hung *hung, unsigned worker);

#endif
