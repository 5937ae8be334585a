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

#include <string.h>

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
    size_t row = dpk_row_bytes(out);
    return row < BAND_BYTES ? BAND_BYTES / (row + 1) : 1;
}

/* Rows of a band that is computed, too. Both by the problem alone: an encoder or a kernel may know
 * better. 0 where the writers do not agree. */
static size_t rows_to_compute(const dpk_run *run, const dpk_writer *writers)
{
    size_t wanted = 0;
    for (size_t i = 0; i < dpk_run_outputs(run); i++) {
        const dpk_format *format = writers[i].format;
        size_t rows = format->band_rows != NULL ? format->band_rows(writers[i].array) : 0;
        if (rows > 0 && wanted > 0 && rows != wanted)
            return 0;
        wanted = rows > 0 ? rows : wanted;
    }
    if (wanted > 0)
        return wanted;
    size_t rows = rows_to_encode(&writers[0]),
           most = dpk_array_rows(writers[0].array) / BANDS_WANTED;
    rows = rows < most ? rows : most;
    size_t grain = dpk_run_grain(run);
    rows = grain > rows ? grain : rows;
    return rows > 0 ? rows : 1;
}

/* Bands in flight: one in each worker's hands, one more each that is done or may be begun, so that
 * nobody waits for worker 0's next look. */
static size_t slots_of(const dpk_run *run)
{
    return 2 * (size_t)run->options.jobs + 2;
}

/* Rows of the input that may be decoded while bands are computed: a band, or parts for everyone. */
static size_t rows_ahead(const dpk_run *run, const dpk_reader *reader, size_t band)
{
    size_t parts = reader->part_rows <= reader->array.shape[0] / 8
                       ? reader->part_rows * 2 * run->options.jobs
                       : 0;
    return parts > band ? parts : band;
}

/* A file that holds the elements just as an array does is the array, if workers see it. */
static bool is_array(const dpk_run *run, const dpk_reader *reader)
{
    return reader->mapped != NULL && !run->options.backend->arena_only;
}

/* Gives an input as a whole its memory, so that it is where inputs belong. */
static dpk_status give_whole(dpk_run *run, dpk_reader *reader, size_t input, dpk_error *err)
{
    dpk_array *array = &reader->array;
    if (is_array(run, reader))
        array->data = (void *)(uintptr_t)reader->mapped;
    else
        array->data = dpk_alloc_input(run->arena, dpk_array_bytes(array), err);
    if (array->data == NULL)
        return DPK_LIMIT;
    array->ring = 0;
    dpk_run_give(run, input, array->data);
    return DPK_OK;
}

static dpk_status prepare_whole(dpk_run *run, dpk_reader *readers, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t input = 0; input < dpk_run_inputs(run) && status == DPK_OK; input++)
        status = give_whole(run, &readers[input], input, err);
    return status == DPK_OK ? dpk_run_prepare(run, err) : status;
}

/* Where every input can be decoded row by row. */
static bool can_be_streamed(const dpk_run *run, const dpk_ends *ends)
{
    for (size_t input = 0; input < dpk_run_inputs(run); input++)
        if (ends->readers[input].whole)
            return false;
    return rows_to_compute(run, ends->writers) > 0;
}

static dpk_status prepare_window(dpk_run *run, const dpk_ends *ends, bool always, dpk_error *err)
{
    dpk_window window = { .bands = slots_of(run), .always = always };
    window.band = rows_to_compute(run, ends->writers);
    dpk_status status = DPK_OK;
    for (size_t input = 0; input < dpk_run_inputs(run) && status == DPK_OK; input++) {
        dpk_reader *reader = &ends->readers[input];
        if (is_array(run, reader) || reader->format == NULL)
            status = give_whole(run, reader, input, err);
        window.ahead[input] = rows_ahead(run, reader, window.band);
    }
    if (status == DPK_OK)
        status = dpk_run_prepare_window(run, &window, err);
    for (size_t input = 0; input < dpk_run_inputs(run) && run->windowed; input++) {
        ends->readers[input].array.data = dpk_run_input(run, input)->data;
        ends->readers[input].array.ring = dpk_run_input(run, input)->ring;
    }
    return status;
}

