/* SPDX-License-Identifier: MIT */
/* run.c: from a plan and arrays to chunks executed by a team. */
#include "engine/run.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/data.h"
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

dpk_array *dpk_run_kernel_array(const dpk_run *run, size_t port)
{
    return dpk_kernel_array(run->kernel, run->self, port);
}

dpk_status dpk_run_begin_nodes(dpk_run **run, const dpk_node *nodes, size_t count,
                               const dpk_run_options *options, dpk_arena *arena, dpk_error *err)
{
    const dpk_backend *backend = options->backend;
    if (backend != NULL && backend->arena_only)
        dpk_arena_share_inputs(arena);
    dpk_run *begun = dpk_alloc_input(arena, sizeof *begun, err);
    *run = begun;
    if (begun == NULL)
        return DPK_LIMIT;
    *begun = (dpk_run){ .kernel = nodes[0].kernel, .options = *options, .arena = arena };
    dpk_status status = dpk_plan_begin(&begun->plan, nodes, count, arena, err);
    begun->plan.isa = options->isa;
    begun->self = begun->plan.selves[0];
    return status;
}

dpk_status dpk_run_begin(dpk_run **run, const dpk_kernel *kernel, const dpk_run_options *options,
                         dpk_arena *arena, dpk_error *err)
{
    dpk_node node;
    dpk_status status = dpk_chain(&node, &kernel, 1, err);
    return status == DPK_OK ? dpk_run_begin_nodes(run, &node, 1, options, arena, err) : status;
}

dpk_status dpk_run_bind(dpk_run *run, size_t input, const dpk_array *array, const char *name,
                        dpk_error *err)
{
    return dpk_plan_bind(&run->plan, input, array, name, err);
}

dpk_status dpk_run_shape(dpk_run *run, dpk_error *err)
{
    return dpk_plan_shape(&run->plan, run->arena, err);
}

void dpk_run_give(dpk_run *run, size_t input, void *data)
{
    run->plan.values[input].array.data = data;
    run->given[input] = true;
}

/* ------------------------------------------------------------------------------------- preparing
 */

static dpk_status prepare_kernels(dpk_run *run, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t s = 0; s < run->plan.stage_count && !run->prepared && status == DPK_OK; s++) {
        const dpk_stage *stage = &run->plan.stages[s];
        if (stage->kernel->prepare != NULL)
            status = stage->kernel->prepare(stage->self, run->arena, err);
    }
    run->prepared = true;
    return status;
}

dpk_status dpk_run_prepare_stages(dpk_run *run, bool always, dpk_error *err)
{
    dpk_status status = prepare_kernels(run, err);
    if (run->groups == NULL && status == DPK_OK)
        run->groups = dpk_alloc_input(run->arena, DPK_MAX_STAGES * sizeof *run->groups, err);
    if (status != DPK_OK || run->groups == NULL)
        return status == DPK_OK ? DPK_LIMIT : status;
    bool separate = run->options.separate || run->options.reference;
    run->group_count = dpk_fuse(&run->plan, run->groups, !separate, always);
    return DPK_OK;
}

