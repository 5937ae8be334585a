/* SPDX-License-Identifier: MIT */
/* early: workers that are started before there is anything to do see what lies in the arena, and
 * nothing that is made elsewhere after their start. */
#include "backends/fork_early.h"
#include "contract/contract.h"
#include "play.h"
#include "workers/team.h"

#include <string.h>

enum { ITEMS = 1000, JOBS = 3 };

struct squares {
    uint64_t *out, *in;
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
    for (size_t i = span.begin; i < span.end; i++)
        squares->out[i] = squares->in[i] * squares->in[i] + *squares->lies_elsewhere;
}

static const dpk_pass pass = { .name = "square", .extent = count, .work = square };

/* Stays 0 for workers that exist already when the caller changes it. */
static size_t elsewhere;

static struct squares *make_squares(dpk_arena *arena)
{
    dpk_error err;
    struct squares *squares = dpk_alloc(arena, sizeof *squares, &err);
    cr_assert(squares != NULL, "%s", err.text);
    squares->in = dpk_alloc_input(arena, ITEMS * sizeof *squares->in, &err);
    squares->out = dpk_alloc(arena, ITEMS * sizeof *squares->out, &err);
    squares->lies_elsewhere = &elsewhere;
    cr_assert(squares->in != NULL && squares->out != NULL, "%s", err.text);
    for (size_t i = 0; i < ITEMS; i++)
        squares->in[i] = i;
    return squares;
}

static void expect_squares(bool keep_going, unsigned jobs, dpk_schedule schedule)
{
    dpk_error err = { .text = "" };
    dpk_arena arena;
    void *hired;
    elsewhere = 0;
    size_t descriptors = open_descriptors();
    cr_assert(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err) == DPK_OK, "%s", err.text);
    cr_assert(dpk_fork_early.hire(&arena, JOBS, &hired, &err) == DPK_OK, "%s", err.text);
    elsewhere = 1;
    struct squares *squares = make_squares(&arena);
    const dpk_team_plan plan = { .backend = &dpk_fork_early,
                                 .jobs = jobs,
                                 .keep_going = keep_going,
                                 .max_chunks = ITEMS,
                                 .scratch = 100,
                                 .hired = hired };
    dpk_team team;
    cr_assert(dpk_team_open(&team, &plan, &arena, &err) == DPK_OK, "%s", err.text);
    cr_expect(team.jobs == (jobs < JOBS ? jobs : JOBS));
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
    dpk_arena_close(&arena);
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

Test(early, workers_see_the_arena_alone)
{
    for (unsigned jobs = 1; jobs <= JOBS + 1; jobs++) {
        expect_squares(false, jobs, DPK_DYNAMIC);
        expect_squares(false, jobs, DPK_STATIC);
        expect_squares(true, jobs, DPK_DYNAMIC);
    }
}

/* Hired for nothing: no team is opened, or it cannot be. */
Test(early, dismissed_workers_end)
{
    dpk_error err = { .text = "" };
    dpk_arena arena;
    void *hired;
    size_t descriptors = open_descriptors();
    cr_assert(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err) == DPK_OK);
    cr_assert(dpk_fork_early.hire(&arena, JOBS, &hired, &err) == DPK_OK, "%s", err.text);
    dpk_fork_early.dismiss(hired);
    expect_no_children();
    cr_assert(dpk_fork_early.hire(&arena, JOBS, &hired, &err) == DPK_OK, "%s", err.text);
    const dpk_team_plan plan = {
        .backend = &dpk_fork_early, .jobs = 1, .max_chunks = 1, .scratch = SIZE_MAX, .hired = hired
    };
    dpk_team team;
    cr_expect(dpk_team_open(&team, &plan, &arena, &err) == DPK_LIMIT);
    expect_no_children();
    dpk_arena_close(&arena);
    cr_expect(open_descriptors() == descriptors);
}

/* Whole kernels, by workers that are older than the kernel's struct, its tables and the team: all
 * that a pass touches lies in the arena. Streams, too: so do the flow, the readers and writers. */
Test(early, kernels_need_nothing_that_is_made_later)
{
    static const char *const names[] = { "invert", "blur", "equalize", "sum",
                                         "sort",   "fft",  "matmul",   "median" };
    const dpk_contract_options options = { .seed = 5, .quick = true };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const dpk_kernel_row *row = dpk_builtin_kernels;
        while (strcmp(row->variants[DPK_ISA_BASE]->name, names[i]) != 0)
            row++;
        dpk_contract_result result;
        dpk_error err = { .text = "" };
        cr_expect(dpk_contract_check(row, &dpk_fork_early, &options, &result, &err) == DPK_OK, "%s",
                  err.text);
        cr_expect(result.runs > 0);
    }
}
