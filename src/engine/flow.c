/* SPDX-License-Identifier: MIT */
/* flow.c: bands on their way from the reader through the kernel to the writer.
 *
 *     reader (worker 0, in order, or anyone, by parts) -> ring of input rows
 *         -> work and encode (anyone) -> slots of pieces -> writer (worker 0, in order)
 *
 * Where every row has its place in the output file, whoever has computed a band also writes it
 * there, and worker 0 only hears how it went.
 *
 * The flow is one job whose chunks are the workers themselves. Each takes the next band that may
 * be computed; worker 0 does so only when it has nothing to append and nothing to decode, as the
 * others live on what it decodes. A band may be computed when its rows and their halo are decoded
 * and its slot is free, that is, when the band `slots` before it is appended. Rows are decoded as
 * far as the ring has room behind the rows of bands not yet done. */
#include "engine/flow.h"

#include "base/arena.h"
#include "base/array.h"
#include "workers/children.h"
#include "workers/eventcount.h"
#include "workers/team.h"

#include <stdatomic.h>
#include <string.h>

/* A band computed, encoded or written, and waiting for its turn to be appended. */
struct slot {
    _Atomic size_t done; /* 1 + the last band that was here and is complete; 0: none yet */
    size_t bytes;
    unsigned char *piece;
    dpk_status status; /* of writing it in its place */
    dpk_error err;
};

/* In arena memory. Counters only grow. */
struct dpk_flow {
    dpk_run *run;
    dpk_reader *reader; /* NULL: the input is decoded already, or there is none */
    dpk_writer *writer;
    bool computes; /* false: the output is computed already, and only encoded here */
    bool placed;   /* bands are written by whoever has computed them */
    size_t rows, band, bands, slots;
    size_t encode_scratch, part_scratch; /* offsets in a worker's scratch */
    size_t part_rows, parts;             /* of the input, when it is decoded by parts; else 0 */

    _Atomic size_t decoded;  /* rows of the input that are there */
    _Atomic size_t parted;   /* parts that are being or have been decoded */
    _Atomic size_t claimed;  /* bands that are being or have been computed */
    _Atomic size_t appended; /* bands that are written */
    _Atomic bool stopped;    /* something went wrong: everyone go home */
    _Atomic bool lied;       /* a part was not what it claimed to be */
    dpk_eventcount changes;
    _Atomic bool *part_done; /* parts of them */

    /* Worker 0 only. */
    dpk_status status;
    dpk_error err;

