/* SPDX-License-Identifier: MIT */
/* report_json.c: a comparison for programs: all that was asked, measured and concluded, so that the
 * statistics can be done again without dpk. tests/schema/compare.json describes it. Members may be
 * added within a version; one that is renamed, removed or means something else makes a new one.
 *
 * Names end with their unit where it is not plain. What is unknown or without bound is null. */
#include "model/param.h"
#include "report/report.h"

#include "analysis/lesson.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const char *const scopes[] = {
    [DPK_SCOPE_COMPUTE] = "compute",
    [DPK_SCOPE_RUN] = "run",
};

static const char *const endings[] = {
    [DPK_ENDED_NARROW] = "narrow",
    [DPK_ENDED_ROUNDS] = "rounds",
    [DPK_ENDED_BUDGET] = "budget",
    [DPK_ENDED_INTERRUPTED] = "interrupted",
};

static const char *const verdicts[] = {
    [DPK_UNPROVEN] = "unproven",
    [DPK_FASTER] = "faster",
    [DPK_SLOWER] = "slower",
};

/* "" is for none. */
static void write_text(dpk_json *json, const char *key, const char *text)
{
    dpk_json_string(json, key, *text != '\0' ? text : NULL);
}

/* 0 is for none. */
static void write_amount(dpk_json *json, const char *key, double amount)
{
    dpk_json_number(json, key, amount > 0 ? amount : NAN);
}

static void write_interval(dpk_json *json, const char *key, dpk_interval interval)
{
    dpk_json_begin(json, key, '{');
    dpk_json_number(json, "estimate", interval.estimate);
    dpk_json_number(json, "low", interval.low);
    dpk_json_number(json, "high", interval.high);
    dpk_json_end(json, '}');
}

/* ------------------------------------------------------------------------------ what was asked */

static void write_list(dpk_json *json, const dpk_param *param, const void *self)
{
    const dpk_list *list = (const void *)((const char *)self + param->offset);
    dpk_json_begin(json, param->name, '[');
    for (size_t i = 0; i < list->count; i++)
        dpk_json_number(json, NULL, list->values[i]);
    dpk_json_end(json, ']');
}

static void write_parameters(dpk_json *json, const dpk_param *params, const void *self)
{
    dpk_json_begin(json, "parameters", '{');
    for (const dpk_param *param = params; param != NULL && param->name != NULL; param++) {
        char number[DPK_VALUE_TEXT];
        const char *text = dpk_param_value(param, self, number, sizeof number);
        if (param->type == DPK_PARAM_LIST)
            write_list(json, param, self);
        else if (param->type == DPK_PARAM_BOOL)
            dpk_json_bool(json, param->name, *text == 'y');
        else if (param->type == DPK_PARAM_STRING || param->choices != NULL)
            dpk_json_string(json, param->name, text);
        else
            dpk_json_number(json, param->name, strtod(text, NULL));
    }
    dpk_json_end(json, '}');
}

static void write_task(dpk_json *json, const dpk_comparison *comparison)
{
    dpk_json_string(json, "command", comparison->command);
    dpk_json_string(json, "kernel", comparison->kernel->name);
    write_parameters(json, comparison->kernel->params, comparison->self);
    write_text(json, "inputs", comparison->inputs);
    dpk_json_string(json, "scope", scopes[comparison->scope]);
    dpk_json_string(json, "isa", dpk_isa_name(comparison->isa));
    dpk_json_begin(json, "conditions", '{');
    dpk_json_number(json, "neighbours", comparison->conditions.neighbours);
    write_amount(json, "quota", comparison->conditions.quota);
    dpk_json_end(json, '}');
    dpk_json_begin(json, "cost", '{');
    write_amount(json, "bytes", comparison->cost.bytes);
    write_amount(json, "operations", comparison->cost.operations);
    dpk_json_end(json, '}');
}

