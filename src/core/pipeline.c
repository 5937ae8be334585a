/* SPDX-License-Identifier: MIT */
/* pipeline.c: bands on their way from the reader through the kernel to the writer.
 *
 *     reader (worker 0, in order) -> ring of input rows -> work and encode (any worker)
 *         -> slots of pieces -> writer (worker 0, in order)
 *
 * The flow is one job whose chunks are the workers themselves. Each takes the next band that may
 * be computed; worker 0 does so only when it has nothing to append and nothing to decode, as the
 * others live on what it decodes. A band may be computed when its rows and their halo are decoded
 * and its slot is free, that is, when the band `slots` before it is appended. Rows are decoded as
 * far as the ring has room behind the rows of bands not yet done. */
#include "pipeline.h"

#include "array.h"
#include "bell.h"
#include "clock.h"

#include <stdatomic.h>
#include <string.h>

/* A band computed, encoded and waiting to be appended. */
struct slot {
    _Atomic size_t done; /* 1 + the last band that was here and is complete; 0: none yet */
    size_t bytes;
    unsigned char *piece;
};

/* In arena memory. Counters only grow. */
struct flow {
    dpk_run *run;
    dpk_reader *reader; /* NULL: the input is decoded already, or there is none */
    dpk_writer *writer;
    bool computes; /* false: the output is computed already, and only encoded here */
    size_t rows, band, bands, slots;
    size_t encode_scratch; /* offset of the encoder's scratch in a worker's */

