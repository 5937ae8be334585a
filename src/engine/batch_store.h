/* SPDX-License-Identifier: MIT */
/* batch_store.h: putting outputs in their places behind a worker's back. To wait for the disk takes
 * as long as computing a small picture; a thread of the worker's does that, so that the worker goes
 * on with the next file. Nothing else changes: the bytes of each file are on the disk before it
 * takes its place. */
#ifndef DPK_BATCH_STORE_H
#define DPK_BATCH_STORE_H

#include "files/sink.h"

struct dpk_batch_worker;

/* Without a thread, outputs are put in their places at once. Returns false without memory. */
bool dpk_batch_store_open(struct dpk_batch_worker *worker, bool with_thread);

/* Takes the sink over, which is closed for the caller then, and takes the file to its end. */
void dpk_batch_store_put(struct dpk_batch_worker *worker, size_t file, dpk_sink *sink);

/* Waits until all is in its place. */
void dpk_batch_store_close(struct dpk_batch_worker *worker);

#endif
