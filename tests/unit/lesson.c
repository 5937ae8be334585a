/* SPDX-License-Identifier: MIT */
/* What is said of scenarios' lessons where it is known whether they hold. */
#include "lesson.h"

#include "comparison_fixture.h"

static const struct plan threads = {
    .backend = "omp", .jobs = 2, .phase = { [DPK_START] = 1, [DPK_WORK] = 30, [DPK_STOP] = 1 }
};

/* The outcome for processes that take so many ms more of work. */
static dpk_outcome outcome_in(size_t generations, dpk_winner winner, unsigned signs, double more,
                              double noise)
{
    struct plan plans[] = { threads, threads };
    plans[1].backend = "fork";
    plans[1].phase[DPK_WORK] += more;
    dpk_comparison *comparison = make_comparison(
        plans, 2, (struct design){ .generations = generations, .rounds = 4, .noise = noise });
    const dpk_lesson lesson = { .winner = winner, .mechanism = "A reason.", .signs = signs };
    dpk_kernel kernel = *comparison->kernel;
    kernel.lesson = &lesson;
    comparison->kernel = &kernel;
    dpk_summarise(comparison);
    char text[512];
    dpk_outcome outcome = dpk_lesson_check(comparison, text, sizeof text);
    cr_expect_str_not_empty(text);
    free_comparison(comparison);
    return outcome;
}

static dpk_outcome outcome_of(dpk_winner winner, unsigned signs, double more, double noise)
{
    return outcome_in(12, winner, signs, more, noise);
}

Test(lesson, of_a_winner_needs_its_sign)
{
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_FAULTS, 10, 0.01), DPK_UNEXPLAINED);
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_WORK, 0, 0.01), DPK_NOT_SEEN);
    cr_expect_eq(outcome_of(DPK_PROCESSES_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_DENIED);
}

Test(lesson, of_equality_needs_a_narrow_interval)
{
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0, 0.005), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0.4, 0.001), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0, 0.2), DPK_NOT_SEEN);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 10, 0.005), DPK_DENIED);
}

/* So many threads as were started, of as many as processes. */
static dpk_outcome outcome_with(unsigned workers)
{
    struct plan plans[] = { threads, threads };
    plans[1].backend = "fork";
    plans[1].phase[DPK_WORK] += 10;
    dpk_comparison *comparison =
        make_comparison(plans, 2, (struct design){ .generations = 8, .rounds = 4, .noise = 0.01 });
    const dpk_lesson lesson = { .winner = DPK_THREADS_WIN,
                                .signs = DPK_SIGN_WORK,
                                .mechanism = "" };
    dpk_kernel kernel = *comparison->kernel;
    kernel.lesson = &lesson;
    comparison->kernel = &kernel;
    for (size_t r = 0; r < comparison->rounds; r++)
        comparison->variants[0].samples[r].ledger.workers = workers;
    dpk_summarise(comparison);
    char text[512];
    dpk_outcome outcome = dpk_lesson_check(comparison, text, sizeof text);
    free_comparison(comparison);
    return outcome;
}

Test(lesson, is_of_as_many_workers_as_there_were)
{
    cr_expect_eq(outcome_with(2), DPK_CONFIRMED);
    cr_expect_eq(outcome_with(1), DPK_NO_LESSON);
}

Test(lesson, is_not_seen_in_few_rounds)
{
    cr_expect_eq(outcome_in(3, DPK_THREADS_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_NOT_SEEN);
    cr_expect_eq(outcome_in(3, DPK_PROCESSES_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_NOT_SEEN);
    cr_expect_eq(outcome_in(3, DPK_NEITHER_WINS, 0, 0, 0.0001), DPK_NOT_SEEN);
}
