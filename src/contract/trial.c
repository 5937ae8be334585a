/* SPDX-License-Identifier: MIT */
/* trial.c: the same steps as a run from the command line, between guard pages. */
#include "contract/trial.h"

#include "base/array.h"
#include "base/text.h"
#include "contract/loops.h"
#include "contract/stream.h"
#include "contract/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dpk_outputs_free(dpk_outputs *outputs)
{
    for (size_t i = 0; i < DPK_MAX_PORTS; i++) {
        free(outputs->arrays[i].data);
        free(outputs->computed[i].data);
    }
    *outputs = (dpk_outputs){ 0 };
}

/* -------------------------------------------------------------------------------- descriptions */

/* Tells the witness what is about to be done, so that someone else can do it again. */
static void describe(const dpk_trial *trial)
{
    const dpk_run_options *options = &trial->options;
    char question[200];
    dpk_text text = dpk_text_begin(trial->witness->doing, sizeof trial->witness->doing);
    dpk_text_add(&text, "%s (%s", trial->kernel->name,
                 options->reference ? "reference" : options->backend->name);
    if (options->jobs > 1)
        dpk_text_add(&text, ", %u jobs, %s", options->jobs,
                     options->schedule == DPK_STATIC ? "static" : "dynamic");
    if (options->keep_going)
        dpk_text_add(&text, ", keep going");
    if (options->grain != 0)
        dpk_text_add(&text, ", grain %zu", options->grain);
    if (trial->band != 0)
        dpk_text_add(&text, ", streamed by %zu rows", trial->band);
    if (options->shuffle != 0)
        dpk_text_add(&text, ", shuffle %u", options->shuffle);
    dpk_text_add(&text, ", ISA %s; %s; seed %llu)", dpk_isa_name(trial->isa),
                 dpk_case_text(trial->question, trial->kernel, question, sizeof question),
                 (unsigned long long)(trial->question->seed >> 32));
}

/* Of an input of which only some rows can be read. */
static bool name_rows(const dpk_trial *trial, size_t port, const dpk_array *array)
{
    size_t rows = dpk_array_rows(array), row = dpk_row_bytes(array);
    dpk_span reads = trial->only->reads[port], out = trial->only->rows;
    reads.end = reads.end < rows ? reads.end : rows;
    reads.begin = reads.begin < reads.end ? reads.begin : reads.end;
    if (reads.begin == 0 && reads.end == rows)
        return false;
    dpk_witness_region(trial->witness, (const char *)array->data + reads.begin * row,
                       (reads.end - reads.begin) * row, rows * row,
                       "rows [%zu, %zu) of input '%s', beyond which it says it does not read for "
                       "output rows [%zu, %zu)",
                       reads.begin, reads.end, trial->kernel->ports[port].name, out.begin, out.end);
    return true;
}

/* Tells the witness what nobody may look at before the first pass. */
static void name_hidden(const dpk_trial *trial)
{
    for (size_t i = 0; i < trial->question->inputs; i++) {
        const dpk_array *array = &trial->inputs->arrays[i];
        dpk_witness_region(trial->witness, array->data, dpk_array_bytes(array), 0,
                           "input '%s' before the first pass", trial->kernel->ports[i].name);
    }
}

/* Tells the witness where inputs and outputs lie, and the kernel's struct. */
static void name_regions(const dpk_trial *trial, const dpk_run *run)
{
    const dpk_kernel *kernel = trial->kernel;
    trial->witness->region_count = 0;
    dpk_witness_region(trial->witness, run->self, kernel->size, 0, "the struct of '%s'",
                       kernel->name);
    size_t inputs = dpk_run_inputs(run);
    for (size_t i = 0; i < inputs + dpk_run_outputs(run); i++) {
        bool output = i >= inputs;
        const dpk_array *array = output ? dpk_run_output(run, i - inputs) : dpk_run_input(run, i);
        size_t rows = array->ring != 0 ? array->ring : dpk_array_rows(array);
        size_t bytes = rows * dpk_row_bytes(array);
        if (output || trial->only == NULL || !name_rows(trial, i, array))
            dpk_witness_region(trial->witness, array->data, bytes, 0, "%s '%s'",
                               output ? "output" : "input", kernel->ports[i].name);
    }
}

/* ------------------------------------------------------------------------------------- the run */

/* Whatever passes do not write remains garbage, which is another one in each run. */
static void scribble(const dpk_trial *trial, const dpk_run *run)
{
    for (size_t v = run->plan.input_count; v < run->plan.value_count; v++) {
        const dpk_value *value = &run->plan.values[v];
        if (!value->local)
            memset(value->array.data, trial->garbage, dpk_array_bytes(&value->array));
    }
}

