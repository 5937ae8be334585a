/* SPDX-License-Identifier: MIT */
/* text.c: sentences, sizes, times and suggestions. */
#include "base/text.h"

#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

dpk_text dpk_text_begin(char *text, size_t size)
{
    text[0] = '\0';
    return (dpk_text){ text, size, 0 };
}

void dpk_text_add(dpk_text *to, const char *format, ...)
{
    size_t begin = to->used < to->size ? to->used : to->size - 1;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->text + begin, to->size - begin, format, arguments);
    va_end(arguments);
    to->used += length > 0 ? (size_t)length : 0;
}

/* Three significant digits with the prefix that leaves one to three of them before the point. */
static const char *scaled(double value, const char *const *units, int last, char *text, size_t size)
{
    int unit = 0;
    while (value >= 999.5 && unit < last) {
        value /= 1000;
        unit++;
    }
    int decimals = value >= 99.5 || value == floor(value) ? 0 : value >= 9.95 ? 1 : 2;
    snprintf(text, size, "%.*f %s", decimals, value, units[unit]);
    return text;
}

const char *dpk_text_bytes(double bytes, char *text, size_t size)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
    return scaled(bytes, units, 6, text, size);
}

const char *dpk_text_seconds(double seconds, char *text, size_t size)
{
    static const char *const units[] = { "ns", "µs", "ms", "s" };
    return scaled(seconds * 1e9, units, 3, text, size);
}

/* C0, DEL, and C1, which UTF-8 writes as 0xc2 and a byte below 0xa0. */
static bool is_control(const char *character)
{
    const unsigned char *byte = (const unsigned char *)character;
    return byte[0] < 0x20 || byte[0] == 0x7f || (byte[0] == 0xc2 && byte[1] < 0xa0);
}

const char *dpk_text_safe(const char *any, char *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    while (*any != '\0') {
        int length = dpk_utf8_length(any);
        bool safe = length > 0 && !is_control(any);
        unsigned char byte = (unsigned char)*any;
        const char escape[] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };
        size_t bytes = safe ? (size_t)length : sizeof escape;
        if (used + bytes >= size)
            break;
        memcpy(text + used, safe ? any : escape, bytes);
        used += bytes;
        any += safe ? length : 1;
    }
    text[used] = '\0';
    return text;
}

void dpk_text_item(const char **list, char *item, size_t size)
{
    size_t length = strcspn(*list, ",");
    snprintf(item, size, "%.*s", (int)length, *list);
    *list = (*list)[length] == ',' ? *list + length + 1 : NULL;
}

static bool same_letter(char a, char b)
{
    return (a == '_' ? '-' : a) == (b == '_' ? '-' : b);
}

bool dpk_same_name(const char *a, const char *b)
{
    while (*a != '\0' && same_letter(*a, *b)) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Damerau–Levenshtein distance with adjacent transpositions (optimal string alignment): inserting,
 * deleting, replacing a letter or swapping two neighbours costs one. Longer words are cut: nobody
 * needs a suggestion for them. */
static unsigned distance(const char *a, const char *b)
{
    enum { LONGEST = 40 };
    unsigned row[LONGEST + 1][LONGEST + 1];
    size_t rows = strnlen(a, LONGEST), columns = strnlen(b, LONGEST);
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                row[i][j] = (unsigned)(i + j);
                continue;
            }
            unsigned least = row[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]);
            if (row[i - 1][j] + 1 < least)
                least = row[i - 1][j] + 1;
            if (row[i][j - 1] + 1 < least)
                least = row[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                row[i - 2][j - 2] + 1 < least)
                least = row[i - 2][j - 2] + 1;
            row[i][j] = least;
        }
    }
    return row[rows][columns];
}

void dpk_suggest(dpk_suggestion *suggestion, const char *candidate)
{
    /* One error in four letters is a typo, and one in shorter words; more is another word. A word
     * that is the candidate's beginning is an abbreviation. */
    size_t length = strlen(suggestion->word);
    unsigned errors = distance(suggestion->word, candidate);
    if (length >= 2 && strncmp(suggestion->word, candidate, length) == 0)
        errors = 1;
    bool near = errors <= (length + 3) / 4 && errors < strlen(candidate);
    if (near && (suggestion->best == NULL || errors < suggestion->distance)) {
        suggestion->best = candidate;
        suggestion->distance = errors;
    }
}

void dpk_text_offer(dpk_text *to, dpk_suggestion *suggestion, const char *candidate)
{
    dpk_text_add(to, "%s%s", to->used == 0 ? "must be one of " : ", ", candidate);
    dpk_suggest(suggestion, candidate);
}

const char *dpk_suggestion_text(const dpk_suggestion *suggestion, const char *quote, char *text,
                                size_t size)
{
    text[0] = '\0';
    if (suggestion->best == NULL)
        return text;
    int used = snprintf(text, size, "; did you mean '%s%s'?", quote, suggestion->best);
    for (int i = 0; i < used && (size_t)i < size; i++)
        if (text[i] == '_')
            text[i] = '-';
    return text;
}

const char *dpk_typed_name(const char *name, char *text, size_t size)
{
    snprintf(text, size, "%s", name);
    for (char *letter = text; *letter != '\0'; letter++)
        if (*letter == '_')
            *letter = '-';
    return text;
}
