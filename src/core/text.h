/* SPDX-License-Identifier: MIT */
/* text.h: words for people: sizes, times, and "did you mean". */
#ifndef DPK_TEXT_H
#define DPK_TEXT_H

#include "dpk.h"

/* "512 B", "1.5 MB" (powers of 1000). Writes to text and returns it, as do the others. */
const char *dpk_text_bytes(double bytes, char *text, size_t size);

/* "850 ns", "12.3 ms", "4.56 s". */
const char *dpk_text_seconds(double seconds, char *text, size_t size);

/* Finds, among the candidates offered, the one most like a mistyped word. */
typedef struct dpk_suggestion {
    const char *word;
    const char *best; /* NULL while nothing offered is near enough to be meant */
    unsigned distance;
} dpk_suggestion;

void dpk_suggest(dpk_suggestion *suggestion, const char *candidate);

/* "; did you mean 'blur'?", or "" without a best candidate. quote comes before the word: "--". */
const char *dpk_suggestion_text(const dpk_suggestion *suggestion, const char *quote, char *text,
                                size_t size);

/* Equal names, where - and _ are the same letter. */
bool dpk_same_name(const char *a, const char *b);

#endif
