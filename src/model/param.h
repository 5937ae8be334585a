/* SPDX-License-Identifier: MIT */
/* param.h: reading parameters from a command line by their declarations (dpk_param). Kernels' and
 * run options are the same kind of table, so they are parsed, checked and explained alike. */
#ifndef DPK_PARAM_H
#define DPK_PARAM_H

#include <dpk/dpk.h>

/* A table and the struct its members live in. */
typedef struct dpk_param_set {
    const char *title;       /* heading in help */
    const dpk_param *params; /* NULL for none */
    void *target;
} dpk_param_set;

/* Words of the command line that are no options. */
typedef struct dpk_operands {
    const char **words; /* room for all words of the command line */
    size_t count;
} dpk_operands;

/* Stores value, parsed and checked against type, range and choices. */
dpk_status dpk_param_set_value(const dpk_param *param, void *target, const char *value,
                               dpk_error *err);

/* Stores the default of each parameter of the set, or what its environment variable says. Leaves
 * parameters without default alone. */
dpk_status dpk_param_set_defaults(const dpk_param_set *set, dpk_error *err);

/* Parses words: --name=value, --name value, --flag, --no-flag, -j8, -j 8, operands in between,
 * everything after -- an operand. sets ends with a NULL title. The sets' defaults are stored
 * first; a parameter without default must be given. Errors: DPK_USAGE. */
dpk_status dpk_param_parse(const dpk_param_set *sets, int count, char *const *words,
                           dpk_operands *operands, dpk_error *err);

/* The parameter of that name, NULL if there is none. */
const dpk_param *dpk_param_find(const dpk_param *params, const char *name);

/* "--edge=clamp|mirror|wrap|zero", "--sigma=FLOAT", "--exclusive". */
const char *dpk_param_usage(const dpk_param *param, char *text, size_t size);

/* "0.1 to 100 px, default 2"; "" when there is nothing to say. */
const char *dpk_param_range(const dpk_param *param, char *text, size_t size);

/* The value the parameter has now, as it would be written on the command line: a string or a choice
 * as it is, however long; a number, which 32 bytes are enough for, is written to text. */
const char *dpk_param_value(const dpk_param *param, const void *target, char *text, size_t size);

#endif
