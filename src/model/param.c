/* SPDX-License-Identifier: MIT */
/* param.c: from words to typed, checked members, and from declarations to help. */
#include "model/param.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name as an option: member names cannot hold a hyphen, option names should. */
static const char *option_name(const dpk_param *param, char *text, size_t size)
{
    snprintf(text, size, "--%s", param->name);
    for (char *letter = text; *letter != '\0'; letter++)
        if (*letter == '_')
            *letter = '-';
    return text;
}

static dpk_status refuse(const dpk_param *param, const char *value, const char *why, dpk_error *err)
{
    char name[64];
    return dpk_fail(err, DPK_USAGE, "%s '%s': %s", option_name(param, name, sizeof name), value,
                    why);
}

static bool bounded(const dpk_param *param)
{
    return param->min != 0 || param->max != 0;
}

static dpk_status check_range(const dpk_param *param, double number, const char *value,
                              dpk_error *err)
{
    if (isfinite(number) && (!bounded(param) || (number >= param->min && number <= param->max)))
        return DPK_OK;
    char why[128];
    if (bounded(param))
        snprintf(why, sizeof why, "must be between %.12g and %.12g%s%s", param->min, param->max,
                 param->unit ? " " : "", param->unit ? param->unit : "");
    else
        snprintf(why, sizeof why, "is not a finite number");
    return refuse(param, value, why, err);
}

static dpk_status set_choice(const dpk_param *param, unsigned *member, const char *value,
                             dpk_error *err)
{
    dpk_suggestion suggestion = { .word = value };
    for (const dpk_choice *choice = param->choices; choice->name != NULL; choice++) {
        if (dpk_same_name(choice->name, value)) {
            *member = choice->value;
            return DPK_OK;
        }
        dpk_suggest(&suggestion, choice->name);
    }
    char why[256] = "is none of ", hint[64];
    size_t used = strlen(why);
    for (const dpk_choice *choice = param->choices; choice->name != NULL && used < sizeof why;
         choice++)
        used += (size_t)snprintf(why + used, sizeof why - used, "%s%s",
                                 choice == param->choices ? "" : ", ", choice->name);
    if (used < sizeof why)
        snprintf(why + used, sizeof why - used, "%s",
                 dpk_suggestion_text(&suggestion, "", hint, sizeof hint));
    return refuse(param, value, why, err);
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

/* 1000s for k, M, G, T and 1024s for Ki, Mi, Gi, Ti. Returns 0 when text is no such suffix. */
static double suffix_factor(const char *text)
{
    static const char prefixes[] = "kMGT";
    if (text[0] == '\0')
        return 1;
    char letter = text[0] == 'K' ? 'k' : text[0];
    const char *prefix = strchr(prefixes, letter);
    bool binary = text[1] == 'i';
    if (prefix == NULL || text[binary ? 2 : 1] != '\0')
        return 0;
    return pow(binary ? 1024 : 1000, (double)(prefix - prefixes + 1));
}

static dpk_status set_size(const dpk_param *param, size_t *member, const char *value,
                           dpk_error *err)
{
    char *end;
    double number = strtod(value, &end);
    double factor = suffix_factor(end);
    if (end == value || factor == 0)
        return refuse(param, value, "is not a size (digits, then k, M, G, Ki, Mi or Gi)", err);
    number *= factor;
    dpk_status status = check_range(param, number, value, err);
    if (status != DPK_OK)
        return status;
    /* 2^63: far beyond any memory, and exact as a double. */
    if (number < 0 || number >= 9223372036854775808.0 || number != floor(number))
        return refuse(param, value, "is not a whole number that a machine can hold", err);
    *member = (size_t)number;
    return DPK_OK;
}

static dpk_status set_integer(const dpk_param *param, long long least, long long most,
                              long long *number, const char *value, dpk_error *err)
{
    char *end;
    errno = 0;
    *number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || isspace((unsigned char)*value))
        return refuse(param, value, "is not a whole number", err);
    dpk_status status = check_range(param, (double)*number, value, err);
    if (status == DPK_OK && (errno == ERANGE || *number < least || *number > most))
        status = refuse(param, value, "is out of range", err);
    return status;
}

