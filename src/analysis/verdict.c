/* SPDX-License-Identifier: MIT */
/* verdict.c: puts what a comparison means into sentences. */
#include "analysis/comparison.h"

#include "analysis/explain.h"

#include <inttypes.h>
#include <math.h>

/* From this share of the roof on, a kernel mostly waits for memory. */
static const double NEAR_ROOF = 0.6;

/* "1.4 %" */
static void say_share(dpk_text *to, double share)
{
    double percent = 100 * share;
    dpk_text_add(to, "%.*f %%", percent < 0.995 ? 2 : percent < 9.95 ? 1 : 0, percent);
}

/* As many decimals as the width of the interval justifies, and enough to show that it excludes 1.
 */
static int decimals_of(dpk_interval ratio)
{
    double half = (ratio.high - ratio.low) / 2;
    int decimals = half > 0 && isfinite(half) ? (int)ceil(-log10(half)) : 2;
    int least = ratio.estimate < 2 ? 2 : 1;
    decimals = decimals < least ? least : decimals > 3 ? 3 : decimals;
    while (decimals < 4 && round(ratio.low * pow(10, decimals)) == pow(10, decimals))
        decimals++;
    return decimals;
}

/* "1.12 times slower than omp -j2 [1.09, 1.15]" for a ratio above 1. */
static void say_times(dpk_text *to, dpk_interval ratio, const char *slower, const char *name)
{
    int decimals = decimals_of(ratio);
    dpk_text_add(to, "%.*f times %s than %s [%.*f, ", decimals, ratio.estimate, slower, name,
                 decimals, ratio.low);
    if (isfinite(ratio.high))
        dpk_text_add(to, "%.*f]", decimals, ratio.high);
    else
        dpk_text_add(to, "∞]");
}

static dpk_interval inverse(dpk_interval ratio)
{
    return (dpk_interval){ 1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low };
}

/* "±1.4 %", of a half-width */
static void say_uncertainty(dpk_text *to, double share)
{
    if (share < 1) {
        dpk_text_add(to, "±");
        say_share(to, share);
    } else if (isfinite(share)) {
        dpk_text_add(to, "within a factor of %.3g", 1 + share);
    } else {
        dpk_text_add(to, "nothing is known");
    }
}

/* ------------------------------------------------------------------------------- the sentences */

static bool waits_for_memory(const dpk_summary *summary)
{
    return summary->roof_name != NULL && summary->roof_name[0] == 'm' && summary->roof >= NEAR_ROOF;
}

/* --rounds of twice the generations gives that many generations. */
static void say_too_few(dpk_text *to, const dpk_comparison *comparison)
{
    dpk_text_add(to,
                 "too few rounds to tell, of %zu generation%s of processes where %d are needed: "
                 "--rounds=%d gives more",
                 comparison->generations, comparison->generations == 1 ? "" : "s",
                 DPK_GENERATIONS_LEAST, 2 * DPK_GENERATIONS_LEAST);
}

/* Says why times are equal: both wait for memory, or differences cancel out. */
static void say_equal(dpk_text *to, const dpk_comparison *comparison, const dpk_variant *variant)
{
    const dpk_variant *first = &comparison->variants[0];
    const dpk_summary *summary = &variant->summary;
    dpk_text_add(to, "%s and %s: no difference proven (", variant->name, first->name);
    say_uncertainty(to, dpk_half_width(summary->ratio));
    dpk_text_add(to, ")");
    if (waits_for_memory(summary) && waits_for_memory(&first->summary)) {
        dpk_text_add(to, ": both are near this machine's memory roof (%.0f %% and %.0f %% of it)",
                     100 * summary->roof, 100 * first->summary.roof);
    }
    dpk_explanation why = dpk_explain(comparison, variant, summary->wall);
    if (dpk_explain_cancels_out(&why)) {
        dpk_text_add(to, "; what differs cancels out: ");
        dpk_explain_parts(&why, to);
    }
    dpk_explain_queue(&why, to);
}

const char *dpk_verdict_text(const dpk_comparison *comparison, const dpk_variant *variant,
                             char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    const dpk_summary *summary = &variant->summary;
    if (dpk_comparison_is_short(comparison)) {
        dpk_text_add(&to, "%s and %s: ", variant->name, comparison->variants[0].name);
        say_too_few(&to, comparison);
        return text;
    }
    if (summary->verdict == DPK_UNPROVEN) {
        say_equal(&to, comparison, variant);
        return text;
    }
    bool slower = summary->verdict == DPK_SLOWER;
    dpk_text_add(&to, "%s is ", variant->name);
    say_times(&to, slower ? summary->ratio : inverse(summary->ratio), slower ? "slower" : "faster",
              comparison->variants[0].name);
    dpk_explanation why = dpk_explain(comparison, variant, summary->wall_more.estimate);
    dpk_explain_difference(&why, slower, &to);
    dpk_explain_queue(&why, &to);
    return text;
}

