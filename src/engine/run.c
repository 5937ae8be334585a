/* SPDX-License-Identifier: MIT */
/* run.c: from a kernel and arrays to chunks executed by a team. */
#include "engine/run.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/data.h"
#include "engine/converted.h"
#include "workers/team.h"

#include <stdio.h>
#include <string.h>

/* A chunk should touch about this much memory: enough to make taking it (some 100 ns) and going
 * to sleep at the end (some 10 µs) small, little enough to stay in a second-level cache. */
enum { CHUNK_BYTES = 256 * 1024 };

/* Unless items are too few: with at least so many chunks the last ones to finish leave little
 * waiting, up to some 16 workers. */
enum { CHUNKS_WANTED = 64 };

/* Bound on the table of who took which chunk. */
enum { CHUNKS_MOST = 1 << 16 };

static size_t count_ports(const dpk_kernel *kernel, bool output)
{
    size_t count = 0;
    for (const dpk_port *port = kernel->ports; port->name != NULL; port++)
        count += port->output == output;
    return count;
}

size_t dpk_kernel_inputs(const dpk_kernel *kernel)
{
    return count_ports(kernel, false);
}

size_t dpk_kernel_outputs(const dpk_kernel *kernel)
{
    return count_ports(kernel, true);
}

dpk_array *dpk_run_kernel_array(const dpk_run *run, size_t port)
{
    return (dpk_array *)(void *)((char *)run->self + run->kernel->ports[port].offset);
}

dpk_status dpk_run_begin(dpk_run *run, const dpk_kernel *kernel, const dpk_run_options *options,
                         dpk_arena *arena, dpk_error *err)
{
    *run = (dpk_run){ .kernel = kernel, .options = options, .arena = arena };
    run->self = dpk_alloc(arena, kernel->size, err);
    if (run->self == NULL)
        return DPK_LIMIT;
    memset(run->self, 0, kernel->size);
    return DPK_OK;
}

static dpk_status convert_alpha(dpk_run *run, size_t port, const dpk_array *straight,
                                dpk_error *err)
{
    dpk_alpha_conversion *conversion = dpk_alloc(run->arena, sizeof *conversion, err);
    if (conversion == NULL)
        return DPK_LIMIT;
    *conversion = (dpk_alpha_conversion){ .straight = *straight };
    dpk_array_shape(&conversion->premultiplied, DPK_F32, 3, straight->shape);
    run->conversions[port] = conversion;
    return DPK_OK;
}

static dpk_status check_input(const dpk_port *port, const dpk_array *array, const char *name,
                              dpk_error *err)
{
    char given[96], accepted[96];
    dpk_array_text(array, given, sizeof given);
    if (array->rank == 0)
        snprintf(given, sizeof given, "a single %s", dpk_type_name(array->type));
    if (!(port->types & array->type))
        return dpk_fail(err, DPK_BAD_INPUT, "%s: is %s, but input '%s' takes %s", name, given,
                        port->name, dpk_types_text(port->types, accepted, sizeof accepted));
    unsigned rank = port->image ? 3 : port->rank;
    if (rank != 0 && array->rank != rank)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: is %s, but input '%s' takes %s", name, given,
                        port->name,
                        port->image ? "an image: rows, columns, channels"
                        : rank == 1 ? "a vector"
                        : rank == 2 ? "a matrix"
                                    : "another rank");
    return DPK_OK;
}

dpk_status dpk_run_bind(dpk_run *run, size_t input, const dpk_array *array, const char *name,
                        dpk_error *err)
{
    const dpk_port *port = &run->kernel->ports[input];
    dpk_array seen = *array;
    if (port->image && array->rank == 2) {
        const size_t shape[DPK_MAX_RANK] = { array->shape[0], array->shape[1], 1 };
        dpk_array_shape(&seen, array->type, 3, shape);
        run->promoted = true;
    }
    dpk_status status = check_input(port, &seen, name, err);
    if (status != DPK_OK)
        return status;
    run->arrays[input] = seen;
    if (port->alpha == DPK_PREMULTIPLIED && dpk_has_alpha(&seen)) {
        status = convert_alpha(run, input, &seen, err);
        seen = status == DPK_OK ? run->conversions[input]->premultiplied : seen;
    }
    *dpk_run_kernel_array(run, input) = seen;
    return status;
}