dpk_status dpk_pipeline_prepare(dpk_run *run, const dpk_ends *ends, dpk_streaming streaming,
                                dpk_error *err)
{
    for (size_t i = 0; i < dpk_run_outputs(run); i++)
        ends->writers[i].led = run->options.backend->arena_only;
    dpk_status status = dpk_run_prepare_stages(run, streaming == DPK_STREAM_ON, err);
    if (status == DPK_OK && streaming != DPK_STREAM_OFF && can_be_streamed(run, ends))
        status = prepare_window(run, ends, streaming == DPK_STREAM_ON, err);
    if (status != DPK_OK || run->windowed)
        return status;
    return prepare_whole(run, ends->readers, err);
}

/* What comes from no file is copied to where workers see it. */
static dpk_status decode_input(dpk_reader *reader, dpk_error *err)
{
    const dpk_array *array = &reader->array;
    if (array->data == reader->mapped)
        return DPK_OK;
    if (reader->format != NULL)
        return reader->format->rows(reader, 0, dpk_array_rows(array), err);
    memcpy(array->data, reader->mapped, dpk_array_bytes(array));
    return DPK_OK;
}

/* Of a windowed run, what is in memory as a whole all the same. */
static dpk_status decode_whole(dpk_run *run, dpk_reader *readers, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < dpk_run_inputs(run) && status == DPK_OK; i++)
        if (!run->windowed || run->given[i])
            status = decode_input(&readers[i], err);
    run->times.accounted = dpk_now();
    run->times.load = run->times.accounted - run->times.begin;
    return status;
}

static bool is_direct(const dpk_writer *writer)
{
    return writer->sink != NULL && writer->sink->direct;
}

/* Parts may be decoded in any order where a mistake can still be undone, and pay where there is
 * someone to share them with. */
static bool parts_are_usable(const dpk_run *run, const dpk_ends *ends)
{
    const dpk_reader *reader = &ends->readers[0];
    for (size_t i = 0; i < dpk_run_outputs(run); i++)
        if (is_direct(&ends->writers[i]))
            return false;
    return dpk_run_inputs(run) == 1 && !run->options.backend->arena_only && reader->part_rows > 0 &&
           run->options.jobs > 1 &&
           reader->part_rows * run->options.jobs <= dpk_run_input(run, 0)->ring / 2;
}

/* Rows of nothing, of which there may be any number, need nobody's help to be written. */
static bool can_be_shared(const dpk_writer *writer)
{
    return writer->format->encode != NULL ||
           (dpk_writes_in_place(writer) && dpk_count(writer->array) > 0);
}

/* What is done with the team, and what it takes: one flow from inputs to outputs, or one for each
 * output that several can encode. */
struct flows {
    dpk_flow *flow[DPK_MAX_PORTS]; /* by output, NULL where the writer does it alone */
    size_t count, bands, scratch;
};

static dpk_status add_flow(struct flows *flows, const dpk_flow_plan *plan, dpk_error *err)
{
    dpk_flow *flow;
    dpk_status status = dpk_flow_make(&flow, plan, err);
    if (status != DPK_OK)
        return status;
    flows->flow[flows->count++] = flow;
    size_t bands = dpk_flow_bands(flow), scratch = dpk_flow_scratch(flow);
    flows->bands = bands > flows->bands ? bands : flows->bands;
    flows->scratch = scratch > flows->scratch ? scratch : flows->scratch;
    return DPK_OK;
}

static dpk_status make_flows(dpk_run *run, const dpk_ends *ends, bool trusting, struct flows *flows,
                             dpk_error *err)
{
    *flows = (struct flows){ .scratch = dpk_run_scratch(run) };
    dpk_flow_plan plan = { .run = run, .writers = ends->writers, .slots = slots_of(run) };
    if (run->windowed) {
        plan.writer_count = dpk_run_outputs(run);
        plan.band = run->window.band;
        plan.readers = dpk_run_inputs(run) > 0 ? ends->readers : NULL;
        plan.by_parts = trusting && parts_are_usable(run, ends);
        return add_flow(flows, &plan, err);
    }
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < dpk_run_outputs(run) && status == DPK_OK; i++) {
        plan.writers = &ends->writers[i];
        plan.writer_count = 1;
        plan.band = rows_to_encode(plan.writers);
        if (can_be_shared(plan.writers))
            status = add_flow(flows, &plan, err);
        else
            flows->flow[flows->count++] = NULL;
    }
    return status;
}

