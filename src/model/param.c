/* SPDX-License-Identifier: MIT */
/* param.c: parses command lines, and describes parameters in help. */
#include "model/param.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the parameter's environment variable says; NULL if there is none, or it is empty. */
static const char *environment_value(const dpk_param *param)
{
    const char *value = param->env != NULL ? getenv(param->env) : NULL;
    return value != NULL && *value != '\0' ? value : NULL;
}

dpk_status dpk_param_set_defaults(const dpk_param_set *set, dpk_error *err)
{
    for (const dpk_param *param = set->params; param && param->name != NULL; param++) {
        const char *value = environment_value(param);
        dpk_status status = DPK_OK;
        dpk_error wrong;
        if (value != NULL && dpk_param_set_value(param, set->target, value, &wrong) != DPK_OK)
            return dpk_fail(err, DPK_USAGE, "environment variable %s: %s", param->env, wrong.text);
        if (value == NULL && param->def != NULL)
            status = dpk_param_set_value(param, set->target, param->def, err);
        if (status != DPK_OK)
            return status;
    }
    return DPK_OK;
}

const dpk_param *dpk_param_find(const dpk_param *params, const char *name)
{
    for (const dpk_param *param = params; param && param->name != NULL; param++)
        if (dpk_same_name(param->name, name))
            return param;
    return NULL;
}

struct parser {
    const dpk_param_set *sets;
    int count, next; /* words, index of the next one */
    char *const *words;
    bool given[DPK_PARAM_SETS][DPK_MAX_PARAMS]; /* by a word of the command line */
};

static const dpk_param *find_long(const struct parser *parser, const char *name,
                                  const dpk_param_set **found)
{
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++) {
        const dpk_param *param = dpk_param_find(set->params, name);
        if (param != NULL) {
            *found = set;
            return param;
        }
    }
    return NULL;
}

static const dpk_param *find_letter(const struct parser *parser, char letter,
                                    const dpk_param_set **found)
{
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++) {
        for (const dpk_param *param = set->params; param && param->name != NULL; param++) {
            if (param->letter == letter) {
                *found = set;
                return param;
            }
        }
    }
    return NULL;
}

/* A shell's pattern may have found a file of this name. */
static const char *file_hint(const struct parser *parser)
{
    return access(parser->words[parser->next - 1], F_OK) == 0
               ? "; files whose names begin with a dash come after '--'"
               : "";
}

static dpk_status unknown_option(const struct parser *parser, const char *name, dpk_error *err)
{
    dpk_suggestion suggestion = { .word = name };
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++)
        for (const dpk_param *param = set->params; param && param->name != NULL; param++)
            dpk_suggest(&suggestion, param->name);
    char hint[64];
    return dpk_fail(err, DPK_USAGE, "unknown option '--%s'%s%s", name,
                    dpk_suggestion_text(&suggestion, "--", hint, sizeof hint), file_hint(parser));
}

/* Whether the option may be given without a value, as yes, and with no- before it. */
static bool is_switch(const dpk_param *param)
{
    bool yes = param->type == DPK_PARAM_BOOL;
    for (const dpk_choice *choice = param->choices; choice && choice->name != NULL; choice++)
        yes = yes || strcmp(choice->name, "yes") == 0;
    return yes;
}

/* Stores value, or the next word where value is NULL and one is needed. */
static dpk_status store(struct parser *parser, const dpk_param_set *set, const dpk_param *param,
                        const char *value, dpk_error *err)
{
    if (value == NULL && is_switch(param))
        value = "yes";
    if (value == NULL && parser->next < parser->count)
        value = parser->words[parser->next++];
    if (value == NULL) {
        char name[64];
        return dpk_fail(err, DPK_USAGE, "option '%s' needs a value",
                        dpk_param_option(param, name, sizeof name));
    }
    parser->given[set - parser->sets][param - set->params] = true;
    return dpk_param_set_value(param, set->target, value, err);
}

static dpk_status parse_long(struct parser *parser, const char *word, dpk_error *err)
{
    char name[64];
    size_t length = strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    const char *value = word[length] == '=' ? word + length + 1 : NULL;

    const dpk_param_set *set = NULL;
    const dpk_param *param = find_long(parser, name, &set);
    if (param == NULL && value == NULL && strncmp(name, "no-", 3) == 0) {
        param = find_long(parser, name + 3, &set);
        if (param != NULL && is_switch(param))
            return store(parser, set, param, "no", err);
        param = NULL;
    }
    return param != NULL ? store(parser, set, param, value, err)
                         : unknown_option(parser, name, err);
}

static dpk_status parse_short(struct parser *parser, const char *word, dpk_error *err)
{
    const dpk_param_set *set = NULL;
    const dpk_param *param = find_letter(parser, word[0], &set);
    if (param == NULL)
        return dpk_fail(err, DPK_USAGE, "unknown option '-%c'%s", word[0], file_hint(parser));
    const char *value = word[1] == '=' ? word + 2 : word + 1;
    return store(parser, set, param, *value != '\0' ? value : NULL, err);
}

