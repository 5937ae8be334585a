/* SPDX-License-Identifier: MIT */
/* bell.h: waiting for "something has changed" without burning a core, between threads and between
 * processes alike. Read the bell, look whether there is something to do, and if not, wait for the
 * next ring after that reading: none is missed. Nothing is held, so a ringer may die at any time.
 */
#ifndef DPK_BELL_H
#define DPK_BELL_H

#include <stdbool.h>
#include <stdint.h>

/* In memory all parties share, zeroed. */
typedef struct dpk_bell {
    _Atomic uint32_t rings;
    _Atomic uint32_t waiting;
} dpk_bell;

uint32_t dpk_bell_read(const dpk_bell *bell);
void dpk_bell_ring(dpk_bell *bell);

/* Returns when the bell has been rung since it read `seen`, or after some 20 ms, so that the
 * caller can look after other things. */
void dpk_bell_wait(dpk_bell *bell, uint32_t seen);

#endif
