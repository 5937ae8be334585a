/* SPDX-License-Identifier: MIT */
/* What is said of comparisons whose causes are known. */
#include "comparison_fixture.h"

static const dpk_summary *summary_of(const dpk_comparison *comparison, const char *name)
{
    const dpk_variant *found = NULL;
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (strcmp(comparison->variants[i].name, name) == 0)
            found = &comparison->variants[i];
    cr_assert_not_null(found, "%s", name);
    return &found->summary;
}

static double sum(const double *phase)
{
    double total = 0;
    for (int i = 0; i < DPK_PHASES; i++)
        total += phase[i];
    return total;
}

Test(comparison, parts_add_up_to_times_and_differences)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const dpk_summary *summary = &comparison->variants[i].summary;
        cr_expect_float_eq(sum(summary->phase), summary->wall, 0.01 * summary->wall);
        double plain = 0, apart = summary->shared_more.estimate;
        for (int phase = 0; phase < DPK_PHASES; phase++) {
            plain += summary->phase_more[phase].estimate;
            apart += summary->extra_more[phase].estimate;
        }
        cr_expect_float_eq(apart, plain, 1e-9);
        cr_expect_float_eq(plain, summary->wall_more.estimate, 0.002 * summary->wall);
    }
    free_comparison(comparison);
}

Test(comparison, sharing_work_is_told_from_work)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    const dpk_summary *omp = summary_of(comparison, "omp -j2");
    const dpk_summary *fork = summary_of(comparison, "fork -j4");
    cr_expect_float_eq(omp->shared_more.estimate, -50e-3, 2e-3);
    cr_expect_float_eq(omp->extra_more[DPK_WORK].estimate, 0.5e-3, 1e-3);
    cr_expect_float_eq(fork->shared_more.estimate, -75e-3, 3e-3);
    cr_expect_float_eq(fork->extra_more[DPK_WORK].estimate, 25e-3, 2e-3);
    cr_expect_float_eq(fork->queued_more.estimate, 24e-3, 2e-3);
    cr_expect_float_eq(fork->faults_more.estimate, 13600, 10);
    cr_expect_float_eq(fork->queued, 24e-3, 2e-3);
    free_comparison(comparison);
}

Test(comparison, speedup_is_over_one_worker_of_the_same_backend)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    const dpk_summary *one = summary_of(comparison, "omp -j1");
    const dpk_summary *two = summary_of(comparison, "omp -j2");
    cr_expect_eq(two->speedup_base, one->seconds.median);
    cr_expect_float_eq(two->speedup.estimate, 1.93, 0.04);
    cr_expect_float_eq(two->efficiency.estimate, two->speedup.estimate / 2, 1e-12);
    cr_expect_eq(summary_of(comparison, "fork -j2")->speedup_base,
                 summary_of(comparison, "seq")->seconds.median);
    cr_expect_eq(comparison->law_count, 1, "fork has one number of workers that can run");
    cr_expect_eq(comparison->laws[0].backend, comparison->variants[1].backend);
    free_comparison(comparison);
}

Test(comparison, fewer_workers_than_asked_for_are_noted)
{
    dpk_comparison *comparison = example_comparison();
    dpk_variant *two = &comparison->variants[2], *four = &comparison->variants[4];
    dpk_variant *other = &comparison->variants[3];
    for (size_t r = 0; r < comparison->rounds; r++)
        two->samples[r].ledger.workers = 1;
    four->samples[7].ledger.workers = 3;
    strcpy(other->note, "something else");
    other->samples[1].ledger.workers = 1;
    dpk_summarise(comparison);
    cr_expect_str_eq(two->note, "only 1 of 2 workers: there are no more chunks of work");
    cr_expect_str_eq(four->note, "only 3 of 4 workers in some rounds: no more could be started");
    cr_expect_str_eq(other->note, "something else");
    cr_expect_str_eq(comparison->variants[1].note, "");
    free_comparison(comparison);
}

