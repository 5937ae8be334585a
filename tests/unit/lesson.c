/* SPDX-License-Identifier: MIT */
/* What is said of scenarios' lessons where it is known whether they hold. */
#include "analysis/lesson.h"

#include "comparison_fixture.h"
#include "engine/registry.h"

#include <string.h>

static const struct plan threads = {
    .backend = "omp", .jobs = 2, .phase = { [DPK_START] = 1, [DPK_WORK] = 30, [DPK_STOP] = 1 }
};

struct question {
    dpk_winner winner;
    unsigned signs;
    double more; /* ms of work that processes take more */
    double noise;
    double queued; /* ms, of both kinds' work */
    double throttles;
    size_t generations;   /* 0: enough */
    unsigned few_threads; /* so many only, unless 0 */
};

static dpk_outcome outcome(struct question asked)
{
    struct plan plans[] = { threads, threads };
    plans[0].queued = plans[1].queued = asked.queued;
    plans[1].backend = "fork";
    plans[1].phase[DPK_WORK] += asked.more;
    size_t generations = asked.generations > 0 ? asked.generations : 12;
    dpk_comparison *comparison = make_comparison(
        plans, 2, (struct design){ .generations = generations, .rounds = 4, .noise = asked.noise });
    for (size_t v = 0; v < 2; v++)
        for (size_t r = 0; r < comparison->rounds; r++)
            comparison->variants[v].samples[r].throttling.times = asked.throttles;
    for (size_t r = 0; r < comparison->rounds && asked.few_threads > 0; r++)
        comparison->variants[0].samples[r].ledger.workers = asked.few_threads;
    const dpk_lesson lesson = { .winner = asked.winner,
                                .mechanism = "A reason.",
                                .signs = asked.signs };
    dpk_kernel kernel = *comparison->kernel;
    kernel.lesson = &lesson;
    comparison->kernel = &kernel;
    dpk_summarise(comparison);
    char text[512];
    dpk_outcome outcome = dpk_lesson_check(comparison, text, sizeof text);
    cr_expect_eq(*text == '\0', outcome == DPK_NO_LESSON);
    free_comparison(comparison);
    return outcome;
}

static dpk_outcome outcome_of(dpk_winner winner, unsigned signs, double more, double noise)
{
    return outcome(
        (struct question){ .winner = winner, .signs = signs, .more = more, .noise = noise });
}

Test(lesson, of_a_winner_needs_its_sign)
{
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_FAULTS, 10, 0.01), DPK_UNEXPLAINED);
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_WORK, 0, 0.01), DPK_NOT_SEEN);
    cr_expect_eq(outcome_of(DPK_PROCESSES_WIN, DPK_SIGN_WORK, 10, 0.01), DPK_DENIED);
}

/* What is not precise enough to tell denies nothing. */
Test(lesson, too_noisy_is_not_the_same_as_not_seen)
{
    cr_expect_eq(outcome_of(DPK_THREADS_WIN, DPK_SIGN_WORK, 2, 0.3), DPK_NOISY);
    cr_expect_eq(outcome_of(DPK_PROCESSES_WIN, DPK_SIGN_WORK, 0, 0.3), DPK_NOISY);
    cr_expect_eq(outcome_of(DPK_PROCESSES_WIN, DPK_SIGN_WORK, 0, 0.005), DPK_NOT_SEEN);
    cr_expect_str_eq(dpk_outcome_name(DPK_NOISY), "too noisy to tell");
}

Test(lesson, of_equality_needs_a_narrow_interval)
{
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0, 0.005), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0.4, 0.001), DPK_CONFIRMED);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 0, 0.2), DPK_NOISY);
    cr_expect_eq(outcome_of(DPK_NEITHER_WINS, 0, 10, 0.005), DPK_DENIED);
}

/* Equal times alone do not show that anything was in the way. */
Test(lesson, of_equality_under_load_needs_the_load)
{
    struct question one = { DPK_NEITHER_WINS, DPK_SIGN_QUEUE, .noise = 0.005 };
    cr_expect_eq(outcome(one), DPK_UNEXPLAINED);
    one.queued = 1;
    cr_expect_eq(outcome(one), DPK_UNEXPLAINED);
    one.queued = 20;
    cr_expect_eq(outcome(one), DPK_CONFIRMED);
    one.signs |= DPK_SIGN_THROTTLE;
    cr_expect_eq(outcome(one), DPK_UNEXPLAINED);
    one.throttles = 7;
    cr_expect_eq(outcome(one), DPK_CONFIRMED);
    one.more = 10;
    cr_expect_eq(outcome(one), DPK_DENIED);
    one.more = 0;
    one.noise = 0.2;
    cr_expect_eq(outcome(one), DPK_NOISY);
}

Test(lesson, is_of_as_many_workers_as_there_were)
{
    struct question one = { DPK_THREADS_WIN, DPK_SIGN_WORK, .more = 10, .noise = 0.01 };
    cr_expect_eq(outcome(one), DPK_CONFIRMED);
    one.few_threads = 1;
    cr_expect_eq(outcome(one), DPK_NO_LESSON);
}

