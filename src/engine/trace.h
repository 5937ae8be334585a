/* SPDX-License-Identifier: MIT */
/* trace.h: the timeline of a run in the Trace Event Format, which Perfetto and Chromium's
 * about:tracing show. */
#ifndef DPK_TRACE_H
#define DPK_TRACE_H

#include "engine/run.h"

#include <stdio.h>

/* How many events a worker's timeline needs at most to be worth looking at: some 10 000 chunks,
 * each with the wait before it. */
enum { DPK_TRACE_EVENTS = 1 << 15 };

/* Writes what the workers of the run, which is executed and whose options asked for events, did
 * when. Times are in microseconds since the run began. */
void dpk_trace_write(FILE *stream, const dpk_run *run);

#endif
