/* SPDX-License-Identifier: MIT */
/* lesson.c: compares what a lesson expects with what was measured, sign by sign. */
#include "analysis/lesson.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* The first variant, and the one with as many workers of the other kind. */
struct pair {
    const dpk_variant *first, *second;
    const dpk_variant *threads, *processes;
};

static bool find_pair(const dpk_comparison *comparison, struct pair *pair)
{
    *pair = (struct pair){ .first = &comparison->variants[0] };
    const dpk_backend *backend = pair->first->backend;
    for (size_t v = 1; v < comparison->variant_count && pair->second == NULL; v++) {
        const dpk_variant *other = &comparison->variants[v];
        bool threads = backend->threads && other->backend->processes;
        bool processes = backend->processes && other->backend->threads;
        bool alike = dpk_variant_workers(other) == dpk_variant_workers(pair->first);
        if (alike && (threads || processes)) {
            pair->second = other;
            pair->threads = threads ? pair->first : other;
            pair->processes = threads ? other : pair->first;
        }
    }
    return pair->second != NULL;
}

/* How much more the slower one has: second minus first, or the reverse. */
static dpk_interval oriented(dpk_interval more, bool reverse)
{
    if (!reverse)
        return more;
    return (dpk_interval){ .estimate = -more.estimate, .low = -more.high, .high = -more.low };
}

/* Names the signs that were measured, and returns their number. */
static size_t name_signs(const struct pair *pair, unsigned signs, bool reverse, dpk_text *to)
{
    const dpk_summary *summary = &pair->second->summary;
    const struct {
        unsigned sign;
        const char *name;
        dpk_interval more;
        bool seconds;
    } table[] = {
        { DPK_SIGN_START, "start", summary->phase_more[DPK_START], true },
        { DPK_SIGN_WORK, "work", summary->phase_more[DPK_WORK], true },
        { DPK_SIGN_WAIT, "wait", summary->phase_more[DPK_WAIT], true },
        { DPK_SIGN_STOP, "stop", summary->phase_more[DPK_STOP], true },
        { DPK_SIGN_SYSTEM, "in the operating system", summary->system_more, true },
        { DPK_SIGN_SWITCHES, "switches", summary->voluntary_more, false },
        { DPK_SIGN_FAULTS, "page faults", summary->faults_more, false },
    };
    size_t found = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        dpk_interval more = oriented(table[i].more, reverse);
        if (!(signs & table[i].sign) || !(more.low > 0))
            continue;
        char amount[64];
        dpk_text_add(to, "%s%s ", found > 0 ? ", " : "", table[i].name);
        if (table[i].seconds)
            dpk_text_add(to, "+%s", dpk_text_seconds(more.estimate, amount, sizeof amount));
        else
            dpk_text_add(to, "+%.3g", more.estimate);
        found++;
    }
    return found;
}

/* An unproven difference is no proof of equality. As in tests of equivalence, two are equal if the
 * whole interval lies within the limits, and different if it lies outside. */
static bool is_equal(dpk_interval ratio)
{
    return ratio.low >= 1 / (1 + DPK_NEITHER_WITHIN) && ratio.high <= 1 + DPK_NEITHER_WITHIN;
}

static bool is_different(dpk_interval ratio)
{
    return ratio.low > 1 + DPK_NEITHER_WITHIN || ratio.high < 1 / (1 + DPK_NEITHER_WITHIN);
}

/* Where a winner is expected and none is proven. */
static dpk_outcome say_unproven(dpk_interval ratio, dpk_text *to)
{
    bool equal = is_equal(ratio);
    dpk_text_add(to,
                 equal ? "Not seen here: processes take [%.3g, %.3g] times as long, which is alike."
                       : "Too noisy to tell here: processes take [%.3g, %.3g] times as long.",
                 ratio.low, ratio.high);
    return equal ? DPK_NOT_SEEN : DPK_NOISY;
}