/* An output is converted back when the input it stems from, the first one, was converted. */
static dpk_status shape_output(dpk_run *run, size_t port, dpk_error *err)
{
    dpk_array *seen = &run->arrays[port];
    *seen = *dpk_run_kernel_array(run, port);
    if (!dpk_array_fits(seen->type, seen->rank, seen->shape))
        return dpk_fail(err, DPK_LIMIT, "the result would be larger than any memory");
    if (run->conversions[0] != NULL && run->kernel->ports[port].alpha == DPK_PREMULTIPLIED) {
        dpk_array straight;
        dpk_array_shape(&straight, run->arrays[0].type, 3, seen->shape);
        dpk_status status = convert_alpha(run, port, &straight, err);
        if (status != DPK_OK)
            return status;
        *seen = straight;
    }
    if (run->promoted && seen->rank == 3 && seen->shape[2] == 1)
        dpk_array_shape(seen, seen->type, 2, seen->shape);
    return DPK_OK;
}

dpk_status dpk_run_shape(dpk_run *run, dpk_error *err)
{
    const dpk_kernel *kernel = run->kernel;
    size_t inputs = dpk_kernel_inputs(kernel), ports = inputs + dpk_kernel_outputs(kernel);
    for (size_t port = inputs; port < ports && inputs > 0; port++)
        *dpk_run_kernel_array(run, port) = *dpk_run_kernel_array(run, 0);
    dpk_status status = kernel->shape != NULL ? kernel->shape(run->self, err) : DPK_OK;
    for (size_t port = inputs; port < ports && status == DPK_OK; port++)
        status = shape_output(run, port, err);
    return status;
}

const dpk_array *dpk_run_output(const dpk_run *run, size_t output)
{
    return &run->arrays[dpk_kernel_inputs(run->kernel) + output];
}

void dpk_run_give(dpk_run *run, size_t input, void *data)
{
    run->arrays[input].data = data;
    run->given = true;
}

/* Gives the array memory for all of its rows, or for a ring of so many. */
static dpk_status allocate_array(dpk_run *run, dpk_array *array, size_t ring, dpk_error *err)
{
    size_t bytes = dpk_array_bytes(array);
    if (ring > 0)
        bytes = ring * (size_t)array->stride[0];
    array->ring = ring;
    array->data = dpk_alloc(run->arena, bytes, err);
    return array->data != NULL ? DPK_OK : DPK_LIMIT;
}

/* The arrays of a port: the user's, the kernel's, and the conversion's ends. A whole input has its
 * memory already; a converted window has it in the workers' scratch. */
static dpk_status allocate_port(dpk_run *run, size_t port, size_t ring, dpk_error *err)
{
    dpk_array *seen = &run->arrays[port];
    dpk_status status = DPK_OK;
    if (run->kernel->ports[port].output || ring > 0)
        status = allocate_array(run, seen, ring, err);
    dpk_array *own = dpk_run_kernel_array(run, port);
    dpk_alpha_conversion *conversion = run->conversions[port];
    if (conversion == NULL) {
        own->data = seen->data;
        own->ring = ring;
        return status;
    }
    conversion->straight.data = seen->data;
    conversion->straight.ring = ring;
    if (status == DPK_OK && !run->windowed)
        status = allocate_array(run, &conversion->premultiplied, 0, err);
    *own = conversion->premultiplied;
    return status;
}

static dpk_status allocate_ports(dpk_run *run, size_t in_ring, size_t out_ring, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t port = 0; run->kernel->ports[port].name != NULL && status == DPK_OK; port++)
        status =
            allocate_port(run, port, run->kernel->ports[port].output ? out_ring : in_ring, err);
    return status;
}

static size_t memory_of_ports(const dpk_run *run)
{
    size_t bytes = 0;
    for (size_t port = 0; run->kernel->ports[port].name != NULL; port++)
        bytes += dpk_array_bytes(dpk_run_kernel_array(run, port));
    return bytes;
}

