/* SPDX-License-Identifier: MIT */
/* param_value.h: converts the value of a parameter from text to its member and back. */
#ifndef DPK_PARAM_VALUE_H
#define DPK_PARAM_VALUE_H

#include <dpk/dpk.h>

/* Bytes that any value but a string takes as text: a list's numbers, each with a comma. */
enum { DPK_VALUE_TEXT = 32 * DPK_MAX_LIST };

/* Stores value, parsed and checked against type, range and choices. Errors: DPK_USAGE. */
dpk_status dpk_param_set_value(const dpk_param *param, void *target, const char *value,
                               dpk_error *err);

/* The value the parameter has now, as it would be written on the command line. A string or a choice
 * is returned as it is; anything else is written to text, for which DPK_VALUE_TEXT bytes are always
 * enough, and 32 for all types but a list. */
const char *dpk_param_value(const dpk_param *param, const void *target, char *text, size_t size);

/* Whether an optional parameter has a value. One that was left out, and one that was given as 0, do
 * not; all others always do. */
bool dpk_param_has_value(const dpk_param *param, const void *target);

/* The parameter as an option: "--fast-path". Writes to text and returns it. */
const char *dpk_param_option(const dpk_param *param, char *text, size_t size);

/* Whether min and max mean anything. */
bool dpk_param_is_bounded(const dpk_param *param);

#endif