static dpk_outcome check_winner(const struct pair *pair, const dpk_lesson *lesson,
                                dpk_interval ratio, dpk_verdict verdict, dpk_text *to)
{
    bool processes = lesson->winner == DPK_PROCESSES_WIN;
    if (verdict == DPK_UNPROVEN)
        return say_unproven(ratio, to);
    double times = verdict == DPK_FASTER ? 1 / ratio.estimate : ratio.estimate;
    if ((verdict == DPK_FASTER) != processes) {
        dpk_text_add(to, "Denied here: %s win, %.3g times.", processes ? "threads" : "processes",
                     times);
        return DPK_DENIED;
    }
    const dpk_variant *loser = processes ? pair->threads : pair->processes;
    dpk_text_add(to, "Here %s win, %.3g times; %s has more: ", processes ? "processes" : "threads",
                 times, loser->name);
    size_t found = name_signs(pair, lesson->signs, loser == pair->first, to);
    dpk_text_add(to, found > 0 ? ". Confirmed." : "nothing that would explain it. Not confirmed.");
    return found > 0 ? DPK_CONFIRMED : DPK_UNEXPLAINED;
}

/* Of load, work and store. On a quiet machine, interrupts and system services take less than this
 * from workers. */
#define QUEUED_LEAST 0.1

/* Says how much load both were under, and returns whether it was as much as the lesson needs. */
static bool name_burdens(const struct pair *pair, unsigned signs, dpk_text *to)
{
    const dpk_summary *threads = &pair->threads->summary, *processes = &pair->processes->summary;
    bool found = true;
    if (signs & DPK_SIGN_QUEUE) {
        dpk_interval a = threads->queued_share, b = processes->queued_share;
        found &= a.low > QUEUED_LEAST && b.low > QUEUED_LEAST;
        if (isfinite(a.estimate + b.estimate))
            dpk_text_add(to,
                         "; threads were without a processor for %.0f %% of their work, processes "
                         "for %.0f %%",
                         100 * a.estimate, 100 * b.estimate);
    }
    if (signs & DPK_SIGN_THROTTLE) {
        found &= threads->throttles > 0 && processes->throttles > 0;
        dpk_text_add(to, "; the quota was used up %.3g and %.3g times", threads->throttles,
                     processes->throttles);
    }
    return found;
}

static dpk_outcome check_equal(const struct pair *pair, unsigned signs, dpk_interval ratio,
                               dpk_text *to)
{
    dpk_text_add(to, "Here processes take %.3g times as long [%.3g, %.3g]", ratio.estimate,
                 ratio.low, ratio.high);
    bool burdened = name_burdens(pair, signs, to);
    dpk_outcome outcome = is_different(ratio) ? DPK_DENIED
                          : !is_equal(ratio)  ? DPK_NOISY
                          : !burdened         ? DPK_UNEXPLAINED
                                              : DPK_CONFIRMED;
    static const char *const words[] = {
        [DPK_DENIED] = "Denied",
        [DPK_NOISY] = "Too noisy to tell",
        [DPK_UNEXPLAINED] = "That is too little to show anything: not confirmed",
        [DPK_CONFIRMED] = "Confirmed",
    };
    dpk_text_add(to, ". %s.", words[outcome]);
    return outcome;
}

const char *dpk_outcome_name(dpk_outcome outcome)
{
    static const char *const names[] = {
        [DPK_NO_LESSON] = NULL,
        [DPK_CONFIRMED] = "confirmed",
        [DPK_UNEXPLAINED] = "unexplained",
        [DPK_NOT_SEEN] = "not seen",
        [DPK_DENIED] = "denied",
        [DPK_NOISY] = "too noisy to tell",
    };
    return names[outcome];
}

/* Says what the lesson expects, or at which other setting this is measured. */
static void begin(const dpk_lesson *lesson, bool again, dpk_text *to)
{
    static const char *const winners[] = {
        [DPK_NEITHER_WINS] = "Neither",
        [DPK_PROCESSES_WIN] = "Processes",
        [DPK_THREADS_WIN] = "Threads",
    };
    if (again)
        dpk_text_add(to, " With %s nobody dies. ", lesson->timed);
    else
        dpk_text_add(to, "%s should win: %s ", winners[lesson->winner], lesson->mechanism);
}

