/* SPDX-License-Identifier: MIT */
/* task.h: one attempt at a task, where it is executed. */
#ifndef DPK_TASK_H
#define DPK_TASK_H

#include <dpk/executor.h>

/* Bytes that a task's own sentence may have, with the zero at its end. */
enum { DPK_TASK_TEXT = 240 };

struct dpk_task {
    size_t index;
    unsigned worker, attempt;
    char *text; /* DPK_TASK_TEXT bytes for its sentence */
};

/* Calls a function for a task, whose text is "" before, and says in the text that it has failed if
 * the function has not done so. Meanwhile dpk_task_inside() is true. Returns what it returned. */
int dpk_task_call(dpk_task *task, dpk_task_function *function, const void *argument, void *result);

/* Whether this thread is executing a task. */
bool dpk_task_inside(void);

#endif