/* Items per chunk, by the problem's size alone. */
static size_t choose_grain(const dpk_run *run, const dpk_step *step)
{
    size_t grain = 0;
    if (run->options->grain != 0)
        grain = run->options->grain;
    else if (step->pass->grain != NULL)
        grain = step->pass->grain(step->self);
    if (grain == 0) {
        size_t item = memory_of_ports(run) / step->extent + 1;
        size_t most = step->extent / CHUNKS_WANTED;
        grain = CHUNK_BYTES / item;
        grain = grain > most ? most : grain;
    }
    size_t least = step->extent / CHUNKS_MOST + 1;
    return grain < least ? least : grain;
}

static void add_step(dpk_run *run, const dpk_pass *pass, const void *self)
{
    dpk_step *step = &run->steps[run->step_count];
    *step = (dpk_step){ .pass = pass, .self = self, .extent = pass->extent(self), .repeat = 1 };
    if (pass->repeat != NULL)
        step->repeat = pass->repeat(self);
    if (step->extent == 0 || step->repeat == 0)
        return;
    step->grain = choose_grain(run, step);
    step->chunks = (step->extent - 1) / step->grain + 1;
    run->step_count++;
}

static void add_conversions(dpk_run *run, bool outputs, const dpk_pass *pass)
{
    for (size_t port = 0; run->kernel->ports[port].name != NULL; port++)
        if (run->conversions[port] != NULL && run->kernel->ports[port].output == outputs)
            add_step(run, pass, run->conversions[port]);
}

static dpk_status plan(dpk_run *run, dpk_error *err)
{
    size_t passes = 0;
    while (run->kernel->passes[passes].name != NULL)
        passes++;
    if (passes > DPK_MAX_PASSES)
        return dpk_fail(err, DPK_FAILED, "kernel %s has more than %d passes", run->kernel->name,
                        DPK_MAX_PASSES);
    /* An array without elements may have any number of rows, of nothing. */
    size_t results = 0;
    for (size_t output = 0; output < dpk_kernel_outputs(run->kernel); output++)
        results += dpk_count(dpk_run_output(run, output));
    if (results == 0)
        return DPK_OK;
    if (run->windowed && run->conversions[0] != NULL) {
        add_step(run, &dpk_converted_pass, run);
        return DPK_OK;
    }
    const dpk_alpha_passes *alpha = dpk_alpha_at(dpk_isa_best());
    add_conversions(run, false, &alpha->premultiply);
    for (size_t pass = 0; pass < passes; pass++)
        add_step(run, &run->kernel->passes[pass], run->self);
    add_conversions(run, true, &alpha->unpremultiply);
    return DPK_OK;
}

static dpk_status prepare_kernel(dpk_run *run, dpk_error *err)
{
    bool needed = run->kernel->prepare != NULL && !run->prepared;
    run->prepared = true;
    return needed ? run->kernel->prepare(run->self, run->arena, err) : DPK_OK;
}

dpk_status dpk_run_prepare(dpk_run *run, dpk_error *err)
{
    dpk_status status = allocate_ports(run, 0, 0, err);
    if (status == DPK_OK)
        status = prepare_kernel(run, err);
    return status == DPK_OK ? plan(run, err) : status;
}

/* One pass over rows with a halo, one image out, one in at most. */
static bool can_be_windowed(const dpk_run *run)
{
    const dpk_kernel *kernel = run->kernel;
    const dpk_array *out = dpk_run_output(run, 0);
    bool rows_differ =
        dpk_kernel_inputs(kernel) > 0 && dpk_array_rows(&run->arrays[0]) != dpk_array_rows(out);
    return dpk_kernel_inputs(kernel) <= 1 && dpk_kernel_outputs(kernel) == 1 && !rows_differ &&
           kernel->passes[0].name != NULL && kernel->passes[1].name == NULL &&
           kernel->passes[0].reads != NULL && kernel->passes[0].repeat == NULL && out->rank >= 2 &&
           dpk_count(out) > 0 && kernel->passes[0].extent(run->self) == out->shape[0];
}

