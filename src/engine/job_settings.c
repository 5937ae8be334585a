/* SPDX-License-Identifier: MIT */
/* job_settings.c: declaring and resolving the options of a job. */
#include "engine/job_settings.h"

#include "base/number.h"
#include "engine/pipeline.h"
#include "engine/registry.h"
#include "files/format.h"
#include "machine/machine.h"

#include <stdio.h>
#include <string.h>

static const dpk_choice schedules[] = {
    { "dynamic", DPK_DYNAMIC, "a worker takes the next chunk when it is done with one" },
    { "static", DPK_STATIC, "each worker gets an equal share of the chunks beforehand" },
    { NULL, 0, NULL },
};

static const dpk_choice memories[] = {
    { "auto", DPK_MEMORY_AUTO, "what the backend needs" },
    { "private", DPK_MEMORY_PRIVATE, "huge pages where the kernel grants them" },
    { "shared", DPK_MEMORY_SHARED, "what processes need" },
    { NULL, 0, NULL },
};

static const dpk_choice streamings[] = {
    { "auto", DPK_STREAM_AUTO, "bands flow through decoder, kernel and encoder where they can" },
    { "on", DPK_STREAM_ON, "even where the window is hardly smaller than the image" },
    { "off", DPK_STREAM_OFF, "decode everything, then compute, then encode" },
    { NULL, 0, NULL },
};

/* Where the options of a format are, or of all formats before NULL. */
static size_t place_of(const dpk_format *format)
{
    size_t place = 0;
    for (const dpk_format *const *other = dpk_formats; *other != NULL && *other != format; other++)
        place += ((*other)->params_size + 15) / 16 * 16;
    return place;
}

const void *dpk_job_format_options(const dpk_job_settings *settings, const dpk_format *format)
{
    return format->params != NULL ? settings->format_options + place_of(format) : NULL;
}

/* Adds to `count` options those that formats declare, as far as there is room for them. */
static void add_format_params(dpk_job_settings *settings, size_t count)
{
    for (const dpk_format *const *format = dpk_formats; *format != NULL; format++) {
        size_t place = place_of(*format);
        if (place + (*format)->params_size > sizeof settings->format_options)
            continue;
        for (const dpk_param *param = (*format)->params;
             param != NULL && param->name != NULL && count + 1 < DPK_JOB_PARAMS; param++) {
            settings->params[count] = *param;
            settings->params[count++].offset += offsetof(dpk_job_settings, format_options) + place;
        }
    }
}

void dpk_job_settings_init(dpk_job_settings *settings)
{
    typedef dpk_job_settings settings_type;
    const dpk_param params[] = {
        { .name = "backend",
          .type = DPK_PARAM_STRING,
          .env = "DPK_BACKEND",
          .offset = offsetof(settings_type, backend_name),
          .def = dpk_backend_default()->name,
          .help = "who computes: see `dpk list backends`" },
        DPK_PARAM(settings_type, jobs, .letter = 'j', .min = 1, .max = DPK_JOBS_MAX,
                  .unit = "workers", .def = settings->jobs_default, .env = "DPK_JOBS",
                  .help = "how many compute at the same time"),
        DPK_PARAM(settings_type, schedule, .choices = schedules, .def = "dynamic",
                  .help = "how workers get their chunks"),
        { .name = "isa",
          .type = DPK_PARAM_STRING,
          .env = "DPK_ISA",
          .offset = offsetof(settings_type, isa_name),
          .def = "auto",
          .help = "instruction-set level: auto, base, v3 (AVX2), v4 (AVX-512)" },
        DPK_PARAM(settings_type, memory, .choices = memories, .def = "auto",
                  .help = "kind of memory that workers share"),
        DPK_PARAM(settings_type, stream, .choices = streamings, .def = "auto",
                  .help = "whether only a window of an image is in memory"),
        DPK_PARAM(settings_type, in_format, .optional = true,
                  .help = "format of the inputs, if not by content"),
        DPK_PARAM(settings_type, out_format, .optional = true,
                  .help = "format of the output, if not by its name"),
        DPK_PARAM(settings_type, force, .def = "no", .help = "replace even a read-only output"),
        DPK_PARAM(settings_type, in_place_write, .def = "no",
                  .help = "copy the complete output into the old file in place of replacing it"),
        DPK_PARAM(settings_type, sync, .def = "yes",
                  .help = "wait until the output is on the disk before it replaces the old file"),
        DPK_PARAM(settings_type, limit_pixels, .def = "512M", .unit = "pixels",
                  .help = "refuse input pictures with more"),
        DPK_PARAM(settings_type, keep_going, .def = "no",
                  .help = "leave out the items that no worker survives; for processes, with "
                          "--stream=off"),
        DPK_PARAM(settings_type, retries, .min = 0, .max = DPK_RETRIES_MAX, .def = "2",
                  .help = "how often work is done again of which a worker process died"),
        DPK_PARAM(settings_type, timeout, .optional = true, .unit = "s",
                  .help =
                      "end a worker process that has been busy with the same work for longer; of "
                      "many files, with each one: S, or N% of the median so far"),
        DPK_PARAM(settings_type, worker_memory, .optional = true, .unit = "bytes",
                  .help = "that a worker process may allocate for itself"),
        DPK_PARAM(settings_type, worker_cpu_time, .optional = true, .min = 1, .max = 1e9,
                  .unit = "s", .help = "of processor time that a worker process may use in a run"),
    };
    _Static_assert(sizeof params < sizeof settings->params, "DPK_JOB_PARAMS is too small");
    *settings = (dpk_job_settings){ 0 };
    memcpy(settings->params, params, sizeof params);
    add_format_params(settings, sizeof params / sizeof *params);
    snprintf(settings->jobs_default, sizeof settings->jobs_default, "%u", dpk_machine_cpus().jobs);
}

