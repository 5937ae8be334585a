/* SPDX-License-Identifier: MIT */
/* json.c: strings, numbers and nesting according to RFC 8259. */
#include "base/json.h"

#include "base/utf8.h"

#include <math.h>

/* JSON is Unicode, but names of files may be any bytes: those that are not UTF-8 become U+FFFD. */
static void print_string(FILE *stream, const char *text)
{
    fputc('"', stream);
    while (*text != '\0') {
        int length = dpk_utf8_length(text);
        unsigned char letter = (unsigned char)*text;
        if (length == 0)
            fputs("\\ufffd", stream);
        else if (letter == '"' || letter == '\\')
            fprintf(stream, "\\%c", letter);
        else if (letter < 0x20)
            fprintf(stream, "\\u%04x", letter);
        else
            fprintf(stream, "%.*s", length, text);
        text += length > 0 ? length : 1;
    }
    fputc('"', stream);
}

static void begin_value(dpk_json *json, const char *key)
{
    if (json->depth > 0)
        fprintf(json->stream, "%s\n%*s", json->first ? "" : ",", 2 * json->depth, "");
    json->first = false;
    if (key != NULL) {
        print_string(json->stream, key);
        fputs(": ", json->stream);
    }
}

void dpk_json_begin(dpk_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    fputc(bracket, json->stream);
    json->depth++;
    json->first = true;
}

void dpk_json_end(dpk_json *json, char bracket)
{
    json->depth--;
    if (!json->first)
        fprintf(json->stream, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->stream);
    json->first = false;
    if (json->depth == 0)
        fputc('\n', json->stream);
}

void dpk_json_string(dpk_json *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value == NULL)
        fputs("null", json->stream);
    else
        print_string(json->stream, value);
}

void dpk_json_number(dpk_json *json, const char *key, double value)
{
    begin_value(json, key);
    if (isfinite(value))
        fprintf(json->stream, "%.17g", value);
    else
        fputs("null", json->stream);
}

void dpk_json_bool(dpk_json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->stream);
}
