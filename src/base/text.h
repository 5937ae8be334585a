/* SPDX-License-Identifier: MIT */
/* text.h: text for people: sentences made of parts, sizes, times, and suggestions. */
#ifndef DPK_TEXT_H
#define DPK_TEXT_H

#include <dpk/dpk.h>

/* A text that is appended to in the caller's memory. It is cut if it does not fit, and always ends
 * with a zero. */
typedef struct dpk_text {
    char *text;
    size_t size, used; /* used: bytes of the whole text, without the zero */
} dpk_text;

/* size: at least 1. */
dpk_text dpk_text_begin(char *text, size_t size);
void dpk_text_add(dpk_text *to, const char *format, ...) DPK_PRINTF(2, 3);

/* "512 B", "1.5 MB" (powers of 1000). Writes to text and returns it, as do the others. */
const char *dpk_text_bytes(double bytes, char *text, size_t size);

/* "850 ns", "12.3 ms", "4.56 s". */
const char *dpk_text_seconds(double seconds, char *text, size_t size);

/* Copies a text that may hold any bytes (a file's name, words from inside a file) so that it can be
 * printed on a terminal: control characters, among them escape sequences, and bytes that are not
 * UTF-8 become \xNN. What does not fit is cut between characters. Signal handlers may call it. */
const char *dpk_text_safe(const char *any, char *text, size_t size);

/* Takes the first item of a list separated by commas into item, and leaves in *list the rest, or
 * NULL after the last one. An item may be empty; one that does not fit is cut. *list is not NULL.
 */
void dpk_text_item(const char **list, char *item, size_t size);

/* Finds the candidate that is most like a mistyped word. */
typedef struct dpk_suggestion {
    const char *word;
    const char *best; /* NULL while no candidate is near enough */
    unsigned distance;
} dpk_suggestion;

void dpk_suggest(dpk_suggestion *suggestion, const char *candidate);

/* Offers a candidate and adds it to a sentence: "must be one of " before the first, which begins
 * the text, and a comma before the others. */
void dpk_text_offer(dpk_text *to, dpk_suggestion *suggestion, const char *candidate);

/* "; did you mean 'blur'?", or "" without a best candidate. quote comes before the word: "--". */
const char *dpk_suggestion_text(const dpk_suggestion *suggestion, const char *quote, char *text,
                                size_t size);

/* Writes a name as users type it: with - for the _ of a C identifier. */
const char *dpk_typed_name(const char *name, char *text, size_t size);

/* Equal names, where - and _ are the same letter. */
bool dpk_same_name(const char *a, const char *b);

#endif
