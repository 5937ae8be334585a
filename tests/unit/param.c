/* SPDX-License-Identifier: MIT */
/* Parameters: from words to checked members. */
#include "model/param.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum edge { CLAMP, MIRROR };

struct example {
    float sigma;
    int shift;
    unsigned jobs;
    enum edge edge;
    size_t limit;
    bool fast_path;
    const char *name;
    dpk_list weights;
    dpk_axis axis;
    double factor;
};

static const dpk_choice edges[] = { { "clamp", CLAMP, NULL },
                                    { "mirror", MIRROR, NULL },
                                    { NULL, 0, NULL } };

static const dpk_param params[] = {
    DPK_PARAM(struct example, sigma, .def = "2", .min = 0.1, .max = 100, .unit = "px"),
    DPK_PARAM(struct example, shift, .def = "-3"),
    DPK_PARAM(struct example, jobs, .letter = 'j', .def = "4", .min = 1, .max = 16,
              .env = "DPK_TEST_JOBS"),
    DPK_PARAM(struct example, edge, .def = "clamp", .choices = edges),
    DPK_PARAM(struct example, limit, .def = "512M"),
    DPK_PARAM(struct example, fast_path, .def = "no"),
    DPK_PARAM(struct example, name, .optional = true),
    DPK_PARAM(struct example, weights, .optional = true, .min = -4096, .max = 4096),
    DPK_PARAM(struct example, axis, .def = "-1"),
    DPK_PARAM(struct example, factor, .def = "1"),
    DPK_END,
};

static struct example values;
static dpk_error err;
static const char *words_seen[16];
static dpk_operands operands = { .words = words_seen };

static dpk_status parse(const char *first, const char *second, const char *third)
{
    const char *words[] = { first, second, third };
    int count = (first != NULL) + (second != NULL) + (third != NULL);
    const dpk_param_set sets[] = { { "Example", params, &values }, { NULL, NULL, NULL } };
    return dpk_param_parse(sets, count, (char *const *)(uintptr_t)words, &operands, &err);
}

Test(param, defaults_go_through_the_same_parser)
{
    cr_assert_eq(parse(NULL, NULL, NULL), DPK_OK);
    cr_expect_eq(values.sigma, 2.0F);
    cr_expect_eq(values.shift, -3);
    cr_expect_eq(values.jobs, 4);
    cr_expect_eq(values.edge, CLAMP);
    cr_expect_eq(values.limit, 512000000);
    cr_expect_not(values.fast_path);
    cr_expect_null(values.name);
}

Test(param, all_spellings_of_an_option)
{
    cr_assert_eq(parse("--sigma=4", "-j8", "--fast-path"), DPK_OK);
    cr_expect_eq(values.sigma, 4.0F);
    cr_expect_eq(values.jobs, 8);
    cr_expect(values.fast_path);
    cr_assert_eq(parse("--jobs", "9", "--no-fast_path"), DPK_OK);
    cr_expect_eq(values.jobs, 9);
    cr_expect_not(values.fast_path);
    cr_assert_eq(parse("-j", "2", "--edge=mirror"), DPK_OK);
    cr_expect_eq(values.jobs, 2);
    cr_expect_eq(values.edge, MIRROR);
    cr_assert_eq(parse("--limit=3Ki", "--shift", "-7"), DPK_OK);
    cr_expect_eq(values.limit, 3072);
    cr_expect_eq(values.shift, -7);
}

Test(param, operands_stand_anywhere)
{
    cr_assert_eq(parse("a", "--sigma=1", "-"), DPK_OK);
    cr_assert_eq(operands.count, 2);
    cr_expect_str_eq(operands.words[0], "a");
    cr_expect_str_eq(operands.words[1], "-");
    cr_assert_eq(parse("--", "--sigma=1", "-j"), DPK_OK);
    cr_expect_eq(operands.count, 2);
    cr_expect_eq(values.sigma, 2.0F);
}

Test(param, what_is_wrong_is_said)
{
    static const struct {
        const char *word, *part;
    } cases[] = {
        { "--sigma=0", "between 0.1 and 100 px" },
        { "--sigma=nan", "must be a number" },
        { "--sigma=2x", "must be a number" },
        { "--sigma=", "must be a number" },
        { "--sigma= 2", "must be a number" },
        { "--factor=1e999", "too large" },
        { "-j0", "between 1 and 16" },
        { "-j-1", "between 1 and 16" },
        { "-j99999999999999999999", "between 1 and 16" },
        { "-jabc", "whole number" },
        { "-j", "needs a value" },
        { "-x", "unknown option '-x'" },
        { "--sgima=2", "did you mean '--sigma'" },
        { "--fastpath", "did you mean '--fast-path'" },
        { "--edge=miror", "did you mean 'mirror'" },
        { "--edge=wrap", "must be one of clamp, mirror" },
        { "--limit=-1", "must not be negative" },
        { "--limit=1.5", "whole number" },
        { "--limit=4Q", "whole number" },
        { "--limit=1e30", "too large" },
        { "--limit=8589934592Gi", "too large" },
        { "--shift=-3G", "too small" },
        { "--weights=", "numbers separated by commas" },
        { "--weights=1,", "numbers separated by commas" },
        { "--weights=,1", "numbers separated by commas" },
        { "--weights=1,,2", "numbers separated by commas" },
        { "--weights=1, 2", "numbers separated by commas" },
        { "--weights=1;2", "numbers separated by commas" },
        { "--weights=1,5k", "--weights '5k': must be between -4096 and 4096" },
        { "--weights=1,1e999", "too large" },
        { "--axis=4", "between -4 and 3" },
        { "--axis=-5", "between -4 and 3" },
        { "--axis=0.5", "whole number" },
        { "--fast-path=perhaps", "yes or no" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse(cases[i].word, NULL, NULL), DPK_USAGE, "%s", cases[i].word);
        cr_expect_not_null(strstr(err.text, cases[i].part), "%s: %s", cases[i].word, err.text);
    }
}