size_t dpk_run_grain(const dpk_run *run)
{
    if (run->group_count != 1 || !run->groups[0].banded)
        return 1;
    dpk_group_pass pass = dpk_group_pass_of(&run->groups[0]);
    return pass.pass->grain != NULL ? pass.pass->grain(pass.self) : 1;
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

static size_t memory_of_group(const dpk_group *group)
{
    size_t bytes = 0;
    for (size_t s = group->first; s < group->first + group->count; s++) {
        const dpk_stage *stage = &group->plan->stages[s];
        for (size_t port = 0; port < stage->inputs + stage->outputs; port++)
            bytes += dpk_array_bytes(&group->plan->values[stage->values[port]].array);
    }
    return bytes;
}

/* Items per chunk, by the problem's size alone. */
static size_t choose_grain(const dpk_run *run, const dpk_step *step)
{
    size_t grain = 0;
    if (run->options.grain != 0)
        grain = run->options.grain;
    else if (step->pass->grain != NULL)
        grain = step->pass->grain(step->self);
    if (grain == 0) {
        size_t item = memory_of_group(step->group) / step->extent + 1;
        size_t most = step->extent / CHUNKS_WANTED;
        grain = CHUNK_BYTES / item;
        grain = grain > most ? most : grain;
    }
    size_t least = step->extent / CHUNKS_MOST + 1;
    return grain < least ? least : grain;
}

static void add_step(dpk_run *run, const dpk_group *group, const dpk_pass *pass, const void *self,
                     size_t number)
{
    dpk_step *step = &run->steps[run->step_count];
    *step = (dpk_step){ .pass = pass,
                        .self = self,
                        .group = group,
                        .number = number < DPK_MAX_PASSES ? number : DPK_MAX_PASSES,
                        .extent = pass->extent(self),
                        .repeat = 1 };
    if (pass->repeat != NULL)
        step->repeat = pass->repeat(self);
    if (step->extent == 0 || step->repeat == 0)
        return;
    step->grain = choose_grain(run, step);
    step->chunks = (step->extent - 1) / step->grain + 1;
    run->step_count++;
}

static size_t count_passes(const dpk_kernel *kernel)
{
    size_t passes = 0;
    while (kernel->passes[passes].name != NULL)
        passes++;
    return passes;
}

/* Number of the stage's first pass among those of all kernels; conversions are none of them. */
static size_t first_pass(const dpk_run *run, const dpk_stage *stage)
{
    size_t number = stage->node < DPK_MAX_NODES ? 0 : DPK_MAX_PASSES;
    for (size_t n = 0; n < stage->node && n < run->plan.node_count; n++)
        number += count_passes(run->plan.nodes[n].kernel);
    return number;
}

static void add_steps(dpk_run *run, const dpk_group *group)
{
    const dpk_stage *stage = &run->plan.stages[group->first];
    size_t number = first_pass(run, stage);
    if (group->count > 1) {
        dpk_group_pass fused = dpk_group_pass_of(group);
        for (size_t s = 1; number == DPK_MAX_PASSES && s < group->count; s++)
            number = first_pass(run, stage + s);
        add_step(run, group, fused.pass, fused.self, number);
        return;
    }
    for (const dpk_pass *pass = stage->kernel->passes; pass->name != NULL; pass++)
        add_step(run, group, pass, stage->self, number++);
}

static dpk_status cut(dpk_run *run, dpk_error *err)
{
    size_t passes = 0;
    for (size_t s = 0; s < run->plan.stage_count; s++)
        passes += count_passes(run->plan.stages[s].kernel);
    run->steps = dpk_alloc_input(run->arena, (passes + 1) * sizeof *run->steps, err);
    if (run->steps == NULL)
        return DPK_LIMIT;
    for (size_t g = 0; g < run->group_count && dpk_plan_makes_anything(&run->plan); g++)
        add_steps(run, &run->groups[g]);
    return DPK_OK;
}

dpk_status dpk_run_allocate(dpk_run *run, size_t ring, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t v = run->plan.input_count; v < run->plan.value_count && status == DPK_OK; v++) {
        dpk_value *value = &run->plan.values[v];
        if (!value->local)
            status = allocate_array(run, &value->array, ring, err);
    }
    if (status != DPK_OK)
        return status;
    dpk_plan_connect(&run->plan);
    return cut(run, err);
}

dpk_status dpk_run_prepare(dpk_run *run, dpk_error *err)
{
    dpk_status status = dpk_run_prepare_stages(run, false, err);
    return status == DPK_OK ? dpk_run_allocate(run, 0, err) : status;
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

/* The pass says that its items are rows of all that the group makes. */
static bool makes_rows(const dpk_run *run, const dpk_step *step)
{
    const dpk_group *group = step->group;
    bool last = group->count > 1 || step->pass[1].name == NULL;
    bool rows = last && step->pass->reads != NULL && step->repeat == 1;
    for (size_t s = group->first; s < group->first + group->count; s++) {
        const dpk_stage *stage = &run->plan.stages[s];
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++) {
            const dpk_value *value = &run->plan.values[stage->values[port]];
            rows = rows && (value->local ||
                            (value->array.rank > 0 && value->array.shape[0] == step->extent));
        }
    }
    return rows;
}

/* True where items are rows of what the user gets: nothing comes after the group but conversions,
 * to which zeros are zeros. */