static dpk_status set_float(const dpk_param *param, double *number, const char *value,
                            dpk_error *err)
{
    char *end;
    *number = strtod(value, &end);
    if (end == value || *end != '\0' || isspace((unsigned char)*value))
        return refuse(param, value, "is not a number", err);
    return check_range(param, *number, value, err);
}

dpk_status dpk_param_set_value(const dpk_param *param, void *target, const char *value,
                               dpk_error *err)
{
    void *member = (char *)target + param->offset;
    dpk_status status = DPK_OK;
    long long integer = 0;
    double number = 0;
    switch (param->type) {
    case DPK_PARAM_BOOL:
        return set_bool(param, member, value, err);
    case DPK_PARAM_INT:
        status = set_integer(param, INT32_MIN, INT32_MAX, &integer, value, err);
        if (status == DPK_OK)
            *(int *)member = (int)integer;
        return status;
    case DPK_PARAM_UNSIGNED:
        if (param->choices != NULL)
            return set_choice(param, member, value, err);
        status = set_integer(param, 0, UINT32_MAX, &integer, value, err);
        if (status == DPK_OK)
            *(unsigned *)member = (unsigned)integer;
        return status;
    case DPK_PARAM_SIZE:
        return set_size(param, member, value, err);
    case DPK_PARAM_FLOAT:
        status = set_float(param, &number, value, err);
        if (status == DPK_OK)
            *(float *)member = (float)number;
        return status;
    case DPK_PARAM_DOUBLE:
        status = set_float(param, &number, value, err);
        if (status == DPK_OK)
            *(double *)member = number;
        return status;
    case DPK_PARAM_STRING:
        *(const char **)member = value;
        return DPK_OK;
    }
    return DPK_OK;
}

