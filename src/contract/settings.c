/* SPDX-License-Identifier: MIT */
/* settings.c: a declaration of parameters, read by someone who wants to see the kernel fail. */
#include "contract/settings.h"

#include "engine/run.h"
#include "model/param.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static dpk_status add(dpk_settings *settings, const dpk_setting *setting, dpk_error *err)
{
    dpk_setting *longer =
        realloc(settings->settings, (settings->count + 1) * sizeof *settings->settings);
    if (longer == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the settings to check");
    settings->settings = longer;
    settings->settings[settings->count++] = *setting;
    return DPK_OK;
}

static dpk_status add_value(dpk_settings *settings, const dpk_param *param, const char *value,
                            dpk_error *err)
{
    dpk_setting setting;
    snprintf(setting.text, sizeof setting.text, "--%s=%s", param->name, value);
    return add(settings, &setting, err);
}

/* Whole numbers below 2^53 print without an exponent, which integer parameters do not take. */
static dpk_status add_number(dpk_settings *settings, const dpk_param *param, double number,
                             dpk_error *err)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", number);
    return add_value(settings, param, text, err);
}

static dpk_status add_limits(dpk_settings *settings, const dpk_param *param, dpk_error *err)
{
    dpk_status status = DPK_OK;
    if (param->choices != NULL) {
        for (const dpk_choice *choice = param->choices; choice->name && status == DPK_OK; choice++)
            status = add_value(settings, param, choice->name, err);
    } else if (param->type == DPK_PARAM_BOOL) {
        status = add_value(settings, param, "yes", err);
        if (status == DPK_OK)
            status = add_value(settings, param, "no", err);
    } else if (param->type == DPK_PARAM_AXIS) {
        status = add_value(settings, param, "0", err);
        if (status == DPK_OK)
            status = add_value(settings, param, "-1", err);
    } else if (dpk_param_is_bounded(param)) {
        status = add_number(settings, param, param->min, err);
        if (status == DPK_OK)
            status = add_number(settings, param, param->max, err);
    }
    return status;
}

static bool has_defaults(const dpk_kernel *kernel)
{
    for (const dpk_param *param = kernel->params; param && param->name != NULL; param++)
        if (dpk_param_is_required(param))
            return false;
    return dpk_kernel_inputs(kernel) > 0;
}

static dpk_status add_defaults(dpk_settings *settings, const dpk_kernel *kernel, dpk_error *err)
{
    const dpk_setting none = { .text = "" };
    dpk_status status = add(settings, &none, err);
    for (const dpk_param *param = kernel->params; param && param->name; param++)
        if (status == DPK_OK)
            status = add_limits(settings, param, err);
    return status;
}

dpk_status dpk_settings_list(const dpk_kernel *kernel, dpk_settings *settings, dpk_error *err)
{
    *settings = (dpk_settings){ .defaults = has_defaults(kernel) };
    dpk_status status = DPK_OK;
    if (settings->defaults)
        status = add_defaults(settings, kernel, err);
    for (const char *const *check = kernel->checks; check && *check && status == DPK_OK; check++) {
        dpk_setting setting;
        if (strlen(*check) >= sizeof setting.text)
            return dpk_fail(err, DPK_MISMATCH, "a setting in .checks of %s is too long: %.40s…",
                            kernel->name, *check);
        snprintf(setting.text, sizeof setting.text, "%s", *check);
        status = add(settings, &setting, err);
    }
    if (status == DPK_OK && settings->count == 0)
        status = dpk_fail(err, DPK_MISMATCH,
                          "%s cannot run with defaults alone, so .checks must give settings",
                          kernel->name);
    return status;
}

void dpk_settings_free(dpk_settings *settings)
{
    free(settings->settings);
    *settings = (dpk_settings){ 0 };
}

dpk_setting dpk_settings_largest(const dpk_settings *settings, const dpk_kernel *kernel)
{
    dpk_setting largest = settings->settings[0];
    for (const dpk_param *param = kernel->params; param && param->name != NULL; param++) {
        bool whole = param->type == DPK_PARAM_INT || param->type == DPK_PARAM_UNSIGNED ||
                     param->type == DPK_PARAM_SIZE;
        if (!whole || !dpk_param_is_bounded(param) || param->choices != NULL)
            continue;
        dpk_setting longer;
        int length = snprintf(longer.text, sizeof longer.text, "%s%s--%s=%.17g", largest.text,
                              largest.text[0] ? " " : "", param->name, param->max);
        if (length < DPK_SETTING_MOST)
            largest = longer;
    }
    return largest;
}

dpk_status dpk_setting_apply(const dpk_setting *setting, const dpk_kernel *kernel, void *self,
                             dpk_error *err)
{
    dpk_setting copy = *setting;
    char *words[DPK_SETTING_MOST / 2], *place = NULL;
    const char *operand_words[DPK_SETTING_MOST / 2];
    int count = 0;
    for (char *word = strtok_r(copy.text, " ", &place); word; word = strtok_r(NULL, " ", &place))
        words[count++] = word;
    const dpk_param_set sets[] = { { "Parameters", kernel->params, self }, { NULL, NULL, NULL } };
    dpk_operands operands = { .words = operand_words };
    dpk_status status = dpk_param_parse(sets, count, words, &operands, err);
    if (status == DPK_OK && operands.count > 0)
        status = dpk_fail(err, DPK_USAGE, "'%s' in .checks of %s is no option", operands.words[0],
                          kernel->name);
    return status;
}