/* Rows of the input that a row in the middle needs on either side. */
static size_t halo_of(const dpk_run *run)
{
    const size_t middle = SIZE_MAX / 4;
    dpk_span row = { .begin = middle, .end = middle + 1 };
    if (dpk_kernel_inputs(run->kernel) == 0)
        return 0;
    dpk_span needed = run->kernel->passes[0].reads(run->self, 0, row);
    size_t above = middle - needed.begin, below = needed.end - row.end;
    return above > below ? above : below;
}

dpk_status dpk_run_prepare_window(dpk_run *run, dpk_window window, bool always, dpk_error *err)
{
    run->windowed = false;
    if (!can_be_windowed(run))
        return DPK_OK;
    dpk_status status = prepare_kernel(run, err);
    if (status != DPK_OK)
        return status;

    size_t rows = dpk_run_output(run, 0)->shape[0];
    size_t halo = halo_of(run);
    run->halo = halo < rows ? halo : rows;
    run->band = window.band;
    size_t out_rows = window.band * window.bands;
    size_t in_rows = out_rows + window.ahead + 2 * run->halo;
    if (!always && (run->halo >= rows || in_rows >= rows))
        return DPK_OK;
    run->windowed = true;
    status = allocate_ports(run, run->given ? 0 : in_rows, out_rows, err);
    return status == DPK_OK ? plan(run, err) : status;
}

size_t dpk_run_scratch(const dpk_run *run)
{
    size_t most = 0;
    for (size_t i = 0; i < run->step_count; i++) {
        const dpk_step *step = &run->steps[i];
        size_t bytes = step->pass->scratch != NULL ? step->pass->scratch(step->self) : 0;
        most = bytes > most ? bytes : most;
    }
    return most;
}

size_t dpk_run_chunks(const dpk_run *run)
{
    size_t chunks = 0;
    for (size_t i = 0; i < run->step_count; i++)
        chunks += run->steps[i].chunks * run->steps[i].repeat;
    return run->windowed ? run->team.max_chunks : chunks;
}

static uint64_t faults_so_far(const dpk_team *team)
{
    uint64_t faults = 0;
    for (unsigned w = 0; w < team->jobs; w++) {
        const dpk_usage *used = &team->workers[w].account.used;
        faults += used->minor_faults + used->major_faults;
    }
    return faults;
}

/* Where items are the rows of what the kernel puts out, and nothing comes after, zeros say best
 * that there is nothing. */
static bool can_be_cleared(const dpk_run *run, const dpk_step *step)
{
    bool last = step->self == run->self && step->pass[1].name == NULL && step->repeat == 1;
    bool rows = step->pass->reads != NULL;
    for (size_t port = 0; run->kernel->ports[port].name != NULL; port++) {
        const dpk_array *array = dpk_run_kernel_array(run, port);
        if (run->kernel->ports[port].output)
            rows = rows && array->rank > 0 && array->shape[0] == step->extent;
    }
    return last && rows;
}

static void clear_lost(const dpk_run *run, const dpk_step *step)
{
    for (size_t i = 0; i < run->team.failed_count; i++) {
        dpk_failed_item *lost = &run->team.failed[i];
        if (lost->pass != step->pass || !can_be_cleared(run, step))
            continue;
        for (size_t port = 0; run->kernel->ports[port].name != NULL; port++) {
            const dpk_array *array = dpk_run_kernel_array(run, port);
            if (run->kernel->ports[port].output)
                memset(dpk_row(array, lost->item), 0, (size_t)array->stride[0]);
        }
        lost->cleared = true;
    }
}

