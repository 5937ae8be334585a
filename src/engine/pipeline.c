/* SPDX-License-Identifier: MIT */
/* pipeline.c: what of a run flows band by band, and what is done as a whole.
 *
 *     windowed run: decode, compute and encode flow
 *     whole run:    decode, passes, then encoding flows, if the format is written band by band
 */
#include "engine/pipeline.h"

#include "base/array.h"
#include "base/clock.h"
#include "engine/flow.h"

/* Where no encoder says how many rows a band has: enough bytes to be worth taking, few enough to
 * stay in a second-level cache, and, where bands are computed, enough of them to even out uneven
 * work. */
enum { BAND_BYTES = 256 * 1024, BANDS_WANTED = 64 };

/* Rows of a band that is only encoded. */
static size_t rows_to_encode(const dpk_writer *writer)
{
    const dpk_array *out = writer->array;
    if (writer->format->band_rows != NULL)
        return writer->format->band_rows(out);
    size_t row = dpk_row_count(out) * dpk_type_size(out->type);
    return row < BAND_BYTES ? BAND_BYTES / (row + 1) : 1;
}

/* Rows of a band that is computed, too. Both by the problem alone: an encoder or a kernel may know
 * better. */
static size_t rows_to_compute(const dpk_run *run, const dpk_writer *writer)
{
    size_t rows = rows_to_encode(writer);
    if (writer->format->band_rows != NULL)
        return rows;
    size_t most = dpk_array_rows(writer->array) / BANDS_WANTED;
    rows = rows < most ? rows : most;
    const dpk_pass *pass = &run->kernel->passes[0];
    size_t grain = pass->reads != NULL && pass->grain != NULL ? pass->grain(run->self) : 1;
    rows = grain > rows ? grain : rows;
    return rows > 0 ? rows : 1;
}

/* Bands in flight: one in each worker's hands, one more each that is done or may be begun, so that
 * nobody waits for worker 0's next look. */
static size_t slots_of(const dpk_run *run)
{
    return 2 * (size_t)run->options->jobs + 2;
}

/* Rows of the input that may be decoded while bands are computed: a band, or parts for everyone. */
static size_t rows_ahead(const dpk_run *run, const dpk_reader *reader, size_t band)
{
    size_t parts = reader->part_rows <= reader->array.shape[0] / 8
                       ? reader->part_rows * 2 * run->options->jobs
                       : 0;
    return parts > band ? parts : band;
}

/* A file that holds the elements just as an array does is the array. */
static void use_mapped(dpk_run *run, dpk_reader *reader, size_t input)
{
    reader->array.data = (void *)(uintptr_t)reader->mapped;
    dpk_run_give(run, input, reader->array.data);
}

/* Inputs as a whole get their memory here, so that they are where inputs belong. */
static dpk_status prepare_whole(dpk_run *run, dpk_reader *readers, dpk_error *err)
{
    for (size_t input = 0; input < dpk_kernel_inputs(run->kernel); input++) {
        dpk_array *array = &readers[input].array;
        if (readers[input].mapped != NULL) {
            use_mapped(run, &readers[input], input);
            continue;
        }
        array->data = dpk_alloc_input(run->arena, dpk_array_bytes(array), err);
        if (array->data == NULL)
            return DPK_LIMIT;
        dpk_run_give(run, input, array->data);
    }
    return dpk_run_prepare(run, err);
}

dpk_status dpk_pipeline_prepare(dpk_run *run, dpk_reader *readers, const dpk_writer *writer,
                                dpk_streaming streaming, dpk_error *err)
{
    size_t inputs = dpk_kernel_inputs(run->kernel);
    if (streaming != DPK_STREAM_OFF && (inputs == 0 || !readers[0].whole)) {
        if (inputs > 0 && readers[0].mapped != NULL)
            use_mapped(run, &readers[0], 0);
        dpk_window window = { .band = rows_to_compute(run, writer), .bands = slots_of(run) };
        window.ahead = inputs > 0 ? rows_ahead(run, &readers[0], window.band) : 0;
        dpk_status status = dpk_run_prepare_window(run, window, streaming == DPK_STREAM_ON, err);
        if (status != DPK_OK)
            return status;
    }
    if (!run->windowed)
        return prepare_whole(run, readers, err);
    if (inputs > 0) {
        readers[0].array.data = run->arrays[0].data;
        readers[0].array.ring = run->arrays[0].ring;
    }
    return DPK_OK;
}

static dpk_status decode_whole(dpk_run *run, dpk_reader *readers, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < dpk_kernel_inputs(run->kernel) && status == DPK_OK; i++)
        if (readers[i].array.data != readers[i].mapped)
            status =
                readers[i].format->rows(&readers[i], 0, dpk_array_rows(&readers[i].array), err);
    run->times.turned = dpk_now();
    run->times.load = run->times.turned - run->times.begin;
    return status;
}

