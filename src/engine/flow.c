/* SPDX-License-Identifier: MIT */
/* flow.c: bands on their way from the readers through the kernels to the writers.
 *
 *     readers (worker 0, in order, or anyone, by parts) -> rings of input rows
 *         -> work and encode (anyone) -> slots of pieces -> writers (worker 0, in order)
 *
 * Where every row has its place in the output file, whoever has computed a band also writes it
 * there, and worker 0 only hears how it went.
 *
 * The flow is one job whose chunks are the workers themselves. Each takes the next band that may
 * be computed, or with a static schedule the next that is its own; worker 0 does so only when it
 * has nothing to append and nothing to decode, as the others live on what it decodes. A band may be
 * computed when the rows that it reads are decoded and its slot is free, that is, when the band
 * `slots` before it is appended. Rows are decoded as far as the ring has room behind the rows that
 * bands not yet done read.
 *
 * Until a band is appended, all that it is made of is in memory. So when a worker dies, what it had
 * in hand is given back, and somebody else does it again. */
#include "engine/flow.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/bytes.h"
#include "engine/flow_state.h"
#include "workers/team.h"

#include <stdatomic.h>
#include <string.h>

/* ---------------------------------------------------------------------------------- as a loop */

static size_t workers_of(const void *self)
{
    const dpk_flow *flow = self;
    return flow->run->team.jobs;
}

static void flow_work(const void *self, dpk_span span, void *scratch)
{
    dpk_flow *flow = (dpk_flow *)(uintptr_t)self;
    (void)scratch;
    for (size_t w = span.begin; w < span.end; w++) {
        if (w == 0)
            dpk_flow_lead(flow, &flow->run->team.workers[w]);
        else
            dpk_flow_help(flow, &flow->run->team.workers[w]);
    }
}

static const dpk_pass flow_pass = { .name = "stream", .extent = workers_of, .work = flow_work };

/* -------------------------------------------------------------------------------------- making */

static void take_inputs(dpk_flow *flow, const dpk_flow_plan *plan)
{
    const dpk_run *run = plan->run;
    flow->input_count = plan->readers != NULL ? dpk_run_inputs(run) : 0;
    for (size_t i = 0; i < flow->input_count; i++) {
        dpk_flow_input *input = &flow->inputs[i];
        bool there = run->given[i] || run->window.reach[i] == NULL;
        input->reader = there ? NULL : &plan->readers[i];
        input->reach = run->window.reach[i];
        input->rows = dpk_array_rows(dpk_run_input(run, i));
        input->batch = run->window.batch[i];
    }
    /* By parts, in any order: they must be there, and a wrong one must be found out before anything
     * is out of our hands. */
    if (plan->by_parts) {
        flow->part_rows = flow->inputs[0].reader->part_rows;
        flow->parts = dpk_ceil_div(flow->inputs[0].rows, flow->part_rows);
    }
}

static void take_outputs(dpk_flow *flow, const dpk_flow_plan *plan)
{
    flow->writers = plan->writers;
    flow->writer_count = plan->writer_count;
    flow->rows = dpk_array_rows(plan->writers[0].array);
    flow->band = plan->band;
    flow->bands = dpk_ceil_div(flow->rows, flow->band);
    flow->slots = plan->slots;
    flow->placed = true;
    for (size_t i = 0; i < flow->writer_count; i++)
        flow->placed = flow->placed && dpk_writes_in_place(&flow->writers[i]);
}

static size_t encode_scratch(const dpk_flow *flow)
{
    size_t most = 0;
    for (size_t i = 0; i < flow->writer_count; i++) {
        const dpk_writer *writer = &flow->writers[i];
        size_t bytes = writer->format->encode != NULL ? writer->format->encode_scratch(writer) : 0;
        most = dpk_size_max(most, bytes);
    }
    return dpk_aligned(most);
}

/* Room for what the writers' formats make of bands. */
static dpk_status make_pieces(dpk_flow *flow, dpk_error *err)
{
    for (size_t i = 0; i < flow->writer_count; i++) {
        const dpk_writer *writer = &flow->writers[i];
        if (writer->format->encode == NULL)
            continue;
        flow->piece_bound[i] = dpk_aligned(writer->format->piece_bound(writer, flow->band));
        flow->pieces[i] = dpk_alloc(flow->run->arena, flow->slots * flow->piece_bound[i], err);
        if (flow->pieces[i] == NULL)
            return DPK_LIMIT;
    }
    return DPK_OK;
}

static dpk_status make_state(dpk_flow *flow, dpk_error *err)
{
    dpk_arena *arena = flow->run->arena;
    size_t bytes = sizeof *flow->state + flow->slots * sizeof(dpk_slot);
    flow->state = dpk_zeroed(dpk_alloc(arena, bytes, err), bytes);
    if (flow->state == NULL)
        return DPK_LIMIT;
    flow->lane = dpk_alloc(arena, flow->lanes * sizeof *flow->lane, err);
    flow->part = dpk_alloc(arena, flow->parts * sizeof *flow->part, err);
    return flow->lane != NULL && flow->part != NULL ? DPK_OK : DPK_LIMIT;
}

dpk_status dpk_flow_make(dpk_flow **made, const dpk_flow_plan *plan, dpk_error *err)
{
    const dpk_run *run = plan->run;
    dpk_flow *flow = dpk_alloc_input(run->arena, sizeof *flow, err);
    if (flow == NULL)
        return DPK_LIMIT;
    *flow = (dpk_flow){ .run = plan->run, .computes = run->windowed };
    flow->lanes = run->options.schedule == DPK_STATIC ? run->options.jobs : 1;
    take_inputs(flow, plan);
    take_outputs(flow, plan);
    flow->encode_scratch = dpk_aligned(dpk_run_scratch(run));
    flow->part_scratch = flow->encode_scratch + encode_scratch(flow);
    dpk_status status = make_state(flow, err);
    *made = flow;
    return status == DPK_OK ? make_pieces(flow, err) : status;
}

size_t dpk_flow_bands(const dpk_flow *flow)
{
    return flow->bands;
}

size_t dpk_flow_scratch(const dpk_flow *flow)
{
    const dpk_reader *reader = flow->parts > 0 ? flow->inputs[0].reader : NULL;
    return flow->part_scratch + (reader != NULL ? reader->format->part_scratch(reader) : 0);
}

dpk_status dpk_flow_execute(dpk_flow *flow, bool *lied, dpk_error *err)
{
    unsigned jobs = flow->run->team.jobs;
    dpk_loop job = { .pass = &flow_pass,
                     .self = flow,
                     .extent = jobs,
                     .grain = 1,
                     .chunks = jobs,
                     .schedule = DPK_STATIC,
                     .stream = true,
                     .stand_in = dpk_flow_stand_in,
                     .lost = dpk_flow_lost,
                     .redo = dpk_flow_redo,
                     .held = dpk_flow_held,
                     .left = dpk_flow_left,
                     .stop = dpk_flow_stop };
    dpk_flow_reset(flow, jobs);
    dpk_status status = dpk_team_each(&flow->run->team, &job, err);
    if (status == DPK_OK && flow->status != DPK_OK)
        status = dpk_fail(err, flow->status, "%s", flow->err.text);
    const dpk_reader *reader = flow->inputs[0].reader;
    *lied = status == DPK_OK && flow->parts > 0 &&
            (atomic_load(&flow->state->lied) || !reader->format->parts_agree(reader));
    return status;
}
