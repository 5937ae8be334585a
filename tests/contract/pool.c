/* SPDX-License-Identifier: MIT */
/* pool: workers that serve many runs see what lies in the arena, and nothing that is made elsewhere
 * after their start; they stay until the arena is closed, and are replaced when they have died. */
#include "contract/contract.h"
#include "play.h"
#include "workers/team.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ITEMS = 1000, JOBS = 3 };

struct squares {
    uint64_t *out, *in;
    pid_t *who;             /* has computed an item */
    size_t *lies_elsewhere; /* in memory of the caller's own */
};

static size_t count(const void *self)
{
    (void)self;
    return ITEMS;
}

static void square(const void *self, dpk_span span, void *scratch)
{
    const struct squares *squares = self;
    (void)scratch;
    for (size_t i = span.begin; i < span.end; i++) {
        squares->out[i] = squares->in[i] * squares->in[i] + *squares->lies_elsewhere;
        squares->who[i] = getpid();
    }
}

static const dpk_pass pass = { .name = "square", .extent = count, .work = square };

/* Stays 0 for workers that exist already when the caller changes it. */
static size_t elsewhere;

static dpk_arena arena;
static dpk_error err;
static size_t descriptors;

static const dpk_backend *pool(void)
{
    return dpk_backend_find("pool");
}

static void open_arena(void)
{
    elsewhere = 0;
    descriptors = open_descriptors();
    cr_assert(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err) == DPK_OK, "%s", err.text);
    dpk_arena_share_inputs(&arena);
}

static void close_arena(void)
{
    dpk_arena_close(&arena);
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

TestSuite(pool, .init = open_arena, .fini = close_arena);

static struct squares *make_squares(void)
{
    struct squares *squares = dpk_alloc(&arena, sizeof *squares, &err);
    cr_assert(squares != NULL, "%s", err.text);
    squares->in = dpk_alloc_input(&arena, ITEMS * sizeof *squares->in, &err);
    squares->out = dpk_alloc(&arena, ITEMS * sizeof *squares->out, &err);
    squares->who = dpk_alloc(&arena, ITEMS * sizeof *squares->who, &err);
    cr_assert(squares->in != NULL && squares->out != NULL && squares->who != NULL);
    squares->lies_elsewhere = &elsewhere;
    for (size_t i = 0; i < ITEMS; i++)
        squares->in[i] = i;
    return squares;
}

static void open_team(dpk_team *team, unsigned jobs, bool keep_going)
{
    const dpk_team_plan plan = { .backend = pool(),
                                 .jobs = jobs,
                                 .keep_going = keep_going,
                                 .max_chunks = ITEMS,
                                 .scratch = 100 };
    cr_assert(dpk_team_open(team, &plan, &arena, &err) == DPK_OK, "%s", err.text);
    cr_expect(team->jobs == jobs);
}

/* Some loops of one run; what they have made is in the arena until it is used again. */
static const struct squares *run_squares(unsigned jobs, dpk_schedule schedule, bool keep_going)
{
    dpk_team team;
    struct squares *squares = make_squares();
    open_team(&team, jobs, keep_going);
    const dpk_loop loop = { .pass = &pass,
                            .self = squares,
                            .extent = ITEMS,
                            .grain = 7,
                            .chunks = (ITEMS + 6) / 7,
                            .schedule = schedule };
    for (int round = 0; round < 3; round++) {
        memset(squares->out, 0, ITEMS * sizeof *squares->out);
        cr_expect(dpk_team_each(&team, &loop, &err) == DPK_OK, "%s", err.text);
        for (size_t i = 0; i < ITEMS; i++)
            cr_expect(squares->out[i] == i * i, "item %zu", i);
    }
    dpk_team_close(&team);
    return squares;
}

Test(pool, workers_see_the_arena_alone)
{
    cr_assert(pool()->hire(&arena, JOBS, &err) == DPK_OK, "%s", err.text);
    elsewhere = 1;
    for (unsigned jobs = JOBS; jobs >= 1; jobs--) {
        run_squares(jobs, DPK_DYNAMIC, false);
        dpk_arena_reset(&arena);
        run_squares(jobs, DPK_STATIC, false);
        dpk_arena_rewind(&arena, SIZE_MAX);
        run_squares(jobs, DPK_DYNAMIC, true);
    }
}

/* The processes that did something in the last of these loops, each once. */
static size_t workers_of(const struct squares *squares, pid_t *pids, size_t known)
{
    for (size_t i = 0; i < ITEMS; i++) {
        size_t w = 0;
        while (w < known && pids[w] != squares->who[i])
            w++;
        if (w == known && known < WORKERS_MOST)
            pids[known++] = squares->who[i];
    }
    return known;
}

Test(pool, workers_stay)
{
    pid_t pids[WORKERS_MOST];
    size_t known = 0;
    for (int run = 0; run < 20; run++) {
        known = workers_of(run_squares(JOBS, DPK_STATIC, false), pids, known);
        dpk_arena_rewind(&arena, SIZE_MAX);
    }
    cr_expect(known == JOBS, "%zu workers", known);
    known = workers_of(run_squares(JOBS - 1, DPK_STATIC, false), pids, known);
    cr_expect(known == JOBS, "fewer are wanted, and others come");
    run_squares(JOBS + 2, DPK_STATIC, false);
}

/* Nobody waits for them at that time. */
Test(pool, who_has_died_between_runs_is_replaced)
{
    pid_t pids[WORKERS_MOST];
    cr_assert(workers_of(run_squares(JOBS, DPK_STATIC, false), pids, 0) == JOBS);
    for (size_t w = 0; w < JOBS; w++) {
        siginfo_t info;
        kill(pids[w], SIGKILL);
        cr_assert(waitid(P_PID, (id_t)pids[w], &info, WEXITED | WNOWAIT) == 0);
        dpk_team team;
        open_team(&team, JOBS, false);
        char who[64];
        snprintf(who, sizeof who, "(process %ld) was killed by signal 9", (long)pids[w]);
        cr_expect(strstr(team.deaths.told[0], who) != NULL, "%s", team.deaths.told[0]);
        dpk_team_close(&team);
        cr_expect(workers_of(run_squares(JOBS, DPK_STATIC, false), pids, JOBS) == JOBS + w + 1);
    }
}

/* A worker that dies while it works is replaced, and what it had is done again. */
Test(pool, work_of_the_dead_is_done_again)
{
    set_up();
    happens = worker_is_killed;
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        for (unsigned schedule = DPK_DYNAMIC; schedule <= DPK_STATIC; schedule++) {
            struct play play = { .backend = "pool",
                                 .jobs = jobs,
                                 .schedule = (dpk_schedule)schedule,
                                 .items = 40,
                                 .retries = 2 };
            memset(stage, 0, sizeof *stage);
            cr_expect(perform(&play, &err) == DPK_OK && play.right, "%s", err.text);
            cr_expect(atomic_load(&stage->victim) != 0);
        }
    }
}

