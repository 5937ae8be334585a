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
 * bands not yet done read. */
#include "engine/flow.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/bytes.h"
#include "workers/children.h"
#include "workers/eventcount.h"
#include "workers/team.h"

#include <stdatomic.h>
#include <string.h>

/* What a writer's format has made of a band. */
struct piece {
    unsigned char *data;
    size_t bytes;
};

/* A band computed, encoded or written, and waiting for its turn to be appended. */
struct slot {
    _Atomic size_t done; /* 1 + the last band that was here and is complete; 0: none yet */
    struct piece pieces[DPK_MAX_PORTS]; /* by writer */
    dpk_status status;                  /* of writing it in its place */
    dpk_error err;
};

/* An input that is decoded in the flow. */
struct input {
    dpk_reader *reader; /* NULL: all of it is there */
    const dpk_reach *reach;
    size_t rows, batch;
    _Atomic size_t decoded; /* rows that are there */
};

/* In arena memory. Counters only grow. */
struct dpk_flow {
    dpk_run *run;
    struct input inputs[DPK_MAX_PORTS];
    dpk_writer *writers;
    size_t input_count, writer_count;
    bool computes; /* false: the output is computed already, and only encoded here */
    bool placed;   /* whoever has computed a band writes it, to all outputs */
    size_t rows, band, bands, slots;
    size_t encode_scratch, part_scratch; /* offsets in a worker's scratch */
    size_t part_rows, parts; /* of the only input, when it is decoded by parts; else 0 */

    _Atomic size_t parted;   /* parts that are being or have been decoded */
    _Atomic size_t claimed;  /* 1 + the last band that is being or has been computed */
    _Atomic size_t appended; /* bands that are written */
    _Atomic bool stopped;    /* something went wrong: everyone go home */
    _Atomic bool lied;       /* a part was not what it claimed to be */
    dpk_eventcount changes;
    _Atomic bool *part_done; /* parts of them */
    size_t *own;             /* static schedule: the next band of each worker; NULL otherwise */

    /* Worker 0 only. */
    dpk_status status;
    dpk_error err;

    struct slot slot[];
};

/* ---------------------------------------------------------------------------- what anyone does */

static bool may_claim(const dpk_flow *flow, size_t b)
{
    if (b >= flow->bands || b >= atomic_load(&flow->appended) + flow->slots)
        return false;
    for (size_t i = 0; i < flow->input_count; i++) {
        const struct input *input = &flow->inputs[i];
        if (input->reader != NULL && atomic_load(&input->decoded) < input->reach[b].needed)
            return false;
    }
    return true;
}

static bool claim(dpk_flow *flow, unsigned w, size_t *b)
{
    if (flow->own != NULL) {
        *b = flow->own[w];
        if (!may_claim(flow, *b))
            return false;
        flow->own[w] += flow->run->team.jobs;
        size_t claimed = atomic_load(&flow->claimed);
        while (claimed <= *b && !atomic_compare_exchange_weak(&flow->claimed, &claimed, *b + 1))
            continue;
        return true;
    }
    *b = atomic_load(&flow->claimed);
    while (may_claim(flow, *b))
        if (atomic_compare_exchange_weak(&flow->claimed, b, *b + 1))
            return true;
    return false;
}

static bool is_left(const dpk_flow *flow, unsigned w)
{
    return (flow->own != NULL ? flow->own[w] : atomic_load(&flow->claimed)) < flow->bands;
}

/* Makes the writer's piece of the band, or writes it in its place. */
static void store(dpk_flow *flow, size_t i, dpk_span span, struct slot *slot, dpk_worker *worker)
{
    dpk_writer *writer = &flow->writers[i];
    struct piece *piece = &slot->pieces[i];
    if (writer->format->encode != NULL)
        piece->bytes = writer->format->encode(writer, span.begin, span.end, piece->data,
                                              (char *)worker->scratch + flow->encode_scratch);
    else if (dpk_writes_in_place(writer) && slot->status == DPK_OK)
        slot->status = writer->format->write(writer, span.begin, span.end, &slot->err);
}

/* Computes band b and makes its pieces. */
static void produce(dpk_flow *flow, size_t b, dpk_worker *worker)
{
    dpk_span span = { .begin = b * flow->band,
                      .end = dpk_size_min((b + 1) * flow->band, flow->rows) };
    struct slot *slot = &flow->slot[b % flow->slots];
    worker->total = flow->bands;
    worker->current = b + 1;
    worker->account.chunk = b;
    if (flow->computes) {
        dpk_account_switch(&worker->account, DPK_WORK);
        const dpk_step *step = &flow->run->steps[0];
        step->pass->work(step->self, span, worker->scratch);
    }
    dpk_account_switch(&worker->account, DPK_STORE);
    slot->status = DPK_OK;
    for (size_t i = 0; i < flow->writer_count; i++)
        store(flow, i, span, slot, worker);
    dpk_account_switch(&worker->account, DPK_WAIT);
    worker->chunks++;
    worker->current = 0;
    atomic_store(&slot->done, b + 1);
    dpk_eventcount_notify(&flow->changes);
}