static bool can_be_cleared(const dpk_run *run, const dpk_step *step)
{
    bool last = makes_rows(run, step);
    for (size_t s = step->group->first + step->group->count; s < run->plan.stage_count; s++)
        last = last && run->plan.stages[s].node == DPK_MAX_NODES;
    return last;
}

static void clear_row(const dpk_run *run, const dpk_group *group, size_t y)
{
    for (size_t s = group->first; s < group->first + group->count; s++) {
        const dpk_stage *stage = &run->plan.stages[s];
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++) {
            const dpk_value *value = &run->plan.values[stage->values[port]];
            if (!value->local)
                memset(dpk_row(&value->array, y), 0, (size_t)value->array.stride[0]);
        }
    }
}

/* Zeros say best that there is nothing. */
static void clear_lost(const dpk_run *run, const dpk_step *step)
{
    for (size_t i = 0; i < run->team.failed_count; i++) {
        dpk_failed_item *lost = &run->team.failed[i];
        if (lost->pass != step->pass || !can_be_cleared(run, step))
            continue;
        clear_row(run, step->group, lost->item);
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
                     .schedule = run->options.schedule,
                     .order = run->order,
                     .poison = run->options.poison };
    dpk_status status = DPK_OK;
    uint64_t begin = dpk_now(), faults = faults_so_far(&run->team);
    for (size_t repeat = 0; repeat < step->repeat && status == DPK_OK; repeat++) {
        job.step = repeat;
        uint64_t random = run->options.shuffle + repeat;
        if (run->order != NULL)
            dpk_shuffle(run->order, job.chunks, &random);
        status = dpk_team_each(&run->team, &job, err);
    }
    if (step->number < DPK_MAX_PASSES) {
        dpk_pass_time *time = &run->closed.passes[step->number];
        time->ns += dpk_now() - begin;
        time->faults += faults_so_far(&run->team) - faults;
    }
    clear_lost(run, step);
    return status;
}

static dpk_status execute_reference(const dpk_run *run, const dpk_stage *stage, dpk_error *err)
{
    if (!stage->kernel->reference(stage->self, run->arena))
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the reference of %s",
                        stage->kernel->name);
    return DPK_OK;
}

dpk_status dpk_run_open(dpk_run *run, size_t chunks, size_t scratch, dpk_error *err)
{
    if (run->times.accounted == 0)
        run->times.begin = run->times.accounted = dpk_now();
    size_t most = chunks > 0 ? chunks : 1;
    for (size_t i = 0; i < run->step_count; i++)
        most = run->steps[i].chunks > most ? run->steps[i].chunks : most;

    /* Workers beyond the number of chunks would be started for nothing. */
    unsigned jobs = run->options.jobs;
    if (jobs > most)
        jobs = (unsigned)most;
    if (run->options.shuffle != 0) {
        run->order = dpk_alloc(run->arena, most * sizeof *run->order, err);
        if (run->order == NULL)
            return DPK_LIMIT;
    }
    dpk_team_plan plan = { .backend = run->options.backend,
                           .jobs = jobs,
                           .keep_going = run->options.keep_going,
                           .retries = run->options.retries,
                           .timeout = run->options.timeout,
                           .limits = run->options.limits,
                           .max_chunks = most,
                           .scratch = scratch,
                           .events = run->options.events,
                           .since = run->times.accounted,
                           .host = run->options.host };
    return dpk_team_open(&run->team, &plan, run->arena, err);
}

static dpk_status execute_group(dpk_run *run, const dpk_group *group, dpk_error *err)
{
    const dpk_stage *stage = &run->plan.stages[group->first];
    if (run->options.reference && stage->node < DPK_MAX_NODES)
        return execute_reference(run, stage, err);
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < run->step_count && status == DPK_OK; i++)
        if (run->steps[i].group == group)
            status = execute_step(run, &run->steps[i], err);
    return status;
}

dpk_status dpk_run_passes(dpk_run *run, dpk_error *err)
{
    uint64_t begin = dpk_now();
    dpk_status status = DPK_OK;
    for (size_t g = 0; g < run->group_count && status == DPK_OK; g++)
        status = execute_group(run, &run->groups[g], err);
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
        run->times.accounted = worker->account.since;
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