    struct slot slot[];
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---------------------------------------------------------------------------- what anyone does */

static bool may_claim(const dpk_flow *flow, size_t b)
{
    if (b >= flow->bands || b >= atomic_load(&flow->appended) + flow->slots)
        return false;
    size_t needed = least((b + 1) * flow->band + flow->run->halo, flow->rows);
    return atomic_load(&flow->decoded) >= needed;
}

static bool claim(dpk_flow *flow, size_t *b)
{
    *b = atomic_load(&flow->claimed);
    while (may_claim(flow, *b))
        if (atomic_compare_exchange_weak(&flow->claimed, b, *b + 1))
            return true;
    return false;
}

/* Computes band b and makes its piece. */
static void produce(dpk_flow *flow, size_t b, dpk_worker *worker)
{
    dpk_span span = { .begin = b * flow->band, .end = least((b + 1) * flow->band, flow->rows) };
    struct slot *slot = &flow->slot[b % flow->slots];
    worker->total = flow->bands;
    worker->current = b + 1;
    worker->account.chunk = b;
    if (flow->computes) {
        dpk_turn(&worker->account, DPK_WORK);
        const dpk_step *step = &flow->run->steps[0];
        step->pass->work(step->self, span, worker->scratch);
    }
    dpk_turn(&worker->account, DPK_STORE);
    const dpk_format *format = flow->writer->format;
    if (format->encode != NULL)
        slot->bytes = format->encode(flow->writer, span.begin, span.end, slot->piece,
                                     (char *)worker->scratch + flow->encode_scratch);
    else if (flow->placed)
        slot->status = format->write(flow->writer, span.begin, span.end, &slot->err);
    dpk_turn(&worker->account, DPK_WAIT);
    worker->chunks++;
    worker->current = 0;
    atomic_store(&slot->done, b + 1);
    dpk_eventcount_notify(&flow->changes);
}

/* The first band that is not done, or an earlier one: others move on meanwhile. */
static size_t first_undone(const dpk_flow *flow)
{
    size_t b = atomic_load(&flow->appended), claimed = atomic_load(&flow->claimed);
    while (b < claimed && atomic_load(&flow->slot[b % flow->slots].done) == b + 1)
        b++;
    return b;
}

/* The ring keeps the rows that the first band not done begins with, less its halo. */
static bool ring_has_room(const dpk_flow *flow, size_t y1)
{
    size_t begin = first_undone(flow) * flow->band, halo = flow->run->halo;
    size_t kept = begin > halo ? begin - halo : 0;
    return y1 <= kept + flow->reader->array.ring;
}

/* Moves `decoded` on over all parts that are there. Everyone who has finished one does so, so that
 * the last of them sees all. */
static void advance_decoded(dpk_flow *flow)
{
    size_t rows = atomic_load(&flow->decoded);
    for (;;) {
        size_t part = rows / flow->part_rows;
        if (rows == flow->rows || !atomic_load(&flow->part_done[part]))
            return;
        size_t next = least((part + 1) * flow->part_rows, flow->rows);
        if (atomic_compare_exchange_weak(&flow->decoded, &rows, next))
            rows = next;
    }
}

/* Takes the next part of the input, if there is one and the ring has room for it. */
static bool decode_part(dpk_flow *flow, dpk_worker *worker)
{
    size_t part = atomic_load(&flow->parted), y0, y1;
    do {
        y0 = part * flow->part_rows;
        y1 = least(y0 + flow->part_rows, flow->rows);
        if (part >= flow->parts || !ring_has_room(flow, y1))
            return false;
    } while (!atomic_compare_exchange_weak(&flow->parted, &part, part + 1));

    dpk_turn(&worker->account, DPK_LOAD);
    bool good = flow->reader->format->decode_part(flow->reader, y0, y1,
                                                  (char *)worker->scratch + flow->part_scratch);
    dpk_turn(&worker->account, DPK_WAIT);
    if (!good) {
        atomic_store(&flow->lied, true);
        atomic_store(&flow->stopped, true);
    }
    atomic_store(&flow->part_done[part], true);
    advance_decoded(flow);
    dpk_eventcount_notify(&flow->changes);
    return true;
}

static void help(dpk_flow *flow, dpk_worker *worker)
{
    size_t b;
    while (!atomic_load(&flow->stopped) && atomic_load(&flow->claimed) < flow->bands &&
           !dpk_child_orphaned()) {
        uint32_t seen = dpk_eventcount_read(&flow->changes);
        if (claim(flow, &b))
            produce(flow, b, worker);
        else if (!decode_part(flow, worker))
            dpk_eventcount_wait(&flow->changes, seen);
    }
}

/* ------------------------------------------------------------------------- what worker 0 does */

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
    dpk_turn(&worker->account, DPK_STORE);
    const dpk_format *format = flow->writer->format;
    size_t y0 = b * flow->band, y1 = least(y0 + flow->band, flow->rows);
    if (format->encode != NULL)
        flow->status = format->append(flow->writer, y0, y1, slot->piece, slot->bytes, &flow->err);
    else if (!flow->placed)
        flow->status = format->write(flow->writer, y0, y1, &flow->err);
    else if (slot->status != DPK_OK)
        flow->status = dpk_fail(&flow->err, slot->status, "%s", slot->err.text);
    dpk_turn(&worker->account, DPK_WAIT);
    atomic_store(&flow->appended, b + 1);
    dpk_eventcount_notify(&flow->changes);
    return true;
}