static void write_course(dpk_json *json, const dpk_comparison *comparison)
{
    char text[256];
    dpk_json_number(json, "width", comparison->width);
    dpk_json_number(json, "reached", comparison->reached);
    dpk_json_number(json, "budget_seconds", comparison->budget);
    dpk_json_number(json, "seconds", comparison->seconds);
    dpk_json_string(json, "ending", endings[comparison->ending]);
    dpk_json_string(json, "ending_sentence", dpk_ending_text(comparison, text, sizeof text));
    dpk_json_number(json, "rounds", (double)comparison->rounds);
    dpk_json_begin(json, "generations", '[');
    for (size_t i = 0; i < comparison->rounds; i++)
        dpk_json_number(json, NULL, comparison->generation[i]);
    dpk_json_end(json, ']');
}

/* ---------------------------------------------------------------------------------- the machine */

/* Of one thread and of all. */
static void write_rates(dpk_json *json, const char *key, const double rates[2])
{
    dpk_json_begin(json, key, '[');
    dpk_json_number(json, NULL, rates[0]);
    dpk_json_number(json, NULL, rates[1]);
    dpk_json_end(json, ']');
}

static void write_roof(dpk_json *json, const dpk_comparison *comparison)
{
    const dpk_roof *roof = &comparison->roof;
    if (!comparison->roof_known) {
        dpk_json_string(json, "roof", NULL);
        return;
    }
    dpk_json_begin(json, "roof", '{');
    dpk_json_number(json, "jobs", roof->jobs);
    dpk_json_string(json, "isa", dpk_isa_name(roof->isa));
    write_rates(json, "copy_bytes_per_second", roof->copy);
    write_rates(json, "fma32_operations_per_second", roof->fma32);
    write_rates(json, "fma64_operations_per_second", roof->fma64);
    dpk_json_end(json, '}');
}

static void write_warnings(dpk_json *json, const dpk_warnings *warnings)
{
    dpk_json_begin(json, "warnings", '[');
    for (size_t i = 0; i < warnings->count; i++)
        dpk_json_string(json, NULL, warnings->text[i]);
    dpk_json_end(json, ']');
}

/* ------------------------------------------------------------------------------------- variants */

static void write_usage(dpk_json *json, const char *key, const dpk_usage *used)
{
    dpk_json_begin(json, key, '{');
    dpk_json_number(json, "cpu_ns", (double)used->cpu);
    dpk_json_number(json, "user_ns", (double)used->user);
    dpk_json_number(json, "system_ns", (double)used->system);
    dpk_json_number(json, "minor_faults", (double)used->minor_faults);
    dpk_json_number(json, "major_faults", (double)used->major_faults);
    dpk_json_number(json, "voluntary_switches", (double)used->voluntary_switches);
    dpk_json_number(json, "involuntary_switches", (double)used->involuntary_switches);
    dpk_json_end(json, '}');
}

static void write_sample(dpk_json *json, const dpk_sample *sample)
{
    dpk_json_begin(json, NULL, '{');
    dpk_json_number(json, "wall_ns", (double)sample->wall);
    dpk_json_number(json, "workers", sample->ledger.workers);
    dpk_json_number(json, "chunks", (double)sample->ledger.chunks);
    dpk_json_begin(json, "ledger_ns", '{');
    for (int phase = 0; phase < DPK_PHASES; phase++)
        dpk_json_number(json, dpk_phase_names[phase], (double)sample->ledger.ns[phase]);
    dpk_json_end(json, '}');
    write_usage(json, "job_usage", &sample->ledger.used);
    write_usage(json, "usage", &sample->used);
    dpk_json_number(json, "throttled_times", sample->throttling.times);
    dpk_json_number(json, "throttled_seconds", sample->throttling.seconds);
    dpk_json_end(json, '}');
}

static void write_phases(dpk_json *json, const dpk_interval phases[DPK_PHASES])
{
    for (int phase = 0; phase < DPK_PHASES; phase++)
        write_interval(json, dpk_phase_names[phase], phases[phase]);
}

