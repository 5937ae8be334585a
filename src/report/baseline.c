/* SPDX-License-Identifier: MIT */
/* baseline.c: has it become slower? Both comparisons are taken as JSON, the one just measured, too,
 * so that there is one way to read them and nothing can be compared that the file does not keep.
 *
 * The rounds of two comparisons are no pairs: each of them has its own medians, with intervals of
 * their own by the bootstrap. The logarithm of their ratio is a difference d = b - a of independent
 * estimates, whose interval follows from theirs (MOVER; Zou, Donner, "Construction of confidence
 * limits about effect measures", Statistics in Medicine 27, 2008):
 *
 *     d - sqrt((b - low b)² + (high a - a)²)  to  d + sqrt((high b - b)² + (a - low a)²)
 *
 * It covers what varied while each was measured. What changed between them for all programs (the
 * temperature, a system update) is in the ratio itself and in no interval: that is what `most` has
 * to leave room for. A variant is slower only if the whole interval is beyond it, and if it is not
 * by more load on the machine than there was. */
#include "report/baseline.h"

#ifdef DPK_HAVE_JANSSON

#    include "analysis/load.h"
#    include "base/text.h"
#    include "report/report.h"

#    include <jansson.h>
#    include <math.h>
#    include <stdlib.h>
#    include <string.h>

/* A comparison as JSON. */
struct record {
    const char *where; /* for sentences */
    json_t *root;
};

/* One variant, in rounds of these generations. */
struct series {
    size_t rounds;
    unsigned generation[DPK_ROUNDS_MAX];
    double wall[DPK_ROUNDS_MAX]; /* seconds */
    double cpu[DPK_ROUNDS_MAX];  /* of all processes; NAN unknown */
};

/* -------------------------------------------------------------------------------------- reading */

static dpk_status read_file(struct record *record, const char *path, dpk_error *err)
{
    json_error_t why;
    record->where = path;
    record->root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (record->root != NULL)
        return DPK_OK;
    if (json_error_code(&why) == json_error_cannot_open_file)
        return dpk_fail(err, DPK_BAD_INPUT, "cannot open %s", path);
    return dpk_fail(err, DPK_BAD_INPUT, "%s: no JSON, line %d, column %d", path, why.line,
                    why.column);
}

static dpk_status take(struct record *record, const dpk_comparison *comparison, dpk_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return dpk_fail(err, DPK_LIMIT, "no memory to compare with the baseline");
    dpk_report_json(stream, comparison);
    json_error_t why = { .text = "no memory" };
    bool whole = fclose(stream) == 0;
    record->where = "what was measured";
    record->root = whole ? json_loadb(text, size, 0, &why) : NULL;
    free(text);
    if (record->root == NULL)
        return dpk_fail(err, DPK_LIMIT, "cannot compare with the baseline: %s", why.text);
    return DPK_OK;
}

static const char *name_of(const json_t *variant)
{
    const char *name = json_string_value(json_object_get(variant, "name"));
    return name != NULL ? name : "";
}

static json_t *first_variant(const struct record *record)
{
    return json_array_get(json_object_get(record->root, "variants"), 0);
}

static json_t *find_variant(const struct record *record, const char *name)
{
    json_t *variants = json_object_get(record->root, "variants");
    for (size_t i = 0; i < json_array_size(variants); i++)
        if (strcmp(name_of(json_array_get(variants, i)), name) == 0)
            return json_array_get(variants, i);
    return NULL;
}

static dpk_status read_series(const struct record *record, const json_t *variant,
                              struct series *series, dpk_error *err)
{
    const json_t *generations = json_object_get(record->root, "generations");
    const json_t *samples = json_object_get(variant, "samples");
    size_t rounds = json_array_size(samples);
    bool good = rounds >= 1 && rounds <= DPK_ROUNDS_MAX && json_array_size(generations) == rounds;
    for (size_t i = 0; i < rounds && good; i++) {
        const json_t *wall = json_object_get(json_array_get(samples, i), "wall_ns");
        series->generation[i] = (unsigned)json_integer_value(json_array_get(generations, i));
        const json_t *usage = json_object_get(json_array_get(samples, i), "usage");
        double cpu = json_number_value(json_object_get(usage, "cpu_ns")) * 1e-9;
        series->wall[i] = json_number_value(wall) * 1e-9;
        series->cpu[i] = cpu > 0 ? cpu : NAN;
        good = series->wall[i] > 0;
    }
    series->rounds = rounds;
    if (!good)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: the samples of '%s' are not valid", record->where,
                        name_of(variant));
    return DPK_OK;
}

