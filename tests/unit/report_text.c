/* SPDX-License-Identifier: MIT */
/* The report on a terminal: what must be in it, and that it fits, whatever was measured. */
#include "comparison_fixture.h"
#include "report/report.h"

static char *print(const dpk_comparison *comparison, unsigned columns)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not_null(stream);
    dpk_report_text(stream, comparison, columns);
    cr_assert_eq(fclose(stream), 0);
    return text;
}

/* No line is longer, ends with a blank, or has a number that is none. */
static void expect_fit(const char *text, unsigned columns)
{
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n"), width = 0;
        for (size_t i = 0; i < length; i++)
            width += ((unsigned char)line[i] & 0xC0) != 0x80;
        cr_expect_leq(width, columns, "%zu columns: %.*s", width, (int)length, line);
        cr_expect(length == 0 || line[length - 1] != ' ', "%.*s|", (int)length, line);
        line += length + 1;
    }
    cr_expect_null(strstr(text, "nan"), "%s", text);
    cr_expect_null(strstr(text, "inf "), "%s", text);
}

Test(report_text, has_everything_and_fits)
{
    static const char *const wanted[] = {
        "dpk blur photo.png --sigma=2",
        "u8 3000x4000x3",
        "40 rounds in 8 generations",
        "± MAD",
        "95 % interval",
        "Where the time went",
        "set-up",
        "queueing",
        "tear-down",
        "The four costs everyone forgets",
        "faults",
        "switches",
        "peak",
        "GB/s",
        "% arith.",
        "  - omp -j2 is 1.9",
        "  - fork -j4 is 1.7",
        "  => omp -j2 wins",
        "Scaling of omp",
        "Karp–Flatt",
        "███",
        "░",
        "Amdahl: ",
        "Machine and load",
        "throttled for 0.00 s",
        "  ! 4 workers share 2 processors",
    };
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    for (unsigned columns = 60; columns <= 200; columns += 20) {
        char *text = print(comparison, columns);
        expect_fit(text, columns);
        for (size_t i = 0; columns == 200 && i < sizeof wanted / sizeof *wanted; i++)
            cr_expect_not_null(strstr(text, wanted[i]), "no '%s' in:\n%s", wanted[i], text);
        free(text);
    }
    free_comparison(comparison);
}

Test(report_text, laws_are_told_where_they_can_be_fitted)
{
    struct plan plans[4];
    for (unsigned i = 0; i < 4; i++)
        plans[i] = (struct plan){ .backend = "fork",
                                  .jobs = 1u << i,
                                  .phase = { 0, 0.5 * i, 100.0 / (1 << i) + 3 + i, 1, 0, 0.2 } };
    dpk_comparison *comparison = make_comparison(plans, 4, (struct design){ 8, 5, 0.01, 3 });
    comparison->before.cpus.affinity = comparison->before.cpus.online = 8;
    dpk_summarise(comparison);
    char *text = print(comparison, 80);
    expect_fit(text, 80);
    cr_expect_not_null(strstr(text, "is serial, so never more than"), "%s", text);
    cr_expect_not_null(strstr(text, "USL: alpha "), "%s", text);
    cr_expect_not_null(strstr(text, "N* = "), "%s", text);
    free(text);
    free_comparison(comparison);
}

Test(report_text, little_is_known)
{
    static const struct plan plan = { .backend = "omp", .jobs = 2, .phase = { [DPK_WORK] = 3 } };
    const struct plan plans[] = { plan, plan };
    for (size_t count = 1; count <= 2; count++) {
        dpk_comparison *comparison =
            make_comparison(plans, count, (struct design){ 1, 1, 0.01, 1 });
        comparison->roof_known = false;
        comparison->cost = (dpk_cost){ 0 };
        comparison->inputs = "";
        comparison->before = comparison->after = (dpk_environment){
            .cpus = { .online = 2 },
            .processors = NAN,
            .cores = NAN,
            .clock = NAN,
            .load = NAN,
            .pressure = NAN,
            .cgroup_pressure = NAN,
            .throttling = { NAN, NAN },
            .busy = NAN,
            .stolen = NAN,
            .total = NAN,
            .own = NAN,
        };
        comparison->variants[0].samples[0].ledger.used = (dpk_usage){ 0 };
        comparison->variants[0].peak = 0;
        strcpy(comparison->variants[0].note, "1 of 2 threads could not be started");
        dpk_summarise(comparison);
        char *text = print(comparison, 80);
        expect_fit(text, 80);
        cr_expect_not_null(strstr(text, "1 round in 1 generation of processes"), "%s", text);
        cr_expect_not_null(strstr(text, "  ! omp -j2: 1 of 2 threads"), "%s", text);
        cr_expect_not_null(strstr(text, "load     unknown"), "%s", text);
        cr_expect_not_null(strstr(text, "dpk info --probe"), "%s", text);
        cr_expect_eq(strstr(text, "Verdict") != NULL, count == 2);
        cr_expect_eq(strstr(text, "too few rounds to tell") != NULL, count == 2);
        free(text);
        free_comparison(comparison);
    }
}

Test(report_text, as_many_variants_as_there_may_be)
{
    struct plan plans[DPK_VARIANTS_MAX];
    for (unsigned i = 0; i < DPK_VARIANTS_MAX; i++)
        plans[i] = (struct plan){ .backend = i % 2 ? "omp" : "fork",
                                  .jobs = 1 + i / 2,
                                  .phase = { [DPK_WORK] = 100.0 / (1 + i / 2) },
                                  .faults = 1e7 };
    dpk_comparison *comparison =
        make_comparison(plans, DPK_VARIANTS_MAX, (struct design){ 2, 2, 0.01, 1 });
    dpk_summarise(comparison);
    char *text = print(comparison, 100);
    expect_fit(text, 100);
    free(text);
    free_comparison(comparison);
}