Test(lesson, is_not_told_of_few_rounds)
{
    struct question one = { DPK_THREADS_WIN, DPK_SIGN_WORK, .more = 10, .noise = 0.01,
                            .generations = 3 };
    cr_expect_eq(outcome(one), DPK_NOISY);
    one.winner = DPK_PROCESSES_WIN;
    cr_expect_eq(outcome(one), DPK_NOISY);
    cr_expect_eq(outcome((struct question){ DPK_NEITHER_WINS, .noise = 0.0001, .generations = 3 }),
                 DPK_NOISY);
}

/* What a lesson about death says where threads die or do not, and processes deliver so many of ten
 * items and are 10 ms faster. With `timed` it also has a setting that nobody dies of. */
struct death {
    bool threads_die, processes_die;
    size_t delivered;
    const char *timed;
};

static dpk_outcome told_of(struct death told, bool again, char *text, size_t size)
{
    struct plan plans[] = { threads, threads };
    plans[1].backend = "fork";
    plans[0].phase[DPK_WORK] += 10;
    dpk_comparison *comparison =
        make_comparison(plans, 2, (struct design){ .generations = 12, .rounds = 4, .noise = 0.01 });
    const dpk_lesson lesson = { .winner = DPK_PROCESSES_WIN,
                                .mechanism = "A reason.",
                                .signs = DPK_SIGN_DEATH | DPK_SIGN_WORK,
                                .timed = told.timed };
    dpk_kernel kernel = *comparison->kernel;
    kernel.lesson = &lesson;
    comparison->kernel = &kernel;
    dpk_summarise(comparison);
    if (told.threads_die)
        comparison->variants[0].failure = (dpk_failure){ .text = "died" };
    if (told.processes_die)
        comparison->variants[1].failure =
            (dpk_failure){ .text = "lived", .items = 10, .delivered = told.delivered };
    dpk_outcome outcome =
        (again ? dpk_lesson_check_timed : dpk_lesson_check)(comparison, text, size);
    cr_expect_str_not_empty(text);
    free_comparison(comparison);
    return outcome;
}

static dpk_outcome outcome_of_death(bool threads_die, size_t delivered)
{
    char text[512];
    return told_of((struct death){ threads_die, true, delivered, NULL }, false, text, sizeof text);
}

Test(lesson, of_death_needs_a_dead_one_and_something_delivered)
{
    cr_expect_eq(outcome_of_death(true, 9), DPK_CONFIRMED);
    cr_expect_eq(outcome_of_death(true, 0), DPK_DENIED);
    cr_expect_eq(outcome_of_death(false, 9), DPK_NOT_SEEN);
}

/* Where nobody dies, there are times; but only a lesson that says so is about times, too. */
Test(lesson, of_death_is_also_told_by_times_where_nobody_dies)
{
    char text[512];
    struct death nobody = { .timed = "--share=100" };
    cr_expect_eq(told_of(nobody, false, text, sizeof text), DPK_CONFIRMED);
    cr_expect_not_null(strstr(text, "Here processes win"), "%s", text);
    nobody.timed = NULL;
    cr_expect_eq(told_of(nobody, false, text, sizeof text), DPK_NOT_SEEN);

    struct death threads_died = { true, true, 9, "--share=100" };
    cr_expect_eq(told_of(threads_died, false, text, sizeof text), DPK_CONFIRMED);
    cr_expect_not_null(strstr(text, "9 of 10 items"), "%s", text);
    cr_expect_null(strstr(text, "processes win"), "%s", text);
}

Test(lesson, of_death_and_of_times_is_told_in_one_text)
{
    char text[512] = "Processes should win: A reason. Confirmed.";
    struct death nobody = { .timed = "--share=100" };
    cr_expect_eq(told_of(nobody, true, text, sizeof text), DPK_CONFIRMED);
    cr_expect_eq(strstr(text,
                        "Processes should win: A reason. Confirmed. With --share=100 nobody "
                        "dies. Here processes win, "),
                 text, "%s", text);
    cr_expect_null(strstr(text + strlen("Processes should win"), "should win"), "%s", text);
}

Test(lesson, of_every_scenario_is_whole)
{
    size_t scenarios = 0;
    for (const dpk_kernel_row *row = dpk_builtin_kernels; row->variants[DPK_ISA_BASE]; row++) {
        const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
        const dpk_lesson *lesson = kernel->lesson;
        cr_expect_eq(lesson != NULL, strcmp(kernel->group, "scenario") == 0, "%s", kernel->name);
        if (lesson == NULL)
            continue;
        scenarios++;
        cr_expect(lesson->strongest && lesson->mechanism && lesson->rule, "%s", kernel->name);
        cr_expect(lesson->winner == DPK_NEITHER_WINS || lesson->signs != 0, "%s", kernel->name);
        bool both = (lesson->signs & DPK_SIGN_DEATH) && lesson->signs != DPK_SIGN_DEATH;
        cr_expect_eq(lesson->timed != NULL, both, "%s", kernel->name);
    }
    cr_expect_gt(scenarios, 0);
}