/* Whether times are to be compared: if the lesson is about death, only where nobody has died. */
static bool is_timed(const dpk_lesson *lesson, const struct pair *pair)
{
    bool died = pair->threads->failure.text[0] != '\0' || pair->processes->failure.text[0] != '\0';
    return !(lesson->signs & DPK_SIGN_DEATH) || (lesson->timed != NULL && !died);
}

/* Compares what both deliver after a crash. There are no times. */
static dpk_outcome check_survival(const struct pair *pair, dpk_text *to)
{
    const dpk_failure *threads = &pair->threads->failure, *processes = &pair->processes->failure;
    if (threads->text[0] == '\0') {
        dpk_text_add(to, "Not seen here: threads come to their end.");
        return DPK_NOT_SEEN;
    }
    if (processes->text[0] == '\0') {
        dpk_text_add(to, "Not seen here: what processes deliver is not known.");
        return DPK_NOT_SEEN;
    }
    if (processes->delivered == 0) {
        dpk_text_add(to, "Denied here: processes deliver nothing, either.");
        return DPK_DENIED;
    }
    dpk_text_add(to, "Here threads deliver nothing, and processes %zu of %zu items. Confirmed.",
                 processes->delivered, processes->items);
    return DPK_CONFIRMED;
}

/* Where the kernel refuses threads, processes only have to be faster than one worker. */
static dpk_outcome check_alone(const dpk_comparison *comparison, dpk_text *to)
{
    const dpk_variant *alone = NULL, *processes = NULL;
    for (size_t v = 0; v < comparison->variant_count; v++) {
        const dpk_variant *variant = &comparison->variants[v];
        if (variant->backend->processes && dpk_variant_workers(variant) > 1)
            processes = variant;
        else if (variant->backend->sequential)
            alone = variant;
    }
    if (alone == NULL || processes == NULL)
        return DPK_NO_LESSON;
    dpk_interval ratio = dpk_variant_ratio(comparison, alone, processes);
    dpk_verdict verdict = dpk_comparison_judge(comparison, ratio);
    begin(comparison->kernel->lesson, false, to);
    dpk_text_add(to, "Threads are refused: %s. ", comparison->kernel->not_on_threads);
    if (verdict == DPK_UNPROVEN)
        return say_unproven(ratio, to);
    dpk_text_add(to, "Here %u processes take %.3g times as long as one worker. %s.",
                 dpk_variant_workers(processes), ratio.estimate,
                 verdict == DPK_FASTER ? "Confirmed" : "Denied");
    return verdict == DPK_FASTER ? DPK_CONFIRMED : DPK_DENIED;
}

static dpk_outcome check(const dpk_comparison *comparison, bool again, dpk_text *to)
{
    const dpk_lesson *lesson = comparison->kernel->lesson;
    struct pair pair;
    if (lesson != NULL && comparison->kernel->not_on_threads != NULL)
        return check_alone(comparison, to);
    if (lesson == NULL || !find_pair(comparison, &pair))
        return DPK_NO_LESSON;
    bool timed = is_timed(lesson, &pair);
    if (!timed && comparison->scope == DPK_SCOPE_RUN)
        return DPK_NO_LESSON; /* these commands do not keep going */
    begin(lesson, again, to);
    if (!timed)
        return check_survival(&pair, to);
    if (dpk_comparison_is_short(comparison)) {
        dpk_text_add(to, "Too few rounds to tell.");
        return DPK_NOISY;
    }
    dpk_interval ratio = dpk_variant_ratio(comparison, pair.threads, pair.processes);
    if (lesson->winner == DPK_NEITHER_WINS)
        return check_equal(&pair, lesson->signs, ratio, to);
    return check_winner(&pair, lesson, ratio, dpk_comparison_judge(comparison, ratio), to);
}

dpk_outcome dpk_lesson_check(const dpk_comparison *comparison, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    return check(comparison, false, &to);
}

dpk_outcome dpk_lesson_check_timed(const dpk_comparison *comparison, char *text, size_t size)
{
    size_t length = strlen(text);
    dpk_text to = dpk_text_begin(text + length, size - length);
    return check(comparison, true, &to);
}