    _Atomic size_t decoded;  /* rows of the input that are there */
    _Atomic size_t claimed;  /* bands that are being or have been computed */
    _Atomic size_t appended; /* bands that are written */
    _Atomic bool stopped;    /* something went wrong: everyone go home */
    dpk_bell bell;

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

static bool may_claim(const struct flow *flow, size_t b)
{
    if (b >= flow->bands || b >= atomic_load(&flow->appended) + flow->slots)
        return false;
    size_t needed = least((b + 1) * flow->band + flow->run->halo, flow->rows);
    return atomic_load(&flow->decoded) >= needed;
}

static bool claim(struct flow *flow, size_t *b)
{
    *b = atomic_load(&flow->claimed);
    while (may_claim(flow, *b))
        if (atomic_compare_exchange_weak(&flow->claimed, b, *b + 1))
            return true;
    return false;
}

static void compute(const struct flow *flow, dpk_span span, void *scratch)
{
    const dpk_run *run = flow->run;
    run->kernel->passes[0].work(run->self, span, scratch);
    size_t output = dpk_kernel_inputs(run->kernel);
    if (run->conversions[output] != NULL)
        dpk_alpha_unpremultiply.work(run->conversions[output], span, NULL);
}

/* Computes band b and makes its piece. */
static void produce(struct flow *flow, size_t b, dpk_worker *worker)
{
    dpk_span span = { .begin = b * flow->band, .end = least((b + 1) * flow->band, flow->rows) };
    struct slot *slot = &flow->slot[b % flow->slots];
    worker->total = flow->bands;
    worker->current = b + 1;
    uint64_t begin = dpk_now();
    if (flow->computes)
        compute(flow, span, worker->scratch);
    uint64_t computed = dpk_now();
    const dpk_format *format = flow->writer->format;
    if (format->encode != NULL)
        slot->bytes = format->encode(flow->writer, span.begin, span.end, slot->piece,
                                     (char *)worker->scratch + flow->encode_scratch);
    worker->ns[DPK_WORK] += computed - begin;
    worker->ns[DPK_STORE] += dpk_now() - computed;
    worker->chunks++;
    worker->current = 0;
    atomic_store(&slot->done, b + 1);
    dpk_bell_ring(&flow->bell);
}

static void wait(struct flow *flow, dpk_worker *worker, uint32_t seen)
{
    uint64_t begin = dpk_now();
    dpk_bell_wait(&flow->bell, seen);
    worker->ns[DPK_WAIT] += dpk_now() - begin;
}

static void help(struct flow *flow, dpk_worker *worker)
{
    size_t b;
    while (!atomic_load(&flow->stopped) && atomic_load(&flow->claimed) < flow->bands) {
        uint32_t seen = dpk_bell_read(&flow->bell);
        if (claim(flow, &b))
            produce(flow, b, worker);
        else
            wait(flow, worker, seen);
    }
}

/* ------------------------------------------------------------------------- what worker 0 does */

static bool append_next(struct flow *flow, dpk_worker *worker)
{
    size_t b = atomic_load(&flow->appended);
    const struct slot *slot = &flow->slot[b % flow->slots];
    if (b == flow->bands || atomic_load(&slot->done) != b + 1)
        return false;
    uint64_t begin = dpk_now();
    const dpk_format *format = flow->writer->format;
    size_t y0 = b * flow->band, y1 = least(y0 + flow->band, flow->rows);
    if (format->encode != NULL)
        flow->status = format->append(flow->writer, y0, y1, slot->piece, slot->bytes, &flow->err);
    else
        flow->status = format->write(flow->writer, y0, y1, &flow->err);
    worker->ns[DPK_STORE] += dpk_now() - begin;
    atomic_store(&flow->appended, b + 1);
    dpk_bell_ring(&flow->bell);
    return true;
}

/* The first band that is not done. */
static size_t first_undone(const struct flow *flow)
{
    size_t b = atomic_load(&flow->appended), claimed = atomic_load(&flow->claimed);
    while (b < claimed && atomic_load(&flow->slot[b % flow->slots].done) == b + 1)
        b++;
    return b;
}

static bool decode_next(struct flow *flow, dpk_worker *worker)
{
    size_t y0 = atomic_load(&flow->decoded), y1 = least(y0 + flow->band, flow->rows);
    if (flow->reader == NULL || y0 == flow->rows)
        return false;

    /* The ring keeps the rows that the first band not done begins with, less its halo. */
    size_t begin = first_undone(flow) * flow->band;
    size_t kept = begin > flow->run->halo ? begin - flow->run->halo : 0;
    if (y1 > kept + flow->reader->array.ring)
        return false;
    uint64_t start = dpk_now();
    flow->status = flow->reader->format->rows(flow->reader, y0, y1, &flow->err);
    uint64_t decoded = dpk_now();
    if (flow->status == DPK_OK && flow->run->conversions[0] != NULL)
        dpk_alpha_premultiply.work(flow->run->conversions[0], (dpk_span){ .begin = y0, .end = y1 },
                                   NULL);
    worker->ns[DPK_LOAD] += decoded - start;
    worker->ns[DPK_WORK] += dpk_now() - decoded;
    atomic_store(&flow->decoded, y1);
    dpk_bell_ring(&flow->bell);
    return true;
}

static void check_team(struct flow *flow)
{
    dpk_team *team = &flow->run->team;
    if (team->backend->check != NULL)
        flow->status = team->backend->check(team, &flow->err);
}

static void lead(struct flow *flow, dpk_worker *worker)
{
    size_t b;
    while (flow->status == DPK_OK && atomic_load(&flow->appended) < flow->bands) {
        uint32_t seen = dpk_bell_read(&flow->bell);
        if (append_next(flow, worker) || decode_next(flow, worker))
            continue;
        if (claim(flow, &b)) {
            produce(flow, b, worker);
            check_team(flow);
        } else {
            wait(flow, worker, seen);
            check_team(flow);
        }
    }
    atomic_store(&flow->stopped, true);
    dpk_bell_ring(&flow->bell);
}

/* ------------------------------------------------------------------------- the flow as a whole */

static size_t workers_of(const void *self)
{
    const struct flow *flow = self;
    return flow->run->team.jobs;
}

static void flow_work(const void *self, dpk_span span, void *scratch)
{
    struct flow *flow = (struct flow *)(uintptr_t)self;
    (void)scratch;
    for (size_t w = span.begin; w < span.end; w++) {
        if (w == 0)
            lead(flow, &flow->run->team.workers[w]);
        else
            help(flow, &flow->run->team.workers[w]);
    }
}

static const dpk_pass flow_pass = { .name = "stream", .extent = workers_of, .work = flow_work };

/* Where no encoder says how many rows a band has: enough to be worth taking, few enough to stay in
 * a second-level cache. */
enum { BAND_BYTES = 256 * 1024 };

/* Rows of a band, by the problem alone: a kernel or an encoder may know better. */
static size_t band_rows(const dpk_run *run, const dpk_writer *writer)
{
    const dpk_array *out = writer->array;
    if (writer->format->band_rows != NULL)
        return writer->format->band_rows(out);
    size_t row = dpk_row_count(out) * dpk_type_size(out->type);
    size_t rows = BAND_BYTES / (row + 1) + 1;
    const dpk_pass *pass = &run->kernel->passes[0];
    size_t grain = pass->halo != NULL && pass->grain != NULL ? pass->grain(run->self) : 0;
    return grain > rows ? grain : rows;
}

/* Bands in flight: one in each worker's hands, one more each that is done or may be begun, so that
 * nobody waits for worker 0's next look. */
static size_t slots_of(const dpk_run *run)
{
    return 2 * (size_t)run->options->jobs + 2;
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
        /* With a conversion, rows are decoded on their way into it. */
        if (inputs > 0 && readers[0].mapped != NULL && run->conversions[0] == NULL)
            use_mapped(run, &readers[0], 0);
        dpk_status status = dpk_run_prepare_window(run, band_rows(run, writer), slots_of(run),
                                                   streaming == DPK_STREAM_ON, err);
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
    uint64_t begin = dpk_now();
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < dpk_kernel_inputs(run->kernel) && status == DPK_OK; i++)
        if (readers[i].array.data != readers[i].mapped)
            status =
                readers[i].format->rows(&readers[i], 0, dpk_array_rows(&readers[i].array), err);
    run->times.load = dpk_now() - begin;
    return status;
}