static dpk_status execute_step(dpk_run *run, const dpk_step *step, dpk_error *err)
{
    dpk_loop job = { .pass = step->pass,
                     .self = step->self,
                     .extent = step->extent,
                     .grain = step->grain,
                     .chunks = step->chunks,
                     .schedule = run->options->schedule,
                     .order = run->order,
                     .poison = run->options->poison };
    dpk_status status = DPK_OK;
    uint64_t begin = dpk_now(), faults = faults_so_far(&run->team);
    for (size_t repeat = 0; repeat < step->repeat && status == DPK_OK; repeat++) {
        job.step = repeat;
        uint64_t random = run->options->shuffle + repeat;
        if (run->order != NULL)
            dpk_shuffle(run->order, job.chunks, &random);
        status = dpk_team_each(&run->team, &job, err);
    }
    if (step->self == run->self) {
        dpk_toll *toll = &run->closed.passes[step->pass - run->kernel->passes];
        toll->ns += dpk_now() - begin;
        toll->faults += faults_so_far(&run->team) - faults;
    }
    clear_lost(run, step);
    return status;
}

static dpk_status execute_reference(const dpk_run *run, dpk_error *err)
{
    if (!run->kernel->reference(run->self, run->arena))
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the reference of %s",
                        run->kernel->name);
    return DPK_OK;
}

dpk_status dpk_run_open(dpk_run *run, size_t chunks, size_t scratch, dpk_error *err)
{
    if (run->times.turned == 0)
        run->times.begin = run->times.turned = dpk_now();
    size_t most = chunks > 0 ? chunks : 1;
    for (size_t i = 0; i < run->step_count; i++)
        most = run->steps[i].chunks > most ? run->steps[i].chunks : most;

    /* Workers beyond the number of chunks would be started for nothing. */
    unsigned jobs = run->options->jobs;
    if (jobs > most)
        jobs = (unsigned)most;
    if (run->options->shuffle != 0) {
        run->order = dpk_alloc(run->arena, most * sizeof *run->order, err);
        if (run->order == NULL)
            return DPK_LIMIT;
    }
    dpk_team_plan plan = { .backend = run->options->backend,
                           .jobs = jobs,
                           .keep_going = run->options->keep_going,
                           .max_chunks = most,
                           .scratch = scratch,
                           .events = run->options->events,
                           .since = run->times.turned };
    return dpk_team_open(&run->team, &plan, run->arena, err);
}

/* All steps in order; or, in place of the kernel's own, its reference. */
dpk_status dpk_run_passes(dpk_run *run, dpk_error *err)
{
    uint64_t begin = dpk_now();
    dpk_status status = DPK_OK;
    bool replaced = !run->options->reference;
    for (size_t i = 0; i < run->step_count && status == DPK_OK; i++) {
        const dpk_step *step = &run->steps[i];
        if (!run->options->reference || step->self != run->self) {
            status = execute_step(run, step, err);
        } else if (!replaced) {
            status = execute_reference(run, err);
            replaced = true;
        }
    }
    if (!replaced && status == DPK_OK)
        status = execute_reference(run, err);
    run->times.compute = dpk_now() - begin;
    return status;
}

void dpk_run_close(dpk_run *run)
{
    bool was_open = run->team.state != NULL;
    dpk_team_close(&run->team);
    dpk_ledger *ledger = &run->closed;
    ledger->workers = run->team.jobs;
    for (unsigned w = 0; w < run->team.jobs && was_open; w++) {
        const dpk_worker *worker = &run->team.workers[w];
        const dpk_usage nothing = { 0 };
        for (int phase = 0; phase < DPK_PHASES; phase++)
            ledger->ns[phase] += worker->account.ns[phase];
        dpk_usage_add(&ledger->used, &worker->account.used, &nothing);
        ledger->chunks += worker->chunks;
        run->times.turned = worker->account.since;
    }
}

dpk_ledger dpk_run_ledger(const dpk_run *run)
{
    dpk_ledger ledger = run->closed;
    ledger.ns[DPK_LOAD] += run->times.load;
    ledger.ns[DPK_STORE] += run->times.store;
    if (ledger.workers > 1)
        ledger.ns[DPK_WAIT] += (ledger.workers - 1) * (run->times.load + run->times.store);
    return ledger;
}

dpk_status dpk_run_execute(dpk_run *run, dpk_error *err)
{
    dpk_status status = dpk_run_open(run, 0, dpk_run_scratch(run), err);
    if (status == DPK_OK)
        status = dpk_run_passes(run, err);
    dpk_run_close(run);
    return status;
}
