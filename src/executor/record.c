/* SPDX-License-Identifier: MIT */
/* record.c: one task in words, and the tasks of a map that have no result. */
#include "executor/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dpk_task_record_say(dpk_task_record *record, const char *text)
{
    free(record->text);
    record->text = text[0] != '\0' ? strdup(text) : NULL;
}

void dpk_task_record_cancel(dpk_task_record *record)
{
    record->state = DPK_TASK_CANCELLED;
    dpk_task_record_say(record, "was cancelled");
}

dpk_status dpk_task_record_status(const dpk_task_record *record, dpk_error *err)
{
    const char *text = record->text != NULL ? record->text : "its sentence is lost";
    switch (record->state) {
    case DPK_TASK_DONE:
        return DPK_OK;
    case DPK_TASK_DIED:
        return dpk_fail(err, DPK_WORKER_LOST, "%s", text);
    case DPK_TASK_TIMED_OUT:
        return dpk_fail(err, DPK_WORKER_LOST, "task %" PRIu64 " %s", record->task, text);
    case DPK_TASK_CANCELLED:
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " %s", record->task, text);
    case DPK_TASK_FAILED:
        return dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has failed: %s", record->task, text);
    default:
        return dpk_fail(err, DPK_LIMIT, "task %" PRIu64 " has not ended in time", record->task);
    }
}

bool dpk_outcome_suits(const dpk_outcome *outcome)
{
    return outcome->size >= offsetof(dpk_outcome, text) + sizeof outcome->text;
}

void dpk_outcome_fill(dpk_outcome *outcome, const dpk_task_record *record)
{
    outcome->state = record->state;
    outcome->value = record->value;
    outcome->task = record->task;
    outcome->worker = record->worker;
    outcome->attempts = record->attempts;
    outcome->process = record->process;
    outcome->signal = record->signal;
    outcome->exit_code = record->exit_code;
    outcome->queued = record->queued;
    outcome->started = record->started;
    outcome->ended = record->ended;
    outcome->text[0] = '\0';
    if (record->text != NULL)
        snprintf(outcome->text, sizeof outcome->text, "%s", record->text);
}

void dpk_task_records_add(dpk_task_records *records, const dpk_task_record *record)
{
    if (records->count == records->room) {
        size_t room = 2 * records->room + 16;
        dpk_task_record *larger = realloc(records->records, room * sizeof *larger);
        if (larger == NULL) {
            free(record->text);
            records->lost++;
            return;
        }
        records->records = larger;
        records->room = room;
    }
    records->records[records->count++] = *record;
}

/* Attempts tell which of two is the later one. */
static int compare(const void *a, const void *b)
{
    const dpk_task_record *one = a, *two = b;
    if (one->task != two->task)
        return one->task < two->task ? -1 : 1;
    return one->attempts < two->attempts ? -1 : one->attempts > two->attempts;
}

void dpk_task_records_sort(dpk_task_records *records)
{
    if (records->count < 2)
        return;
    qsort(records->records, records->count, sizeof *records->records, compare);
    size_t kept = 0;
    for (size_t i = 1; i < records->count; i++) {
        if (records->records[i].task == records->records[kept].task)
            free(records->records[kept].text);
        else
            kept++;
        records->records[kept] = records->records[i];
    }
    records->count = kept + 1;
}

void dpk_task_records_clear(dpk_task_records *records)
{
    for (size_t i = 0; i < records->count; i++)
        free(records->records[i].text);
    free(records->records);
    *records = (dpk_task_records){ .count = 0 };
}
