/* SPDX-License-Identifier: MIT */
/* flow_lead.c: what worker 0 does: it decodes what cannot be decoded by parts, and appends pieces
 * in their order. What its process must not stumble over is checked before it is used, as workers
 * of other processes may have written anything to shared memory before they died. */
#include "engine/flow_state.h"

#include "base/array.h"
#include "base/bytes.h"
#include "workers/children.h"
#include "workers/team.h"

#include <stdatomic.h>

static size_t next_band(const dpk_flow *flow)
{
    return flow->placed ? dpk_flow_next(flow) : flow->appended;
}

/* ----------------------------------------------------------------------------------- appending */

static dpk_status append_piece(dpk_flow *flow, size_t i, size_t b)
{
    dpk_writer *writer = &flow->writers[i];
    dpk_span rows = dpk_flow_span(flow, b);
    const dpk_slot *slot = dpk_flow_slot(flow, b);
    if (writer->format->encode != NULL)
        return writer->format->append(writer, rows.begin, rows.end, dpk_flow_piece(flow, i, b),
                                      slot->bytes[i], &flow->err);
    if (dpk_writes_in_place(writer))
        return DPK_OK;
    return writer->format->write(writer, rows.begin, rows.end, &flow->err);
}

/* What a worker says of its writing. */
static dpk_status status_of(const dpk_slot *slot, dpk_error *err)
{
    if (slot->status == DPK_OK)
        return DPK_OK;
    dpk_error copy = slot->err;
    copy.text[sizeof copy.text - 1] = '\0';
    return dpk_fail(err, slot->status == DPK_LIMIT ? DPK_LIMIT : DPK_OUTPUT_FAILED, "%s",
                    copy.text);
}

static bool pieces_fit(const dpk_flow *flow, const dpk_slot *slot)
{
    for (size_t i = 0; i < flow->writer_count; i++)
        if (flow->writers[i].format->encode != NULL && slot->bytes[i] > flow->piece_bound[i])
            return false;
    return true;
}

static bool append_next(dpk_flow *flow, dpk_worker *worker)
{
    size_t b = next_band(flow);
    if (b >= flow->bands)
        return false;
    dpk_slot *slot = dpk_flow_slot(flow, b);
    dpk_cell_view view = dpk_cell_read(&slot->cell);
    if (view.number != b || view.state != DPK_CELL_DONE)
        return false;
    if (!pieces_fit(flow, slot)) {
        dpk_cell_spoil(&slot->cell, flow->run->options.retries, &view);
        return false;
    }
    worker->account.chunk = b;
    dpk_account_switch(&worker->account, DPK_STORE);
    flow->status = status_of(slot, &flow->err);
    for (size_t i = 0; i < flow->writer_count && flow->status == DPK_OK; i++)
        flow->status = append_piece(flow, i, b);
    dpk_account_switch(&worker->account, DPK_WAIT);
    flow->appended = b + 1;
    dpk_flow_append(flow, b);
    return true;
}

/* ------------------------------------------------------------------------------------ decoding */

/* Whether the next rows of the input, from y0 on, can be decoded by worker 0. */
static bool can_be_decoded(const dpk_flow *flow, size_t i, size_t y0)
{
    const dpk_flow_input *input = &flow->inputs[i];
    return input->reader != NULL && flow->parts == 0 && y0 < input->rows &&
           dpk_flow_has_room(flow, input, dpk_size_min(y0 + input->batch, input->rows));
}

/* Of several inputs, the one that bands wait for: the first not done needs more of it. Decoding
 * more than that of one input could take the time in which another is waited for. */
static bool decode_some(dpk_flow *flow, size_t i, bool needed, dpk_worker *worker)
{
    const dpk_flow_input *input = &flow->inputs[i];
    size_t y0 = flow->decoded[i], y1 = dpk_size_min(y0 + input->batch, input->rows);
    size_t b = dpk_flow_first_undone(flow);
    if (!can_be_decoded(flow, i, y0) ||
        (needed && (b >= flow->bands || y0 >= input->reach[b].needed)))
        return false;
    dpk_account_switch(&worker->account, DPK_LOAD);
    flow->status = input->reader->format->rows(input->reader, y0, y1, &flow->err);
    dpk_account_switch(&worker->account, DPK_WAIT);
    flow->decoded[i] = y1;
    atomic_store(&flow->state->decoded[i], y1);
    dpk_eventcount_notify(&flow->state->changes);
    return true;
}

