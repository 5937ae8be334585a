/* SPDX-License-Identifier: MIT */
/* Parameters: from words to checked members. */
#include "model/param.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum edge { CLAMP, MIRROR };

struct example {
    float sigma;
    int shift;
    unsigned jobs;
    enum edge edge;
    size_t limit;
    bool fast_path;
    const char *name;
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
    DPK_PARAM(struct example, name, .help = "no default: may be left out"),
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
        { "--sigma=nan", "between" },
        { "--sigma=2x", "not a number" },
        { "--sigma=", "not a number" },
        { "--sigma= 2", "not a number" },
        { "-j0", "between 1 and 16" },
        { "-j-1", "between 1 and 16" },
        { "-j99999999999999999999", "between 1 and 16" },
        { "-jabc", "whole number" },
        { "-j", "needs a value" },
        { "-x", "unknown option '-x'" },
        { "--sgima=2", "did you mean '--sigma'" },
        { "--fastpath", "did you mean '--fast-path'" },
        { "--edge=miror", "did you mean 'mirror'" },
        { "--edge=wrap", "none of clamp, mirror" },
        { "--limit=-1", "whole number" },
        { "--limit=1.5", "whole number" },
        { "--limit=4Q", "not a size" },
        { "--limit=1e30", "whole number" },
        { "--fast-path=perhaps", "yes or no" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse(cases[i].word, NULL, NULL), DPK_USAGE, "%s", cases[i].word);
        cr_expect_not_null(strstr(err.text, cases[i].part), "%s: %s", cases[i].word, err.text);
    }
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
    parse("--edge=mirror", NULL, NULL);
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
