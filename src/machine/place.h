/* SPDX-License-Identifier: MIT */
/* place.h: a processor for each worker. */
#ifndef DPK_PLACE_H
#define DPK_PLACE_H

/* The processor the caller runs on, -1 if the system does not say. */
int dpk_place_here(void);

/* Moves the calling thread, worker number w of a team that was opened on processor `from`, to the
 * w-th behind it of those it may use; after that, the system may move it again. The system often
 * puts a new thread or process where its creator runs, though another processor is idle, and
 * notices only milliseconds later: as long as many a run takes. Does nothing when there are no more
 * processors than that, or the system has no such call. */
void dpk_place_worker(unsigned w, int from);

#endif