/* -------------------------------------------------------------------------------- like and like */

/* "a is X, and was Y in the baseline": the value of a key, as JSON has it. */
static const char *difference_text(const json_t *here, const json_t *there, const char *key,
                                   char *text, size_t size)
{
    char *is = json_dumps(json_object_get(here, key), JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    char *was = json_dumps(json_object_get(there, key), JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    snprintf(text, size, "%s is %s, and was %s in the baseline", key, is != NULL ? is : "unknown",
             was != NULL ? was : "unknown");
    free(is);
    free(was);
    return text;
}

static bool same(const json_t *here, const json_t *there, const char *key)
{
    return json_equal(json_object_get(here, key), json_object_get(there, key));
}

static dpk_status check_schema(const struct record *record, dpk_error *err)
{
    const char *schema = json_string_value(json_object_get(record->root, "schema"));
    const json_t *version = json_object_get(record->root, "version");
    if (schema == NULL || strcmp(schema, DPK_REPORT_SCHEMA) != 0)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: not written by 'dpk compare --json'",
                        record->where);
    if (!json_is_integer(version) || json_integer_value(version) != DPK_REPORT_VERSION)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "%s: written by another version of dpk: measure it anew", record->where);
    return DPK_OK;
}

/* Times of other work, or of another machine, say nothing. */
static dpk_status check_alike(const struct record *here, const struct record *there, dpk_error *err)
{
    static const char *const keys[] = { "kernel", "parameters", "inputs", "scope", "conditions" };
    char text[400];
    const json_t *mine = here->root, *theirs = there->root;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!same(mine, theirs, keys[i]))
            return dpk_fail(err, DPK_BAD_INPUT, "%s: %s", there->where,
                            difference_text(mine, theirs, keys[i], text, sizeof text));
    mine = json_object_get(mine, "environment");
    theirs = json_object_get(theirs, "environment");
    if (!same(mine, theirs, "processor"))
        return dpk_fail(err, DPK_BAD_INPUT, "%s: %s", there->where,
                        difference_text(mine, theirs, "processor", text, sizeof text));
    return DPK_OK;
}

