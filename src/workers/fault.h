/* SPDX-License-Identifier: MIT */
/* fault.h: faults and delays that are put where a test, or a user who wants to see what happens,
 * asks for them in the environment. Only in builds with tests (DPK_FAULTS).
 *
 *     DPK_FAULT=start:5    a worker that has just been started sleeps for 5 ms
 *     DPK_FAULT=chunk:4    the last chunk of a job takes 4 times as long
 *     DPK_FAULT=stop:5     a worker that is about to end sleeps for 5 ms
 *
 * These leave worker 0 alone: of threads, it is the caller, which is neither started nor ended.
 *
 *     DPK_FAULT=worker:1,span:5,kind=segv
 *
 * Worker 1 has a fault when it begins with chunk 5 of a pass, or band 5 of a stream. Without a
 * worker, or without a span, it is whichever comes first; of workers that are started again and
 * again, only one has it, unless the word `always` is there, too. Kinds:
 *
 *     segv, kill, stop   a signal
 *     exit               it ends with exit code 3
 *     hang               it does nothing any more
 *     oom                it allocates memory until there is none (--worker-memory), and aborts;
 *                        without a limit it is killed, as the kernel does to whom it chooses
 *     slow               it sleeps for 200 ms */
#ifndef DPK_FAULT_H
#define DPK_FAULT_H

#include <stddef.h>
#include <stdint.h>

#ifdef DPK_FAULTS

/* Before processes are started, by their parent: what makes sure that a fault strikes once. */
void dpk_fault_open(void);

void dpk_fault_start(unsigned worker);
void dpk_fault_span(size_t span);                                 /* by a worker that was started */
void dpk_fault_chunk(size_t chunk, size_t chunks, uint64_t took); /* ns */
void dpk_fault_stop(unsigned worker);

#else

static inline void dpk_fault_open(void) {}

static inline void dpk_fault_start(unsigned worker)
{
    (void)worker;
}

static inline void dpk_fault_span(size_t span)
{
    (void)span;
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
