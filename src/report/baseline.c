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
 * to leave room for. A variant is slower only if the whole interval is beyond it. */
#include "report/baseline.h"

#ifdef DPK_HAVE_JANSSON

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

/* Times of one variant, in rounds of these generations. */
struct series {
    size_t rounds;
    unsigned generation[DPK_ROUNDS_MAX];
    double seconds[DPK_ROUNDS_MAX];
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
        series->seconds[i] = json_number_value(wall) * 1e-9;
        good = series->seconds[i] > 0;
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
    static const char *const keys[] = { "kernel", "parameters", "inputs", "scope" };
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
    const struct series *all = data;
    double seconds[DPK_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        seconds[i] = all->seconds[rounds[i]];
    return log(dpk_median(seconds, count));
}

/* Of a variant's median, since the baseline. */
struct change {
    double now, then; /* seconds */
    dpk_interval ratio;
    size_t generations; /* the fewer of the two */
};

static struct change change_of(const struct series *here, const struct series *there)
{
    dpk_interval b = dpk_bootstrap(log_median, here, here->generation, here->rounds);
    dpk_interval a = dpk_bootstrap(log_median, there, there->generation, there->rounds);
    double d = b.estimate - a.estimate;
    double below = hypot(b.estimate - b.low, a.high - a.estimate);
    double above = hypot(b.high - b.estimate, a.estimate - a.low);
    size_t generations = dpk_generations(here->generation, here->rounds);
    size_t before = dpk_generations(there->generation, there->rounds);
    return (struct change){ exp(b.estimate),
                            exp(a.estimate),
                            { exp(d), exp(d - below), exp(d + above) },
                            before < generations ? before : generations };
}

static void print_change(FILE *stream, const char *name, const struct change *change, double most)
{
    static const char *const words[] = { "no difference proven", "faster", "slower" };
    bool few = change->generations < DPK_GENERATIONS_LEAST;
    char now[32], then[32];
    fprintf(stream, "%s: %s, %s in the baseline: ", name,
            dpk_text_seconds(change->now, now, sizeof now),
            dpk_text_seconds(change->then, then, sizeof then));
    fprintf(stream, "%.3g times as long [%.3g, %.3g], %s", change->ratio.estimate,
            change->ratio.low, change->ratio.high,
            few ? "too few rounds to tell"
                : words[dpk_judge(change->ratio, 0, change->generations)]);
    if (dpk_judge(change->ratio, most, change->generations) == DPK_SLOWER)
        fprintf(stream, " by more than %.3g %%", 100 * most);
    fputc('\n', stream);
}

/* What all variants together say. */
struct outcome {
    size_t compared;
    char slowest[32]; /* of those that are slower than allowed; "" if none is */
    dpk_interval ratio;
};

static dpk_status compare_variant(FILE *stream, const struct record *here,
                                  const struct record *there, const json_t *variant, double most,
                                  struct outcome *outcome, dpk_error *err)
{
    const char *name = name_of(variant);
    const json_t *other = find_variant(there, name);
    if (other == NULL) {
        fprintf(stream, "%s: not in the baseline\n", name);
        return DPK_OK;
    }
    struct series now, then;
    dpk_status status = read_series(here, variant, &now, err);
    if (status == DPK_OK)
        status = read_series(there, other, &then, err);
    if (status != DPK_OK)
        return status;
    struct change change = change_of(&now, &then);
    print_change(stream, name, &change, most);
    outcome->compared++;
    if (dpk_judge(change.ratio, most, change.generations) == DPK_SLOWER &&
        (*outcome->slowest == '\0' || change.ratio.estimate > outcome->ratio.estimate)) {
        snprintf(outcome->slowest, sizeof outcome->slowest, "%s", name);
        outcome->ratio = change.ratio;
    }
    return DPK_OK;
}

static dpk_status compare(FILE *stream, const struct record *here, const struct record *there,
                          double most, dpk_error *err)
{
    struct outcome outcome = { 0 };
    const json_t *variants = json_object_get(here->root, "variants");
    for (size_t i = 0; i < json_array_size(variants); i++) {
        dpk_status status =
            compare_variant(stream, here, there, json_array_get(variants, i), most, &outcome, err);
        if (status != DPK_OK)
            return status;
    }
    if (outcome.compared == 0)
        return dpk_fail(err, DPK_BAD_INPUT, "%s: has none of these variants", there->where);
    if (*outcome.slowest != '\0')
        return dpk_fail(
            err, DPK_REGRESSION,
            "%s takes %.3g times as long as in %s [%.3g, %.3g]: %.3g %% more is allowed",
            outcome.slowest, outcome.ratio.estimate, there->where, outcome.ratio.low,
            outcome.ratio.high, 100 * most);
    return DPK_OK;
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
        print_differences(stream, &here, there);
        status = compare(stream, &here, there, most, err);
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