Test(comparison, the_nearer_roof_is_named)
{
    static const struct plan plan = { .backend = "omp", .jobs = 2, .phase = { [DPK_WORK] = 10 } };
    dpk_comparison *comparison = make_comparison(&plan, 1, (struct design){ 2, 3, 0, 1 });
    const dpk_summary *summary = &comparison->variants[0].summary;
    comparison->cost = (dpk_cost){ .bytes = 80e6 }; /* 8 GB/s of 16 */
    dpk_summarise(comparison);
    cr_expect_str_eq(summary->roof_name, "memory");
    cr_expect_float_eq(summary->roof, 0.5, 0.01);
    comparison->cost.operations = 600e6; /* 60 Gop/s of 80 */
    dpk_summarise(comparison);
    cr_expect_str_eq(summary->roof_name, "arithmetic");
    cr_expect_float_eq(summary->roof, 0.75, 0.01);
    comparison->cost = (dpk_cost){ .bytes = 800e6 };
    dpk_summarise(comparison);
    cr_expect_str_eq(summary->roof_name, "cache");
    cr_expect(isnan(summary->roof));
    comparison->roof_known = false;
    dpk_summarise(comparison);
    cr_expect_null(summary->roof_name);
    cr_expect_float_eq(summary->bytes_per_second, 80e9, 1e9);
    free_comparison(comparison);
}

/* --------------------------------------------------------------------------------- the verdict */

static char sentence[1024];

static void judge(const struct plan *plans, size_t count, struct design design,
                  dpk_comparison **comparison)
{
    *comparison = make_comparison(plans, count, design);
    dpk_summarise(*comparison);
    dpk_verdict_text(*comparison, &(*comparison)->variants[1], sentence, sizeof sentence);
}

/* Of two plans, the second differing from the first in what is told. */
static const char *verdict_of(struct plan first, struct plan other, struct design design)
{
    dpk_comparison *comparison;
    judge((const struct plan[]){ first, other }, 2, design, &comparison);
    free_comparison(comparison);
    return sentence;
}

static const struct plan threads = {
    .backend = "omp",
    .jobs = 2,
    .phase = { 0, 0.2, 50, 2, 0, 0.1 },
    .system = 0.5,
    .faults = 1000,
    .voluntary = 20,
};

static const struct design usual = { 8, 5, 0.01, 7 };

static void expect_words(const char *text, const char *const *words, bool wanted)
{
    for (; *words != NULL; words++)
        cr_expect_eq(strstr(text, *words) != NULL, wanted, "'%s' in: %s", *words, text);
}

#define EXPECT_WORDS(text, ...) expect_words(text, (const char *const[]){ __VA_ARGS__, NULL }, true)
#define EXPECT_NO_WORDS(text, ...)                                                                 \
    expect_words(text, (const char *const[]){ __VA_ARGS__, NULL }, false)

Test(verdict, names_the_phase_that_is_longer)
{
    static const char *const names[DPK_PHASES] = { "load +", "start +", "work +",
                                                   "wait +", "store +", "stop +" };
    for (int phase = 0; phase < DPK_PHASES; phase++) {
        struct plan other = threads;
        other.backend = "fork";
        other.phase[phase] += 8;
        const char *text = verdict_of(threads, other, usual);
        EXPECT_WORDS(text, "fork -j2 is 1.1", "times slower than omp -j2 [1.1", names[phase]);
        for (int rest = 0; rest < DPK_PHASES; rest++)
            if (rest != phase && rest != DPK_WORK) /* whose noise is the largest */
                cr_expect_null(strstr(text, names[rest]), "%s", text);
    }
}

Test(verdict, gains_are_told_as_losses_are)
{
    struct plan slow = threads, other = threads;
    slow.phase[DPK_WAIT] = 40;
    slow.voluntary = 31000;
    other.backend = "fork";
    const char *text = verdict_of(slow, other, usual);
    EXPECT_WORDS(text, "fork -j2 is 1.7", "times faster than omp -j2", ": -3", " = wait -3",
                 "(with 31 000 fewer voluntary switches)");
}

Test(verdict, says_what_the_operating_system_has_to_do_with_it)
{
    struct plan other = threads;
    other.backend = "fork";
    other.phase[DPK_WORK] += 4;
    other.system += 3;
    other.faults += 13000;
    const char *text = verdict_of(threads, other, usual);
    EXPECT_WORDS(text, "work +", " (in the operating system +", ", with 13 000 more page faults)");
    EXPECT_NO_WORDS(text, "processor", "switches", "share");
}

