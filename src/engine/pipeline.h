/* SPDX-License-Identifier: MIT */
/* pipeline.h: a run from files to a file. Decoding, computing and encoding are one flow of bands
 * where the kernel and the formats allow it: each band is encoded by the worker that computed it,
 * while it is warm in its cache, and no more than a few bands are in memory. */
#ifndef DPK_PIPELINE_H
#define DPK_PIPELINE_H

#include "engine/run.h"
#include "files/format.h"

typedef enum dpk_streaming {
    DPK_STREAM_AUTO, /* where it is possible */
    DPK_STREAM_ON,   /* even if the window is hardly smaller than the image; for tests */
    DPK_STREAM_OFF,  /* whole arrays; decoding, computing and encoding one after the other */
} dpk_streaming;

/* What a pipeline reads and writes: an opened reader for each input of the run; for each of its
 * outputs a writer, of which format, array, meta, sink and arena are set. In arena memory, as
 * workers use them. */
typedef struct dpk_ends {
    dpk_reader *readers;
    dpk_writer *writers;
} dpk_ends;

/* Prepares the run (bound and shaped) and its inputs' memory. Errors: DPK_LIMIT. */
dpk_status dpk_pipeline_prepare(dpk_run *run, const dpk_ends *ends, dpk_streaming streaming,
                                dpk_error *err);

/* Decodes the inputs, executes the run, encodes the outputs; the sinks are left to the caller to
 * commit. Errors: the formats' and the run's. */
dpk_status dpk_pipeline_execute(dpk_run *run, const dpk_ends *ends, dpk_error *err);

#endif