/* The flow's memory: its counters, slots, and a piece for each slot. */
static dpk_status make_flow(dpk_run *run, dpk_reader *readers, dpk_writer *writer,
                            struct flow **made, dpk_error *err)
{
    size_t slots = slots_of(run), bytes = sizeof(struct flow) + slots * sizeof(struct slot);
    struct flow *flow = dpk_alloc(run->arena, bytes, err);
    if (flow == NULL)
        return DPK_LIMIT;
    memset(flow, 0, bytes);
    flow->run = run;
    flow->writer = writer;
    flow->computes = run->windowed;
    flow->rows = dpk_array_rows(writer->array);
    flow->band = band_rows(run, writer);
    flow->bands = (flow->rows + flow->band - 1) / flow->band;
    flow->slots = slots;
    flow->encode_scratch = (dpk_run_scratch(run) + 63) / 64 * 64;
    if (run->windowed && dpk_kernel_inputs(run->kernel) > 0 && run->arrays[0].ring > 0)
        flow->reader = &readers[0];
    else
        flow->decoded = flow->rows;
    for (size_t i = 0; i < slots && writer->format->encode != NULL; i++) {
        size_t piece = writer->format->piece_bound(writer, flow->band);
        flow->slot[i].piece = dpk_alloc(run->arena, piece, err);
        if (flow->slot[i].piece == NULL)
            return DPK_LIMIT;
    }
    *made = flow;
    return DPK_OK;
}

static dpk_status run_flow(struct flow *flow, dpk_error *err)
{
    unsigned jobs = flow->run->team.jobs;
    dpk_job job = { .pass = &flow_pass,
                    .self = flow,
                    .extent = jobs,
                    .grain = 1,
                    .chunks = jobs,
                    .schedule = DPK_STATIC,
                    .stream = true };
    dpk_status status = dpk_team_each(&flow->run->team, &job, err);
    if (status == DPK_OK && flow->status != DPK_OK)
        status = dpk_fail(err, flow->status, "%s", flow->err.text);
    return status;
}

/* With the team open: whatever is not in memory yet is decoded, computed and encoded. */
static dpk_status execute(dpk_run *run, struct flow *flow, dpk_writer *writer, dpk_error *err)
{
    dpk_status status = DPK_OK;
    if (!run->windowed)
        status = dpk_run_passes(run, err);
    uint64_t begin = dpk_now();
    if (status == DPK_OK && flow != NULL)
        status = run_flow(flow, err);
    else if (status == DPK_OK)
        status = writer->format->write(writer, 0, dpk_array_rows(writer->array), err);
    *(run->windowed ? &run->times.compute : &run->times.store) = dpk_now() - begin;
    return status;
}

static dpk_status execute_with_team(dpk_run *run, dpk_reader *readers, dpk_writer *writer,
                                    dpk_error *err)
{
    struct flow *flow = NULL;
    size_t scratch = dpk_run_scratch(run);
    dpk_status status = DPK_OK;
    if (run->windowed || writer->format->encode != NULL) {
        status = make_flow(run, readers, writer, &flow, err);
        if (status == DPK_OK && writer->format->encode != NULL)
            scratch = flow->encode_scratch + writer->format->encode_scratch(writer);
    }
    if (status != DPK_OK)
        return status;
    status = dpk_run_open(run, flow != NULL ? flow->bands : 0, scratch, err);
    if (status == DPK_OK)
        status = execute(run, flow, writer, err);
    dpk_run_close(run);
    return status;
}

dpk_status dpk_pipeline_execute(dpk_run *run, dpk_reader *readers, dpk_writer *writer,
                                dpk_error *err)
{
    const dpk_format *format = writer->format;
    dpk_status status = run->windowed ? DPK_OK : decode_whole(run, readers, err);
    if (status == DPK_OK)
        status = format->begin(writer, err);
    if (status != DPK_OK)
        return status;
    status = execute_with_team(run, readers, writer, err);
    if (status == DPK_OK)
        status = format->finish(writer, err);
    else if (format->abandon != NULL)
        format->abandon(writer);
    return status;
}