/* A run that fails, for whatever reason, leaves the pool to the next one. */
Test(pool, runs_that_fail_leave_a_pool)
{
    dpk_team team;
    for (int run = 0; run < 3; run++) {
        const dpk_team_plan plan = {
            .backend = pool(), .jobs = 1, .max_chunks = 1, .scratch = SIZE_MAX
        };
        cr_expect(dpk_team_open(&team, &plan, &arena, &err) == DPK_LIMIT);
        run_squares(JOBS, DPK_DYNAMIC, false);
    }
}

/* Many runs, and memory for the last one is as at the beginning. */
Test(pool, ten_thousand_runs_leave_nothing_behind)
{
    enum { RUNS = 10000, FEW = 16 };
    pid_t pids[WORKERS_MOST];
    size_t known = workers_of(run_squares(2, DPK_STATIC, false), pids, 0), open = 0;
    cr_assert(known == 2);
    for (int run = 0; run < RUNS; run++) {
        dpk_arena_rewind(&arena, SIZE_MAX);
        struct squares *squares = make_squares();
        dpk_team team;
        open_team(&team, 2, false);
        const dpk_loop loop = {
            .pass = &pass, .self = squares, .extent = FEW, .grain = 1, .chunks = FEW
        };
        cr_assert(dpk_team_each(&team, &loop, &err) == DPK_OK, "%s", err.text);
        for (size_t i = 0; i < FEW; i++)
            cr_assert(squares->out[i] == i * i &&
                      (squares->who[i] == pids[0] || squares->who[i] == pids[1]));
        dpk_team_close(&team);
        open = run == 0 ? open_descriptors() : open;
    }
    cr_expect(open_descriptors() == open);
}

/* Whole kernels, by workers that are older than the kernel's struct, its tables and the team: all
 * that a pass touches lies in the arena. Streams, too: so do the flow, the readers and writers. */
Test(pool, kernels_need_nothing_that_is_made_later)
{
    static const char *const names[] = { "invert", "blur", "equalize", "sum",
                                         "sort",   "fft",  "matmul",   "median" };
    const dpk_contract_options options = { .seed = 5, .quick = true };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const dpk_kernel_row *row = dpk_builtin_kernels;
        while (strcmp(row->variants[DPK_ISA_BASE]->name, names[i]) != 0)
            row++;
        dpk_contract_result result;
        cr_expect(dpk_contract_check(row, pool(), &options, &result, &err) == DPK_OK, "%s",
                  err.text);
        cr_expect(result.runs > 0);
    }
}
