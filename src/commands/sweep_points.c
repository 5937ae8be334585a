/* SPDX-License-Identifier: MIT */
/* sweep_points.c: lists and ranges of values, whose numbers are those of any option. */
#include "commands/sweep_points.h"

#include "base/number.h"
#include "base/text.h"
#include "commands/compare_settings.h"
#include "model/param.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "--name=values" where the values are several; lists that are not swept over are a parameter that
 * is a list itself, the backends, and the numbers of workers, which every comparison has. */
static bool has_values(const char *word, const dpk_param *params, char *name, size_t size)
{
    const char *equals = strchr(word, '=');
    if (strncmp(word, "--", 2) != 0 || equals == NULL || (size_t)(equals - word) >= size)
        return false;
    snprintf(name, size, "%.*s", (int)(equals - word - 2), word + 2);
    bool several = strchr(equals, ',') != NULL || strstr(equals, "..") != NULL;
    bool is_size = strcmp(name, "size") == 0;
    const dpk_param *param = dpk_param_find(params, name);
    return several && (is_size || (param != NULL && param->type != DPK_PARAM_LIST));
}

void dpk_points_text(const dpk_points *points, double value, char *text, size_t size)
{
    snprintf(text, size, points->whole ? "%.0f" : "%.6g", value);
}

static dpk_status add(dpk_points *points, const char *text, double value, dpk_error *err)
{
    if (points->count == DPK_POINTS_MAX)
        return dpk_fail(err, DPK_USAGE, "--%s: more than %d values", points->name, DPK_POINTS_MAX);
    snprintf(points->text[points->count], sizeof points->text[0], "%s", text);
    points->value[points->count++] = value;
    return DPK_OK;
}

/* Adds the value of the rounded text, as this is what will be measured. */
static dpk_status add_number(dpk_points *points, double value, dpk_error *err)
{
    char text[sizeof points->text[0]];
    dpk_number number = { .value = NAN };
    dpk_points_text(points, value, text, sizeof text);
    dpk_number_parse(text, &number);
    return add(points, text, number.value, err);
}

static dpk_status add_range(dpk_points *points, const char *range, dpk_error *err)
{
    dpk_number first, last;
    size_t length = dpk_number_read(range, &first);
    bool is_range = length > 0 && strncmp(range + length, "..", 2) == 0 &&
                    dpk_number_parse(range + length + 2, &last);
    if (!is_range || !(first.value > 0 && first.value < last.value && isfinite(last.value)))
        return dpk_fail(err, DPK_USAGE,
                        "--%s=%s: a range goes from one number above 0 to a larger one",
                        points->name, range);
    dpk_status status = DPK_OK;
    for (double value = first.value; value < last.value && status == DPK_OK; value *= 2)
        status = add_number(points, value, err);
    return status == DPK_OK ? add_number(points, last.value, err) : status;
}

static dpk_status add_list(dpk_points *points, const char *list, dpk_error *err)
{
    dpk_status status = DPK_OK;
    while (list != NULL && status == DPK_OK) {
        char text[sizeof points->text[0]];
        dpk_number number = { .value = NAN };
        if (strcspn(list, ",") >= sizeof text)
            return dpk_fail(err, DPK_USAGE, "--%s: the value '%.*s' is too long", points->name,
                            (int)strcspn(list, ","), list);
        dpk_text_item(&list, text, sizeof text);
        points->numbers &= dpk_number_parse(text, &number) && isfinite(number.value);
        if (points->count > 0)
            points->numbers &= number.value > points->value[points->count - 1];
        status = add(points, text, number.value, err);
    }
    return status;
}

static dpk_status parse(dpk_points *points, const char *values, dpk_error *err)
{
    points->numbers = true;
    return strstr(values, "..") != NULL ? add_range(points, values, err)
                                        : add_list(points, values, err);
}

/* Explains why nothing is swept over, and names an option that has several values in vain. */
static dpk_status nothing_to_sweep(int count, char *const *words, dpk_error *err)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        const char *equals = strchr(words[i], '=');
        char name[64];
        if (strncmp(words[i], "--", 2) != 0 || equals == NULL || strchr(equals, ',') == NULL)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - words[i] - 2), words[i] + 2);
        if (dpk_param_find(dpk_sweep_params, name) == NULL)
            return dpk_fail(err, DPK_USAGE,
                            "sweep: '--%s' is neither --size nor a parameter of the kernel", name);
    }
    return dpk_fail(err, DPK_USAGE,
                    "sweep: no parameter has several values; give for example --size=64..4096, or "
                    "--sigma=1,2,4 if the kernel has such a parameter");
}

dpk_status dpk_points_find(dpk_points *points, const dpk_param *params, int count,
                           char *const *words, int *place, dpk_error *err)
{
    *points = (dpk_points){ .count = 0 };
    *place = -1;
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        char name[64];
        if (!has_values(words[i], params, name, sizeof name))
            continue;
        if (*place >= 0)
            return dpk_fail(err, DPK_USAGE, "--%s and --%s: one parameter at a time can be swept",
                            points->name, name);
        *place = i;
        memcpy(points->name, name, sizeof name);
    }
    if (*place < 0)
        return nothing_to_sweep(count, words, err);
    const dpk_param *param = dpk_param_find(params, points->name);
    points->whole =
        param == NULL || (param->type != DPK_PARAM_FLOAT && param->type != DPK_PARAM_DOUBLE);
    return parse(points, strchr(words[*place], '=') + 1, err);
}

void dpk_points_drop(dpk_points *points, size_t i)
{
    points->count--;
    for (; i < points->count; i++) {
        memcpy(points->text[i], points->text[i + 1], sizeof points->text[i]);
        points->value[i] = points->value[i + 1];
    }
}