/* The first band that is not done, or an earlier one: others move on meanwhile. */
static size_t first_undone(const dpk_flow *flow)
{
    size_t b = atomic_load(&flow->appended), end = dpk_size_min(b + flow->slots, flow->bands);
    while (b < end && atomic_load(&flow->slot[b % flow->slots].done) == b + 1)
        b++;
    return b;
}

/* The ring keeps the rows that bands read which are not done. */
static bool ring_has_room(const dpk_flow *flow, const struct input *input, size_t y1)
{
    size_t b = first_undone(flow);
    size_t kept = b < flow->bands ? input->reach[b].kept : input->rows;
    return y1 <= dpk_size_min(kept, input->rows) + input->reader->array.ring;
}

/* Moves `decoded` on over all parts that are there. Everyone who has finished one does so, so that
 * the last of them sees all. */
static void advance_decoded(dpk_flow *flow, struct input *input)
{
    size_t rows = atomic_load(&input->decoded);
    for (;;) {
        size_t part = rows / flow->part_rows;
        if (rows == input->rows || !atomic_load(&flow->part_done[part]))
            return;
        size_t next = dpk_size_min((part + 1) * flow->part_rows, input->rows);
        if (atomic_compare_exchange_weak(&input->decoded, &rows, next))
            rows = next;
    }
}

/* Takes the next part of the input, if there is one and the ring has room for it. */
static bool decode_part(dpk_flow *flow, dpk_worker *worker)
{
    struct input *input = &flow->inputs[0];
    size_t part = atomic_load(&flow->parted), y0, y1;
    do {
        y0 = part * flow->part_rows;
        y1 = dpk_size_min(y0 + flow->part_rows, input->rows);
        if (part >= flow->parts || !ring_has_room(flow, input, y1))
            return false;
    } while (!atomic_compare_exchange_weak(&flow->parted, &part, part + 1));

    dpk_account_switch(&worker->account, DPK_LOAD);
    const dpk_reader *reader = input->reader;
    bool good =
        reader->format->decode_part(reader, y0, y1, (char *)worker->scratch + flow->part_scratch);
    dpk_account_switch(&worker->account, DPK_WAIT);
    if (!good) {
        atomic_store(&flow->lied, true);
        atomic_store(&flow->stopped, true);
    }
    atomic_store(&flow->part_done[part], true);
    advance_decoded(flow, input);
    dpk_eventcount_notify(&flow->changes);
    return true;
}

static void help(dpk_flow *flow, unsigned w, dpk_worker *worker)
{
    size_t b;
    while (!atomic_load(&flow->stopped) && is_left(flow, w) && !dpk_child_orphaned()) {
        uint32_t seen = dpk_eventcount_read(&flow->changes);
        if (claim(flow, w, &b))
            produce(flow, b, worker);
        else if (!decode_part(flow, worker))
            dpk_eventcount_wait(&flow->changes, seen);
    }
}

static size_t left(const void *self)
{
    const dpk_flow *flow = self;
    size_t claimed = atomic_load(&flow->claimed);
    return atomic_load(&flow->stopped) || claimed > flow->bands ? 0 : flow->bands - claimed;
}

static void stop(const void *self)
{
    dpk_flow *flow = (dpk_flow *)(uintptr_t)self;
    atomic_store(&flow->stopped, true);
    dpk_eventcount_notify(&flow->changes);
}

/* ------------------------------------------------------------------------- what worker 0 does */

static dpk_status append_piece(dpk_flow *flow, size_t i, dpk_span span, const struct slot *slot)
{
    dpk_writer *writer = &flow->writers[i];
    const dpk_format *format = writer->format;
    const struct piece *piece = &slot->pieces[i];
    if (format->encode != NULL)
        return format->append(writer, span.begin, span.end, piece->data, piece->bytes, &flow->err);
    if (dpk_writes_in_place(writer))
        return DPK_OK;
    return format->write(writer, span.begin, span.end, &flow->err);
}

static bool may_append(const dpk_flow *flow)
{
    size_t b = atomic_load(&flow->appended);
    return b < flow->bands && atomic_load(&flow->slot[b % flow->slots].done) == b + 1;
}