static bool may_decode(const dpk_flow *flow)
{
    size_t y0 = atomic_load(&flow->decoded), y1 = least(y0 + flow->band, flow->rows);
    return flow->reader != NULL && flow->parts == 0 && y0 < flow->rows && ring_has_room(flow, y1);
}

static bool decode_next(dpk_flow *flow, dpk_worker *worker)
{
    size_t y0 = atomic_load(&flow->decoded), y1 = least(y0 + flow->band, flow->rows);
    if (!may_decode(flow))
        return false;
    dpk_turn(&worker->account, DPK_LOAD);
    flow->status = flow->reader->format->rows(flow->reader, y0, y1, &flow->err);
    dpk_turn(&worker->account, DPK_WAIT);
    atomic_store(&flow->decoded, y1);
    dpk_eventcount_notify(&flow->changes);
    return true;
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
        if (claim(flow, &b)) {
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
            help(flow, &flow->run->team.workers[w]);
    }
}

static const dpk_pass flow_pass = { .name = "stream", .extent = workers_of, .work = flow_work };

/* Decoding by parts, in any order: they must be there, and a wrong one must be found out before
 * anything is out of our hands. */
static dpk_status use_parts(dpk_flow *flow, dpk_error *err)
{
    flow->part_rows = flow->reader->part_rows;
    flow->parts = (flow->rows + flow->part_rows - 1) / flow->part_rows;
    flow->part_done = dpk_alloc(flow->run->arena, flow->parts * sizeof *flow->part_done, err);
    if (flow->part_done == NULL)
        return DPK_LIMIT;
    memset(flow->part_done, 0, flow->parts * sizeof *flow->part_done);
    return DPK_OK;
}

dpk_status dpk_flow_make(dpk_flow **made, const dpk_flow_plan *plan, dpk_error *err)
{
    const dpk_run *run = plan->run;
    const dpk_format *format = plan->writer->format;
    size_t bytes = sizeof(dpk_flow) + plan->slots * sizeof(struct slot);
    dpk_flow *flow = dpk_alloc(run->arena, bytes, err);
    if (flow == NULL)
        return DPK_LIMIT;
    memset(flow, 0, bytes);
    flow->run = plan->run;
    flow->reader = plan->reader;
    flow->writer = plan->writer;
    flow->placed = dpk_writes_in_place(plan->writer);
    flow->computes = run->windowed;
    flow->rows = dpk_array_rows(plan->writer->array);
    flow->band = plan->band;
    flow->bands = (flow->rows + flow->band - 1) / flow->band;
    flow->slots = plan->slots;
    flow->encode_scratch = dpk_aligned(dpk_run_scratch(run));
    flow->part_scratch = flow->encode_scratch;
    if (format->encode != NULL)
        flow->part_scratch += dpk_aligned(format->encode_scratch(plan->writer));
    if (flow->reader == NULL)
        flow->decoded = flow->rows;
    dpk_status status = plan->by_parts ? use_parts(flow, err) : DPK_OK;
    for (size_t i = 0; i < flow->slots && format->encode != NULL && status == DPK_OK; i++) {
        size_t piece = format->piece_bound(plan->writer, flow->band);
        flow->slot[i].piece = dpk_alloc(run->arena, piece, err);
        status = flow->slot[i].piece != NULL ? DPK_OK : DPK_LIMIT;
    }
    *made = flow;
    return status;
}

size_t dpk_flow_bands(const dpk_flow *flow)
{
    return flow->bands;
}

size_t dpk_flow_scratch(const dpk_flow *flow)
{
    bool parts = flow->parts > 0;
    return flow->part_scratch + (parts ? flow->reader->format->part_scratch(flow->reader) : 0);
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
                     .stand_in = stand_in };
    dpk_status status = dpk_team_each(&flow->run->team, &job, err);
    if (status == DPK_OK && flow->status != DPK_OK)
        status = dpk_fail(err, flow->status, "%s", flow->err.text);
    *lied = status == DPK_OK && flow->parts > 0 &&
            (flow->lied || !flow->reader->format->parts_agree(flow->reader));
    return status;
}
