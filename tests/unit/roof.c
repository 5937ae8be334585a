/* SPDX-License-Identifier: MIT */
/* roof.c: the figures make sense, are kept, come back, and are not believed if anything is wrong
 * with the file; shares of them. How fast the machine is does not matter. */
#include "observe/roof.h"

#include "files.h"

#include <math.h>
#include <sys/stat.h>

static void enter(void)
{
    enter_directory();
    setenv("XDG_CACHE_HOME", test_directory, 1);
}

TestSuite(roof, .init = enter, .fini = remove_directory);

static const char file[] = "dpk/roof.txt";

/* Figures of no machine, for this one. */
static dpk_roof example(void)
{
    dpk_roof roof = { .copy = { 10e9, 25e9 }, .fma32 = { 1e11, 4e11 }, .fma64 = { 5e10, 2e11 } };
    dpk_roof_identify(&roof);
    return roof;
}

static void expect_same(const dpk_roof *a, const dpk_roof *b)
{
    cr_expect_str_eq(a->processor, b->processor);
    cr_expect_eq(a->isa, b->isa);
    cr_expect_eq(a->jobs, b->jobs);
    cr_expect_str_eq(a->kept, b->kept);
    for (int i = 0; i < 2; i++) {
        cr_expect_float_eq(a->copy[i], b->copy[i], 1);
        cr_expect_float_eq(a->fma32[i], b->fma32[i], 1);
        cr_expect_float_eq(a->fma64[i], b->fma64[i], 1);
    }
}

Test(roof, probe_measures_and_keeps)
{
    dpk_roof roof, again;
    dpk_error error;
    dpk_status status = dpk_roof_probe(&roof, &error);
    if (status == DPK_LIMIT)
        cr_skip_test("%s", error.text);
    cr_assert_eq(status, DPK_OK);
    cr_expect_gt(roof.jobs, 0);
    for (int i = 0; i < 2; i++) {
        cr_expect(isfinite(roof.copy[i]) && roof.copy[i] > 0);
        cr_expect(isfinite(roof.fma32[i]) && roof.fma32[i] > 0);
        cr_expect(isfinite(roof.fma64[i]) && roof.fma64[i] > 0);
    }
    cr_expect_geq(roof.copy[1], roof.copy[0]);
    cr_assert(dpk_roof_cached(&again));
    expect_same(&roof, &again);
    cr_expect_eq(count_entries("dpk"), 1);
}

Test(roof, kept_figures_come_back)
{
    dpk_roof roof = example(), again;
    cr_expect_not(dpk_roof_cached(&again));
    dpk_roof_keep(&roof);
    cr_assert(dpk_roof_cached(&again));
    expect_same(&roof, &again);

    roof.copy[1] = 30e9;
    dpk_roof_keep(&roof);
    cr_assert(dpk_roof_cached(&again));
    expect_same(&roof, &again);
    cr_expect_eq(count_entries("dpk"), 1);
}

static void expect_foreign(dpk_roof roof)
{
    dpk_roof again;
    dpk_roof_keep(&roof);
    cr_assert_eq(access(file, R_OK), 0);
    cr_expect_not(dpk_roof_cached(&again));
}

Test(roof, figures_for_something_else_are_none)
{
    dpk_roof other = example();
    other.jobs++;
    expect_foreign(other);
    other = example();
    strcat(other.processor, "+");
    expect_foreign(other);
    other = example();
    other.isa = other.isa == DPK_ISA_BASE ? DPK_ISA_V3 : DPK_ISA_BASE;
    expect_foreign(other);
    other = example();
    other.copy[1] = NAN;
    expect_foreign(other);
    other.copy[1] = INFINITY;
    expect_foreign(other);
    other.copy[1] = 0;
    expect_foreign(other);
}

