/* SPDX-License-Identifier: MIT */
/* record.c: makes the record of a finished run and sends it. */
#include "measure/record.h"

#include "engine/trace.h"
#include "measure/protocol.h"
#include "measure/quota.h"
#include "measure/timeline.h"

#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#    include <signal.h>
#    include <sys/prctl.h>
#endif

static dpk_throttling throttling(void)
{
    return dpk_machine_cpus().quota > 0 ? dpk_machine_throttling("") : (dpk_throttling){ 0, 0 };
}

static void send_record(void *context, const dpk_run *run, uint64_t end)
{
    const dpk_recorder *recorder = context;
    dpk_timeline timeline = { 0 };
    dpk_error err;
    if (recorder->observer.events > 0 && dpk_timeline_take(&timeline, run, &err) != DPK_OK)
        return;
    dpk_record record = { .begin = run->times.begin,
                          .end = end,
                          .ledger = dpk_run_ledger(run),
                          .throttling = dpk_throttling_since(&recorder->quiet, throttling()),
                          .marks = timeline.count,
                          .lost = timeline.lost };
    memcpy(record.note, run->team.note, sizeof record.note);
    if (dpk_send_all(DPK_HOST_SOCKET, &record, sizeof record))
        dpk_send_all(DPK_HOST_SOCKET, timeline.marks, timeline.count * sizeof *timeline.marks);
    free(timeline.marks);
}

dpk_status dpk_recorder_begin(dpk_recorder *recorder, dpk_error *err)
{
    dpk_request request;
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (!dpk_receive_all(DPK_HOST_SOCKET, &request, sizeof request))
        return dpk_fail(err, DPK_FAILED, "the process that measures is gone");
    dpk_status status = dpk_quota_enter(err);
    *recorder =
        (dpk_recorder){ .observer = { .events = request == DPK_REQUEST_CHECK ? DPK_TRACE_EVENTS : 0,
                                      .finished = send_record,
                                      .context = recorder },
                        .quiet = throttling() };
    return status;
}
