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