/* A detail is never larger than what it is a part of. */
Test(verdict, details_belong_to_the_parts_they_are_of)
{
    struct plan other = threads;
    other.backend = "fork";
    other.phase[DPK_STOP] += 8;
    other.around_system = 6;
    EXPECT_WORDS(verdict_of(threads, other, usual), "stop +", " (in the operating system +6");
    other.around_system = 60; /* at the same time as something else, or counted by ticks */
    EXPECT_NO_WORDS(verdict_of(threads, other, usual), "operating system");
    other.phase[DPK_START] += 6;
    other.around_system = 11;
    EXPECT_WORDS(verdict_of(threads, other, usual), "stop +", ", start +5",
                 " (stop and start: in the operating system +11");
    other = threads;
    other.phase[DPK_WORK] += 5;
    other.phase[DPK_STORE] += 3;
    other.system += 7;
    EXPECT_WORDS(verdict_of(threads, other, usual), "work +", ", store +2",
                 " (work and store: in the operating system +6");
    other.phase[DPK_STORE] = 0;
    EXPECT_NO_WORDS(verdict_of(threads, other, usual), "operating system");
}

Test(verdict, few_faults_explain_nothing)
{
    struct plan other = threads;
    other.phase[DPK_WORK] += 4;
    other.faults += 300; /* 30 µs at the least */
    EXPECT_NO_WORDS(verdict_of(threads, other, usual), "faults");
}

Test(verdict, sharing_explains_why_more_workers_are_faster)
{
    struct plan one = { .backend = "seq", .jobs = 1, .phase = { [DPK_WORK] = 100 } };
    const char *text = verdict_of(one, threads, usual);
    EXPECT_WORDS(text, "omp -j2 is 1.9", "times faster than seq", " = 2 workers share the work -");
    EXPECT_WORDS(verdict_of(threads, one, usual), "seq is 1.", " times slower",
                 "1 worker instead of 2 +");
    struct plan hindered = threads;
    hindered.phase[DPK_WORK] = 65;
    EXPECT_WORDS(verdict_of(one, hindered, usual), "work beyond its share +");
    hindered.phase[DPK_WORK] = 35;
    EXPECT_WORDS(verdict_of(one, hindered, usual), "work below its share -");
}

Test(verdict, queueing_is_shown)
{
    struct plan four = { .backend = "omp",
                         .jobs = 4,
                         .phase = { 0, 0.3, 50.2, 2, 0, 0.1 },
                         .queued = 25,
                         .involuntary = 30 };
    const char *text = verdict_of(threads, four, usual);
    EXPECT_WORDS(text, "no difference proven (±",
                 "what differs cancels out: ", "4 workers share the work -",
                 "work beyond its share +", " (all of it without a processor)");
    /* Even where it is no cause of the difference. */
    struct plan one = { .backend = "seq", .jobs = 1, .phase = { [DPK_WORK] = 100 } };
    struct plan loaded = threads;
    loaded.queued = 4;
    EXPECT_WORDS(verdict_of(one, loaded, usual), "; its workers were without a processor for ",
                 " ms more");
}

Test(verdict, memory_is_a_measured_reason)
{
    dpk_comparison *comparison;
    struct plan other = threads;
    other.backend = "fork";
    judge((const struct plan[]){ threads, other }, 2, usual, &comparison);
    EXPECT_NO_WORDS(sentence, "memory");
    comparison->cost.bytes = 0.7 * 16e9 * 52.3e-3; /* of the roof of two workers */
    dpk_summarise(comparison);
    dpk_verdict_text(comparison, &comparison->variants[1], sentence, sizeof sentence);
    EXPECT_WORDS(sentence, "fork -j2 and omp -j2: no difference proven (±",
                 "both are near this machine's memory roof (7");
    free_comparison(comparison);
}

/* The numbers before "ms", "µs" and "s" of a text, in ms. */
static size_t read_differences(const char *text, double *ms, size_t most)
{
    size_t count = 0;
    for (const char *at = text; count < most && (at = strpbrk(at, "+-")) != NULL;) {
        char *end;
        double value = strtod(at, &end);
        if (end != at && *end == ' ')
            ms[count++] = value * (strncmp(end, " ms", 3) == 0   ? 1
                                   : strncmp(end, " µs", 3) == 0 ? 1e-3
                                                                 : 1e3);
        at = end > at ? end : at + 1;
    }
    return count;
}

/* Removes what is in parentheses: details are parts of parts. */
static void remove_details(char *text)
{
    char *to = text;
    int depth = 0;
    for (const char *from = text; *from != '\0'; from++) {
        depth += *from == '(';
        if (depth == 0)
            *to++ = *from;
        depth -= *from == ')';
    }
    *to = '\0';
}

