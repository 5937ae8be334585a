/* SPDX-License-Identifier: MIT */
/* task.c: what a task can ask and say while it is executed. */
#include "executor/task.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#if defined __GNUC__ && !defined __APPLE__
#    define QUICK __attribute__((tls_model("initial-exec"))) /* no call to find it */
#else
#    define QUICK
#endif

/* Whatever a task does about executors would wait for the worker that executes it. */
static _Thread_local QUICK bool inside;

bool dpk_task_inside(void)
{
    return inside;
}

int dpk_task_call(dpk_task *task, dpk_task_function *function, const void *argument, void *result)
{
    task->text[0] = '\0';
    inside = true;
    int value = function(argument, result, task);
    inside = false;
    if (value != 0 && task->text[0] == '\0')
        snprintf(task->text, DPK_TASK_TEXT, "its function has returned %d", value);
    return value;
}

size_t dpk_task_index(const dpk_task *task)
{
    return task->index;
}

unsigned dpk_task_worker(const dpk_task *task)
{
    return task->worker;
}

unsigned dpk_task_attempt(const dpk_task *task)
{
    return task->attempt;
}

int dpk_task_fail(dpk_task *task, const char *format, ...)
{
    char text[2 * DPK_TASK_TEXT]; /* so that it is cut between characters */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dpk_text_safe(text, task->text, DPK_TASK_TEXT);
    return 1;
}