Test(roof, damaged_files_are_none)
{
    dpk_roof roof = example(), again;
    dpk_roof_keep(&roof);
    struct bytes whole = get_file(file);
    for (size_t size = 0; size < whole.size; size++) {
        put_file(file, whole.data, size);
        cr_assert_not(dpk_roof_cached(&again), "cut off at %zu", size);
    }
    for (size_t at = 0; at < whole.size; at++) {
        whole.data[at] ^= 0x40; /* never a digit for a digit */
        put_file(file, whole.data, whole.size);
        cr_assert_not(dpk_roof_cached(&again), "damaged at %zu", at);
        whole.data[at] ^= 0x40;
    }
    unsigned char *longer = calloc(1, 100000);
    memcpy(longer, whole.data, whole.size);
    put_file(file, longer, 100000);
    cr_expect_not(dpk_roof_cached(&again));
    free(longer);
    put_file(file, whole.data, whole.size);
    cr_expect(dpk_roof_cached(&again));
    free(whole.data);
    unlink(file);
    mkdir(file, 0700);
    cr_expect_not(dpk_roof_cached(&again));
    dpk_roof_keep(&roof);
    cr_expect_str_empty(roof.kept);
    cr_expect_eq(count_entries("dpk"), 1);
}

Test(roof, place_is_as_the_environment_says)
{
    dpk_roof roof = example(), again;
    setenv("HOME", test_directory, 1);
    setenv("XDG_CACHE_HOME", "relative", 1);
    dpk_roof_keep(&roof);
    cr_expect_eq(access(".cache/dpk/roof.txt", R_OK), 0);
    unsetenv("XDG_CACHE_HOME");
    cr_expect(dpk_roof_cached(&again));

    setenv("XDG_CACHE_HOME", "/proc/self/status/nowhere", 1);
    dpk_roof_keep(&roof);
    cr_expect_str_empty(roof.kept);
    cr_expect_not(dpk_roof_cached(&again));
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    dpk_roof_keep(&roof);
    cr_expect_str_empty(roof.kept);
    cr_expect_not(dpk_roof_cached(&again));
}

static void expect_share(unsigned jobs, dpk_type type, double bytes, double operations,
                         double wanted, dpk_bound bound_wanted)
{
    static const dpk_roof roof = {
        .jobs = 4, .copy = { 10e9, 25e9 }, .fma32 = { 1e11, 4e11 }, .fma64 = { 5e10, 2e11 }
    };
    dpk_bound bound;
    double share = dpk_roof_share(&roof, jobs, type, bytes, operations, &bound);
    cr_expect_eq(bound, bound_wanted);
    cr_expect_float_eq(share, wanted, 1e-12);
}

Test(roof, share_is_that_of_the_nearer_roof)
{
    expect_share(1, DPK_F32, 5e9, 1e10, 0.5, DPK_BOUND_MEMORY);
    expect_share(1, DPK_F32, 5e9, 9e10, 0.9, DPK_BOUND_ARITHMETIC);
    expect_share(1, DPK_F64, 5e9, 4.5e10, 0.9, DPK_BOUND_ARITHMETIC);
    expect_share(1, DPK_C128, 0, 4.5e10, 0.9, DPK_BOUND_ARITHMETIC);
    expect_share(1, DPK_U8, 14e9, 0, 1.4, DPK_BOUND_MEMORY);
    expect_share(1, DPK_U8, 20e9, 0, 2, DPK_BOUND_CACHE);
    expect_share(2, DPK_U8, 7.5e9, 0, 0.5, DPK_BOUND_MEMORY);
    expect_share(3, DPK_F32, 0, 3e10, 0.1, DPK_BOUND_ARITHMETIC);
    expect_share(4, DPK_U8, 12.5e9, 0, 0.5, DPK_BOUND_MEMORY);
    expect_share(99, DPK_U8, 12.5e9, 0, 0.5, DPK_BOUND_MEMORY);
}

Test(roof, share_of_nothing_is_unknown)
{
    const dpk_roof empty = { .jobs = 0 }, roof = example();
    dpk_bound bound;
    cr_expect(isnan(dpk_roof_share(&roof, 2, DPK_U8, 0, 0, &bound)));
    cr_expect_eq(bound, DPK_BOUND_UNKNOWN);
    cr_expect(isnan(dpk_roof_share(&empty, 2, DPK_U8, 1, 1, &bound)));
    cr_expect_eq(bound, DPK_BOUND_UNKNOWN);
    cr_expect(isnan(dpk_roof_share(&roof, 2, DPK_U8, NAN, 1, &bound)));
    cr_expect_eq(bound, DPK_BOUND_UNKNOWN);
}
