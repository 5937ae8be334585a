/* SPDX-License-Identifier: MIT */
/* baseline.c: comparisons against earlier ones: what is slower, what is not proven to be, and what
 * cannot be compared. */
#include "report/baseline.h"
#include "comparison_fixture.h"
#include "files.h"
#include "report/report.h"

TestSuite(baseline, .init = enter_directory, .fini = remove_directory);

static const char old[] = "old.json";

/* A sequential variant and one on processes that takes `more` times as long as usual. */
static dpk_comparison *measured(double more, double noise, unsigned seed)
{
    const struct plan plans[] = {
        { .backend = "seq", .jobs = 1, .phase = { [DPK_WORK] = 100 } },
        { .backend = "fork", .jobs = 2, .phase = { [DPK_START] = more, [DPK_WORK] = 50 * more } }
    };
    dpk_comparison *comparison = make_comparison(plans, 2, (struct design){ 8, 5, noise, seed });
    dpk_summarise(comparison);
    return comparison;
}

static dpk_error err;
static char *said; /* lines printed */

static dpk_status check(const dpk_comparison *comparison, double most)
{
    size_t size;
    free(said);
    FILE *stream = open_memstream(&said, &size);
    cr_assert_not_null(stream);
    err = (dpk_error){ 0 };
    dpk_baseline *baseline;
    dpk_status status = dpk_baseline_open(&baseline, old, &err);
    if (status == DPK_OK)
        status = dpk_baseline_check(baseline, stream, comparison, most, &err);
    dpk_baseline_close(baseline);
    cr_assert_eq(fclose(stream), 0);
    return status;
}

#ifndef DPK_HAVE_JANSSON

Test(baseline, needs_jansson)
{
    dpk_comparison *comparison = measured(1, 0.01, 1);
    cr_expect_eq(check(comparison, 0.05), DPK_USAGE);
    cr_expect(strstr(err.text, "jansson") != NULL, "%s", err.text);
    free_comparison(comparison);
}

#else

static void save(dpk_comparison *comparison)
{
    FILE *file = fopen(old, "w");
    cr_assert_not_null(file);
    dpk_report_json(file, comparison);
    cr_assert_eq(fclose(file), 0);
    free_comparison(comparison);
}

static dpk_status check_and_free(dpk_comparison *comparison, double most)
{
    dpk_status status = check(comparison, most);
    free_comparison(comparison);
    return status;
}

Test(baseline, nothing_has_changed)
{
    save(measured(1, 0.01, 1));
    cr_expect_eq(check_and_free(measured(1, 0.01, 2), 0.05), DPK_OK, "%s", err.text);
    cr_expect(strncmp(said, "seq: ", 5) == 0, "%s", said);
    cr_expect(strstr(said, "\nfork -j2: ") != NULL, "%s", said);
}

Test(baseline, slower_by_more_than_allowed)
{
    save(measured(1, 0.01, 1));
    cr_expect_eq(check_and_free(measured(1.2, 0.01, 2), 0.05), DPK_REGRESSION, "%s", said);
    cr_expect(strncmp(err.text, "fork -j2 takes 1.", 17) == 0, "%s", err.text);
    cr_expect(strstr(said, "slower by more than 5 %\n") != NULL, "%s", said);
    cr_expect_eq(check_and_free(measured(1.2, 0.01, 2), 0.3), DPK_OK, "%s", err.text);
}

/* A comparison of which others used these shares of the processors. */
static dpk_comparison *loaded(double wall, double work, double others, unsigned seed)
{
    const struct plan plans[] = {
        { .backend = "omp",
          .jobs = 2,
          .phase = { [DPK_WORK] = 50 * wall },
          .queued = 50 * (wall - work) },
    };
    dpk_comparison *comparison = make_comparison(plans, 1, (struct design){ 8, 5, 0.01, seed });
    comparison->after.busy = comparison->before.busy + comparison->after.own -
                             comparison->before.own + others * 2 * 12.5;
    dpk_summarise(comparison);
    return comparison;
}

