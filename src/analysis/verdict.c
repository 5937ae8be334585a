/* SPDX-License-Identifier: MIT */
/* verdict.c: what a comparison means, in sentences. Nothing is said that was not measured: a part
 * of a difference, or a detail of a part, is named only if its own interval excludes zero and if it
 * is no trifle beside the whole. The largest comes first. */
#include "analysis/comparison.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>

/* Shares of the whole. Parts below the first are named only until less than that is unnamed, those
 * below the second never; and that little may be missing from the sum without "the rest". */
static const double TRIFLE = 0.05, REST = 0.02;

/* Seconds that a page fault and a switch to another thread take at the least, on fast machines:
 * counts that would be a trifle even so explain nothing. */
static const double FAULT = 0.25e-6, SWITCH = 0.5e-6;

/* From this share of its roof on, memory is what a kernel mostly waits for. */
static const double NEAR_ROOF = 0.6;

/* "+3.90 ms" */
static void say_more(dpk_text *to, double seconds)
{
    char text[32];
    dpk_text_add(to, "%c%s", seconds < 0 ? '-' : '+',
                 dpk_text_seconds(fabs(seconds), text, sizeof text));
}

/* "1.4 %" */
static void say_share(dpk_text *to, double share)
{
    double percent = 100 * share;
    dpk_text_add(to, "%.*f %%", percent < 0.995 ? 2 : percent < 9.95 ? 1 : 0, percent);
}

/* "13 000": three significant digits. */
static void say_count(dpk_text *to, double count)
{
    double unit = 1;
    while (count / unit >= 999.5)
        unit *= 10;
    unsigned long long rounded = (unsigned long long)(round(count / unit) * unit);
    if (rounded >= 1000000)
        dpk_text_add(to, "%llu %03llu %03llu", rounded / 1000000, rounded / 1000 % 1000,
                     rounded % 1000);
    else if (rounded >= 1000)
        dpk_text_add(to, "%llu %03llu", rounded / 1000, rounded % 1000);
    else
        dpk_text_add(to, "%llu", rounded);
}

/* As many decimals as the interval gives a meaning to, and as show that 1 is not in it. */
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

/* ---------------------------------------------------------------------------- why it differs */

static bool proven(dpk_interval more)
{
    return more.low > 0 || more.high < 0;
}

enum { SHARING = DPK_PHASES, PARTS };

typedef struct part {
    int phase; /* or SHARING */
    double more;
} part;

typedef struct story {
    const dpk_summary *summary;
    unsigned first_workers, workers;
    double least; /* seconds: what is less is a trifle */
    size_t count;
    part parts[PARTS]; /* worth telling, largest first */
    double rest;       /* what they leave of the whole */
    bool queue_told, system_told, around_told;
} story;

static bool worth(const story *of, dpk_interval more)
{
    return proven(more) && fabs(more.estimate) >= of->least;
}

static int by_size(const void *left, const void *right)
{
    double a = fabs(((const part *)left)->more), b = fabs(((const part *)right)->more);
    return (a < b) - (a > b);
}

static story find_parts(const dpk_comparison *comparison, const dpk_variant *variant, double whole)
{
    const dpk_summary *summary = &variant->summary;
    const dpk_variant *first = &comparison->variants[0];
    story found = {
        .summary = summary,
        .first_workers = dpk_variant_workers(first),
        .workers = dpk_variant_workers(variant),
        .least = TRIFLE * fabs(whole),
    };
    part all[PARTS];
    size_t count = 0;
    for (int i = 0; i < PARTS; i++) {
        dpk_interval more = i == SHARING ? summary->shared_more : summary->extra_more[i];
        if (proven(more))
            all[count++] = (part){ i, more.estimate };
    }
    qsort(all, count, sizeof *all, by_size);
    found.rest = summary->wall_more.estimate;
    for (size_t i = 0; i < count; i++) {
        double size = fabs(all[i].more);
        if (size < REST * fabs(whole) || (size < found.least && fabs(found.rest) < found.least))
            break;
        found.parts[found.count++] = all[i];
        found.rest -= all[i].more;
    }
    return found;
}

static bool same_sign(double a, double b)
{
    return (a < 0) == (b < 0);
}

/* A detail in parentheses: the first of a part opens them. */
static void say_next(dpk_text *to, bool *open)
{
    dpk_text_add(to, *open ? ", " : " (");
    *open = true;
}

/* "with 13 000 more page faults", if so many may matter at all. */
static void say_events(dpk_text *to, const story *of, dpk_interval more, double cost,
                       const char *name, bool *open)
{
    if (!proven(more) || fabs(more.estimate) * cost / of->workers < of->least)
        return;
    say_next(to, open);
    dpk_text_add(to, "with ");
    say_count(to, fabs(more.estimate));
    dpk_text_add(to, " %s %s", more.estimate < 0 ? "fewer" : "more", name);
}

/* What a part of load, work or store is made of, as far as it goes the same way. */
static void say_details(dpk_text *to, story *of, const part *named, bool *open)
{
    const dpk_summary *summary = of->summary;
    dpk_interval queued = summary->queued_more, system = summary->system_more;
    dpk_interval faults = summary->faults_more;
    if (!of->queue_told && worth(of, queued) && same_sign(queued.estimate, named->more)) {
        say_next(to, open);
        dpk_text_add(to, "without a processor ");
        say_more(to, queued.estimate);
        of->queue_told = true;
    }
    if (of->system_told)
        return;
    if (worth(of, system) && same_sign(system.estimate, named->more)) {
        say_next(to, open);
        dpk_text_add(to, "in the operating system ");
        say_more(to, system.estimate);
        of->system_told = true;
    }
    if (same_sign(faults.estimate, named->more)) {
        say_events(to, of, faults, FAULT, "page faults", open);
        of->system_told = true;
    }
}

