/* SPDX-License-Identifier: MIT */
/* claims.h: a table in shared memory of who has which chunk, from which workers take the next one.
 * Nobody ever holds a lock, so that a worker may be killed at any instruction, and all others still
 * know where things stand. */
#ifndef DPK_CLAIMS_H
#define DPK_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dpk_claims {
    size_t chunks;
    _Alignas(64) _Atomic size_t next; /* no chunk before this one is free */
    _Atomic uint32_t cells[];         /* what has become of each chunk */
} dpk_claims;

/* Bytes of a table for up to so many chunks, which must be 64-byte aligned. */
size_t dpk_claims_bytes(size_t chunks);

/* All of so many chunks are free. Nobody else may use the table meanwhile. */
void dpk_claims_reset(dpk_claims *claims, size_t chunks);

/* Takes chunk i for a worker. Returns false if somebody else has had it. */
bool dpk_claims_take(dpk_claims *claims, size_t i, unsigned worker);

/* Takes the next free chunk, *i, for a worker. Returns false if there is none. */
bool dpk_claims_take_next(dpk_claims *claims, unsigned worker, size_t *i);

/* The worker that has taken a chunk has done it. */
void dpk_claims_done(dpk_claims *claims, size_t i);

/* Frees the chunk that a worker, which is dead, has taken and not done. dpk_claims_take_next may
 * pass it over: whoever sees to the end of the loop takes it by its number, as with any chunk that
 * is still free then. Returns false if the worker had none. */
bool dpk_claims_give_back(dpk_claims *claims, unsigned worker);

/* For who supervises workers, and knows itself how many chunks there are. After a worker's end:
 * finds the chunk, *i, that it has taken and not done, and marks it as lost, so that nobody takes
 * it. Returns false if there is none. Others may use the table meanwhile. */
bool dpk_claims_lose(dpk_claims *claims, size_t chunks, unsigned worker, size_t *i);

/* When nobody uses the table: frees all chunks that are neither done nor lost. Returns how many. */
size_t dpk_claims_release(dpk_claims *claims, size_t chunks);

#endif