Test(verdict, clauses_add_up_and_the_largest_is_first)
{
    uint64_t random = 5;
    for (unsigned seed = 0; seed < 15; seed++) {
        struct plan other = threads;
        other.jobs = 1 + seed % 4;
        for (int phase = 0; phase < DPK_PHASES; phase++)
            other.phase[phase] = fabs(other.phase[phase] + 10 * fixture_normal(&random));
        verdict_of(threads, other, (struct design){ 8, 5, 0.01, seed });
        char *explained = strchr(sentence, ':');
        cr_assert_not_null(explained, "%s", sentence);
        char *cut = strchr(explained, ';');
        if (cut != NULL)
            *cut = '\0';
        char told[sizeof sentence];
        strcpy(told, explained);
        remove_details(told);
        double ms[16], left;
        size_t count = read_differences(told, ms, 16);
        if (strstr(told, " = ") == NULL)
            continue;
        cr_assert_geq(count, 2, "%s", sentence);
        left = ms[0];
        size_t parts = strstr(told, "the rest") != NULL ? count - 1 : count;
        for (size_t i = 1; i < count; i++)
            left -= ms[i];
        for (size_t i = 1; i < parts; i++) {
            cr_expect(i == 1 || fabs(ms[i]) <= fabs(ms[i - 1]), "%s", sentence);
            cr_expect_geq(fabs(ms[i]), 0.019 * fabs(ms[0]), "a trifle: %s", sentence);
        }
        cr_expect_leq(fabs(left), 0.02 * fabs(ms[0]) + 0.3, "%g ms missing: %s", left, sentence);
    }
}

/* The interval is one of 95 %: of 40 of them, 4 may miss. */
enum { TRIALS = 40, MISSES = 4 };

Test(verdict, nothing_is_proven_of_a_variant_and_itself)
{
    int proven = 0;
    for (unsigned seed = 0; seed < TRIALS; seed++) {
        verdict_of(threads, threads, (struct design){ 6, 4, 0.02, seed });
        proven += strstr(sentence, "no difference proven") == NULL;
    }
    cr_expect_leq(proven, MISSES, "%d of %d", proven, TRIALS);
}

Test(verdict, noise_is_no_cause)
{
    struct plan other = threads;
    other.phase[DPK_START] += 20;
    int start = 0, innocent = 0;
    for (unsigned seed = 0; seed < TRIALS; seed++) {
        verdict_of(threads, other, (struct design){ 6, 4, 0.02, seed });
        start += strstr(sentence, "= start +") != NULL;
        innocent += strstr(sentence, "wait") != NULL || strstr(sentence, "work") != NULL ||
                    strstr(sentence, "stop") != NULL;
    }
    cr_expect_eq(start, TRIALS);
    cr_expect_leq(innocent, MISSES, "%d of %d", innocent, TRIALS);
}

Test(verdict, too_little_is_no_proof)
{
    struct plan other = threads;
    other.phase[DPK_WORK] *= 3;
    for (size_t generations = 1; generations <= DPK_GENERATIONS_LEAST; generations++)
        for (size_t rounds = 1; rounds <= 4; rounds++) {
            const char *text =
                verdict_of(threads, other, (struct design){ generations, rounds, 0.01, 1 });
            bool few = generations < DPK_GENERATIONS_LEAST;
            cr_expect_eq(strstr(text, "too few rounds to tell, of ") != NULL, few, "%s", text);
            cr_expect_eq(strstr(text, "--rounds=") != NULL, few, "%s", text);
            cr_expect_eq(strstr(text, "times slower") != NULL, !few, "%s", text);
            EXPECT_NO_WORDS(text, "inf", "nan", ";");
        }
}

/* In the head, the verdict and the summary: ± is one thing. */
Test(verdict, uncertainty_is_what_was_reached)
{
    struct plan other = threads;
    other.backend = "fork";
    for (unsigned seed = 0; seed < 5; seed++) {
        dpk_comparison *comparison;
        judge((const struct plan[]){ threads, other }, 2, (struct design){ 5, 2, 0.05, seed },
              &comparison);
        char ending[256], winner[256];
        dpk_ending_text(comparison, ending, sizeof ending);
        dpk_winner_text(comparison, winner, sizeof winner);
        const char *sign = strstr(sentence, "±");
        cr_assert_not_null(sign, "%s", sentence);
        char figure[16];
        snprintf(figure, sizeof figure, "%.*s", (int)strcspn(sign, "%"), sign);
        cr_expect_not_null(strstr(ending, figure), "%s: %s", sentence, ending);
        cr_expect_not_null(strstr(winner, figure), "%s: %s", sentence, winner);
        free_comparison(comparison);
    }
}