/* What start or stop is made of: told with the larger of the two. */
static void say_around(dpk_text *to, story *of, const part *named, bool *open)
{
    dpk_interval system = of->summary->around_system_more;
    dpk_interval faults = of->summary->around_faults_more;
    if (of->around_told)
        return;
    of->around_told = true;
    if (worth(of, system) && same_sign(system.estimate, named->more)) {
        say_next(to, open);
        dpk_text_add(to, "in the operating system ");
        say_more(to, system.estimate);
    }
    if (same_sign(faults.estimate, named->more))
        say_events(to, of, faults, FAULT, "page faults", open);
}

static void say_part(dpk_text *to, story *of, const part *named)
{
    bool open = false, other_share = of->workers != of->first_workers;
    if (named->phase == SHARING && of->workers > of->first_workers)
        dpk_text_add(to, "%u workers share the work ", of->workers);
    else if (named->phase == SHARING)
        dpk_text_add(to, "%u worker%s instead of %u ", of->workers, of->workers == 1 ? "" : "s",
                     of->first_workers);
    else if (dpk_phase_is_shared(named->phase) && other_share)
        dpk_text_add(to, "%s %s its share ", dpk_phase_names[named->phase],
                     named->more < 0 ? "below" : "beyond");
    else
        dpk_text_add(to, "%s ", dpk_phase_names[named->phase]);
    say_more(to, named->more);
    if (named->phase != SHARING && dpk_phase_is_shared(named->phase))
        say_details(to, of, named, &open);
    if (named->phase == DPK_START || named->phase == DPK_STOP)
        say_around(to, of, named, &open);
    if (named->phase == DPK_WAIT && same_sign(of->summary->voluntary_more.estimate, named->more))
        say_events(to, of, of->summary->voluntary_more, SWITCH, "voluntary switches", &open);
    if (open)
        dpk_text_add(to, ")");
}

static void say_parts(dpk_text *to, story *of)
{
    for (size_t i = 0; i < of->count; i++) {
        if (i > 0)
            dpk_text_add(to, ", ");
        say_part(to, of, &of->parts[i]);
    }
}

/* Queueing is named even where more important things are to be told. */
static void say_queue(dpk_text *to, story *of)
{
    dpk_interval queued = of->summary->queued_more;
    of->least = TRIFLE * of->summary->wall;
    if (of->queue_told || queued.estimate < 0 || !worth(of, queued))
        return;
    char time[32];
    dpk_text_add(to, "; its workers were without a processor for %s more",
                 dpk_text_seconds(queued.estimate, time, sizeof time));
}

/* ": +3.90 ms = start +1.20 ms, work +2.30 ms, the rest +0.4 ms" */
static void say_difference(dpk_text *to, story *of)
{
    dpk_interval whole = of->summary->wall_more;
    dpk_text_add(to, ": ");
    say_more(to, whole.estimate);
    if (of->count == 0) {
        dpk_text_add(to, ", in no part more than its noise");
        return;
    }
    dpk_text_add(to, " = ");
    say_parts(to, of);
    if (fabs(of->rest) >= REST * fabs(whole.estimate)) {
        dpk_text_add(to, ", the rest ");
        say_more(to, of->rest);
    }
}

/* ------------------------------------------------------------------------------- the sentences */

static bool waits_for_memory(const dpk_summary *summary)
{
    return summary->roof_name != NULL && summary->roof_name[0] == 'm' && summary->roof >= NEAR_ROOF;
}

/* Do large parts of both signs leave little? */
static bool cancels_out(const story *of)
{
    double sum = 0, most = 0;
    for (size_t i = 0; i < of->count; i++) {
        sum += of->parts[i].more;
        most = fmax(most, fabs(of->parts[i].more));
    }
    return of->count > 1 && fabs(sum) < most / 2;
}

/* --rounds of that number are as many generations. */
static void say_too_few(dpk_text *to, const dpk_comparison *comparison)
{
    dpk_text_add(to,
                 "too few rounds to tell, of %zu generation%s of processes where %d are needed: "
                 "--rounds=%d gives more",
                 comparison->generations, comparison->generations == 1 ? "" : "s",
                 DPK_GENERATIONS_LEAST, 2 * DPK_GENERATIONS_LEAST);
}

/* Equal times may have one reason, or several that cancel out. */
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
    story parts = find_parts(comparison, variant, summary->wall);
    if (cancels_out(&parts)) {
        dpk_text_add(to, "; what differs cancels out: ");
        say_parts(to, &parts);
    }
    say_queue(to, &parts);
}

const char *dpk_verdict_text(const dpk_comparison *comparison, const dpk_variant *variant,
                             char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    const dpk_summary *summary = &variant->summary;
    dpk_interval whole = summary->wall_more;
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
    /* The median of ratios and the mean of differences are two things: of wild times the one may be
     * sure and the other not. */
    story parts = find_parts(comparison, variant, whole.estimate);
    if (proven(whole) && slower == (whole.estimate > 0))
        say_difference(&to, &parts);
    else
        dpk_text_add(&to, "; times vary too much to say where the difference comes from");
    say_queue(&to, &parts);
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
        dpk_text_add(&to, ", wished ±");
        say_share(&to, comparison->width);
    }
    return text;
}
