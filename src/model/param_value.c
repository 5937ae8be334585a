/* SPDX-License-Identifier: MIT */
/* param_value.c: every number is read by dpk_number_read and then checked against what its member
 * can hold and what its declaration allows. */
#include "model/param_value.h"

#include "base/number.h"
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *dpk_param_option(const dpk_param *param, char *text, size_t size)
{
    char name[64];
    snprintf(text, size, "--%s", dpk_typed_name(param->name, name, sizeof name));
    return text;
}

bool dpk_param_is_bounded(const dpk_param *param)
{
    return param->min != 0 || param->max != 0;
}

static dpk_status refuse(const dpk_param *param, const char *value, const char *why, dpk_error *err)
{
    char name[64];
    return dpk_fail(err, DPK_USAGE, "%s '%s': %s", dpk_param_option(param, name, sizeof name),
                    value, why);
}

/* ------------------------------------------------------------------------------------- numbers */

static dpk_status check_range(const dpk_param *param, double number, const char *value,
                              dpk_error *err)
{
    if (!dpk_param_is_bounded(param) || (number >= param->min && number <= param->max))
        return DPK_OK;
    char why[128];
    snprintf(why, sizeof why, "must be between %.12g and %.12g%s%s", param->min, param->max,
             param->unit ? " " : "", param->unit ? param->unit : "");
    return refuse(param, value, why, err);
}

/* The declared range is checked first: it is what a user can do something about. */
static dpk_status read_whole(const dpk_param *param, const char *value, int64_t least, int64_t most,
                             int64_t *whole, dpk_error *err)
{
    dpk_number number;
    if (!dpk_number_parse(value, &number) || number.value != floor(number.value))
        return refuse(param, value,
                      param->type == DPK_PARAM_SIZE
                          ? "must be a whole number, such as 4000, 4k or 4Ki"
                          : "must be a whole number",
                      err);
    dpk_status status = check_range(param, number.value, value, err);
    if (status != DPK_OK)
        return status;
    if (number.value < (double)least || (number.is_whole && number.whole < least))
        return refuse(param, value, least == 0 ? "must not be negative" : "is too small", err);
    if (!number.is_whole || number.whole > most)
        return refuse(param, value, "is too large", err);
    *whole = number.whole;
    return DPK_OK;
}

static dpk_status read_real(const dpk_param *param, const char *value, double most, double *real,
                            dpk_error *err)
{
    dpk_number number;
    if (!dpk_number_parse(value, &number))
        return refuse(param, value, "must be a number", err);
    dpk_status status = check_range(param, number.value, value, err);
    if (status == DPK_OK && !(fabs(number.value) <= most))
        status = refuse(param, value, "is too large", err);
    *real = number.value;
    return status;
}

/* One number of a list, of which the caller has read that many bytes. */
static dpk_status check_item(const dpk_param *param, double number, const char *text, size_t length,
                             dpk_error *err)
{
    char item[64];
    snprintf(item, sizeof item, "%.*s", (int)length, text);
    if (!isfinite(number))
        return refuse(param, item, "is too large", err);
    return check_range(param, number, item, err);
}

/* A list has no empty items, and no comma at its end. */
static dpk_status set_list(const dpk_param *param, dpk_list *list, const char *value,
                           dpk_error *err)
{
    dpk_list read = { .count = 0 };
    const char *text = value;
    char name[64];
    for (bool more = true; more; text++) {
        dpk_number number;
        size_t length = dpk_number_read(text, &number);
        more = text[length] == ',';
        if (length == 0 || (!more && text[length] != '\0'))
            return refuse(param, value, "must be numbers separated by commas, such as 1,2.5", err);
        if (read.count == DPK_MAX_LIST)
            return dpk_fail(err, DPK_USAGE, "%s: more than %d numbers",
                            dpk_param_option(param, name, sizeof name), DPK_MAX_LIST);
        dpk_status status = check_item(param, number.value, text, length, err);
        if (status != DPK_OK)
            return status;
        read.values[read.count++] = number.value;
        text += length;
    }
    *list = read;
    return DPK_OK;
}

static dpk_status set_axis(const dpk_param *param, dpk_axis *axis, const char *value,
                           dpk_error *err)
{
    const dpk_param every = { .name = param->name, .min = -DPK_MAX_RANK, .max = DPK_MAX_RANK - 1 };
    int64_t whole;
    dpk_status status = read_whole(dpk_param_is_bounded(param) ? param : &every, value,
                                   -DPK_MAX_RANK, DPK_MAX_RANK - 1, &whole, err);
    if (status == DPK_OK)
        axis->value = (int)whole;
    return status;
}

/* --------------------------------------------------------------------------------------- words */

static dpk_status set_choice(const dpk_param *param, unsigned *member, const char *value,
                             dpk_error *err)
{
    dpk_suggestion suggestion = { .word = value };
    char text[256], hint[64];
    dpk_text why = dpk_text_begin(text, sizeof text);
    for (const dpk_choice *choice = param->choices; choice->name != NULL; choice++) {
        if (dpk_same_name(choice->name, value)) {
            *member = choice->value;
            return DPK_OK;
        }
        dpk_text_offer(&why, &suggestion, choice->name);
    }
    dpk_text_add(&why, "%s", dpk_suggestion_text(&suggestion, "", hint, sizeof hint));
    return refuse(param, value, text, err);
}

