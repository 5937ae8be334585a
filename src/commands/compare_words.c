/* SPDX-License-Identifier: MIT */
/* compare_words.c: writes command lines, for the processes that measure and for reports. */
#include "base/array.h"
#include "base/text.h"
#include "commands/compare_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "--sigma=2" for each of the parameters, each with a terminating zero. Returns how many. */
static size_t write_words(FILE *words, const dpk_param *params, const void *target)
{
    size_t count = 0;
    for (const dpk_param *param = params; param != NULL && param->name != NULL; param++) {
        char text[DPK_VALUE_TEXT];
        if (!dpk_param_has_value(param, target))
            continue;
        fprintf(words, "--%s=%s%c", param->name, dpk_param_value(param, target, text, sizeof text),
                '\0');
        count++;
    }
    return count;
}

dpk_status dpk_session_make_words(dpk_session *session, dpk_error *err)
{
    size_t size = 0, count = 0;
    FILE *text = open_memstream(&session->word_text, &size);
    if (text == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a command line");
    if (session->row->plugin != NULL) {
        fprintf(text, "--plugin=%s%c", session->row->plugin, '\0');
        count++;
    }
    count += write_words(text, session->run->kernel->params, session->parameters);
    count += write_words(text, session->settings.run_params, &session->settings.run);
    bool complete = fclose(text) == 0;
    session->words = calloc(count + 1, sizeof *session->words);
    if (!complete || session->words == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a command line");
    const char *word = session->word_text;
    for (size_t i = 0; i < count; i++, word += strlen(word) + 1)
        session->words[i] = word;
    return DPK_OK;
}

/* Whether the parameter has its default value. scratch is memory for a struct of the kernel. */
static bool is_usual(const dpk_param *param, const void *target, void *scratch)
{
    char value[DPK_VALUE_TEXT], usual[DPK_VALUE_TEXT];
    dpk_error ignored;
    if (param->def == NULL || dpk_param_set_value(param, scratch, param->def, &ignored) != DPK_OK)
        return false;
    return strcmp(dpk_param_value(param, target, value, sizeof value),
                  dpk_param_value(param, scratch, usual, sizeof usual)) == 0;
}

static void print_safe(FILE *stream, const char *any)
{
    char text[DPK_VALUE_TEXT];
    fputs(dpk_text_safe(any, text, sizeof text), stream);
}

/* Writes the command line without folders and without parameters that have their default values. It
 * includes neighbours and quota, as both change the times. */
static void describe_command(FILE *text, const dpk_session *session, void *scratch)
{
    const dpk_kernel *kernel = session->run->kernel;
    size_t inputs = dpk_kernel_inputs(kernel);
    char name[64], value[DPK_VALUE_TEXT];
    fputs(dpk_typed_name(kernel->name, name, sizeof name), text);
    for (size_t i = 0; i < inputs && i < session->operands.count; i++) {
        const char *path = session->operands.words[i], *slash = strrchr(path, '/');
        fputc(' ', text);
        print_safe(text, slash != NULL ? slash + 1 : path);
    }
    if (inputs > 0 && session->operands.count == 0)
        fprintf(text, " --size=%zu", session->settings.size);
    for (const dpk_param *param = kernel->params; param != NULL && param->name != NULL; param++) {
        const void *values = session->parameters;
        if (!dpk_param_has_value(param, values) || is_usual(param, values, scratch))
            continue;
        fprintf(text, " --%s=", param->name);
        print_safe(text, dpk_param_value(param, values, value, sizeof value));
    }
    const dpk_conditions *conditions = &session->comparison->conditions;
    if (conditions->neighbours > 0)
        fprintf(text, " --neighbours=%u", conditions->neighbours);
    if (conditions->quota > 0)
        fprintf(text, " --quota=%g%%", 100 * conditions->quota);
}

static void describe_inputs(FILE *text, const dpk_session *session)
{
    for (size_t i = 0; i < session->payload.count; i++) {
        char array[96];
        dpk_array_text(&session->payload.arrays[i], array, sizeof array);
        fprintf(text, "%s%s", i > 0 ? ", " : "", array);
    }
}

dpk_status dpk_session_describe(dpk_session *session, dpk_error *err)
{
    size_t size;
    void *scratch = calloc(1, session->run->kernel->size + 1);
    FILE *command = open_memstream(&session->command, &size);
    FILE *inputs = open_memstream(&session->inputs, &size);
    bool complete = scratch != NULL && command != NULL && inputs != NULL;
    if (complete) {
        describe_command(command, session, scratch);
        describe_inputs(inputs, session);
    }
    complete &= command != NULL && fclose(command) == 0;
    complete &= inputs != NULL && fclose(inputs) == 0;
    free(scratch);
    return complete ? DPK_OK : dpk_fail(err, DPK_LIMIT, "not enough memory for a command line");
}
