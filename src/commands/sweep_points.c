/* SPDX-License-Identifier: MIT */
/* sweep_points.c: lists and ranges of values. */
#include "commands/sweep_points.h"

#include "model/param.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "--name=values" where the values are several; lists that are not swept over are the backends and
 * the numbers of workers, which every comparison has. */
static bool has_values(const char *word, const dpk_param *params, char *name, size_t size)
{
    const char *equals = strchr(word, '=');
    if (strncmp(word, "--", 2) != 0 || equals == NULL || (size_t)(equals - word) >= size)
        return false;
    snprintf(name, size, "%.*s", (int)(equals - word - 2), word + 2);
    bool several = strchr(equals, ',') != NULL || strstr(equals, "..") != NULL;
    bool is_size = strcmp(name, "size") == 0;
    return several && (is_size || dpk_param_find(params, name) != NULL);
}

void dpk_points_text(const dpk_points *points, double value, char *text, size_t size)
{
    snprintf(text, size, points->whole ? "%.0f" : "%.6g", value);
}

static bool parse_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    double unit = *end == 'k' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 0;
    if (unit > 0) {
        *value *= unit;
        end++;
    }
    return end != text && *end == '\0' && isfinite(*value);
}

static dpk_status add(dpk_points *points, const char *text, double value, dpk_error *err)
{
    if (points->count == DPK_POINTS_MAX)
        return dpk_fail(err, DPK_USAGE, "--%s: more than %d values", points->name, DPK_POINTS_MAX);
    snprintf(points->text[points->count], sizeof points->text[0], "%s", text);
    points->value[points->count++] = value;
    return DPK_OK;
}

static dpk_status add_range(dpk_points *points, const char *from, const char *to, dpk_error *err)
{
    double first, last;
    if (!parse_number(from, &first) || !parse_number(to, &last) || !(first > 0 && first < last))
        return dpk_fail(err, DPK_USAGE,
                        "--%s=%s..%s: a range goes from one number above 0 to a larger one",
                        points->name, from, to);
    dpk_status status = DPK_OK;
    char text[32];
    for (double value = first; value < last && status == DPK_OK; value *= 2) {
        dpk_points_text(points, value, text, sizeof text);
        status = add(points, text, strtod(text, NULL), err);
    }
    dpk_points_text(points, last, text, sizeof text);
    return status == DPK_OK ? add(points, text, strtod(text, NULL), err) : status;
}

static dpk_status add_list(dpk_points *points, const char *list, dpk_error *err)
{
    dpk_status status = DPK_OK;
    while (*list != '\0' && status == DPK_OK) {
        size_t length = strcspn(list, ",");
        char text[32];
        double value = NAN;
        snprintf(text, sizeof text, "%.*s", (int)length, list);
        points->numbers &= parse_number(text, &value);
        if (points->count > 0)
            points->numbers &= value > points->value[points->count - 1];
        status = add(points, text, value, err);
        list += length + (list[length] == ',');
    }
    return status;
}

static dpk_status parse(dpk_points *points, const char *values, dpk_error *err)
{
    const char *dots = strstr(values, "..");
    points->numbers = true;
    if (dots == NULL)
        return add_list(points, values, err);
    char from[32];
    snprintf(from, sizeof from, "%.*s", (int)(dots - values), values);
    return add_range(points, from, dots + 2, err);
}

/* Nothing to sweep over, and whether it is so for a word that looks like it. */
static dpk_status nothing_to_sweep(int count, char *const *words, dpk_error *err)
{
    for (int i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        bool option = strncmp(words[i], "--", 2) == 0 && equals != NULL;
        bool list = option && (strncmp(words[i], "--jobs=", 7) == 0 ||
                               strncmp(words[i], "--backends=", 11) == 0);
        if (option && !list && strchr(equals, ',') != NULL)
            return dpk_fail(err, DPK_USAGE,
                            "sweep: '%.*s' is neither --size nor a parameter of the kernel",
                            (int)(equals - words[i]), words[i]);
    }
    return dpk_fail(err, DPK_USAGE,
                    "sweep: over which parameter? For example --size=64..4096, or a kernel's "
                    "parameter with several values: --sigma=1,2,4");
}

dpk_status dpk_points_find(dpk_points *points, const dpk_param *params, int count,
                           char *const *words, int *place, dpk_error *err)
{
    *points = (dpk_points){ .count = 0 };
    *place = -1;
    for (int i = 0; i < count; i++) {
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
