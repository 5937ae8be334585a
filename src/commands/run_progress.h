/* SPDX-License-Identifier: MIT */
/* run_progress.h: shows on a terminal which part of a run is done and how long it will take, if it
 * takes more than a second. */
#ifndef DPK_RUN_PROGRESS_H
#define DPK_RUN_PROGRESS_H

#include "engine/run.h"

/* Begins to show the progress of a prepared run, if standard error is a terminal. */
void dpk_progress_start(const dpk_run *run);

/* Stops showing it and clears the line, if it was begun. */
void dpk_progress_stop(void);

#endif
