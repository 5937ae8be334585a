/* SPDX-License-Identifier: MIT */
/* run_stats.c: one row for each worker; a row's phases add up to the wall time. */
#include "report/run_stats.h"

#include "base/table.h"
#include "base/text.h"
#include "engine/trace.h"
#include "files/save.h"

#include <stdio.h>

static void add_row(dpk_table *table, const char *name, const uint64_t *ns, double share,
                    size_t chunks)
{
    double sum = 0;
    dpk_table_cell(table, "  %s", name);
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        double seconds = (double)ns[phase] * share * 1e-9;
        dpk_table_seconds(table, seconds);
        sum += seconds;
    }
    dpk_table_seconds(table, sum);
    dpk_table_cell(table, "%zu", chunks);
    dpk_table_row(table);
}

/* What this process did alone, before and after, is worker 0's; the others were not there. */
static void add_worker(dpk_table *table, const dpk_run *run, unsigned w)
{
    const dpk_worker *worker = &run->team.workers[w];
    const dpk_run_times *times = &run->times;
    uint64_t ns[DPK_PHASES];
    for (int phase = 0; phase < DPK_PHASES; phase++)
        ns[phase] = worker->account.ns[phase];
    ns[w == 0 ? DPK_LOAD : DPK_WAIT] += times->load;
    ns[w == 0 ? DPK_STORE : DPK_WAIT] += times->store;
    char name[32];
    snprintf(name, sizeof name, "worker %u", w);
    add_row(table, name, ns, 1, worker->chunks);
}

/* Of so many workers a table has room for; of more, the mean says enough. */
enum { WORKERS_SHOWN = 32 };

static void print_workers(const dpk_run *run, const dpk_ledger *ledger)
{
    dpk_table table = { .rows = 0 };
    dpk_table_cell(&table, "%s", "");
    for (int phase = 0; phase < DPK_PHASES; phase++)
        dpk_table_cell(&table, "%s", dpk_phase_names[phase]);
    dpk_table_cell(&table, "sum");
    dpk_table_cell(&table, "chunks");
    dpk_table_row(&table);
    for (unsigned w = 0; w < run->team.jobs && w < WORKERS_SHOWN; w++)
        add_worker(&table, run, w);
    if (run->team.jobs > 1)
        add_row(&table, "mean", ledger->ns, 1.0 / run->team.jobs, ledger->chunks / run->team.jobs);
    dpk_table_print(stderr, &table, 100);
}

/* What was moved and computed at the least, by the time the kernel's passes took. */
static void print_rate(const dpk_run *run, const dpk_ledger *ledger)
{
    /* In a stream, decoding and encoding go on at the same time: the passes' share is what they
     * took. */
    double seconds = (double)run->times.compute * 1e-9;
    if (run->windowed)
        seconds = (double)ledger->ns[DPK_WORK] * 1e-9 / run->team.jobs;
    dpk_cost cost = { 0 };
    if (run->kernel->cost != NULL)
        cost = run->kernel->cost(run->self);
    char time[32];
    fprintf(stderr, "  %-10s %8s", "compute", dpk_text_seconds(seconds, time, sizeof time));
    if (cost.bytes > 0 && seconds > 0)
        fprintf(stderr, "  %.3g GB/s", cost.bytes * 1e-9 / seconds);
    if (cost.operations > 0 && seconds > 0)
        fprintf(stderr, "  %.3g Gop/s", cost.operations * 1e-9 / seconds);
    fputc('\n', stderr);
}

/* Of a kernel that has several: each pass, by the clock. */
static void print_passes(const dpk_run *run, const dpk_ledger *ledger)
{
    const dpk_pass *passes = run->kernel->passes;
    for (size_t i = 0; i < DPK_MAX_PASSES && passes[i].name != NULL && passes[1].name; i++) {
        char time[32];
        const dpk_pass_time *took = &ledger->passes[i];
        if (took->ns > 0)
            fprintf(stderr, "    %-12s %8s  %llu faults\n", passes[i].name,
                    dpk_text_seconds((double)took->ns * 1e-9, time, sizeof time),
                    (unsigned long long)took->faults);
    }
}

/* A worker that works is on a processor, or is waiting for one. What this process does alone,
 * before and after, workers' accounts do not know: so all that was used is taken off, which is a
 * little too much and makes no queue where there is none. */
static double queued_seconds(const dpk_ledger *ledger, const dpk_usage *used)
{
    uint64_t cpu = ledger->used.cpu > used->cpu ? ledger->used.cpu : used->cpu;
    uint64_t busy = ledger->ns[DPK_LOAD] + ledger->ns[DPK_WORK] + ledger->ns[DPK_STORE];
    return busy > cpu ? 1e-9 * (double)(busy - cpu) / ledger->workers : 0;
}

void dpk_print_stats(const dpk_run *run, uint64_t wall, dpk_isa isa)
{
    dpk_ledger ledger = dpk_run_ledger(run);
    dpk_usage used = dpk_usage_of_process();
    char time[32], user[32], system[32];
    fprintf(stderr, "dpk %s: backend %s, %u worker%s, ISA %s, %s memory, %s: %s\n",
            run->kernel->name, run->options.backend->name, run->team.jobs,
            run->team.jobs == 1 ? "" : "s", dpk_isa_name(isa),
            run->arena->memory == DPK_MEMORY_SHARED ? "shared" : "private",
            run->windowed ? "streamed" : "whole",
            dpk_text_seconds((double)wall * 1e-9, time, sizeof time));
    print_workers(run, &ledger);
    print_rate(run, &ledger);
    print_passes(run, &ledger);
    fprintf(stderr, "  %-10s %8s user, %s system\n", "processor",
            dpk_text_seconds((double)used.user * 1e-9, user, sizeof user),
            dpk_text_seconds((double)used.system * 1e-9, system, sizeof system));
    fprintf(stderr, "  %-10s %8s of load, work and store without a processor (mean)\n", "queued",
            dpk_text_seconds(queued_seconds(&ledger, &used), time, sizeof time));
    fprintf(stderr, "  %-10s %8llu minor, %llu major\n", "faults",
            (unsigned long long)used.minor_faults, (unsigned long long)used.major_faults);
    fprintf(stderr, "  %-10s %8llu voluntary, %llu involuntary\n", "switches",
            (unsigned long long)used.voluntary_switches,
            (unsigned long long)used.involuntary_switches);
}

static void write_trace(FILE *stream, const void *run)
{
    dpk_trace_write(stream, run);
}

dpk_status dpk_save_trace(const dpk_run *run, const char *path, dpk_error *err)
{
    return dpk_save_text(path, write_trace, run, err);
}