dpk_limits dpk_job_limits(const dpk_job_settings *settings)
{
    return (dpk_limits){ .memory = settings->worker_memory, .cpu_time = settings->worker_cpu_time };
}

dpk_sink_options dpk_job_sink_options(const dpk_job_settings *settings)
{
    return (dpk_sink_options){ .force = settings->force,
                               .in_place = settings->in_place_write,
                               .unsynced = !settings->sync,
                               .hints = true };
}

/* What is left out of the middle of a stream cannot be filled in later. */
static dpk_status resolve_keep_going(dpk_job_settings *settings, const dpk_backend *backend,
                                     dpk_error *err)
{
    if (!settings->keep_going)
        return DPK_OK;
    if (!backend->processes)
        return dpk_fail(err, DPK_USAGE,
                        "--keep-going: with backend '%s' all work is done in one process, which "
                        "a crash ends as a whole; processes go on: --backend=fork",
                        backend->name);
    if (settings->stream == DPK_STREAM_ON)
        return dpk_fail(err, DPK_USAGE,
                        "--keep-going and --stream=on: what has been done again cannot be taken "
                        "back from a stream");
    settings->stream = DPK_STREAM_OFF;
    return DPK_OK;
}

dpk_status dpk_job_check_processes(const dpk_job_settings *settings, const dpk_backend *backend,
                                   dpk_error *err)
{
    const char *option = settings->timeout != NULL       ? "--timeout"
                         : settings->worker_memory > 0   ? "--worker-memory"
                         : settings->worker_cpu_time > 0 ? "--worker-cpu-time"
                                                         : NULL;
    if (option == NULL || backend->processes)
        return DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "%s: with backend '%s' all work is done in one process, of which no part can "
                    "be ended or limited alone; workers that are processes can: --backend=fork",
                    option, backend->name);
}

dpk_status dpk_job_timeout(const char *word, double *seconds, double *percent, dpk_error *err)
{
    dpk_number number = { .value = 0 };
    *seconds = 0;
    if (word == NULL)
        return DPK_OK;
    size_t length = dpk_number_read(word, &number);
    bool part = length > 0 && strcmp(word + length, "%") == 0;
    if (part && percent == NULL)
        return dpk_fail(err, DPK_USAGE,
                        "--timeout '%s': of a median time there is only among many files; a single "
                        "run takes seconds",
                        word);
    if ((word[length] != '\0' && !part) || !(number.value > 0) ||
        !(number.value <= DPK_TIMEOUT_MAX))
        return dpk_fail(err, DPK_USAGE,
                        "--timeout '%s': must be a number of seconds, such as 30 or 0.5%s", word,
                        percent != NULL ? ", or a part of the median time, such as 300%" : "");
    *(part ? percent : seconds) = number.value;
    return DPK_OK;
}

dpk_status dpk_job_settings_resolve(dpk_job_settings *settings, dpk_error *err)
{
    const dpk_backend *backend;
    dpk_status status = dpk_backend_choose(settings->backend_name, &backend, err);
    if (status == DPK_OK)
        status = dpk_isa_find(settings->isa_name, &settings->isa, err);
    if (status != DPK_OK)
        return status;
    if (settings->memory == DPK_MEMORY_AUTO)
        settings->memory = backend->processes ? DPK_MEMORY_SHARED : DPK_MEMORY_PRIVATE;
    if (settings->memory == DPK_MEMORY_PRIVATE && backend->processes)
        return dpk_fail(err, DPK_USAGE,
                        "--memory=private: the workers of backend '%s' are processes, which "
                        "need shared memory",
                        backend->name);
    double timeout = 0;
    status = resolve_keep_going(settings, backend, err);
    if (status == DPK_OK)
        status = dpk_job_check_processes(settings, backend, err);
    if (status == DPK_OK)
        status = dpk_job_timeout(settings->timeout, &timeout, NULL, err);
    if (status != DPK_OK)
        return status;
    settings->options = (dpk_run_options){ .backend = backend,
                                           .isa = settings->isa,
                                           .jobs = settings->jobs,
                                           .schedule = (dpk_schedule)settings->schedule,
                                           .keep_going = settings->keep_going,
                                           .retries = settings->retries,
                                           .timeout = timeout,
                                           .limits = dpk_job_limits(settings) };
    return DPK_OK;
}