/* Where the time went; what of it is more than the first variant's; and what is more than a share
 * of the first variant's as large as this one's number of workers makes it. */
static void write_ledger(dpk_json *json, const dpk_summary *summary)
{
    dpk_json_begin(json, "ledger_seconds", '{');
    dpk_json_number(json, "wall", summary->wall);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        dpk_json_number(json, dpk_phase_names[phase], summary->phase[phase]);
    dpk_json_number(json, "queued", summary->queued);
    dpk_json_end(json, '}');
    write_interval(json, "queued_share", summary->queued_share);

    dpk_json_begin(json, "more_seconds", '{');
    write_interval(json, "wall", summary->wall_more);
    write_phases(json, summary->phase_more);
    dpk_json_end(json, '}');

    dpk_json_begin(json, "beyond_share_seconds", '{');
    write_interval(json, "sharing", summary->shared_more);
    write_phases(json, summary->extra_more);
    write_interval(json, "queued", summary->queued_more);
    write_interval(json, "system", summary->system_more);
    dpk_json_end(json, '}');
}

static void write_counters(dpk_json *json, const dpk_summary *summary)
{
    dpk_json_begin(json, "counters", '{');
    dpk_json_number(json, "minor_faults", summary->minor_faults);
    dpk_json_number(json, "major_faults", summary->major_faults);
    dpk_json_number(json, "voluntary_switches", summary->voluntary_switches);
    dpk_json_number(json, "involuntary_switches", summary->involuntary_switches);
    dpk_json_number(json, "throttled_times", summary->throttles);
    dpk_json_number(json, "throttled_seconds", summary->throttled);
    dpk_json_number(json, "user_seconds", summary->user);
    dpk_json_number(json, "system_seconds", summary->system);
    write_interval(json, "more_faults", summary->faults_more);
    write_interval(json, "more_voluntary_switches", summary->voluntary_more);
    dpk_json_end(json, '}');
}

static void write_rates_and_scaling(dpk_json *json, const dpk_summary *summary)
{
    dpk_json_begin(json, "rates", '{');
    dpk_json_number(json, "bytes_per_second", summary->bytes_per_second);
    dpk_json_number(json, "operations_per_second", summary->operations_per_second);
    dpk_json_string(json, "roof", summary->roof_name);
    dpk_json_number(json, "roof_share", summary->roof);
    dpk_json_end(json, '}');

    dpk_json_begin(json, "scaling", '{');
    dpk_json_number(json, "base_seconds", summary->speedup_base);
    write_interval(json, "speedup", summary->speedup);
    write_interval(json, "efficiency", summary->efficiency);
    write_interval(json, "karp_flatt", summary->karp_flatt);
    dpk_json_end(json, '}');
}

static void write_spread(dpk_json *json, const char *key, const dpk_spread *spread)
{
    dpk_json_begin(json, key, '{');
    dpk_json_number(json, "median", spread->median);
    dpk_json_number(json, "mad", spread->mad);
    dpk_json_number(json, "min", spread->min);
    dpk_json_number(json, "max", spread->max);
    dpk_json_number(json, "mean", spread->mean);
    dpk_json_end(json, '}');
}

static void write_variant(dpk_json *json, const dpk_comparison *comparison,
                          const dpk_variant *variant)
{
    const dpk_summary *summary = &variant->summary;
    bool first = variant == comparison->variants;
    char text[512];
    dpk_json_begin(json, NULL, '{');
    dpk_json_string(json, "name", variant->name);
    dpk_json_string(json, "backend", variant->backend->name);
    dpk_json_number(json, "jobs", variant->jobs);
    snprintf(text, sizeof text, "%016" PRIx64, variant->digest);
    dpk_json_string(json, "digest", text);
    write_amount(json, "peak_bytes", (double)variant->peak);
    write_text(json, "note", variant->note);
    write_spread(json, "seconds", &summary->seconds);
    write_interval(json, "ratio", summary->ratio);
    dpk_json_string(json, "verdict", first ? NULL : verdicts[summary->verdict]);
    dpk_json_string(json, "sentence",
                    first ? NULL : dpk_verdict_text(comparison, variant, text, sizeof text));
    write_ledger(json, summary);
    write_counters(json, summary);
    write_rates_and_scaling(json, summary);
    dpk_json_begin(json, "samples", '[');
    for (size_t i = 0; i < comparison->rounds; i++)
        write_sample(json, &variant->samples[i]);
    dpk_json_end(json, ']');
    dpk_json_end(json, '}');
}