Test(verdict, too_little_makes_no_winner)
{
    struct plan plans[] = { threads, threads, threads };
    plans[1].phase[DPK_WORK] *= 3;
    dpk_comparison *comparison = make_comparison(plans, 3, (struct design){ 3, 4, 0.01, 1 });
    dpk_summarise(comparison);
    EXPECT_WORDS(dpk_winner_text(comparison, sentence, sizeof sentence), "too few rounds to tell");
    EXPECT_WORDS(dpk_ending_text(comparison, sentence, sizeof sentence), "too few rounds to tell");
    EXPECT_WORDS(dpk_ratios_text(comparison, sentence, sizeof sentence),
                 "fewer than 4 generations");
    cr_expect_eq(comparison->variants[1].summary.verdict, DPK_UNPROVEN);
    free_comparison(comparison);
}

Test(verdict, wild_times_are_no_proof)
{
    struct plan other = threads;
    other.phase[DPK_WORK] *= 1.2;
    other.phase[DPK_START] += 10;
    const char *text = verdict_of(threads, other, (struct design){ 4, 3, 0.5, 2 });
    EXPECT_WORDS(text, "no difference proven (within a factor of ");
    EXPECT_NO_WORDS(text, "cancels out");
}

Test(verdict, long_sentences_are_cut)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    char text[40];
    memset(text, 'x', sizeof text);
    for (size_t size = 1; size < sizeof text; size++) {
        cr_expect_eq(dpk_verdict_text(comparison, &comparison->variants[4], text, size), text);
        cr_expect_eq(strlen(text), size - 1);
        cr_expect_eq(text[size], 'x');
    }
    free_comparison(comparison);
}

/* --------------------------------------------------------------------------------- all of them */

static const char *winner_of(const struct plan *plans, size_t count)
{
    dpk_comparison *comparison = make_comparison(plans, count, usual);
    dpk_summarise(comparison);
    dpk_winner_text(comparison, sentence, sizeof sentence);
    free_comparison(comparison);
    return sentence;
}

Test(winner, is_compared_with_the_next)
{
    struct plan plans[] = { threads, threads, threads };
    plans[0].phase[DPK_WORK] = 100;
    plans[2].backend = "fork";
    plans[2].phase[DPK_WORK] = 30;
    EXPECT_WORDS(winner_of(plans, 3), "fork -j2 wins: 1.6", "times faster than omp -j2 [");
}

Test(winner, may_be_several)
{
    struct plan plans[] = { threads, threads, threads };
    plans[0].backend = "seq";
    plans[0].jobs = 1;
    plans[0].phase[DPK_WORK] = 100;
    plans[2].backend = "fork";
    EXPECT_WORDS(winner_of(plans, 3),
                 "omp -j2 and fork -j2 are the fastest: no difference between them is proven (±");
    plans[0].phase[DPK_WORK] = 50;
    EXPECT_WORDS(winner_of(plans, 3),
                 "seq, omp -j2 and fork -j2: no difference between them is proven (±");
    cr_expect_str_eq(winner_of(plans, 1), "");
}

Test(ending, says_why_and_what_was_reached)
{
    static const char *const starts[] = {
        [DPK_ENDED_NARROW] = "the ratios are known well enough: ratios ±1.",
        [DPK_ENDED_ROUNDS] = "all rounds are done: ratios ±1.",
        [DPK_ENDED_BUDGET] = "the time for it, 30 s, is spent: ratios ±1.",
        [DPK_ENDED_INTERRUPTED] = "it was interrupted: ratios ±1.",
    };
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    for (int ending = DPK_ENDED_NARROW; ending <= DPK_ENDED_INTERRUPTED; ending++) {
        comparison->ending = (dpk_ending)ending;
        dpk_ending_text(comparison, sentence, sizeof sentence);
        cr_expect_eq(strncmp(sentence, starts[ending], strlen(starts[ending])), 0, "%s", sentence);
        cr_expect_eq(strstr(sentence, ", requested ±1.0 %") != NULL, ending != DPK_ENDED_NARROW);
    }
    free_comparison(comparison);
}