static void note_reads(const dpk_run *run, dpk_outputs *outputs)
{
    size_t rows = outputs->longest, middle = rows / 2;
    const dpk_span asked[DPK_PROBES] = { { .begin = 0, .end = 1 },
                                         { .begin = rows - 1, .end = rows },
                                         { .begin = middle, .end = middle + 1 + rows / 8 } };
    for (size_t i = 0; i < DPK_PROBES; i++) {
        dpk_probe *probe = &outputs->probes[i];
        probe->rows = asked[i];
        probe->rows.end = asked[i].end < rows ? asked[i].end : rows;
        for (size_t port = 0; port < dpk_kernel_inputs(run->kernel); port++)
            probe->reads[port] = run->kernel->passes[0].reads(run->self, port, probe->rows);
    }
}

static void note_plan(const dpk_run *run, dpk_outputs *outputs)
{
    const dpk_pass *passes = run->kernel->passes;
    for (size_t i = 0; i < run->step_count; i++)
        if (run->steps[i].extent > outputs->longest)
            outputs->longest = run->steps[i].extent;
    outputs->direct = true;
    for (size_t i = 0; i < dpk_kernel_inputs(run->kernel); i++)
        outputs->direct &= dpk_run_kernel_array(run, i)->data == dpk_run_input(run, i)->data;
    outputs->local = passes[0].name != NULL && passes[0].reads != NULL && passes[1].name == NULL &&
                     outputs->longest > 0;
    if (outputs->local)
        note_reads(run, outputs);
}

/* Memory for an array of that type and shape, or a copy of it. */
static dpk_status keep(dpk_array *to, const dpk_array *from, bool copy, dpk_error *err)
{
    size_t bytes = dpk_array_bytes(from);
    *to = *from;
    to->ring = 0;
    to->data = malloc(bytes + 1);
    if (to->data == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory to keep results for comparison");
    if (copy)
        memcpy(to->data, from->data, bytes);
    return DPK_OK;
}

static dpk_status take_outputs(const dpk_run *run, dpk_outputs *outputs, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(run->kernel), count = dpk_kernel_outputs(run->kernel);
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < count && status == DPK_OK; i++) {
        status = keep(&outputs->arrays[i], dpk_run_output(run, i), true, err);
        const dpk_array *computed = dpk_run_kernel_array(run, inputs + i);
        if (status == DPK_OK && computed->data != NULL)
            status = keep(&outputs->computed[i], computed, true, err);
    }
    outputs->jobs = run->team.jobs;
    outputs->count = count;
    return status;
}

/* As far as a kernel may refuse a case. */
static dpk_status accept(const dpk_trial *trial, dpk_run *run, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < trial->question->inputs && status == DPK_OK; i++)
        status = dpk_run_bind(run, i, &trial->inputs->arrays[i], trial->kernel->ports[i].name, err);
    return status == DPK_OK ? dpk_run_shape(run, err) : status;
}

static dpk_status execute_whole(const dpk_trial *trial, dpk_run *run, dpk_outputs *outputs,
                                dpk_error *err)
{
    note_plan(run, outputs);
    scribble(trial, run);
    name_regions(trial, run);
    dpk_arena_seal(run->arena, run->self, trial->kernel->size);
    dpk_status status = dpk_run_execute(run, err);
    return status == DPK_OK ? take_outputs(run, outputs, err) : status;
}

static dpk_status execute_streamed(const dpk_trial *trial, dpk_run *run, dpk_stream *stream,
                                   dpk_outputs *outputs, dpk_error *err)
{
    outputs->whole = !run->windowed;
    if (outputs->whole)
        return DPK_OK;
    name_regions(trial, run);
    dpk_arena_seal(run->arena, run->self, trial->kernel->size);
    for (size_t i = 0; i < dpk_run_outputs(run); i++)
        if (keep(&outputs->arrays[i], dpk_run_output(run, i), false, err) != DPK_OK)
            return DPK_LIMIT;
    outputs->count = dpk_run_outputs(run);
    dpk_status status = dpk_stream_execute(stream, outputs->arrays, err);
    outputs->jobs = run->team.jobs;
    return status;
}