static bool decode_next(dpk_flow *flow, dpk_worker *worker)
{
    for (size_t i = 0; i < flow->input_count && flow->input_count > 1; i++)
        if (decode_some(flow, i, true, worker))
            return true;
    for (size_t i = 0; i < flow->input_count; i++)
        if (decode_some(flow, i, false, worker))
            return true;
    return false;
}

static bool may_decode(const dpk_flow *flow)
{
    for (size_t i = 0; i < flow->input_count; i++)
        if (can_be_decoded(flow, i, atomic_load(&flow->state->decoded[i])))
            return true;
    return false;
}

/* --------------------------------------------------------------------------------- standing in */

/* Others live on what the leader decodes. What it has to append may wait until half of the slots
 * are taken: to change between two processes costs as much as a small band. */
static bool leader_is_needed(const dpk_flow *flow)
{
    return atomic_load(&flow->state->stopped) || may_decode(flow) ||
           (dpk_flow_may_append(flow) && 2 * dpk_flow_taken(flow) > flow->slots);
}

/* Where all bands are written by those who compute them, they may be counted in any process. A
 * mistake is left to the leader. */
static bool count_placed(const dpk_flow *flow)
{
    if (!flow->placed || !dpk_flow_may_append(flow))
        return false;
    size_t b = dpk_flow_next(flow);
    if (dpk_flow_slot(flow, b)->status != DPK_OK)
        return false;
    dpk_flow_append(flow, b);
    return true;
}

bool dpk_flow_needs_leader(const dpk_flow *flow)
{
    size_t number;
    return dpk_flow_may_append(flow) || may_decode(flow) || atomic_load(&flow->state->stopped) ||
           dpk_flow_next(flow) >= flow->bands || dpk_flow_look(flow, &number) != DPK_FLOW_SOUND;
}

void dpk_flow_stand_in(const void *self, dpk_worker *worker)
{
    const dpk_flow *flow = self;
    unsigned w = (unsigned)(worker - flow->state->workers);
    size_t b;
    while (!dpk_child_orphaned() && !leader_is_needed(flow)) {
        uint32_t seen = dpk_eventcount_read(&flow->state->changes);
        if (count_placed(flow))
            continue;
        if (dpk_flow_claim(flow, w, &b)) {
            dpk_flow_produce(flow, b, worker);
        } else if (!dpk_flow_decode_part(flow, worker)) {
            if (dpk_flow_needs_leader(flow))
                return;
            dpk_eventcount_wait(&flow->state->changes, seen);
        }
    }
}

/* ------------------------------------------------------------------------------------- leading */

/* What only the leader changes is as it has left it. */
static void publish(const dpk_flow *flow)
{
    for (size_t i = 0; i < flow->input_count && flow->parts == 0; i++)
        atomic_store(&flow->state->decoded[i], flow->decoded[i]);
    if (!flow->placed)
        atomic_store(&flow->state->appended, flow->appended);
}

static dpk_status look_for_trouble(dpk_flow *flow)
{
    size_t number = 0;
    publish(flow);
    switch (dpk_flow_look(flow, &number)) {
    case DPK_FLOW_SOUND:
        break;
    case DPK_FLOW_DEADLY_BAND:
        return dpk_flow_blame_band(flow, number, &flow->err);
    case DPK_FLOW_DEADLY_PART:
        return dpk_flow_blame_part(flow, number, &flow->err);
    case DPK_FLOW_DAMAGED:
        return dpk_fail(&flow->err, DPK_WORKER_LOST,
                        "a worker has written over the table of bands, which is not its own");
    }
    return DPK_OK;
}

void dpk_flow_lead(dpk_flow *flow, dpk_worker *worker)
{
    while (flow->status == DPK_OK && !atomic_load(&flow->state->stopped) &&
           next_band(flow) < flow->bands) {
        if (append_next(flow, worker) || decode_next(flow, worker))
            continue;
        flow->status = look_for_trouble(flow);
        if (flow->status == DPK_OK)
            flow->status = dpk_team_stand_in(&flow->run->team, &flow->err);
    }
    if (flow->status == DPK_OK && !atomic_load(&flow->state->lied) && next_band(flow) < flow->bands)
        flow->status =
            dpk_fail(&flow->err, DPK_WORKER_LOST, "a worker has stopped the stream, wrongly");
    dpk_flow_stop(flow);
}