/* Times that others have made longer are no proof of slowness. */
Test(baseline, more_load_explains_longer_times)
{
    save(loaded(1, 1, 0.42, 1));
    cr_expect_eq(check_and_free(loaded(3.9, 1.02, 0.86, 2), 0.05), DPK_UNDECIDED, "%s", err.text);
    static const char first[] =
        "other programs used 86 % of the processors, and 42 % in the baseline\nomp -j2: ";
    cr_expect(strncmp(said, first, strlen(first)) == 0, "%s", said);
    cr_expect(strstr(said,
                     "slower by more than 5 %, which the load may explain; processor time: "
                     "1.0") != NULL,
              "%s", said);
    cr_expect(strstr(err.text,
                     ", but other programs used 86 % of the processors, and 42 % in the "
                     "baseline: ") != NULL,
              "%s", err.text);
    /* Processor time may be more because caches are shared: that is as little proof. */
    cr_expect_eq(check_and_free(loaded(3.9, 1.3, 0.86, 2), 0.05), DPK_UNDECIDED, "%s", err.text);
    /* But work that is more by far is slower on any machine. */
    cr_expect_eq(check_and_free(loaded(6, 3, 0.86, 2), 0.05), DPK_REGRESSION, "%s", said);
    cr_expect(strstr(said, "slower by more than 5 %; processor time: 3") != NULL, "%s", said);
    cr_expect_eq(check_and_free(loaded(3, 3, 0.42, 2), 0.05), DPK_REGRESSION, "%s", said);
    cr_expect(strncmp(said, "omp -j2: ", 9) == 0, "the same load: %s", said);
}

Test(baseline, less_load_explains_shorter_times)
{
    save(loaded(3.9, 1, 0.86, 1));
    cr_expect_eq(check_and_free(loaded(1, 1, 0.42, 2), 0.05), DPK_OK, "%s", err.text);
    cr_expect(strstr(said, ", faster, which the load may explain; processor time: ") != NULL, "%s",
              said);
    /* Less load makes nothing slower. */
    cr_expect_eq(check_and_free(loaded(6, 6, 0.42, 2), 0.05), DPK_REGRESSION, "%s", said);
}

Test(baseline, faster)
{
    save(measured(1.2, 0.01, 1));
    cr_expect_eq(check_and_free(measured(1, 0.01, 2), 0), DPK_OK, "%s", err.text);
    cr_expect(strstr(said, ", faster\n") != NULL, "%s", said);
}

Test(baseline, noise_proves_nothing)
{
    save(measured(1, 0.2, 1));
    cr_expect_eq(check_and_free(measured(1.06, 0.2, 2), 0.05), DPK_OK, "%s", err.text);
    cr_expect(strstr(said, "no difference proven\n") != NULL, "%s", said);
}

/* With nothing allowed, an interval of 95 % is wrong on this side in 2.5 % of cases. */
Test(baseline, same_against_same_is_seldom_slower)
{
    int slower = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
        save(measured(1, 0.02, 100 + seed));
        dpk_status status = check_and_free(measured(1, 0.02, 500 + seed), 0);
        cr_assert(status == DPK_OK || status == DPK_REGRESSION, "%s", err.text);
        slower += status == DPK_REGRESSION;
    }
    cr_expect_leq(slower, 4);
}

Test(baseline, one_round_proves_nothing)
{
    const struct plan plans[] = { { .backend = "seq", .jobs = 1, .phase = { [DPK_WORK] = 100 } } };
    dpk_comparison *comparison = make_comparison(plans, 1, (struct design){ 1, 1, 0, 1 });
    dpk_summarise(comparison);
    save(comparison);
    cr_expect_eq(check_and_free(measured(3, 0.01, 1), 0), DPK_OK, "%s", err.text);
    cr_expect(strstr(said, "\nfork -j2: not in the baseline\n") != NULL, "%s", said);
}

static void expect_refused(const dpk_comparison *comparison, const char *word)
{
    cr_expect_eq(check(comparison, 0.05), DPK_BAD_INPUT, "%s", word);
    cr_expect(strstr(err.text, word) != NULL, "%s: %s", word, err.text);
    cr_expect(strncmp(err.text, old, strlen(old)) == 0, "%s", err.text);
}

