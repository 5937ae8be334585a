/* SPDX-License-Identifier: MIT */
/* eventcount.h: waiting until something has changed without using a processor, between threads and
 * between processes alike. Read the count, look whether there is something to do, and if there is
 * not, wait for a notification after that reading: none is missed. No lock is held, so whoever
 * notifies or waits may be killed at any time. */
#ifndef DPK_EVENTCOUNT_H
#define DPK_EVENTCOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* In memory that all parties share, zeroed. */
typedef struct dpk_eventcount {
    _Atomic uint32_t count;
    _Atomic uint32_t waiting;
} dpk_eventcount;

uint32_t dpk_eventcount_read(const dpk_eventcount *events);
void dpk_eventcount_notify(dpk_eventcount *events);

/* Returns when there has been a notification since the count was `seen`, or after some 20 ms, so
 * that the caller can look whether its parent lives, and whether somebody was killed in the midst
 * of notifying. */
void dpk_eventcount_wait(dpk_eventcount *events, uint32_t seen);

#endif