static double share_of(const json_t *load, const char *key)
{
    const json_t *value = json_object_get(load, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static dpk_load load_of(const struct record *record)
{
    const json_t *environment = json_object_get(record->root, "environment");
    const json_t *load = json_object_get(environment, "load");
    return (dpk_load){ .seconds = share_of(load, "seconds"),
                       .others = share_of(load, "others_share"),
                       .stolen = share_of(load, "stolen_share"),
                       .pressure = share_of(load, "pressure_share"),
                       .cgroup_pressure = share_of(load, "cgroup_pressure_share"),
                       .throttled = share_of(load, "throttled_seconds") };
}

/* What else is not as it was may be why times are not: a setting, other data of the same shape, or
 * the very change that is to be judged. */
static void print_differences(FILE *stream, const struct record *here, const struct record *there)
{
    char text[400];
    if (!same(first_variant(here), first_variant(there), "digest"))
        fputs("the results are not those of the baseline: the data are others, or the method is\n",
              stream);
    if (!same(here->root, there->root, "isa"))
        fprintf(stream, "%s\n", difference_text(here->root, there->root, "isa", text, sizeof text));
    json_t *mine = json_object_get(here->root, "environment");
    const json_t *theirs = json_object_get(there->root, "environment");
    for (void *i = json_object_iter(mine); i != NULL; i = json_object_iter_next(mine, i)) {
        const char *key = json_object_iter_key(i);
        if (strcmp(key, "load") != 0 && !same(mine, theirs, key))
            fprintf(stream, "%s\n", difference_text(mine, theirs, key, text, sizeof text));
    }
}

/* ------------------------------------------------------------------------------------ the ratio */

static double log_median(const void *data, const size_t *rounds, size_t count)
{
    const double *all = data;
    double seconds[DPK_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        seconds[i] = all[rounds[i]];
    return log(dpk_median(seconds, count));
}

/* Of a variant's median, since the baseline. */
struct change {
    double now, then; /* seconds */
    dpk_interval ratio;
};

static struct change change_of(const struct series *here, const double *now,
                               const struct series *there, const double *then)
{
    dpk_interval b = dpk_bootstrap(log_median, now, here->generation, here->rounds);
    dpk_interval a = dpk_bootstrap(log_median, then, there->generation, there->rounds);
    double d = b.estimate - a.estimate;
    double below = hypot(b.estimate - b.low, a.high - a.estimate);
    double above = hypot(b.high - b.estimate, a.estimate - a.low);
    return (struct change){ exp(b.estimate),
                            exp(a.estimate),
                            { exp(d), exp(d - below), exp(d + above) } };
}

static bool is_known(const double *seconds, size_t rounds)
{
    for (size_t i = 0; i < rounds; i++)
        if (isnan(seconds[i]))
            return false;
    return true;
}

/* What is proven of a variant, against what `most` allows. */
struct judgement {
    const char *name;
    struct change wall, cpu; /* cpu.ratio.estimate: NAN unknown */
    dpk_verdict any, beyond; /* more than nothing, and more than is allowed */
    bool few, loaded;        /* loaded: more load may explain what is beyond */
};

/* Others who want processors make times longer, but processor time hardly, unless they share its
 * caches or its core. So a variant is slower, in spite of more load, only if both tell so: times
 * are longer by more than the load explains, and processor time is more than is allowed. */
static struct judgement judge(const char *name, const struct series *here,
                              const struct series *there, const dpk_load_change *load, double most)
{
    struct judgement found = { .name = name, .cpu.ratio = { NAN, NAN, NAN } };
    size_t now = dpk_generations(here->generation, here->rounds);
    size_t then = dpk_generations(there->generation, there->rounds);
    size_t generations = then < now ? then : now;
    found.wall = change_of(here, here->wall, there, there->wall);
    if (is_known(here->cpu, here->rounds) && is_known(there->cpu, there->rounds))
        found.cpu = change_of(here, here->cpu, there, there->cpu);
    found.few = generations < DPK_GENERATIONS_LEAST;
    found.any = dpk_judge(found.wall.ratio, 0, generations);
    found.beyond = dpk_judge(found.wall.ratio, most, generations);
    double explained = (1 + most) * load->explains - 1;
    found.loaded = load->explains > 1 &&
                   (!(found.wall.ratio.low > 1 + explained) || !(found.cpu.ratio.low > 1 + most));
    return found;
}

static void print_judgement(FILE *stream, const struct judgement *of, const dpk_load_change *load,
                            double most)
{
    static const char *const words[] = { "no difference proven", "faster", "slower" };
    char now[32], then[32];
    const dpk_interval *ratio = &of->wall.ratio, *cpu = &of->cpu.ratio;
    fprintf(stream, "%s: %s, %s in the baseline: ", of->name,
            dpk_text_seconds(of->wall.now, now, sizeof now),
            dpk_text_seconds(of->wall.then, then, sizeof then));
    fprintf(stream, "%.3g times as long [%.3g, %.3g], %s", ratio->estimate, ratio->low, ratio->high,
            of->few ? "too few rounds to tell" : words[of->any]);
    if (of->beyond == DPK_SLOWER)
        fprintf(stream, " by more than %.3g %%", 100 * most);
    bool helped = of->any == DPK_SLOWER ? of->loaded : of->any == DPK_FASTER;
    if (*load->text != '\0' && !of->few && helped)
        fputs(", which the load may explain", stream);
    if (*load->text != '\0' && isfinite(cpu->estimate))
        fprintf(stream, "; processor time: %.3g times as much [%.3g, %.3g]", cpu->estimate,
                cpu->low, cpu->high);
    fputc('\n', stream);
}

/* What all variants together say. */
struct outcome {
    size_t compared;
    struct judgement slowest; /* of those that are slower than allowed; without a name if none is */
    bool proven;              /* it is not by the load */
};

/* The variant here and there. */
static dpk_status judge_variant(const struct record *here, const json_t *variant,
                                const struct record *there, const json_t *other,
                                const dpk_load_change *load, double most, struct judgement *found,
                                dpk_error *err)
{
    struct series *both = calloc(2, sizeof *both);
    if (both == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory to compare with the baseline");
    dpk_status status = read_series(here, variant, &both[0], err);
    if (status == DPK_OK)
        status = read_series(there, other, &both[1], err);
    if (status == DPK_OK)
        *found = judge(name_of(variant), &both[0], &both[1], load, most);
    free(both);
    return status;
}

static dpk_status compare_variant(FILE *stream, const struct record *here,
                                  const struct record *there, const json_t *variant,
                                  const dpk_load_change *load, double most, struct outcome *outcome,
                                  dpk_error *err)
{
    const char *name = name_of(variant);
    const json_t *other = find_variant(there, name);
    if (other == NULL) {
        fprintf(stream, "%s: not in the baseline\n", name);
        return DPK_OK;
    }
    struct judgement found;
    dpk_status status = judge_variant(here, variant, there, other, load, most, &found, err);
    if (status != DPK_OK)
        return status;
    print_judgement(stream, &found, load, most);
    outcome->compared++;
    if (found.beyond != DPK_SLOWER)
        return DPK_OK;
    bool first = outcome->slowest.name == NULL, proven = !found.loaded;
    if (first || proven > outcome->proven ||
        (proven == outcome->proven &&
         found.wall.ratio.estimate > outcome->slowest.wall.ratio.estimate)) {
        outcome->slowest = found;
        outcome->proven = proven;
    }
    return DPK_OK;
}

static dpk_status conclude(const struct outcome *outcome, const struct record *there,
                           const dpk_load_change *load, double most, dpk_error *err)
{
    const struct judgement *slowest = &outcome->slowest;
    const dpk_interval *ratio = &slowest->wall.ratio;
    if (outcome->compared == 0)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: has none of these variants", there->where);
    if (slowest->name == NULL)
        return DPK_OK;
    if (outcome->proven)
        return dpk_fail(
            err, DPK_REGRESSION,
            "%s takes %.3g times as long as in %s [%.3g, %.3g]: %.3g %% more is allowed",
            slowest->name, ratio->estimate, there->where, ratio->low, ratio->high, 100 * most);
    return dpk_fail(err, DPK_UNDECIDED,
                    "%s takes %.3g times as long as in %s [%.3g, %.3g], but %s: measure again when "
                    "the load is as it was",
                    slowest->name, ratio->estimate, there->where, ratio->low, ratio->high,
                    load->text);
}

static dpk_status compare(FILE *stream, const struct record *here, const struct record *there,
                          const dpk_load_change *load, double most, dpk_error *err)
{
    struct outcome outcome = { 0 };
    const json_t *variants = json_object_get(here->root, "variants");
    for (size_t i = 0; i < json_array_size(variants); i++) {
        dpk_status status = compare_variant(stream, here, there, json_array_get(variants, i), load,
                                            most, &outcome, err);
        if (status != DPK_OK)
            return status;
    }
    return conclude(&outcome, there, load, most, err);
}

struct dpk_baseline {
    struct record record;
};

dpk_status dpk_baseline_open(dpk_baseline **baseline, const char *path, dpk_error *err)
{
    *baseline = calloc(1, sizeof **baseline);
    if (*baseline == NULL)
        return dpk_fail(err, DPK_LIMIT, "no memory for the baseline");
    dpk_status status = read_file(&(*baseline)->record, path, err);
    return status == DPK_OK ? check_schema(&(*baseline)->record, err) : status;
}

dpk_status dpk_baseline_check(const dpk_baseline *baseline, FILE *stream,
                              const dpk_comparison *comparison, double most, dpk_error *err)
{
    const struct record *there = &baseline->record;
    struct record here = { NULL, NULL };
    dpk_status status = take(&here, comparison, err);
    if (status == DPK_OK)
        status = check_alike(&here, there, err);
    if (status == DPK_OK) {
        const dpk_load now = load_of(&here), then = load_of(there);
        dpk_load_change load = dpk_load_compare(&now, &then, "in the baseline");
        if (*load.text != '\0')
            fprintf(stream, "%s\n", load.text);
        print_differences(stream, &here, there);
        status = compare(stream, &here, there, &load, most, err);
    }
    json_decref(here.root);
    return status;
}

void dpk_baseline_close(dpk_baseline *baseline)
{
    if (baseline != NULL)
        json_decref(baseline->record.root);
    free(baseline);
}

#else

dpk_status dpk_baseline_open(dpk_baseline **baseline, const char *path, dpk_error *err)
{
    *baseline = NULL;
    return dpk_fail(err, DPK_USAGE,
                    "cannot read the baseline %s: this dpk was built without jansson", path);
}

dpk_status dpk_baseline_check(const dpk_baseline *baseline, FILE *stream,
                              const dpk_comparison *comparison, double most, dpk_error *err)
{
    (void)baseline;
    (void)stream;
    (void)comparison;
    (void)most;
    (void)err;
    return DPK_OK;
}

void dpk_baseline_close(dpk_baseline *baseline)
{
    (void)baseline;
}

#endif