const char *dpk_equality_text(const dpk_comparison *comparison, char *text, size_t size)
{
    const dpk_variant *first = &comparison->variants[0];
    dpk_text to = dpk_text_begin(text, size);
    for (size_t i = 1; i < comparison->variant_count; i++)
        if (comparison->variants[i].digest != first->digest)
            return text;
    if (comparison->variant_count > 1)
        dpk_text_add(&to, "All variants gave the same bytes");
    else if (first->backend->sequential)
        return text;
    else
        dpk_text_add(&to, "It gave the same bytes as one worker");
    dpk_text_add(&to, ", of digest %016" PRIx64 ", before any was timed.", first->digest);
    return text;
}

/* "a, b and c" of the variants in the set. */
static void say_names(dpk_text *to, const dpk_comparison *comparison, const bool *set)
{
    size_t left = 0;
    for (size_t i = 0; i < comparison->variant_count; i++)
        left += set[i];
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (set[i])
            dpk_text_add(to, "%s%s", comparison->variants[i].name,
                         --left > 1  ? ", "
                         : left == 1 ? " and "
                                     : "");
}

const char *dpk_winner_text(const dpk_comparison *comparison, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    const dpk_variant *all = comparison->variants, *best = all, *next = NULL;
    size_t count = comparison->variant_count, equals = 1;
    for (size_t i = 1; i < count; i++)
        if (all[i].summary.ratio.estimate < best->summary.ratio.estimate)
            best = &all[i];

    bool equal[DPK_VARIANTS_MAX] = { false };
    double most = 0;
    dpk_interval lead = { INFINITY, INFINITY, INFINITY };
    for (size_t i = 0; i < count; i++) {
        dpk_interval ratio = dpk_variant_ratio(comparison, best, &all[i]);
        equal[i] = &all[i] == best || dpk_comparison_judge(comparison, ratio) != DPK_SLOWER;
        if (&all[i] != best && equal[i]) {
            equals++;
            most = fmax(most, dpk_half_width(ratio));
        } else if (&all[i] != best && ratio.estimate < lead.estimate) {
            lead = ratio;
            next = &all[i];
        }
    }
    if (count < 2)
        return text;
    if (dpk_comparison_is_short(comparison)) {
        say_too_few(&to, comparison);
        return text;
    }
    if (equals == 1) {
        dpk_text_add(&to, "%s wins: ", best->name);
        say_times(&to, lead, "faster", next->name);
        return text;
    }
    say_names(&to, comparison, equal);
    dpk_text_add(&to, equals == count ? ": no difference between them is proven ("
                                      : " are the fastest: no difference between them is proven (");
    say_uncertainty(&to, most);
    dpk_text_add(&to, ")");
    return text;
}

const char *dpk_intervals_name(const dpk_comparison *comparison)
{
    return dpk_comparison_is_short(comparison) ? "intervals of too few rounds" : "95 % intervals";
}

const char *dpk_ratios_text(const dpk_comparison *comparison, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(
        &to,
        "ratio: to the times of %s in the same round; above 1 is slower; ±: half the width of its "
        "interval",
        comparison->variants[0].name);
    if (dpk_comparison_is_short(comparison))
        dpk_text_add(
            &to,
            ". All intervals are of fewer than %d generations of processes, and may be too "
            "narrow for others",
            DPK_GENERATIONS_LEAST);
    dpk_text_add(&to, ".");
    return text;
}

const char *dpk_ending_text(const dpk_comparison *comparison, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    char time[32];
    switch (comparison->ending) {
    case DPK_ENDED_NARROW:
        dpk_text_add(&to, "the ratios are known well enough");
        break;
    case DPK_ENDED_ROUNDS:
        dpk_text_add(&to, "all rounds are done");
        break;
    case DPK_ENDED_BUDGET:
        dpk_text_add(&to, "the time for it, %s, is spent",
                     dpk_text_seconds(comparison->budget, time, sizeof time));
        break;
    case DPK_ENDED_INTERRUPTED:
        dpk_text_add(&to, "it was interrupted");
        break;
    }
    if (comparison->variant_count < 2)
        return text;
    if (dpk_comparison_is_short(comparison)) {
        dpk_text_add(&to, ": too few rounds to tell");
        return text;
    }
    dpk_text_add(&to, ": ratios ");
    say_uncertainty(&to, comparison->reached);
    if (comparison->ending != DPK_ENDED_NARROW && comparison->width > 0 &&
        comparison->reached > comparison->width) {
        dpk_text_add(&to, ", requested ±");
        say_share(&to, comparison->width);
    }
    return text;
}