static bool append_next(dpk_flow *flow, dpk_worker *worker)
{
    size_t b = atomic_load(&flow->appended);
    const struct slot *slot = &flow->slot[b % flow->slots];
    if (!may_append(flow))
        return false;
    worker->account.chunk = b;
    dpk_account_switch(&worker->account, DPK_STORE);
    dpk_span span = { .begin = b * flow->band,
                      .end = dpk_size_min((b + 1) * flow->band, flow->rows) };
    if (slot->status != DPK_OK)
        flow->status = dpk_fail(&flow->err, slot->status, "%s", slot->err.text);
    for (size_t i = 0; i < flow->writer_count && flow->status == DPK_OK; i++)
        flow->status = append_piece(flow, i, span, slot);
    dpk_account_switch(&worker->account, DPK_WAIT);
    atomic_store(&flow->appended, b + 1);
    dpk_eventcount_notify(&flow->changes);
    return true;
}

/* Whether the next rows of the input can be decoded, by worker 0. */
static bool can_be_decoded(const dpk_flow *flow, const struct input *input)
{
    size_t y0 = atomic_load(&input->decoded);
    return input->reader != NULL && flow->parts == 0 && y0 < input->rows &&
           ring_has_room(flow, input, dpk_size_min(y0 + input->batch, input->rows));
}

/* Of several inputs, the one that bands wait for: the first not done needs more of it. Decoding
 * more than that of one input could take the time in which another is waited for. */
static bool decode_some(dpk_flow *flow, struct input *input, bool needed, dpk_worker *worker)
{
    size_t y0 = atomic_load(&input->decoded), y1 = dpk_size_min(y0 + input->batch, input->rows);
    size_t b = first_undone(flow);
    if (!can_be_decoded(flow, input) ||
        (needed && (b == flow->bands || y0 >= input->reach[b].needed)))
        return false;
    dpk_account_switch(&worker->account, DPK_LOAD);
    flow->status = input->reader->format->rows(input->reader, y0, y1, &flow->err);
    dpk_account_switch(&worker->account, DPK_WAIT);
    atomic_store(&input->decoded, y1);
    dpk_eventcount_notify(&flow->changes);
    return true;
}

static bool decode_next(dpk_flow *flow, dpk_worker *worker)
{
    for (size_t i = 0; i < flow->input_count && flow->input_count > 1; i++)
        if (decode_some(flow, &flow->inputs[i], true, worker))
            return true;
    for (size_t i = 0; i < flow->input_count; i++)
        if (decode_some(flow, &flow->inputs[i], false, worker))
            return true;
    return false;
}

static bool may_decode(const dpk_flow *flow)
{
    for (size_t i = 0; i < flow->input_count; i++)
        if (can_be_decoded(flow, &flow->inputs[i]))
            return true;
    return false;
}

/* Whether worker 0 is to let its leader go on. Others live on what the leader decodes. What it has
 * to append may wait until half of the slots are taken: to change between two processes costs as
 * much as a small band. */
static bool leader_is_needed(const dpk_flow *flow)
{
    size_t taken = atomic_load(&flow->claimed) - atomic_load(&flow->appended);
    return atomic_load(&flow->stopped) || flow->status != DPK_OK || may_decode(flow) ||
           (may_append(flow) && 2 * taken > flow->slots);
}

/* What worker 0 does until its leader has something to append or to decode. */
static void stand_in(const void *self, dpk_worker *worker)
{
    dpk_flow *flow = (dpk_flow *)(uintptr_t)self;
    size_t b;
    while (!dpk_child_orphaned() && !leader_is_needed(flow)) {
        uint32_t seen = dpk_eventcount_read(&flow->changes);
        if (flow->placed && append_next(flow, worker))
            continue; /* it is written already, and may be noted in any process */
        if (claim(flow, 0, &b)) {
            produce(flow, b, worker);
        } else if (!decode_part(flow, worker)) {
            if (may_append(flow) || may_decode(flow) || atomic_load(&flow->stopped) ||
                atomic_load(&flow->appended) == flow->bands)
                return;
            dpk_eventcount_wait(&flow->changes, seen);
        }
    }
}

static void lead(dpk_flow *flow, dpk_worker *worker)
{
    while (flow->status == DPK_OK && !atomic_load(&flow->stopped) &&
           atomic_load(&flow->appended) < flow->bands) {
        if (!append_next(flow, worker) && !decode_next(flow, worker)) {
            dpk_status status = dpk_team_stand_in(&flow->run->team, &flow->err);
            flow->status = status != DPK_OK ? status : flow->status;
        }
    }
    atomic_store(&flow->stopped, true);
    dpk_eventcount_notify(&flow->changes);
}

/* ------------------------------------------------------------------------- the flow as a whole */

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
            lead(flow, &flow->run->team.workers[w]);
        else
            help(flow, (unsigned)w, &flow->run->team.workers[w]);
    }
}

static const dpk_pass flow_pass = { .name = "stream", .extent = workers_of, .work = flow_work };

