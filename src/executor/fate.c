/* SPDX-License-Identifier: MIT */
/* fate.c: one task in words, and the tasks of a map that have no result. */
#include "executor/fate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dpk_fate_say(dpk_fate *fate, const char *text)
{
    free(fate->text);
    fate->text = text[0] != '\0' ? strdup(text) : NULL;
}

dpk_status dpk_fate_status(const dpk_fate *fate, dpk_error *err)
{
    const char *text = fate->text != NULL ? fate->text : "its sentence is lost";
    switch (fate->state) {
    case DPK_TASK_DONE:
        return DPK_OK;
    case DPK_TASK_DIED:
        return dpk_fail(err, DPK_WORKER_LOST, "%s", text);
    case DPK_TASK_TIMED_OUT:
        return dpk_fail(err, DPK_WORKER_LOST, "task %" PRIu64 " %s", fate->task, text);
    case DPK_TASK_CANCELLED:
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " %s", fate->task, text);
    case DPK_TASK_FAILED:
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has failed: %s", fate->task, text);
    default:
        return dpk_fail(err, DPK_LIMIT, "task %" PRIu64 " has not ended in time", fate->task);
    }
}

bool dpk_outcome_suits(const dpk_outcome *outcome)
{
    return outcome->size >= offsetof(dpk_outcome, text) + sizeof outcome->text;
}

void dpk_outcome_fill(dpk_outcome *outcome, const dpk_fate *fate)
{
    outcome->state = fate->state;
    outcome->value = fate->value;
    outcome->task = fate->task;
    outcome->worker = fate->worker;
    outcome->attempts = fate->attempts;
    outcome->process = fate->process;
    outcome->signal = fate->signal;
    outcome->exit_code = fate->exit_code;
    outcome->queued = fate->queued;
    outcome->started = fate->started;
    outcome->ended = fate->ended;
    outcome->text[0] = '\0';
    if (fate->text != NULL)
        snprintf(outcome->text, sizeof outcome->text, "%s", fate->text);
}

void dpk_fates_add(dpk_fates *fates, const dpk_fate *fate)
{
    if (fates->count == fates->room) {
        size_t room = 2 * fates->room + 16;
        dpk_fate *larger = realloc(fates->fates, room * sizeof *larger);
        if (larger == NULL) {
            free(fate->text);
            fates->lost++;
            return;
        }
        fates->fates = larger;
        fates->room = room;
    }
    fates->fates[fates->count++] = *fate;
}

/* Attempts tell which of two is the later one. */
static int compare(const void *a, const void *b)
{
    const dpk_fate *one = a, *two = b;
    if (one->task != two->task)
        return one->task < two->task ? -1 : 1;
    return one->attempts < two->attempts ? -1 : one->attempts > two->attempts;
}

void dpk_fates_sort(dpk_fates *fates)
{
    if (fates->count < 2)
        return;
    qsort(fates->fates, fates->count, sizeof *fates->fates, compare);
    size_t kept = 0;
    for (size_t i = 1; i < fates->count; i++) {
        if (fates->fates[i].task == fates->fates[kept].task)
            free(fates->fates[kept].text);
        else
            kept++;
        fates->fates[kept] = fates->fates[i];
    }
    fates->count = kept + 1;
}

void dpk_fates_clear(dpk_fates *fates)
{
    for (size_t i = 0; i < fates->count; i++)
        free(fates->fates[i].text);
    free(fates->fates);
    *fates = (dpk_fates){ .count = 0 };
}
