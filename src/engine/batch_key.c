/* SPDX-License-Identifier: MIT */
/* batch_key.c: the settings that decide what is in an output are the kernel's parameters, the
 * formats and their options. Who computes, on how many workers, with how much memory, does not
 * matter. */
#include "engine/batch_key.h"

#include "base/digest.h"
#include "base/shell.h"
#include "files/source.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------- settings */

static bool decides_output(const dpk_param *setting)
{
    return setting->offset == offsetof(dpk_job_settings, in_format) ||
           setting->offset == offsetof(dpk_job_settings, out_format) ||
           setting->offset >= offsetof(dpk_job_settings, format_options);
}

static bool differs(const dpk_param *param, const char *value)
{
    return param->def == NULL || strcmp(value, param->def) != 0;
}

/* Calls use for each setting that decides and has a value. */
static void for_each_setting(const dpk_job *model,
                             void (*use)(void *context, const dpk_param *param, const char *value),
                             void *context)
{
    char value[DPK_VALUE_TEXT];
    for (const dpk_param *param = model->kernel->params; param && param->name; param++)
        if (dpk_param_has_value(param, model->self))
            use(context, param, dpk_param_value(param, model->self, value, sizeof value));
    for (const dpk_param *param = model->settings.params; param->name != NULL; param++)
        if (decides_output(param) && dpk_param_has_value(param, &model->settings))
            use(context, param, dpk_param_value(param, &model->settings, value, sizeof value));
}

static void add_setting(void *text, const dpk_param *param, const char *value)
{
    char option[96];
    if (!differs(param, value))
        return;
    dpk_text_add(text, " %s=", dpk_param_option(param, option, sizeof option));
    if (*value != '\0')
        dpk_shell_add(text, value);
}

static void add_settings(dpk_text *to, const dpk_job *model)
{
    char name[96];
    dpk_text_add(to, "dpk %s", dpk_typed_name(model->kernel->name, name, sizeof name));
    if (model->row->plugin != NULL) {
        dpk_text_add(to, " --plugin=");
        dpk_shell_add(to, model->row->plugin);
    }
    for_each_setting(model, add_setting, to);
}

/* A text is made twice: first to see how long it is. */
char *dpk_batch_request(const dpk_job *model)
{
    char none[1];
    dpk_text measure = dpk_text_begin(none, sizeof none);
    add_settings(&measure, model);
    char *text = malloc(measure.used + 1);
    if (text != NULL) {
        dpk_text to = dpk_text_begin(text, measure.used + 1);
        add_settings(&to, model);
    }
    return text;
}

char *dpk_batch_command(const char *request, const char *input, const char *output)
{
    size_t size = strlen(request) + dpk_shell_bound(strlen(input)) +
                  dpk_shell_bound(strlen(output)) + sizeof " --  ";
    char *text = malloc(size);
    if (text == NULL)
        return NULL;
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(&to, "%s%s ", request, input[0] == '-' || output[0] == '-' ? " --" : "");
    dpk_shell_add(&to, input);
    dpk_text_add(&to, " ");
    dpk_shell_add(&to, output);
    return text;
}

/* ----------------------------------------------------------------------------------------- keys */

static uint64_t digest_text(const char *text, uint64_t seed)
{
    return dpk_digest(text, strlen(text) + 1, seed);
}

static void digest_setting(void *key, const dpk_param *param, const char *value)
{
    uint64_t *so_far = key;
    *so_far = digest_text(value, digest_text(param->name, *so_far));
}

/* As seen from the root, so that the same name in another folder is another file. */
static uint64_t digest_path(const char *path, uint64_t seed)
{
    char whole[2 * PATH_MAX] = "";
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    if (path[0] != '/' && getcwd(whole, PATH_MAX) == NULL)
        whole[0] = '\0';
    size_t folder = strlen(whole);
    snprintf(whole + folder, sizeof whole - folder, "%s%s", path[0] == '/' ? "" : "/", path);
    return digest_text(whole, seed);
}

static uint64_t digest_request(const dpk_job *model, const dpk_batch_file *file)
{
    uint64_t key = digest_text(model->kernel->name, digest_text(DPK_VERSION, 0));
    for_each_setting(model, digest_setting, &key);
    return digest_path(file->output, digest_path(file->input, key));
}

uint64_t dpk_batch_key(const dpk_job *model, const dpk_batch_file *file, const struct stat *status)
{
    const int64_t facts[] = { (int64_t)status->st_size, (int64_t)status->st_mtim.tv_sec,
                              (int64_t)status->st_mtim.tv_nsec };
    return dpk_digest(facts, sizeof facts, digest_request(model, file));
}

dpk_status dpk_batch_content_key(const dpk_job *model, const dpk_batch_file *file, uint64_t *key,
                                 dpk_error *err)
{
    dpk_source source;
    dpk_status status = dpk_source_open(&source, file->input, err);
    if (status != DPK_OK)
        return status;
    *key = dpk_digest(source.data, source.size, digest_request(model, file));
    dpk_source_close(&source);
    return DPK_OK;
}