/* Decoding by parts, in any order: they must be there, and a wrong one must be found out before
 * anything is out of our hands. */
static dpk_status use_parts(dpk_flow *flow, dpk_error *err)
{
    const struct input *input = &flow->inputs[0];
    flow->part_rows = input->reader->part_rows;
    flow->parts = dpk_ceil_div(input->rows, flow->part_rows);
    flow->part_done = dpk_alloc(flow->run->arena, flow->parts * sizeof *flow->part_done, err);
    if (flow->part_done == NULL)
        return DPK_LIMIT;
    memset(flow->part_done, 0, flow->parts * sizeof *flow->part_done);
    return DPK_OK;
}

/* The k-th band of worker w is number w + k * workers. */
static dpk_status use_static_shares(dpk_flow *flow, dpk_error *err)
{
    size_t jobs = flow->run->options.jobs;
    flow->own = dpk_alloc(flow->run->arena, jobs * sizeof *flow->own, err);
    for (size_t w = 0; flow->own != NULL && w < jobs; w++)
        flow->own[w] = w;
    return flow->own != NULL ? DPK_OK : DPK_LIMIT;
}

static void take_inputs(dpk_flow *flow, const dpk_flow_plan *plan)
{
    const dpk_run *run = plan->run;
    flow->input_count = plan->readers != NULL ? dpk_run_inputs(run) : 0;
    for (size_t i = 0; i < flow->input_count; i++) {
        struct input *input = &flow->inputs[i];
        bool there = run->given[i] || run->window.reach[i] == NULL;
        input->reader = there ? NULL : &plan->readers[i];
        input->reach = run->window.reach[i];
        input->rows = dpk_array_rows(dpk_run_input(run, i));
        input->batch = run->window.batch[i];
    }
}

/* Room for what the writers' formats make of a band. */
static dpk_status make_pieces(dpk_flow *flow, struct slot *slot, dpk_error *err)
{
    for (size_t i = 0; i < flow->writer_count; i++) {
        const dpk_writer *writer = &flow->writers[i];
        if (writer->format->encode == NULL)
            continue;
        size_t bytes = writer->format->piece_bound(writer, flow->band);
        slot->pieces[i].data = dpk_alloc(flow->run->arena, bytes, err);
        if (slot->pieces[i].data == NULL)
            return DPK_LIMIT;
    }
    return DPK_OK;
}

static size_t encode_scratch(const dpk_flow *flow)
{
    size_t most = 0;
    for (size_t i = 0; i < flow->writer_count; i++) {
        const dpk_writer *writer = &flow->writers[i];
        size_t bytes = writer->format->encode != NULL ? writer->format->encode_scratch(writer) : 0;
        most = bytes > most ? bytes : most;
    }
    return dpk_aligned(most);
}

dpk_status dpk_flow_make(dpk_flow **made, const dpk_flow_plan *plan, dpk_error *err)
{
    const dpk_run *run = plan->run;
    size_t bytes = sizeof(dpk_flow) + plan->slots * sizeof(struct slot);
    dpk_flow *flow = dpk_alloc(run->arena, bytes, err);
    if (flow == NULL)
        return DPK_LIMIT;
    memset(flow, 0, bytes);
    flow->run = plan->run;
    flow->writers = plan->writers;
    flow->writer_count = plan->writer_count;
    flow->computes = run->windowed;
    flow->placed = true;
    for (size_t i = 0; i < flow->writer_count; i++)
        flow->placed = flow->placed && dpk_writes_in_place(&flow->writers[i]);
    flow->rows = dpk_array_rows(plan->writers[0].array);
    flow->band = plan->band;
    flow->bands = dpk_ceil_div(flow->rows, flow->band);
    flow->slots = plan->slots;
    take_inputs(flow, plan);
    flow->encode_scratch = dpk_aligned(dpk_run_scratch(run));
    flow->part_scratch = flow->encode_scratch + encode_scratch(flow);
    dpk_status status = plan->by_parts ? use_parts(flow, err) : DPK_OK;
    if (status == DPK_OK && run->options.schedule == DPK_STATIC)
        status = use_static_shares(flow, err);
    for (size_t i = 0; i < flow->slots && status == DPK_OK; i++)
        status = make_pieces(flow, &flow->slot[i], err);
    *made = flow;
    return status;
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
                     .stand_in = stand_in,
                     .left = left,
                     .stop = stop };
    dpk_status status = dpk_team_each(&flow->run->team, &job, err);
    if (status == DPK_OK && flow->status != DPK_OK)
        status = dpk_fail(err, flow->status, "%s", flow->err.text);
    const dpk_reader *reader = flow->inputs[0].reader;
    *lied =
        status == DPK_OK && flow->parts > 0 && (flow->lied || !reader->format->parts_agree(reader));
    return status;
}