Test(baseline, of_other_work_or_another_machine)
{
    save(measured(1, 0.01, 1));
    dpk_comparison *comparison = measured(1, 0.01, 2);
    const dpk_comparison good = *comparison;
    const dpk_kernel other = { .name = "median", .passes = good.kernel->passes };
    comparison->kernel = &other;
    expect_refused(comparison, "kernel is \"median\", and was \"blur\" in the baseline");
    comparison->kernel = good.kernel;
    comparison->inputs = "u8 1x1x3";
    expect_refused(comparison, "inputs is");
    comparison->inputs = good.inputs;
    comparison->scope = DPK_SCOPE_RUN;
    expect_refused(comparison, "scope is");
    comparison->scope = good.scope;
    comparison->conditions.neighbours = 2;
    expect_refused(comparison, "conditions is");
    comparison->conditions = good.conditions;
    strcpy(comparison->before.processor, "Another processor");
    expect_refused(comparison, "processor is \"Another processor\"");
    comparison->before = good.before;
    strcpy(comparison->variants[0].name, "omp -j1");
    strcpy(comparison->variants[1].name, "omp -j2");
    expect_refused(comparison, "has none of these variants");
    free_comparison(comparison);
}

Test(baseline, what_else_has_changed_is_told)
{
    save(measured(1, 0.01, 1));
    dpk_comparison *comparison = measured(1, 0.01, 2);
    strcpy(comparison->before.governor, "powersave");
    comparison->variants[0].digest++;
    cr_expect_eq(check(comparison, 0.05), DPK_OK, "%s", err.text);
    static const char lines[] =
        "the results are not those of the baseline: the data are others, or the method is\n"
        "governor is \"powersave\", and was \"performance\" in the baseline\n"
        "seq: ";
    cr_expect(strncmp(said, lines, strlen(lines)) == 0, "%s", said);
    free_comparison(comparison);
}

/* The file with the first `from` in it replaced. */
static void edit(const char *from, const char *to)
{
    struct bytes file = get_file(old);
    file.data = realloc(file.data, file.size + 1);
    file.data[file.size] = '\0';
    char *text = (char *)file.data, *place = strstr(text, from);
    cr_assert_not_null(place, "%s", from);
    FILE *stream = fopen(old, "w");
    cr_assert_not_null(stream);
    fprintf(stream, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    cr_assert_eq(fclose(stream), 0);
    free(file.data);
}

Test(baseline, files_that_are_something_else)
{
    static const char *const edits[][3] = {
        { "\"version\": 1", "\"version\": 2", "another version" },
        { "dpk-compare", "dpk-sweep", "not written by" },
        { "{", "[", "no JSON" },
        { "\"samples\": [", "\"samples\": [7, ", "samples of 'seq'" },
        { "\"samples\"", "\"none\"", "samples of 'seq'" },
        { "\"generations\": [", "\"generations\": [0, ", "samples of 'seq'" },
        { "\"wall_ns\": ", "\"wall_ns\": -", "samples of 'seq'" },
        { "\"wall_ns\": ", "\"wall_ns\": 1e999", "no JSON" },
        { "\"variants\"", "\"none\"", "has none of these" },
        { "\"environment\": {", "\"environment\": {\"processor\": null, ", "no JSON" },
        { "\"kernel\"", "\"none\"", "was unknown in the baseline" },
    };
    dpk_comparison *comparison = measured(1, 0.01, 2);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        save(measured(1, 0.01, 1));
        edit(edits[i][0], edits[i][1]);
        expect_refused(comparison, edits[i][2]);
    }
    put_file(old, "[]", 2);
    expect_refused(comparison, "not written by");
    cr_assert_eq(unlink(old), 0);
    cr_expect_eq(check(comparison, 0.05), DPK_BAD_INPUT);
    cr_expect_str_eq(err.text, "cannot open old.json");
    free_comparison(comparison);
}

#endif
