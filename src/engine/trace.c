/* SPDX-License-Identifier: MIT */
/* trace.c: complete events ("ph": "X"), one track for each worker. */
#include "engine/trace.h"

#include "base/json.h"

static void begin_event(dpk_json *json, const char *name, const char *kind, unsigned worker)
{
    dpk_json_begin(json, NULL, '{');
    dpk_json_string(json, "name", name);
    dpk_json_string(json, "ph", kind);
    dpk_json_number(json, "pid", 1);
    dpk_json_number(json, "tid", worker);
}

/* What names a track: the program, or a worker. */
static void write_name(dpk_json *json, const char *what, unsigned worker, const char *name)
{
    begin_event(json, what, "M", worker);
    dpk_json_begin(json, "args", '{');
    dpk_json_string(json, "name", name);
    dpk_json_end(json, '}');
    dpk_json_end(json, '}');
}

static void write_event(dpk_json *json, const dpk_event *event, unsigned worker, uint64_t zero)
{
    begin_event(json, dpk_phase_names[event->phase], "X", worker);
    dpk_json_number(json, "ts", (double)(event->begin - zero) * 1e-3);
    dpk_json_number(json, "dur", (double)(event->end - event->begin) * 1e-3);
    if (event->pass != NULL) {
        dpk_json_begin(json, "args", '{');
        dpk_json_string(json, "pass", event->pass);
        dpk_json_number(json, "chunk", (double)event->chunk);
        dpk_json_end(json, '}');
    }
    dpk_json_end(json, '}');
}

void dpk_trace_write(FILE *stream, const dpk_run *run)
{
    dpk_json json = { .stream = stream, .first = true };
    size_t lost = 0;
    dpk_json_begin(&json, NULL, '{');
    dpk_json_begin(&json, "traceEvents", '[');
    write_name(&json, "process_name", 0, run->kernel->name);
    if (run->times.load > 0) {
        uint64_t zero = run->times.begin;
        const dpk_event load = { .begin = zero, .end = zero + run->times.load, .phase = DPK_LOAD };
        write_event(&json, &load, 0, zero);
    }
    for (unsigned w = 0; w < run->team.jobs; w++) {
        const dpk_account *account = &run->team.workers[w].account;
        char name[32];
        snprintf(name, sizeof name, "worker %u", w);
        write_name(&json, "thread_name", w, name);
        for (size_t i = 0; i < account->event_count; i++)
            write_event(&json, &account->events[i], w, run->times.begin);
        lost += account->events_lost;
    }
    dpk_json_end(&json, ']');
    dpk_json_string(&json, "displayTimeUnit", "ns");
    dpk_json_begin(&json, "otherData", '{');
    dpk_json_string(&json, "backend", run->options.backend->name);
    dpk_json_number(&json, "events left out", (double)lost);
    dpk_json_end(&json, '}');
    dpk_json_end(&json, '}');
}