/* Prepares and executes. *prepared says that it was not the kernel's refusal when this fails. */
static dpk_status execute(const dpk_trial *trial, dpk_run *run, dpk_outputs *outputs,
                          bool *prepared, dpk_error *err)
{
    dpk_stream *stream = NULL;
    dpk_status status = trial->band == 0 ? dpk_run_prepare(run, err)
                                         : dpk_stream_prepare(&stream, run, trial->inputs->arrays,
                                                              trial->band, trial->part, err);
    *prepared = status == DPK_OK;
    if (!*prepared)
        return status;
    dpk_inputs_hide(trial->inputs, false);
    return trial->band == 0 ? execute_whole(trial, run, outputs, err)
                            : execute_streamed(trial, run, stream, outputs, err);
}

static dpk_status run_in(dpk_arena *arena, const dpk_trial *trial, dpk_outputs *outputs,
                         dpk_error *err)
{
    dpk_run *run;
    dpk_error reason;
    bool prepared = false;
    dpk_kernel watched;
    const dpk_kernel *kernel = trial->kernel;
    if (trial->watched) {
        watched = dpk_watch_kernel(kernel);
        kernel = &watched;
    }
    const dpk_backend *backend = trial->options.backend;
    dpk_status status = DPK_OK;
    if (backend->hire != NULL)
        status = backend->hire(arena, trial->options.jobs, err);
    if (status == DPK_OK)
        status = dpk_run_begin(&run, kernel, &trial->options, arena, err);
    if (status != DPK_OK)
        return status;
    if (dpk_setting_apply(&trial->question->setting, trial->kernel, run->self, &reason) != DPK_OK)
        return dpk_witness_fail(trial->witness, err, "%s", reason.text);
    status = accept(trial, run, &reason);
    if (status == DPK_OK)
        status = execute(trial, run, outputs, &prepared, &reason);
    dpk_run_close(run);
    if (status != DPK_OK && status != DPK_FAILED && !prepared) {
        outputs->refused = true;
        (void)dpk_fail(err, status, "%s", reason.text);
        return DPK_OK;
    }
    if (status != DPK_OK) {
        char fault[320];
        dpk_witness_text(trial->witness, fault, sizeof fault);
        return dpk_witness_fail(trial->witness, err, "%s%s%s", reason.text, *fault ? ": " : "",
                                fault);
    }
    if (!dpk_arena_intact(arena))
        return dpk_witness_fail(
            trial->witness, err,
            "it wrote beside an output, its scratch or other memory from dpk_alloc");
    return DPK_OK;
}

/* Whole and in bands: both ways a kernel may be asked. */
static dpk_status prepare_in(dpk_arena *arena, const dpk_trial *trial, bool streamed,
                             dpk_error *err)
{
    dpk_run *run;
    dpk_stream *stream;
    dpk_status status = dpk_run_begin(&run, trial->kernel, &trial->options, arena, err);
    if (status == DPK_OK)
        status = dpk_setting_apply(&trial->question->setting, trial->kernel, run->self, err);
    if (status == DPK_OK)
        status = accept(trial, run, err);
    if (status == DPK_OK)
        status = streamed ? dpk_stream_prepare(&stream, run, trial->question->input, 1, 0, err)
                          : dpk_run_prepare(run, err);
    return status;
}

dpk_status dpk_trial_prepare(const dpk_trial *trial, dpk_error *err)
{
    describe(trial);
    for (int streamed = 0; streamed <= 1; streamed++) {
        dpk_arena arena;
        dpk_error reason;
        dpk_status status = dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, err);
        if (status != DPK_OK)
            return status;
        dpk_witness_start(trial->witness);
        status = prepare_in(&arena, trial, streamed, &reason);
        dpk_witness_rest(trial->witness);
        dpk_arena_close(&arena);
        if (status == DPK_FAILED)
            return dpk_witness_fail(trial->witness, err, "%s", reason.text);
    }
    return DPK_OK;
}

dpk_status dpk_trial_run(const dpk_trial *trial, dpk_outputs *outputs, dpk_error *err)
{
    *outputs = (dpk_outputs){ 0 };
    describe(trial);
    dpk_arena arena;
    dpk_memory memory = trial->options.backend->processes ? DPK_MEMORY_SHARED : DPK_MEMORY_PRIVATE;
    dpk_status status = dpk_arena_open(&arena, memory, true, err);
    if (status != DPK_OK)
        return status;
    dpk_witness_start(trial->witness);
    name_hidden(trial);
    /* Workers that are there already see inputs as they are now. */
    dpk_inputs_hide(trial->inputs, trial->options.backend->hire == NULL);
    if (trial->watched)
        dpk_watch_begin();
    status = run_in(&arena, trial, outputs, err);
    if (trial->watched)
        dpk_watch_end();
    dpk_inputs_hide(trial->inputs, false);
    dpk_witness_rest(trial->witness);
    dpk_arena_close(&arena);
    return status;
}