static dpk_status set_bool(const dpk_param *param, bool *member, const char *value, dpk_error *err)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "yes", true }, { "true", true },   { "on", true },   { "1", true },
                  { "no", false }, { "false", false }, { "off", false }, { "0", false } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, value) == 0) {
            *member = words[i].value;
            return DPK_OK;
        }
    }
    return refuse(param, value, "must be yes or no", err);
}

/* -------------------------------------------------------------------------------------- members */

#define MOST_SIZE ((int64_t)(SIZE_MAX / 2 < INT64_MAX ? SIZE_MAX : INT64_MAX))

dpk_status dpk_param_set_value(const dpk_param *param, void *target, const char *value,
                               dpk_error *err)
{
    void *member = (char *)target + param->offset;
    dpk_status status = DPK_OK;
    int64_t whole = 0;
    double real = 0;
    switch (param->type) {
    case DPK_PARAM_BOOL:
        return set_bool(param, member, value, err);
    case DPK_PARAM_INT:
        status = read_whole(param, value, INT32_MIN, INT32_MAX, &whole, err);
        if (status == DPK_OK)
            *(int *)member = (int)whole;
        return status;
    case DPK_PARAM_UNSIGNED:
        if (param->choices != NULL)
            return set_choice(param, member, value, err);
        status = read_whole(param, value, 0, UINT32_MAX, &whole, err);
        if (status == DPK_OK)
            *(unsigned *)member = (unsigned)whole;
        return status;
    case DPK_PARAM_SIZE:
        status = read_whole(param, value, 0, MOST_SIZE, &whole, err);
        if (status == DPK_OK)
            *(size_t *)member = (size_t)whole;
        return status;
    case DPK_PARAM_FLOAT:
        status = read_real(param, value, FLT_MAX, &real, err);
        if (status == DPK_OK)
            *(float *)member = (float)real;
        return status;
    case DPK_PARAM_DOUBLE:
        status = read_real(param, value, DBL_MAX, &real, err);
        if (status == DPK_OK)
            *(double *)member = real;
        return status;
    case DPK_PARAM_STRING:
        *(const char **)member = value;
        return DPK_OK;
    case DPK_PARAM_LIST:
        return set_list(param, member, value, err);
    case DPK_PARAM_AXIS:
        return set_axis(param, member, value, err);
    }
    return DPK_OK;
}

static const char *list_text(const dpk_list *list, char *text, size_t size)
{
    char number[32];
    dpk_text to = dpk_text_begin(text, size);
    for (size_t i = 0; i < list->count; i++)
        dpk_text_add(&to, "%s%s", i > 0 ? "," : "",
                     dpk_number_text(list->values[i], number, sizeof number));
    return text;
}

static const char *choice_text(const dpk_param *param, unsigned value, char *text, size_t size)
{
    for (const dpk_choice *choice = param->choices; choice && choice->name != NULL; choice++)
        if (choice->value == value)
            return choice->name;
    snprintf(text, size, "%u", value);
    return text;
}

const char *dpk_param_value(const dpk_param *param, const void *target, char *text, size_t size)
{
    const void *member = (const char *)target + param->offset;
    switch (param->type) {
    case DPK_PARAM_BOOL:
        return *(const bool *)member ? "yes" : "no";
    case DPK_PARAM_INT:
        snprintf(text, size, "%d", *(const int *)member);
        return text;
    case DPK_PARAM_UNSIGNED:
        return choice_text(param, *(const unsigned *)member, text, size);
    case DPK_PARAM_SIZE:
        snprintf(text, size, "%zu", *(const size_t *)member);
        return text;
    case DPK_PARAM_FLOAT:
        return dpk_number_text_float(*(const float *)member, text, size);
    case DPK_PARAM_DOUBLE:
        return dpk_number_text(*(const double *)member, text, size);
    case DPK_PARAM_STRING:
        return *(const char *const *)member ? *(const char *const *)member : "";
    case DPK_PARAM_LIST:
        return list_text(member, text, size);
    case DPK_PARAM_AXIS:
        snprintf(text, size, "%d", ((const dpk_axis *)member)->value);
        return text;
    }
    return "";
}

bool dpk_param_has_value(const dpk_param *param, const void *target)
{
    const void *member = (const char *)target + param->offset;
    if (param->def != NULL || !param->optional)
        return true;
    switch (param->type) {
    case DPK_PARAM_BOOL:
        return *(const bool *)member;
    case DPK_PARAM_INT:
        return *(const int *)member != 0;
    case DPK_PARAM_UNSIGNED:
        return *(const unsigned *)member != 0;
    case DPK_PARAM_SIZE:
        return *(const size_t *)member != 0;
    case DPK_PARAM_FLOAT:
        return *(const float *)member != 0;
    case DPK_PARAM_DOUBLE:
        return *(const double *)member != 0;
    case DPK_PARAM_STRING:
        return *(const char *const *)member != NULL;
    case DPK_PARAM_LIST:
        return ((const dpk_list *)member)->count > 0;
    case DPK_PARAM_AXIS:
        return ((const dpk_axis *)member)->value != 0;
    }
    return true;
}
