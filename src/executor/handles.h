/* SPDX-License-Identifier: MIT */
/* handles.h: executors by numbers that are looked up, so that one that is closed, or in use by
 * another thread, is an error and not a crash. */
#ifndef DPK_HANDLES_H
#define DPK_HANDLES_H

#include "executor/kind.h"

/* Lists an executor, which the calling thread uses until it calls dpk_handle_leave. Returns its
 * number, or 0 without memory. */
dpk_executor dpk_handle_add(dpk_executing *executor);

/* Looks an executor up for use by the calling thread. NULL, with *err filled, if it is not open, in
 * use, another process's, or this thread executes a task. Errors: DPK_USAGE. */
dpk_executing *dpk_handle_enter(dpk_executor handle, dpk_error *err);

void dpk_handle_leave(dpk_executor handle);

/* Takes an executor that is in use by the calling thread off the list. */
void dpk_handle_remove(dpk_executor handle);

/* Errors: DPK_USAGE, if this thread executes a task. */
dpk_status dpk_handle_outside(dpk_error *err);

#endif