/* One grammar for integers, sizes and floating numbers. */
Test(param, every_number_is_spelled_alike)
{
    static const char *const options[] = { "--shift=%s", "--jobs=%s", "--limit=%s", "--sigma=%s",
                                           "--weights=%s" };
    static const char *const wrong[] = { " 4", "4 ", "\t4", "0x4", "0x",   "inf", "nan",  "",
                                         "-",  "+",  "k",   "4kk", "4ki4", "4e",  "1e3k", "4..5" };
    static const struct {
        const char *text;
        double value;
    } right[] = { { "12", 12 },         { "+12", 12 },  { "1.2e1", 12 }, { "0.012k", 12 },
                  { "0.012K", 12 },     { "12.0", 12 }, { "12.", 12 },   { "0012", 12 },
                  { "0.0078125Ki", 8 }, { ".5e1", 5 },  { "1E1", 10 } };
    char word[64];
    for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            snprintf(word, sizeof word, options[o], wrong[i]);
            cr_expect_eq(parse(word, NULL, NULL), DPK_USAGE, "'%s'", word);
        }
        for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
            snprintf(word, sizeof word, options[o], right[i].text);
            cr_assert_eq(parse(word, NULL, NULL), DPK_OK, "'%s': %s", word, err.text);
            const double members[] = { values.shift, values.jobs, (double)values.limit,
                                       (double)values.sigma, values.weights.values[0] };
            cr_expect_eq(members[o], right[i].value, "'%s' is %g", word, members[o]);
        }
    }
}

Test(param, lists_hold_their_numbers_in_order)
{
    char text[DPK_VALUE_TEXT];
    const dpk_param *weights = dpk_param_find(params, "weights");
    cr_assert_eq(parse("--weights=1,-2.5,3Ki,0.1", NULL, NULL), DPK_OK, "%s", err.text);
    cr_assert_eq(values.weights.count, 4);
    cr_expect_eq(values.weights.values[1], -2.5);
    cr_expect_eq(values.weights.values[2], 3072);
    cr_expect_str_eq(dpk_param_value(weights, &values, text, sizeof text), "1,-2.5,3072,0.1");
    cr_expect_str_eq(dpk_param_usage(weights, text, sizeof text), "--weights=FLOAT,…");
    cr_expect_str_eq(dpk_param_range(weights, text, sizeof text), "each -4096 to 4096");
}

Test(param, the_longest_list_survives_its_own_text)
{
    static char word[32 * DPK_MAX_LIST + 16], longer[sizeof word];
    char text[DPK_VALUE_TEXT];
    strcpy(word, "--weights=");
    for (int i = 0; i < DPK_MAX_LIST; i++)
        sprintf(word + strlen(word), "%s-1.%014de-300", i > 0 ? "," : "", i);
    cr_assert_eq(parse(word, NULL, NULL), DPK_OK, "%s", err.text);
    const dpk_list first = values.weights;
    cr_assert_eq(first.count, DPK_MAX_LIST);
    snprintf(longer, sizeof longer, "--weights=%s",
             dpk_param_value(dpk_param_find(params, "weights"), &values, text, sizeof text));
    cr_assert_eq(parse(longer, NULL, NULL), DPK_OK, "%s", err.text);
    cr_expect_arr_eq(&values.weights, &first, sizeof first);
    strcat(longer, ",1");
    cr_assert_eq(parse(longer, NULL, NULL), DPK_USAGE);
    cr_expect_str_eq(err.text, "--weights: more than 128 numbers");
}

Test(param, axes_count_from_either_end)
{
    char text[128];
    const dpk_param *axis = dpk_param_find(params, "axis");
    cr_assert_eq(parse(NULL, NULL, NULL), DPK_OK);
    cr_expect_eq(values.axis.value, -1);
    cr_assert_eq(parse("--axis=2", NULL, NULL), DPK_OK);
    cr_expect_eq(values.axis.value, 2);
    cr_assert_eq(parse("--axis", "-4", NULL), DPK_OK);
    cr_expect_str_eq(dpk_param_value(axis, &values, text, sizeof text), "-4");
    cr_expect_str_eq(dpk_param_usage(axis, text, sizeof text), "--axis=AXIS");
    cr_expect_str_eq(dpk_param_range(axis, text, sizeof text),
                     "negative numbers count from the last axis, default -1");
}

