/* SPDX-License-Identifier: MIT */
/* stream.h: a run band by band, as from a file to a file, with arrays in memory at both ends. */
#ifndef DPK_STREAM_H
#define DPK_STREAM_H

#include "engine/pipeline.h"

/* In the arena of the run, as workers use it. */
typedef struct dpk_stream {
    dpk_run *run;
    dpk_ends ends;
    dpk_reader readers[DPK_MAX_PORTS];
    dpk_writer writers[DPK_MAX_PORTS];
} dpk_stream;

/* Prepares run, bound and shaped, to read inputs by parts of so many rows (0: in order, by one
 * worker) and to write by bands of so many rows. If
 * run->windowed is false afterwards, the kernel does not allow it, and there is nothing to
 * execute. Errors: DPK_LIMIT. */
dpk_status dpk_stream_prepare(dpk_stream **stream, dpk_run *run, const dpk_array *inputs,
                              size_t band, size_t part, dpk_error *err);

/* Fills outputs, which have the run's types and shapes. Errors: as dpk_pipeline_execute. */
dpk_status dpk_stream_execute(dpk_stream *stream, dpk_array *outputs, dpk_error *err);

#endif