/* ----------------------------------------------------------------------------------------- laws */

/* null for all numbers that would be those of a bound, and not of the times. */
static void write_fitted(dpk_json *json, const char *key, dpk_interval interval,
                         const char *why_not)
{
    write_interval(json, key, why_not == NULL ? interval : (dpk_interval){ NAN, NAN, NAN });
}

static void write_amdahl(dpk_json *json, const dpk_amdahl *law)
{
    const char *why_not = dpk_amdahl_why_not(law);
    if (!law->fitted) {
        dpk_json_string(json, "amdahl", NULL);
        return;
    }
    dpk_json_begin(json, "amdahl", '{');
    dpk_json_string(json, "withheld", why_not);
    write_fitted(json, "first_seconds", law->first, why_not);
    write_fitted(json, "serial", law->serial, why_not);
    dpk_json_number(json, "error", law->error);
    dpk_json_end(json, '}');
}

static void write_usl(dpk_json *json, const dpk_usl *law)
{
    const char *why_not = dpk_usl_why_not(law);
    if (!law->fitted) {
        dpk_json_string(json, "usl", NULL);
        return;
    }
    dpk_json_begin(json, "usl", '{');
    dpk_json_string(json, "withheld", why_not);
    write_fitted(json, "runs_per_second", law->rate, why_not);
    write_fitted(json, "alpha", law->alpha, why_not);
    write_fitted(json, "beta", law->beta, why_not);
    write_fitted(json, "best_jobs", law->best, why_not);
    dpk_json_number(json, "error", law->error);
    dpk_json_end(json, '}');
}

static void write_laws(dpk_json *json, const dpk_comparison *comparison)
{
    dpk_json_begin(json, "laws", '[');
    for (size_t i = 0; i < comparison->law_count; i++) {
        const dpk_law *law = &comparison->laws[i];
        dpk_json_begin(json, NULL, '{');
        dpk_json_string(json, "backend", law->backend->name);
        write_amdahl(json, &law->amdahl);
        write_usl(json, &law->usl);
        dpk_json_end(json, '}');
    }
    dpk_json_end(json, ']');
}

void dpk_report_json(FILE *stream, const dpk_comparison *comparison)
{
    dpk_json json = { .stream = stream };
    char text[512];
    dpk_json_begin(&json, NULL, '{');
    dpk_json_string(&json, "schema", DPK_REPORT_SCHEMA);
    dpk_json_number(&json, "version", DPK_REPORT_VERSION);
    dpk_json_string(&json, "dpk", DPK_VERSION);
    write_task(&json, comparison);
    write_course(&json, comparison);
    dpk_environment_json(&json, "environment", &comparison->before, &comparison->load);
    write_roof(&json, comparison);
    write_warnings(&json, &comparison->warnings);
    write_text(&json, "winner", dpk_winner_text(comparison, text, sizeof text));
    dpk_outcome outcome = dpk_lesson_check(comparison, text, sizeof text);
    write_text(&json, "lesson", text);
    dpk_json_string(&json, "lesson_outcome", dpk_outcome_name(outcome));
    dpk_json_begin(&json, "variants", '[');
    for (size_t i = 0; i < comparison->variant_count; i++)
        write_variant(&json, comparison, &comparison->variants[i]);
    dpk_json_end(&json, ']');
    write_laws(&json, comparison);
    dpk_json_end(&json, '}');
}
