/* SPDX-License-Identifier: MIT */
/* serve.c: gives every execution new memory, so that it touches that of its output for the first
 * time, as a real run does. Only the inputs stay; and workers that serve many runs, with the arena
 * that they belong to and its pages, as whoever keeps such workers keeps these, too: both are there
 * after the first execution, which is not timed. */
#include "measure/serve.h"

#include "base/array.h"
#include "base/digest.h"
#include "base/text.h"
#include "engine/trace.h"
#include "measure/payload.h"
#include "measure/protocol.h"
#include "measure/timeline.h"
#include "observe/peak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct host {
    const dpk_serving *serving;
    dpk_arena house; /* holds the inputs */
    dpk_array inputs[DPK_MAX_PORTS];
    size_t input_count;
    bool limited;    /* by a CPU quota */
    dpk_arena arena; /* of one execution after the other; closed: each has its own */
};

/* Whether the workers outlive an execution. */
static bool keeps(const struct host *host)
{
    return host->serving->options.backend->arena_only;
}

static dpk_status prepare(const struct host *host, const dpk_run_options *options, dpk_arena *arena,
                          dpk_run **begun, dpk_error *err)
{
    const dpk_kernel *kernel = host->serving->kernel;
    dpk_status status = dpk_run_begin(begun, kernel, options, arena, err);
    dpk_run *run = *begun;
    if (status == DPK_OK)
        memcpy(run->self, host->serving->self, kernel->size);
    for (size_t i = 0; i < host->input_count && status == DPK_OK; i++)
        status = dpk_run_bind(run, i, &host->inputs[i], kernel->ports[i].name, err);
    if (status == DPK_OK)
        status = dpk_run_shape(run, err);
    return status == DPK_OK ? dpk_run_prepare(run, err) : status;
}

/* -------------------------------------------------------------------------------- one execution */

static dpk_throttling throttling(const struct host *host)
{
    return host->limited ? dpk_machine_throttling("") : (dpk_throttling){ 0, 0 };
}

static dpk_status take_sample(const struct host *host, dpk_run *run, dpk_sample *sample,
                              dpk_error *err)
{
    dpk_throttling quiet = throttling(host);
    dpk_usage before = dpk_usage_of_process();
    uint64_t begin = dpk_now();
    dpk_status status = dpk_run_execute(run, err);
    sample->wall = dpk_now() - begin;
    dpk_usage after = dpk_usage_of_process();
    dpk_usage_add(&sample->used, &after, &before);
    sample->ledger = dpk_run_ledger(run);
    sample->throttling = dpk_throttling_since(&quiet, throttling(host));
    return status;
}

/* -------------------------------------------------------------------------------------- a check */

static uint64_t digest_of(const dpk_run *run)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < dpk_run_outputs(run); i++) {
        const dpk_array *output = dpk_run_output(run, i);
        digest = dpk_digest(output->data, dpk_array_bytes(output), digest);
    }
    return digest;
}

/* What the timed executions do not show any more. */
static void note_start(const dpk_run *run, dpk_reply *reply)
{
    char text[32];
    double seconds = 1e-9 * (double)run->closed.ns[DPK_START] / run->closed.workers;
    snprintf(reply->note, sizeof reply->note,
             "its workers were started once, in %s, and serve all rounds, in the same memory",
             dpk_text_seconds(seconds, text, sizeof text));
}

/* The peak is read before the team is closed: until then memory only grows. */
static dpk_status take_digest(const struct host *host, dpk_run *run, dpk_reply *reply,
                              dpk_error *err)
{
    dpk_status status = dpk_run_open(run, 0, dpk_run_scratch(run), err);
    if (status == DPK_OK)
        status = dpk_run_passes(run, err);
    if (status == DPK_OK) {
        reply->digest = digest_of(run);
        reply->peak = dpk_memory_of_tree(getpid());
    }
    dpk_run_close(run);
    memcpy(reply->note, run->team.note, sizeof reply->note);
    if (keeps(host) && status == DPK_OK && reply->note[0] == '\0')
        note_start(run, reply);
    return status;
}

static dpk_status take_timeline(dpk_run *run, dpk_timeline *timeline, dpk_error *err)
{
    dpk_status status = dpk_run_execute(run, err);
    return status == DPK_OK ? dpk_timeline_take(timeline, run, err) : status;
}

/* ------------------------------------------------------------------------------------ a failure */

static size_t items_of(const dpk_run *run, const dpk_pass *pass)
{
    size_t i = 0;
    while (run->steps[i].pass != pass)
        i++;
    return run->steps[i].extent;
}

