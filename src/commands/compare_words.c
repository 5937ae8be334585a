/* SPDX-License-Identifier: MIT */
/* compare_words.c: command lines, for other processes and for people. */
#include "array.h"
#include "compare_session.h"
#include "help_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_given(const dpk_param *param, const void *target)
{
    const void *member = (const char *)target + param->offset;
    return param->type != DPK_PARAM_STRING || *(const char *const *)member != NULL;
}

/* "--sigma=2" for each of the parameters, each with a terminating zero. Returns how many. */
static size_t write_words(FILE *text, const dpk_param *params, const void *target)
{
    size_t count = 0;
    for (const dpk_param *param = params; param != NULL && param->name != NULL; param++) {
        char value[1024];
        if (!is_given(param, target))
            continue;
        dpk_param_value(param, target, value, sizeof value);
        fprintf(text, "--%s=%s%c", param->name, value, '\0');
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
    count += write_words(text, session->run.kernel->params, session->parameters);
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

/* Whether the parameter is as it is when nobody says anything; scratch is a struct to set it in. */
static bool is_usual(const dpk_param *param, const void *target, void *scratch)
{
    char value[256], usual[256];
    dpk_error ignored;
    if (param->def == NULL || dpk_param_set_value(param, scratch, param->def, &ignored) != DPK_OK)
        return false;
    dpk_param_value(param, target, value, sizeof value);
    dpk_param_value(param, scratch, usual, sizeof usual);
    return strcmp(value, usual) == 0;
}

static size_t append(char *text, size_t size, size_t used, const char *before, const char *word)
{
    if (used >= size)
        return used;
    return used + (size_t)snprintf(text + used, size - used, "%s%s", before, word);
}

/* The command line without folders, and without what is as usual; with what is put in the way, as
 * times without it are those of another command. */
static void describe_command(dpk_session *session)
{
    const dpk_kernel *kernel = session->run.kernel;
    char *text = session->command, option[320], name[64];
    size_t size = sizeof session->command;
    size_t used = append(text, size, 0, "", dpk_typed_name(kernel->name, name, sizeof name));
    size_t inputs = dpk_kernel_inputs(kernel);
    for (size_t i = 0; i < inputs && i < session->operands.count; i++) {
        const char *path = session->operands.words[i], *slash = strrchr(path, '/');
        used = append(text, size, used, " ", slash != NULL ? slash + 1 : path);
    }
    if (inputs > 0 && session->operands.count == 0) {
        snprintf(option, sizeof option, "--size=%zu", session->settings.size);
        used = append(text, size, used, " ", option);
    }
    void *scratch = calloc(1, kernel->size + 1);
    for (const dpk_param *param = kernel->params; param && param->name && scratch; param++) {
        char value[256];
        if (!is_given(param, session->parameters) || is_usual(param, session->parameters, scratch))
            continue;
        dpk_param_value(param, session->parameters, value, sizeof value);
        snprintf(option, sizeof option, "--%s=%s", param->name, value);
        used = append(text, size, used, " ", option);
    }
    free(scratch);
    const dpk_conditions *conditions = &session->comparison->conditions;
    if (conditions->neighbours > 0) {
        snprintf(option, sizeof option, "--neighbours=%u", conditions->neighbours);
        used = append(text, size, used, " ", option);
    }
    if (conditions->quota > 0) {
        snprintf(option, sizeof option, "--quota=%g%%", 100 * conditions->quota);
        append(text, size, used, " ", option);
    }
}

void dpk_session_describe(dpk_session *session)
{
    describe_command(session);
    size_t used = 0;
    for (size_t i = 0; i < session->parcel.count; i++) {
        char text[96];
        dpk_array_text(&session->parcel.arrays[i], text, sizeof text);
        used = append(session->inputs, sizeof session->inputs, used, i > 0 ? ", " : "", text);
    }
}
