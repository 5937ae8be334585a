/* SPDX-License-Identifier: MIT */
/* run_progress.h: how far a run is and how long it will take, on a terminal, for runs of more than
 * a second. */
#ifndef DPK_RUN_PROGRESS_H
#define DPK_RUN_PROGRESS_H

#include "engine/run.h"

/* Begins to show the progress of run, which is prepared, unless standard error is no terminal. */
void dpk_progress_start(const dpk_run *run);

/* Ends it and clears the line. Harmless if it was not begun. */
void dpk_progress_stop(void);

#endif
