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

/* Prepares the run (bound and shaped) and its inputs' memory. readers: opened, one for each
 * input; writer: format, array, meta, sink and arena are set. Errors: DPK_LIMIT. */
dpk_status dpk_pipeline_prepare(dpk_run *run, dpk_reader *readers, const dpk_writer *writer,
                                dpk_streaming streaming, dpk_error *err);

/* Decodes the inputs, executes the run, encodes the output; the sink is left to the caller to
 * commit. Errors: the formats' and the run's. */
dpk_status dpk_pipeline_execute(dpk_run *run, dpk_reader *readers, dpk_writer *writer,
                                dpk_error *err);

#endif
