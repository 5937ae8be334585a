/* SPDX-License-Identifier: MIT */
/* team.c: what all backends share: the workers' descriptions and their scratch, how a chunk is
 * executed, and the one rule between backends. */
#include "workers/team.h"

#include "workers/fault.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The OpenMP runtime of gcc keeps its threads after a parallel region. A forked child inherits the
 * runtime's data but not the threads, and hangs when it waits for them. So a process that has used
 * threads never forks workers. */
static atomic_bool threads_were_used;

enum { SCRATCH_POISON = 0xA5 };

dpk_span dpk_chunk_span(const dpk_loop *job, size_t i)
{
    size_t number = job->order != NULL ? job->order[i] : i;
    dpk_span span = { .begin = number * job->grain, .step = job->step };
    span.end = job->extent - span.begin < job->grain ? job->extent : span.begin + job->grain;
    return span;
}

void dpk_execute(const dpk_loop *job, dpk_span span, dpk_worker *worker)
{
    if (job->poison && worker->scratch_bytes > 0)
        memset(worker->scratch, SCRATCH_POISON, worker->scratch_bytes);

    if (job->stream) {
        job->pass->work(job->self, span, worker->scratch);
        return;
    }
    size_t number = span.begin / job->grain;
    worker->account.chunk = number;
    worker->total = job->chunks;
    worker->current = number + 1;
    dpk_account_switch(&worker->account, DPK_WORK);
    dpk_fault_span(number);
    job->pass->work(job->self, span, worker->scratch);
    dpk_fault_chunk(number, job->chunks, dpk_now() - worker->account.since);
    dpk_account_switch(&worker->account, DPK_WAIT);
    worker->current = 0;
    worker->chunks++;
}

void dpk_chunk(const dpk_loop *job, size_t i, dpk_worker *worker)
{
    dpk_execute(job, dpk_chunk_span(job, i), worker);
}

dpk_usage dpk_loop_enter(const dpk_loop *job, dpk_worker *worker)
{
    worker->account.pass = job->pass->name;
    return dpk_usage_of_thread();
}

void dpk_loop_leave(dpk_worker *worker, const dpk_usage *before)
{
    dpk_usage after = dpk_usage_of_thread();
    dpk_usage_add(&worker->account.used, &after, before);
}

static dpk_status make_worker(dpk_worker *worker, const dpk_team_plan *plan, dpk_arena *arena,
                              dpk_error *err)
{
    *worker = (dpk_worker){ .scratch_bytes = plan->scratch };
    worker->scratch = dpk_alloc(arena, plan->scratch, err);
    if (worker->scratch == NULL)
        return DPK_LIMIT;
    worker->account.event_most = plan->events;
    if (plan->events > 0) {
        worker->account.events = dpk_alloc(arena, plan->events * sizeof(dpk_event), err);
        if (worker->account.events == NULL)
            return DPK_LIMIT;
    }
    return DPK_OK;
}

