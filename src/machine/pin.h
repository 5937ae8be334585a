/* SPDX-License-Identifier: MIT */
/* pin.h: which processors threads run on. */
#ifndef DPK_PIN_H
#define DPK_PIN_H

#include <stdbool.h>

/* The processor the caller runs on, -1 if the system does not say. */
int dpk_pin_here(void);

/* Moves the calling thread, worker number w of a team that was opened on processor `from`, to the
 * w-th processor behind it of those that it may use. Afterwards the system may move it again: it is
 * not kept pinned. The system often puts a new thread or process where its creator runs, though
 * another processor is idle, and notices only milliseconds later, which is as long as many a run
 * takes. Does nothing when there are no more processors than that, or the system has no such call.
 */
void dpk_pin_worker(unsigned w, int from);

/* The processors that a thread may run on. */
typedef struct dpk_affinity {
    bool known;
    unsigned long words[1024 / sizeof(unsigned long)]; /* a bit for each of 8192 processors */
} dpk_affinity;

/* Those of the calling thread; and back to what they were, if something has changed them since. */
dpk_affinity dpk_affinity_save(void);
void dpk_affinity_restore(const dpk_affinity *affinity);

#endif
