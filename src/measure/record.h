/* SPDX-License-Identifier: MIT */
/* record.h: the inside of a whole command that is measured. The command sends the time account of
 * its run to the process that started it. What lies before and after the run is the cost of a
 * process: start and stop. */
#ifndef DPK_RECORD_H
#define DPK_RECORD_H

#include "engine/observer.h"
#include "engine/run.h"
#include "machine/machine.h"

/* What the command sends; `marks` dpk_marks follow. */
typedef struct dpk_record {
    uint64_t begin, end; /* of the run, as dpk_now() counts */
    dpk_ledger ledger;
    dpk_throttling throttling;
    size_t marks, lost; /* of the timeline, if one was requested */
    char note[160];
} dpk_record;

typedef struct dpk_recorder {
    dpk_observer observer;
    dpk_throttling quiet; /* when the command began */
} dpk_recorder;

/* In the command, first: reads what is requested from DPK_HOST_SOCKET, enters the quota it is
 * measured with, and makes sure that it does not outlive the process that measures it. Its observer
 * sends the record. The recorder must stay where it is. Errors: DPK_FAILED. */
dpk_status dpk_recorder_begin(dpk_recorder *recorder, dpk_error *err);

#endif
