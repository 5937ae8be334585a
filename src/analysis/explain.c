/* SPDX-License-Identifier: MIT */
/* explain.c: takes a difference of times apart. It names a part of the difference, or a detail of a
 * part, only if the interval of that part excludes zero and if it is not small compared with the
 * whole. The largest part comes first. */
#include "analysis/explain.h"

#include <math.h>
#include <stdlib.h>

/* Shares of the whole. Parts below TRIFLE are named only until less than that is left, parts below
 * REST never. A remainder below REST is not mentioned as "the rest". */
static const double TRIFLE = 0.05, REST = 0.02;

/* Seconds that a page fault and a switch to another thread take on fast machines. Counts that would
 * be a trifle at these costs explain nothing. */
static const double FAULT = 0.25e-6, SWITCH = 0.5e-6;

/* The part that sharing makes, besides one for each phase. */
enum { SHARING = DPK_PHASES };

/* "+3.90 ms" */
static void say_more(dpk_text *to, double seconds)
{
    char text[32];
    dpk_text_add(to, "%c%s", seconds < 0 ? '-' : '+',
                 dpk_text_seconds(fabs(seconds), text, sizeof text));
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

static bool proven(dpk_interval more)
{
    return more.low > 0 || more.high < 0;
}

static bool same_sign(double a, double b)
{
    return (a < 0) == (b < 0);
}

static bool worth(const dpk_explanation *of, dpk_interval more)
{
    return proven(more) && fabs(more.estimate) >= of->least;
}

/* ------------------------------------------------------------------------------------- the parts
 */

static int by_size(const void *left, const void *right)
{
    double a = fabs(((const dpk_part *)left)->more), b = fabs(((const dpk_part *)right)->more);
    return (a < b) - (a > b);
}

dpk_explanation dpk_explain(const dpk_comparison *comparison, const dpk_variant *variant,
                            double whole)
{
    const dpk_summary *summary = &variant->summary;
    dpk_explanation found = {
        .summary = summary,
        .first_workers = dpk_variant_workers(&comparison->variants[0]),
        .workers = dpk_variant_workers(variant),
        .least = TRIFLE * fabs(whole),
    };
    dpk_part all[DPK_PARTS];
    size_t count = 0;
    for (int i = 0; i < DPK_PARTS; i++) {
        dpk_interval more = i == SHARING ? summary->shared_more : summary->extra_more[i];
        if (proven(more))
            all[count++] = (dpk_part){ i, more.estimate };
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

/* ----------------------------------------------------------------------------------- the details
 */

/* Details are measured of several phases together: queueing, and the operating system's share, of
 * load, work and store; what the operating system takes outside of jobs, of start and stop. So they
 * are told after the last of these phases that is named, and only if they can be a part of what is
 * named. */
typedef struct group {
    double whole;   /* seconds: the sum of the phases that are named */
    size_t members; /* that are named */
    int phases[DPK_PHASES];
} group;

static bool is_around(int phase)
{
    return phase == DPK_START || phase == DPK_STOP;
}

static bool in_same_group(int a, int b)
{
    return a != SHARING && b != SHARING &&
           ((dpk_phase_is_shared(a) && dpk_phase_is_shared(b)) || (is_around(a) && is_around(b)));
}

/* The group of a part; false if a later part is of the same group, or if it is of none. */
static bool ends_group(const dpk_explanation *of, size_t number, group *found)
{
    *found = (group){ .members = 0 };
    for (size_t i = 0; i < of->count; i++) {
        if (!in_same_group(of->parts[i].phase, of->parts[number].phase))
            continue;
        if (i > number)
            return false;
        found->phases[found->members++] = of->parts[i].phase;
        found->whole += of->parts[i].more;
    }
    return found->members > 0;
}

/* " (", or " (work and store: " where the details are those of both; then commas. */
static void say_next(dpk_text *to, const group *in, bool *open)
{
    dpk_text_add(to, *open ? ", " : " (");
    for (size_t i = 0; i < in->members && in->members > 1 && !*open; i++)
        dpk_text_add(to, "%s%s", dpk_phase_names[in->phases[i]],
                     i + 1 == in->members   ? ": "
                     : i + 2 == in->members ? " and "
                                            : ", ");
    *open = true;
}

/* "in the operating system +3.0 ms"; what is larger than the whole only by its noise is all of it,
 * and what is larger still must come from elsewhere. Returns whether it was told. */
static bool say_seconds(dpk_text *to, const dpk_explanation *of, const group *in,
                        dpk_interval detail, const char *name, bool *open)
{
    double least = fmin(fabs(detail.low), fabs(detail.high));
    if (!worth(of, detail) || !same_sign(detail.estimate, in->whole) || least > fabs(in->whole))
        return false;
    bool all = fabs(detail.estimate) > fabs(in->whole);
    say_next(to, in, open);
    dpk_text_add(to, "%s%s", all ? "all of it " : "", name);
    if (!all) {
        dpk_text_add(to, " ");
        say_more(to, detail.estimate);
    }
    return true;
}

/* "with 13 000 more page faults", if so many may matter at all. */
static void say_events(dpk_text *to, const dpk_explanation *of, const group *in, dpk_interval more,
                       double cost, const char *name, bool *open)
{
    if (!proven(more) || !same_sign(more.estimate, in->whole) ||
        fabs(more.estimate) * cost / of->workers < of->least)
        return;
    say_next(to, in, open);
    dpk_text_add(to, "with ");
    say_count(to, fabs(more.estimate));
    dpk_text_add(to, " %s %s", more.estimate < 0 ? "fewer" : "more", name);
}

static void say_details(dpk_text *to, dpk_explanation *of, size_t number)
{
    const dpk_summary *summary = of->summary;
    const dpk_part *named = &of->parts[number];
    const group alone = { .whole = named->more, .members = 1 };
    static const char system[] = "in the operating system";
    bool open = false;
    group in;
    if (named->phase == DPK_WAIT)
        say_events(to, of, &alone, summary->voluntary_more, SWITCH, "voluntary switches", &open);
    bool last = ends_group(of, number, &in);
    if (last && is_around(named->phase)) {
        say_seconds(to, of, &in, summary->around_system_more, system, &open);
        say_events(to, of, &in, summary->around_faults_more, FAULT, "page faults", &open);
    } else if (last) {
        of->queue_told =
            say_seconds(to, of, &in, summary->queued_more, "without a processor", &open);
        say_seconds(to, of, &in, summary->system_more, system, &open);
        say_events(to, of, &in, summary->faults_more, FAULT, "page faults", &open);
    }
    if (open)
        dpk_text_add(to, ")");
}

/* ------------------------------------------------------------------------------------- sentences
 */

static void say_part(dpk_text *to, dpk_explanation *of, size_t number)
{
    const dpk_part *named = &of->parts[number];
    bool other_share = of->workers != of->first_workers;
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
    say_details(to, of, number);
}

void dpk_explain_parts(dpk_explanation *of, dpk_text *to)
{
    for (size_t i = 0; i < of->count; i++) {
        if (i > 0)
            dpk_text_add(to, ", ");
        say_part(to, of, i);
    }
}

void dpk_explain_queue(dpk_explanation *of, dpk_text *to)
{
    dpk_interval queued = of->summary->queued_more;
    of->least = TRIFLE * of->summary->wall;
    if (of->queue_told || queued.estimate < 0 || !worth(of, queued))
        return;
    char time[32];
    dpk_text_add(to, "; its workers were without a processor for %s more",
                 dpk_text_seconds(queued.estimate, time, sizeof time));
}

void dpk_explain_difference(dpk_explanation *of, bool slower, dpk_text *to)
{
    dpk_interval whole = of->summary->wall_more;
    if (!proven(whole) || slower != (whole.estimate > 0)) {
        dpk_text_add(to, "; times vary too much to say where the difference comes from");
        return;
    }
    dpk_text_add(to, ": ");
    say_more(to, whole.estimate);
    if (of->count == 0) {
        dpk_text_add(to, ", in no part more than its noise");
        return;
    }
    dpk_text_add(to, " = ");
    dpk_explain_parts(of, to);
    if (fabs(of->rest) >= REST * fabs(whole.estimate)) {
        dpk_text_add(to, ", the rest ");
        say_more(to, of->rest);
    }
}

bool dpk_explain_cancels_out(const dpk_explanation *of)
{
    double sum = 0, most = 0;
    for (size_t i = 0; i < of->count; i++) {
        sum += of->parts[i].more;
        most = fmax(most, fabs(of->parts[i].more));
    }
    return of->count > 1 && fabs(sum) < most / 2;
}