static dpk_status make_workers(dpk_team *team, const dpk_team_plan *plan, dpk_error *err)
{
    team->workers = dpk_alloc(team->arena, team->jobs * sizeof *team->workers, err);
    if (team->workers == NULL)
        return DPK_LIMIT;
    dpk_status status = DPK_OK;
    if (team->keep_going) {
        size_t bytes = DPK_FAILED_MOST * sizeof *team->failed;
        team->failed = dpk_alloc_input(team->arena, bytes, err);
        status = team->failed != NULL ? DPK_OK : DPK_LIMIT;
    }
    for (unsigned w = 0; w < team->jobs && status == DPK_OK; w++)
        status = make_worker(&team->workers[w], plan, team->arena, err);
    team->state = calloc(1, team->backend->state_size + 1);
    team->copies = calloc(team->jobs, sizeof *team->copies);
    if (team->copies != NULL && status == DPK_OK)
        memcpy(team->copies, team->workers, team->jobs * sizeof *team->copies);
    if (team->state == NULL || team->copies == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", team->jobs);
    return status;
}

static const char *known_pass(const dpk_team *team, const char *name)
{
    for (size_t i = 0; i < DPK_PASSES_NAMED; i++)
        if (name == team->passes[i])
            return name;
    return NULL;
}

static void note_pass(dpk_team *team, const char *name)
{
    for (size_t i = 0; i < DPK_PASSES_NAMED; i++) {
        if (team->passes[i] == NULL)
            team->passes[i] = name;
        if (team->passes[i] == name)
            return;
    }
}

static dpk_phase known_phase(dpk_phase phase)
{
    return (unsigned)phase < DPK_PHASES ? phase : DPK_WAIT;
}

void dpk_worker_restore(const dpk_team *team, unsigned w)
{
    dpk_worker *worker = &team->workers[w];
    const dpk_worker *copy = &team->copies[w];
    dpk_account *account = &worker->account;
    worker->scratch = copy->scratch;
    worker->scratch_bytes = copy->scratch_bytes;
    account->phase = known_phase(account->phase);
    account->pass = known_pass(team, account->pass);
    account->events = copy->account.events;
    account->event_most = copy->account.event_most;
    if (account->event_count > account->event_most)
        account->event_count = account->event_most;
}

static void vet_workers(const dpk_team *team)
{
    for (unsigned w = 0; w < team->jobs && team->backend->processes; w++) {
        dpk_worker_restore(team, w);
        const dpk_account *account = &team->workers[w].account;
        for (size_t i = 0; i < account->event_count; i++) {
            dpk_event *event = &account->events[i];
            event->phase = known_phase(event->phase);
            event->pass = known_pass(team, event->pass);
        }
    }
}

/* Changes the phase of all workers, at moments when they do not do so themselves. */
static void turn_all(const dpk_team *team, dpk_phase phase)
{
    for (unsigned w = 0; w < team->jobs; w++)
        dpk_account_switch(&team->workers[w].account, phase);
}

static void free_own(dpk_team *team)
{
    free(team->state);
    free(team->copies);
    team->state = team->copies = NULL;
}

bool dpk_threads_were_used(void)
{
    return atomic_load(&threads_were_used);
}

static dpk_status check_backend(const dpk_backend *backend, const dpk_arena *arena, dpk_error *err)
{
    if (backend->processes && dpk_threads_were_used())
        return dpk_fail(err, DPK_FAILED,
                        "backend %s cannot start processes: this process has already used threads",
                        backend->name);
    if (backend->processes && arena->memory != DPK_MEMORY_SHARED)
        return dpk_fail(err, DPK_FAILED, "backend %s needs shared memory", backend->name);
    return DPK_OK;
}

dpk_status dpk_team_open(dpk_team *team, const dpk_team_plan *plan, dpk_arena *arena,
                         dpk_error *err)
{
    const dpk_backend *backend = plan->backend;
    *team = (dpk_team){ .backend = backend,
                        .jobs = plan->jobs,
                        .keep_going = plan->keep_going,
                        .retries = plan->retries,
                        .timeout = plan->timeout,
                        .limits = plan->limits,
                        .max_chunks = plan->max_chunks,
                        .arena = arena,
                        .host = plan->host };
    dpk_status status = check_backend(backend, arena, err);
    if (status == DPK_OK)
        status = make_workers(team, plan, err);
    dpk_fault_open();
    if (backend->threads)
        atomic_store(&threads_were_used, true);
    for (unsigned w = 0; w < team->jobs && status == DPK_OK; w++)
        dpk_account_open(&team->workers[w].account, DPK_START, plan->since);
    if (status == DPK_OK)
        status = backend->open(team, err);
    if (status == DPK_OK) {
        turn_all(team, DPK_WAIT);
    } else {
        free_own(team);
    }
    return status;
}

dpk_status dpk_team_each(dpk_team *team, const dpk_loop *job, dpk_error *err)
{
    if (job->chunks == 0)
        return DPK_OK;
    team->job = job;
    note_pass(team, job->pass->name);
    dpk_status status = team->backend->each(team, err);
    team->job = NULL;
    return status;
}

dpk_status dpk_team_stand_in(dpk_team *team, dpk_error *err)
{
    if (team->backend->stand_in != NULL && !team->keep_going)
        return team->backend->stand_in(team, err);
    team->job->stand_in(team->job->self, &team->workers[0]);
    return DPK_OK;
}

dpk_status dpk_team_redo(dpk_team *team, dpk_span items, bool *survived, dpk_error *err)
{
    *survived = true;
    return team->backend->redo != NULL ? team->backend->redo(team, items, survived, err) : DPK_OK;
}

void dpk_team_close(dpk_team *team)
{
    if (team->state == NULL)
        return;
    vet_workers(team);
    turn_all(team, DPK_STOP);
    team->backend->close(team);
    vet_workers(team);
    turn_all(team, DPK_STOP);
    free_own(team);
}
