/* SPDX-License-Identifier: MIT */
/* json.h: a writer of indented JSON. It keeps track of commas and nesting, so that callers only
 * write one value after the other. */
#ifndef DPK_JSON_H
#define DPK_JSON_H

#include <dpk/dpk.h>

#include <stdio.h>

typedef struct dpk_json {
    FILE *stream;
    int depth;
    bool first; /* nothing written at this depth yet */
} dpk_json;

/* key is NULL inside arrays and at the top. */
void dpk_json_begin(dpk_json *json, const char *key, char bracket);       /* '{' or '[' */
void dpk_json_end(dpk_json *json, char bracket);                          /* '}' or ']' */
void dpk_json_string(dpk_json *json, const char *key, const char *value); /* NULL: null */
void dpk_json_number(dpk_json *json, const char *key, double value);      /* not finite: null */
void dpk_json_bool(dpk_json *json, const char *key, bool value);

#endif