/* Of one parameter, of type string or number, with or without its environment variable. */
static dpk_status parse_alone(const dpk_param *param, const char *word)
{
    struct {
        const char *text;
        double number;
    } target = { NULL, 0 };
    const dpk_param table[] = { *param, DPK_END };
    const dpk_param_set sets[] = { { "Example", table, &target }, { NULL, NULL, NULL } };
    const char *words[] = { word };
    return dpk_param_parse(sets, word != NULL, (char *const *)(uintptr_t)words, &operands, &err);
}

Test(param, without_default_it_must_be_given_in_one_way_or_another)
{
    const dpk_param string = { .name = "text", .type = DPK_PARAM_STRING, .env = "DPK_TEST_TEXT" };
    const dpk_param number = {
        .name = "number", .type = DPK_PARAM_DOUBLE, .offset = 8, .env = "DPK_TEST_NUMBER"
    };
    dpk_param optional = string;
    optional.optional = true;
    cr_expect_eq(parse_alone(&string, NULL), DPK_USAGE);
    cr_expect_str_eq(err.text, "option '--text=TEXT' must be given");
    cr_expect_eq(parse_alone(&number, NULL), DPK_USAGE);
    cr_expect_eq(parse_alone(&optional, NULL), DPK_OK);
    cr_expect_eq(parse_alone(&string, "--text=x"), DPK_OK);
    cr_expect_eq(parse_alone(&number, "--number=1"), DPK_OK);
    setenv("DPK_TEST_TEXT", "x", 1);
    setenv("DPK_TEST_NUMBER", "2", 1);
    cr_expect_eq(parse_alone(&string, NULL), DPK_OK);
    cr_expect_eq(parse_alone(&number, NULL), DPK_OK);
    setenv("DPK_TEST_NUMBER", "", 1);
    cr_expect_eq(parse_alone(&number, NULL), DPK_USAGE, "an empty variable says nothing");
}

Test(param, more_parameters_than_there_may_be_are_refused)
{
    static dpk_param table[DPK_MAX_PARAMS + 2];
    static bool target;
    for (size_t i = 0; i < DPK_MAX_PARAMS + 1; i++)
        table[i] = (dpk_param){ .name = "flag", .type = DPK_PARAM_BOOL, .def = "no" };
    dpk_param_set sets[] = { { "Example", table, &target }, { NULL, NULL, NULL } };
    cr_expect_eq(dpk_param_parse(sets, 0, NULL, &operands, &err), DPK_LIMIT);
    sets[0].params = table + 1;
    cr_expect_eq(dpk_param_parse(sets, 0, NULL, &operands, &err), DPK_OK);
}

Test(param, environment_replaces_the_default_and_is_named_when_wrong)
{
    setenv("DPK_TEST_JOBS", "7", 1);
    cr_assert_eq(parse(NULL, NULL, NULL), DPK_OK);
    cr_expect_eq(values.jobs, 7);
    cr_assert_eq(parse("-j3", NULL, NULL), DPK_OK);
    cr_expect_eq(values.jobs, 3);
    setenv("DPK_TEST_JOBS", "many", 1);
    cr_assert_eq(parse(NULL, NULL, NULL), DPK_USAGE);
    cr_expect_not_null(strstr(err.text, "DPK_TEST_JOBS"));
}

Test(param, help_says_what_is_declared)
{
    char text[128];
    cr_expect_str_eq(dpk_param_usage(&params[0], text, sizeof text), "--sigma=FLOAT");
    cr_expect_str_eq(dpk_param_usage(&params[3], text, sizeof text), "--edge=clamp|mirror");
    cr_expect_str_eq(dpk_param_usage(&params[5], text, sizeof text), "--fast-path");
    cr_expect_str_eq(dpk_param_range(&params[0], text, sizeof text), "0.1 to 100 px, default 2");
    cr_assert_eq(parse("--edge=mirror", NULL, NULL), DPK_OK);
    cr_expect_str_eq(dpk_param_value(&params[3], &values, text, sizeof text), "mirror");
}

Test(param, values_are_told_in_full)
{
    char text[32], name[3000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct {
        double number;
        const char *name;
    } target = { -0x1.fffffffffffffp-1022, name };
    const dpk_param number = { .name = "number", .type = DPK_PARAM_DOUBLE };
    const dpk_param string = { .name = "name",
                               .type = DPK_PARAM_STRING,
                               .offset = offsetof(__typeof__(target), name) };
    cr_expect_str_eq(dpk_param_value(&string, &target, text, sizeof text), name);
    cr_expect_str_eq(dpk_param_value(&number, &target, text, sizeof text),
                     "-4.4501477170144023e-308");
}