dpk_status dpk_param_set_defaults(const dpk_param_set *set, dpk_error *err)
{
    for (const dpk_param *param = set->params; param && param->name != NULL; param++) {
        const char *value = param->env != NULL ? getenv(param->env) : NULL;
        if (value != NULL && *value != '\0') {
            dpk_error wrong;
            if (dpk_param_set_value(param, set->target, value, &wrong) != DPK_OK)
                return dpk_fail(err, DPK_USAGE, "environment variable %s: %s", param->env,
                                wrong.text);
        } else if (param->def != NULL) {
            dpk_status status = dpk_param_set_value(param, set->target, param->def, err);
            if (status != DPK_OK)
                return status;
        }
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

/* What is being parsed: one word, and how far the parser is. */
struct parser {
    const dpk_param_set *sets;
    int count, next; /* words, index of the next one */
    char *const *words;
    uint64_t given[8]; /* bit i of entry s: parameter i of set s was given */
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

static dpk_status unknown_option(const struct parser *parser, const char *name, dpk_error *err)
{
    dpk_suggestion suggestion = { .word = name };
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++)
        for (const dpk_param *param = set->params; param && param->name != NULL; param++)
            dpk_suggest(&suggestion, param->name);
    char hint[64];
    return dpk_fail(err, DPK_USAGE, "unknown option '--%s'%s", name,
                    dpk_suggestion_text(&suggestion, "--", hint, sizeof hint));
}

/* Stores value, or the next word where value is NULL and one is needed. */
static dpk_status store(struct parser *parser, const dpk_param_set *set, const dpk_param *param,
                        const char *value, dpk_error *err)
{
    if (value == NULL && param->type == DPK_PARAM_BOOL)
        value = "yes";
    if (value == NULL && parser->next < parser->count)
        value = parser->words[parser->next++];
    if (value == NULL) {
        char name[64];
        return dpk_fail(err, DPK_USAGE, "option '%s' needs a value",
                        option_name(param, name, sizeof name));
    }
    parser->given[set - parser->sets] |= UINT64_C(1) << (param - set->params);
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
        if (param != NULL && param->type == DPK_PARAM_BOOL)
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
        return dpk_fail(err, DPK_USAGE, "unknown option '-%c'", word[0]);
    const char *value = word[1] == '=' ? word + 2 : word + 1;
    return store(parser, set, param, *value != '\0' ? value : NULL, err);
}

static dpk_status check_given(const struct parser *parser, dpk_error *err)
{
    for (const dpk_param_set *set = parser->sets; set->title != NULL; set++) {
        for (const dpk_param *param = set->params; param && param->name != NULL; param++) {
            bool given = parser->given[set - parser->sets] >> (param - set->params) & 1;
            if (param->def == NULL && !given && param->type != DPK_PARAM_STRING) {
                char usage[128];
                return dpk_fail(err, DPK_USAGE, "option '%s' must be given",
                                dpk_param_usage(param, usage, sizeof usage));
            }
        }
    }
    return DPK_OK;
}

dpk_status dpk_param_parse(const dpk_param_set *sets, int count, char *const *words,
                           dpk_operands *operands, dpk_error *err)
{
    for (const dpk_param_set *set = sets; set->title != NULL; set++) {
        dpk_status status = dpk_param_set_defaults(set, err);
        if (status != DPK_OK)
            return status;
    }
    struct parser parser = { .sets = sets, .count = count, .words = words };
    bool options = true;
    operands->count = 0;
    while (parser.next < count) {
        const char *word = words[parser.next++];
        dpk_status status = DPK_OK;
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            status = parse_long(&parser, word + 2, err);
        else if (options && word[0] == '-' && word[1] != '\0')
            status = parse_short(&parser, word + 1, err);
        else
            operands->words[operands->count++] = word;
        if (status != DPK_OK)
            return status;
    }
    return check_given(&parser, err);
}

const char *dpk_param_usage(const dpk_param *param, char *text, size_t size)
{
    static const char *const placeholders[] = {
        [DPK_PARAM_INT] = "INT",     [DPK_PARAM_UNSIGNED] = "N",   [DPK_PARAM_SIZE] = "SIZE",
        [DPK_PARAM_FLOAT] = "FLOAT", [DPK_PARAM_DOUBLE] = "FLOAT", [DPK_PARAM_STRING] = "TEXT",
    };
    option_name(param, text, size);
    size_t used = strlen(text);
    if (param->type == DPK_PARAM_BOOL)
        return text;
    if (param->choices == NULL) {
        snprintf(text + used, size - used, "=%s", placeholders[param->type]);
        return text;
    }
    for (const dpk_choice *choice = param->choices; choice->name != NULL && used < size; choice++)
        used += (size_t)snprintf(text + used, size - used, "%c%s",
                                 choice == param->choices ? '=' : '|', choice->name);
    return text;
}

const char *dpk_param_range(const dpk_param *param, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    if (bounded(param))
        used += (size_t)snprintf(text, size, "%.12g to %.12g", param->min, param->max);
    if (param->unit != NULL && used < size)
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", param->unit);
    if (param->def != NULL && param->type != DPK_PARAM_BOOL && used < size)
        snprintf(text + used, size - used, "%sdefault %s", used ? ", " : "", param->def);
    return text;
}

const char *dpk_param_value(const dpk_param *param, const void *target, char *text, size_t size)
{
    const void *member = (const char *)target + param->offset;
    switch (param->type) {
    case DPK_PARAM_BOOL:
        snprintf(text, size, "%s", *(const bool *)member ? "yes" : "no");
        break;
    case DPK_PARAM_INT:
        snprintf(text, size, "%d", *(const int *)member);
        break;
    case DPK_PARAM_UNSIGNED:
        snprintf(text, size, "%u", *(const unsigned *)member);
        for (const dpk_choice *choice = param->choices; choice && choice->name != NULL; choice++)
            if (choice->value == *(const unsigned *)member)
                return choice->name;
        break;
    case DPK_PARAM_SIZE:
        snprintf(text, size, "%zu", *(const size_t *)member);
        break;
    case DPK_PARAM_FLOAT:
        snprintf(text, size, "%.9g", (double)*(const float *)member);
        break;
    case DPK_PARAM_DOUBLE:
        snprintf(text, size, "%.17g", *(const double *)member);
        break;
    case DPK_PARAM_STRING:
        return *(const char *const *)member ? *(const char *const *)member : "";
    }
    return text;
}
