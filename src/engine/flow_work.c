/* SPDX-License-Identifier: MIT */
/* flow_work.c: what any worker does: computing and encoding a band, decoding a part. All of it can
 * be done again by somebody else: a band writes its own rows of the output ring, its own pieces, or
 * its own place in a file, and a part its own rows of the input ring. */
#include "engine/flow_state.h"

#include "workers/children.h"
#include "workers/fault.h"
#include "workers/team.h"

#include <stdatomic.h>

static unsigned number_of(const dpk_flow *flow, const dpk_worker *worker)
{
    return (unsigned)(worker - flow->state->workers);
}

static void compute(const dpk_flow *flow, dpk_span rows, dpk_worker *worker)
{
    if (!flow->computes)
        return;
    const dpk_step *step = &flow->run->steps[0];
    dpk_account_switch(&worker->account, DPK_WORK);
    step->pass->work(step->self, rows, worker->scratch);
}

/* Makes one writer's piece of band b, or writes the band in its place. */
static void store_for(const dpk_flow *flow, size_t i, size_t b, dpk_worker *worker)
{
    dpk_writer *writer = &flow->writers[i];
    dpk_slot *slot = dpk_flow_slot(flow, b);
    dpk_span rows = dpk_flow_span(flow, b);
    if (writer->format->encode != NULL)
        slot->bytes[i] =
            writer->format->encode(writer, rows.begin, rows.end, dpk_flow_piece(flow, i, b),
                                   (char *)worker->scratch + flow->encode_scratch);
    else if (dpk_writes_in_place(writer) && slot->status == DPK_OK)
        slot->status = writer->format->write(writer, rows.begin, rows.end, &slot->err);
}

static void store(const dpk_flow *flow, size_t b, dpk_worker *worker)
{
    dpk_account_switch(&worker->account, DPK_STORE);
    dpk_flow_slot(flow, b)->status = DPK_OK;
    for (size_t i = 0; i < flow->writer_count; i++)
        store_for(flow, i, b, worker);
    dpk_account_switch(&worker->account, DPK_WAIT);
}

void dpk_flow_produce(const dpk_flow *flow, size_t b, dpk_worker *worker)
{
    worker->total = flow->bands;
    worker->current = b + 1;
    worker->account.chunk = b;
    dpk_fault_span(b);
    compute(flow, dpk_flow_span(flow, b), worker);
    store(flow, b, worker);
    worker->chunks++;
    worker->current = 0;
    dpk_cell_done(&dpk_flow_slot(flow, b)->cell, number_of(flow, worker));
    dpk_eventcount_notify(&flow->state->changes);
}

bool dpk_flow_decode_part(const dpk_flow *flow, dpk_worker *worker)
{
    const dpk_reader *reader = flow->inputs[0].reader;
    unsigned w = number_of(flow, worker);
    size_t part;
    if (!dpk_flow_claim_part(flow, w, &part))
        return false;
    worker->total = flow->bands;
    worker->current = flow->bands + part + 1;
    dpk_account_switch(&worker->account, DPK_LOAD);
    dpk_span rows = dpk_flow_part_span(flow, part);
    bool good = reader->format->decode_part(reader, rows.begin, rows.end,
                                            (char *)worker->scratch + flow->part_scratch);
    dpk_account_switch(&worker->account, DPK_WAIT);
    worker->current = 0;
    if (!good) {
        atomic_store(&flow->state->lied, true);
        atomic_store(&flow->state->stopped, true);
    }
    dpk_flow_part_done(flow, w, part);
    return true;
}

void dpk_flow_help(const dpk_flow *flow, dpk_worker *worker)
{
    unsigned w = number_of(flow, worker);
    size_t b;
    while (!atomic_load(&flow->state->stopped) && dpk_flow_is_left(flow, w) &&
           !dpk_child_orphaned()) {
        uint32_t seen = dpk_eventcount_read(&flow->state->changes);
        if (dpk_flow_claim(flow, w, &b))
            dpk_flow_produce(flow, b, worker);
        else if (!dpk_flow_decode_part(flow, worker))
            dpk_eventcount_wait(&flow->state->changes, seen);
    }
}

void dpk_flow_redo(const void *self, dpk_span rows, dpk_worker *worker)
{
    const dpk_flow *flow = self;
    dpk_fault_span(rows.begin / flow->band);
    if (rows.step == 0)
        compute(flow, rows, worker);
    else
        store(flow, rows.begin / flow->band, worker);
    dpk_account_switch(&worker->account, DPK_WAIT);
}
