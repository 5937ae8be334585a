/* SPDX-License-Identifier: MIT */
/* param.h: parses a command line by declarations of parameters (dpk_param), and makes help from
 * them. Kernels, runs and commands all declare their options in such tables. */
#ifndef DPK_PARAM_H
#define DPK_PARAM_H

#include "model/param_value.h"

/* So many tables can be parsed together. */
enum { DPK_PARAM_SETS = 4 };

/* A table and the struct its members live in. */
typedef struct dpk_param_set {
    const char *title;       /* heading in help */
    const dpk_param *params; /* NULL for none */
    void *target;
} dpk_param_set;

/* Words of the command line that are not options. */
typedef struct dpk_operands {
    const char **words; /* room for all words of the command line */
    size_t count;
} dpk_operands;

/* Stores the default of each parameter of the set, or what its environment variable says. Leaves
 * parameters that have neither alone. */
dpk_status dpk_param_set_defaults(const dpk_param_set *set, dpk_error *err);

/* Parses words: --name=value, --name value, --flag, --no-flag, -j8, -j 8, operands in between,
 * everything after -- an operand. An option with a choice "yes" may be given as a flag, too. sets
 * ends with a NULL title. The sets' defaults are stored first; a parameter that has no default and
 * is not optional must be given, by a word or by its environment variable. Errors: DPK_USAGE,
 * DPK_LIMIT. */
dpk_status dpk_param_parse(const dpk_param_set *sets, int count, char *const *words,
                           dpk_operands *operands, dpk_error *err);

/* The parameter of that name, NULL if there is none. */
const dpk_param *dpk_param_find(const dpk_param *params, const char *name);

/* "--edge=clamp|mirror|wrap|zero", "--sigma=FLOAT", "--exclusive". */
const char *dpk_param_usage(const dpk_param *param, char *text, size_t size);

/* Whether a value must be given. */
bool dpk_param_is_required(const dpk_param *param);

/* "0.1 to 100 px, default 2"; "" if there is nothing to say. */
const char *dpk_param_range(const dpk_param *param, char *text, size_t size);

#endif