static dpk_status take_failure(dpk_run *run, dpk_failure *failure, dpk_error *err)
{
    dpk_status status = dpk_run_execute(run, err);
    const dpk_team *team = &run->team;
    if (status != DPK_OK || team->failed_count == 0)
        return status;
    char text[380];
    size_t lost = dpk_failed_text(team->failed, team->failed_count, text, sizeof text);
    failure->items = items_of(run, team->failed->pass);
    failure->delivered = failure->items - lost;
    snprintf(failure->text, sizeof failure->text,
             "the program lived and, with --keep-going, delivered %zu of %zu items; %s",
             failure->delivered, failure->items, text);
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------- requests */

/* What to do with a prepared run. */
enum task { DIGEST, TIMELINE, SAMPLE, KEEP_GOING };

static dpk_status open_arena(struct host *host, dpk_error *err)
{
    if (host->arena.size > 0)
        return DPK_OK;
    return dpk_arena_open(&host->arena, host->serving->memory, false, err);
}

static void leave_arena(struct host *host)
{
    if (keeps(host))
        dpk_arena_rewind(&host->arena, SIZE_MAX);
    else
        dpk_arena_close(&host->arena);
}

static dpk_status execute(struct host *host, enum task task, dpk_reply *reply,
                          dpk_timeline *timeline, dpk_error *err)
{
    dpk_run_options options = host->serving->options;
    options.events = task == TIMELINE ? DPK_TRACE_EVENTS : 0;
    options.keep_going = task == KEEP_GOING;
    options.retries = task == KEEP_GOING ? 1 : 0;
    dpk_run *run = NULL;
    dpk_status status = open_arena(host, err);
    if (status != DPK_OK)
        return status;
    status = prepare(host, &options, &host->arena, &run, err);
    if (status == DPK_OK && task == DIGEST)
        status = take_digest(host, run, reply, err);
    else if (status == DPK_OK && task == TIMELINE)
        status = take_timeline(run, timeline, err);
    else if (status == DPK_OK && task == KEEP_GOING)
        status = take_failure(run, &reply->failure, err);
    else if (status == DPK_OK)
        status = take_sample(host, run, &reply->sample, err);
    leave_arena(host);
    return status;
}

static bool answer(struct host *host, dpk_request request)
{
    dpk_reply reply = { .status = DPK_OK };
    dpk_timeline timeline = { 0 };
    if (request == DPK_REQUEST_KEEP_GOING) {
        reply.status = execute(host, KEEP_GOING, &reply, NULL, &reply.err);
    } else if (request != DPK_REQUEST_CHECK) {
        if (request == DPK_REQUEST_WARM)
            reply.status = execute(host, SAMPLE, &reply, NULL, &reply.err);
        reply.sample = (dpk_sample){ .wall = 0 };
        if (reply.status == DPK_OK)
            reply.status = execute(host, SAMPLE, &reply, NULL, &reply.err);
    } else {
        reply.status = execute(host, DIGEST, &reply, NULL, &reply.err);
        if (reply.status == DPK_OK)
            reply.status = execute(host, TIMELINE, &reply, &timeline, &reply.err);
    }
    reply.marks = timeline.count;
    reply.marks_lost = timeline.lost;
    bool told =
        dpk_send_all(DPK_HOST_SOCKET, &reply, sizeof reply) &&
        dpk_send_all(DPK_HOST_SOCKET, timeline.marks, timeline.count * sizeof *timeline.marks);
    free(timeline.marks);
    return told;
}

/* The first reply says whether the inputs have arrived. */
static bool announce(struct host *host)
{
    dpk_reply reply = { .status = DPK_OK };
    reply.status = dpk_arena_open(&host->house, DPK_MEMORY_PRIVATE, false, &reply.err);
    if (reply.status == DPK_OK)
        reply.status = dpk_payload_unpack(DPK_HOST_INPUTS, &host->house, host->inputs,
                                          &host->input_count, &reply.err);
    return dpk_send_all(DPK_HOST_SOCKET, &reply, sizeof reply) && reply.status == DPK_OK;
}

dpk_status dpk_serve(const dpk_serving *serving, dpk_error *err)
{
    struct host host = { .serving = serving, .limited = dpk_machine_cpus().quota > 0 };
    dpk_request request;
    if (!announce(&host))
        return dpk_fail(err, DPK_FAILED, "host: could not begin");
    while (dpk_receive_all(DPK_HOST_SOCKET, &request, sizeof request))
        if (!answer(&host, request))
            return dpk_fail(err, DPK_FAILED, "host: the coordinator is gone");
    if (keeps(&host))
        dpk_arena_close(&host.arena);
    dpk_arena_close(&host.house);
    return DPK_OK;
}
