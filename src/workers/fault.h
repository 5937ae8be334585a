/* SPDX-License-Identifier: MIT */
/* fault.h: delays of a known size, put where a measurement should find them. Only in builds with
 * tests (DPK_FAULTS), and there only when the environment asks for it:
 *
 *     DPK_FAULT=start:5    a worker that has just been started sleeps for 5 ms
 *     DPK_FAULT=chunk:4    the last chunk of a job takes 4 times as long
 *     DPK_FAULT=stop:5     a worker that is about to end sleeps for 5 ms
 *
 * Worker 0 is left alone: of threads, it is the caller, which is neither started nor ended. */
#ifndef DPK_FAULT_H
#define DPK_FAULT_H

#include <stddef.h>
#include <stdint.h>

#ifdef DPK_FAULTS

void dpk_fault_start(unsigned worker);
void dpk_fault_chunk(size_t chunk, size_t chunks, uint64_t took); /* ns */
void dpk_fault_stop(unsigned worker);

#else

static inline void dpk_fault_start(unsigned worker)
{
    (void)worker;
}

static inline void dpk_fault_chunk(size_t chunk, size_t chunks, uint64_t took)
{
    (void)chunk;
    (void)chunks;
    (void)took;
}

static inline void dpk_fault_stop(unsigned worker)
{
    (void)worker;
}

#endif

#endif