static dpk_status write_alone(dpk_run *run, dpk_writer *writer, dpk_error *err)
{
    dpk_account *account = &run->team.workers[0].account;
    dpk_account_switch(account, DPK_STORE);
    dpk_status status = writer->format->write(writer, 0, dpk_array_rows(writer->array), err);
    dpk_account_switch(account, DPK_WAIT);
    return status;
}

/* With the team open: whatever is not in memory yet is decoded, computed and encoded. */
static dpk_status execute(dpk_run *run, const struct flows *flows, dpk_writer *writers, bool *lied,
                          dpk_error *err)
{
    dpk_status status = DPK_OK;
    if (!run->windowed)
        status = dpk_run_passes(run, err);
    for (size_t i = 0; i < flows->count && status == DPK_OK; i++)
        status = flows->flow[i] != NULL ? dpk_flow_execute(flows->flow[i], lied, err)
                                        : write_alone(run, &writers[i], err);
    return status;
}

/* Begins all writers; if one of them cannot, the ones before it are abandoned by the caller. */
static dpk_status begin_writers(const dpk_run *run, dpk_writer *writers, size_t *begun,
                                dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (*begun = 0; *begun < dpk_run_outputs(run) && status == DPK_OK; ++*begun)
        status = writers[*begun].format->begin(&writers[*begun], err);
    if (status != DPK_OK)
        --*begun;
    return status;
}

static void abandon_writers(dpk_writer *writers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (writers[i].format->abandon != NULL)
            writers[i].format->abandon(&writers[i]);
}

/* Finishes them, as long as the status is good. */
static dpk_status end_writers(dpk_writer *writers, size_t count, dpk_status status, dpk_error *err)
{
    size_t finished = 0;
    while (finished < count && status == DPK_OK)
        status = writers[finished].format->finish(&writers[finished], err), finished++;
    abandon_writers(writers + finished, count - finished);
    return status;
}

/* From the writers' beginning to their end. trusting: what a file says about its parts is believed
 * until it is found out: *lied. */
static dpk_status attempt(dpk_run *run, const dpk_ends *ends, bool trusting, bool *lied,
                          dpk_error *err)
{
    struct flows flows;
    size_t begun;
    dpk_status status = begin_writers(run, ends->writers, &begun, err);
    *lied = false;
    if (status == DPK_OK)
        status = make_flows(run, ends, trusting, &flows, err);
    if (status == DPK_OK) {
        status = dpk_run_open(run, flows.bands, flows.scratch, err);
        if (status == DPK_OK)
            status = execute(run, &flows, ends->writers, lied, err);
        dpk_run_close(run);
    }
    if (status == DPK_OK && *lied)
        abandon_writers(ends->writers, begun);
    else
        status = end_writers(ends->writers, begun, status, err);
    uint64_t now = dpk_now();
    run->times.store += now - run->times.accounted;
    run->times.accounted = now;
    return status;
}

/* Brings reader and sinks back to where they were before the attempt. */
static dpk_status rewind_files(dpk_run *run, const dpk_ends *ends, dpk_error *err)
{
    dpk_reader *reader = &ends->readers[0];
    dpk_array array = reader->array;
    if (reader->format->close != NULL)
        reader->format->close(reader);
    reader->meta = (dpk_meta){ .first = NULL };
    dpk_status status = reader->format->open(reader, err);
    reader->array = array;
    for (size_t i = 0; i < dpk_run_outputs(run) && status == DPK_OK; i++)
        if (ends->writers[i].sink != NULL)
            status = dpk_sink_rewind(ends->writers[i].sink, err);
    return status;
}

dpk_status dpk_pipeline_execute(dpk_run *run, const dpk_ends *ends, dpk_error *err)
{
    bool lied;
    run->times.begin = run->times.accounted = dpk_now();
    dpk_status status = decode_whole(run, ends->readers, err);
    if (status == DPK_OK)
        status = attempt(run, ends, true, &lied, err);
    if (status == DPK_OK && lied) {
        status = rewind_files(run, ends, err);
        if (status == DPK_OK)
            status = attempt(run, ends, false, &lied, err);
    }
    return status;
}
