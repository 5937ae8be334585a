/* SPDX-License-Identifier: MIT */
/* seat.h: what a worker without work waits on, between threads and between processes alike. Each
 * waiter has a seat of its own, so that whoever has work for it wakes it and nobody else, and makes
 * no system call as long as it is awake. Read the word, look whether there is something to do, and
 * if there is not, wait for the word to change: no post is missed. No lock is held, so whoever
 * posts or waits may be killed at any instruction. */
#ifndef DPK_SEAT_H
#define DPK_SEAT_H

#include <stdint.h>

/* In memory that all parties share, zeroed. */
typedef struct dpk_seat {
    _Atomic uint32_t word;   /* how often there was a post */
    _Atomic uint32_t parked; /* whether the waiter may be asleep */
} dpk_seat;

uint32_t dpk_seat_read(const dpk_seat *seat);

/* Changes the word, and wakes the waiter if it is parked. Anybody may call this. */
void dpk_seat_post(dpk_seat *seat);

/* Returns when the word is not `seen`, or after some 100 ms, so that the caller can look whether
 * its parent lives, and whether somebody was killed in the midst of posting. Looks at the word for
 * spin_ns nanoseconds before it sleeps. One waits on a seat at a time; when it has died, another
 * one may. */
void dpk_seat_wait(dpk_seat *seat, uint32_t seen, unsigned spin_ns);

/* The same without looking on first, for no longer than about most_ns nanoseconds. */
void dpk_seat_sleep(dpk_seat *seat, uint32_t seen, uint64_t most_ns);

/* Tells the processor that this is a loop which waits. */
void dpk_seat_relax(void);

/* For how long a worker, one of `jobs`, should look at its seat before it sleeps: about as long as
 * waking it takes. 0 where that would take the processor from those who have work: with more
 * workers than processors, or a quota of their time. Reads files of the system. */
unsigned dpk_seat_spin(unsigned jobs);

#endif
