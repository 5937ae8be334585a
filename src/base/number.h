/* SPDX-License-Identifier: MIT */
/* number.h: numbers as people write them. Values, lists, ranges and percentages on the command line
 * are all read by dpk_number_read, so that one spelling means the same everywhere. */
#ifndef DPK_NUMBER_H
#define DPK_NUMBER_H

#include <dpk/dpk.h>

typedef struct dpk_number {
    double value;
    bool is_whole; /* without a fraction, and `whole` is exactly it */
    int64_t whole;
} dpk_number;

/* Reads the number that text begins with: an optional sign, decimal digits with an optional point,
 * and either an exponent (e6) or a suffix: k, M, G, T are powers of 1000, Ki, Mi, Gi, Ti powers of
 * 1024. Leading blanks, hexadecimal, "inf" and "nan" are no numbers. Returns its length in bytes, 0
 * if there is none. A point that another one follows is not part of it, as in "1..4". */
size_t dpk_number_read(const char *text, dpk_number *number);

/* Whether all of text is a number. */
bool dpk_number_parse(const char *text, dpk_number *number);

/* Reads "5%", or "5", which means the same: 0.05. */
bool dpk_percent_parse(const char *text, double *share);

/* The shortest text of a double, or of a float, that reads as the same number; 32 bytes are enough.
 * Writes to text and returns it. */
const char *dpk_number_text(double value, char *text, size_t size);
const char *dpk_number_text_float(float value, char *text, size_t size);

#endif