/* Whether a value must be given and has not been. */
static bool is_missing(const struct parser *parser, const dpk_param_set *set,
                       const dpk_param *param)
{
    return dpk_param_is_required(param) && environment_value(param) == NULL &&
           !parser->given[set - parser->sets][param - set->params];
}

static dpk_status check_given(const struct parser *parser, dpk_error *err)
{
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++)
        for (const dpk_param *param = set->params; param && param->name != NULL; param++)
            if (is_missing(parser, set, param)) {
                char usage[128];
                return dpk_fail(err, DPK_USAGE, "option '%s' must be given",
                                dpk_param_usage(param, usage, sizeof usage));
            }
    return DPK_OK;
}

/* The parser's tables are of a fixed size. */
static dpk_status check_sets(const dpk_param_set *sets, dpk_error *err)
{
    for (size_t s = 0; sets[s].title != NULL; s++) {
        size_t count = 0;
        for (const dpk_param *param = sets[s].params; param && param->name != NULL; param++)
            count++;
        if (count > DPK_MAX_PARAMS || s == DPK_PARAM_SETS)
            return dpk_fail(err, DPK_LIMIT, "%zu parameters are too many: at most %d", count,
                            DPK_MAX_PARAMS);
    }
    return DPK_OK;
}

dpk_status dpk_param_parse(const dpk_param_set *sets, int count, char *const *words,
                           dpk_operands *operands, dpk_error *err)
{
    dpk_status status = check_sets(sets, err);
    for (const dpk_param_set *set = sets; set->title != NULL && status == DPK_OK; set++)
        status = dpk_param_set_defaults(set, err);
    struct parser parser = { .sets = sets, .count = count, .words = words };
    bool options = true;
    operands->count = 0;
    while (parser.next < count && status == DPK_OK) {
        const char *word = words[parser.next++];
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            status = parse_long(&parser, word + 2, err);
        else if (options && word[0] == '-' && word[1] != '\0')
            status = parse_short(&parser, word + 1, err);
        else
            operands->words[operands->count++] = word;
    }
    return status == DPK_OK ? check_given(&parser, err) : status;
}

/* Returns the word that follows = in a usage line. */
static const char *placeholder(dpk_param_type type)
{
    switch (type) {
    case DPK_PARAM_INT:
        return "INT";
    case DPK_PARAM_UNSIGNED:
        return "N";
    case DPK_PARAM_SIZE:
        return "SIZE";
    case DPK_PARAM_FLOAT:
    case DPK_PARAM_DOUBLE:
        return "FLOAT";
    case DPK_PARAM_STRING:
        return "TEXT";
    case DPK_PARAM_LIST:
        return "FLOAT,…";
    case DPK_PARAM_AXIS:
        return "AXIS";
    case DPK_PARAM_BOOL:
        break;
    }
    return "";
}

const char *dpk_param_usage(const dpk_param *param, char *text, size_t size)
{
    char option[64];
    dpk_text to = dpk_text_begin(text, size);
    dpk_text_add(&to, "%s", dpk_param_option(param, option, sizeof option));
    if (param->type != DPK_PARAM_BOOL && param->choices == NULL)
        dpk_text_add(&to, "=%s", placeholder(param->type));
    for (const dpk_choice *choice = param->choices; choice && choice->name != NULL; choice++)
        dpk_text_add(&to, "%c%s", choice == param->choices ? '=' : '|', choice->name);
    return text;
}

bool dpk_param_is_required(const dpk_param *param)
{
    return param->def == NULL && !param->optional;
}

/* Adds a phrase, after a comma if it is not the first. */
static void add_phrase(dpk_text *to, const char *before, const char *phrase)
{
    dpk_text_add(to, "%s%s%s", to->used > 0 ? ", " : "", before, phrase);
}

const char *dpk_param_range(const dpk_param *param, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    if (dpk_param_is_bounded(param))
        dpk_text_add(&to, "%s%.12g to %.12g", param->type == DPK_PARAM_LIST ? "each " : "",
                     param->min, param->max);
    if (param->unit != NULL)
        dpk_text_add(&to, "%s%s", to.used > 0 ? " " : "", param->unit);
    if (param->type == DPK_PARAM_AXIS)
        add_phrase(&to, "", "negative numbers count from the last axis");
    if (param->def != NULL && param->type != DPK_PARAM_BOOL)
        add_phrase(&to, "default ", param->def);
    if (param->env != NULL)
        dpk_text_add(&to, "%s$%s", param->def != NULL ? " or " : ", ", param->env);
    if (dpk_param_is_required(param))
        add_phrase(&to, "", "must be given");
    return text;
}