/* Parts may be decoded in any order where a mistake can still be undone, and pay where there is
 * someone to share them with. */
static bool parts_are_usable(const dpk_run *run, const dpk_reader *reader, const dpk_writer *writer)
{
    bool undoable = writer->sink == NULL || !writer->sink->direct;
    return reader->part_rows > 0 && run->options->jobs > 1 && undoable &&
           reader->part_rows * run->options->jobs <= run->arrays[0].ring / 2;
}

/* Rows of nothing, of which there may be any number, need nobody's help to be written. */
static bool anything_flows(const dpk_run *run, const dpk_writer *writer)
{
    return run->windowed || writer->format->encode != NULL ||
           (dpk_writes_in_place(writer) && dpk_count(writer->array) > 0);
}

static dpk_status make_flow(dpk_run *run, dpk_reader *readers, dpk_writer *writer, bool trusting,
                            dpk_flow **flow, dpk_error *err)
{
    *flow = NULL;
    if (!anything_flows(run, writer))
        return DPK_OK;
    dpk_flow_plan plan = { .run = run, .writer = writer, .slots = slots_of(run) };
    plan.band = run->windowed ? rows_to_compute(run, writer) : rows_to_encode(writer);
    if (run->windowed && dpk_kernel_inputs(run->kernel) > 0 && run->arrays[0].ring > 0) {
        plan.reader = &readers[0];
        plan.by_parts = trusting && parts_are_usable(run, &readers[0], writer);
    }
    return dpk_flow_make(flow, &plan, err);
}

/* With the team open: whatever is not in memory yet is decoded, computed and encoded. */
static dpk_status execute(dpk_run *run, dpk_flow *flow, dpk_writer *writer, bool *lied,
                          dpk_error *err)
{
    dpk_status status = DPK_OK;
    if (!run->windowed)
        status = dpk_run_passes(run, err);
    if (status == DPK_OK && flow != NULL)
        return dpk_flow_execute(flow, lied, err);
    dpk_account *account = &run->team.workers[0].account;
    dpk_turn(account, DPK_STORE);
    if (status == DPK_OK)
        status = writer->format->write(writer, 0, dpk_array_rows(writer->array), err);
    dpk_turn(account, DPK_WAIT);
    return status;
}

/* From the writer's beginning to its end. trusting: what a file says about its parts is believed
 * until it is found out: *lied. */
static dpk_status attempt(dpk_run *run, dpk_reader *readers, dpk_writer *writer, bool trusting,
                          bool *lied, dpk_error *err)
{
    const dpk_format *format = writer->format;
    dpk_flow *flow;
    dpk_status status = format->begin(writer, err);
    if (status != DPK_OK)
        return status;
    *lied = false;
    status = make_flow(run, readers, writer, trusting, &flow, err);
    if (status == DPK_OK) {
        size_t bands = flow != NULL ? dpk_flow_bands(flow) : 0;
        size_t scratch = flow != NULL ? dpk_flow_scratch(flow) : dpk_run_scratch(run);
        status = dpk_run_open(run, bands, scratch, err);
        if (status == DPK_OK)
            status = execute(run, flow, writer, lied, err);
        dpk_run_close(run);
    }
    if (status == DPK_OK && !*lied)
        status = format->finish(writer, err);
    else if (format->abandon != NULL)
        format->abandon(writer);
    uint64_t now = dpk_now();
    run->times.store += now - run->times.turned;
    run->times.turned = now;
    return status;
}

/* Brings reader and sink back to where they were before the attempt. */
static dpk_status rewind_files(dpk_reader *reader, dpk_sink *sink, dpk_error *err)
{
    dpk_array array = reader->array;
    if (reader->format->close != NULL)
        reader->format->close(reader);
    reader->meta = (dpk_meta){ .first = NULL };
    dpk_status status = reader->format->open(reader, err);
    reader->array = array;
    if (status == DPK_OK && sink != NULL)
        status = dpk_sink_rewind(sink, err);
    return status;
}

dpk_status dpk_pipeline_execute(dpk_run *run, dpk_reader *readers, dpk_writer *writer,
                                dpk_error *err)
{
    bool lied;
    run->times.begin = run->times.turned = dpk_now();
    dpk_status status = run->windowed ? DPK_OK : decode_whole(run, readers, err);
    if (status == DPK_OK)
        status = attempt(run, readers, writer, true, &lied, err);
    if (status == DPK_OK && lied) {
        status = rewind_files(&readers[0], writer->sink, err);
        if (status == DPK_OK)
            status = attempt(run, readers, writer, false, &lied, err);
    }
    return status;
}
