/* SPDX-License-Identifier: MIT */
/* number.c: the grammar is checked by hand, and strtod converts what passed. strtod alone would
 * accept leading blanks, hexadecimal digits, "inf" and "nan". */
#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits, point and exponent together may have this many bytes. */
enum { LONGEST = 100 };

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Bytes of the sign, digits and point that text begins with; 0 if it has no digit. */
static size_t mantissa_length(const char *text)
{
    size_t sign = text[0] == '-' || text[0] == '+';
    size_t before = digits(text + sign), after = 0;
    const char *point = text + sign + before;
    if (*point == '.' && point[1] != '.')
        after = 1 + digits(point + 1);
    return before + after > (after > 0) ? sign + before + after : 0;
}

static size_t exponent_length(const char *text)
{
    if (text[0] != 'e' && text[0] != 'E')
        return 0;
    size_t sign = text[1] == '-' || text[1] == '+';
    size_t count = digits(text + 1 + sign);
    return count > 0 ? 1 + sign + count : 0;
}

/* A suffix stands for base^power. */
struct suffix {
    size_t length; /* bytes, 0 for none */
    int base, power;
};

static struct suffix suffix_of(const char *text)
{
    static const char letters[] = "kMGT";
    const char *letter = text[0] == '\0' ? NULL : strchr(letters, text[0] == 'K' ? 'k' : text[0]);
    if (letter == NULL)
        return (struct suffix){ .length = 0, .base = 1, .power = 0 };
    bool binary = text[1] == 'i';
    return (struct suffix){ .length = binary ? 2 : 1,
                            .base = binary ? 1024 : 1000,
                            .power = (int)(letter - letters) + 1 };
}

/* An integer is multiplied as an integer: a double holds 53 bits only. */
static bool multiply_whole(const char *text, struct suffix suffix, int64_t *whole)
{
    char *end;
    errno = 0;
    *whole = strtoll(text, &end, 10);
    bool exact = errno == 0 && *end == '\0';
    for (int i = 0; i < suffix.power; i++)
        exact = exact && !__builtin_mul_overflow(*whole, (int64_t)suffix.base, whole);
    return exact;
}

static void convert(const char *text, struct suffix suffix, dpk_number *number)
{
    char decimal[LONGEST + 8];
    if (suffix.base == 1000)
        snprintf(decimal, sizeof decimal, "%se%d", text, 3 * suffix.power); /* rounds once */
    else
        snprintf(decimal, sizeof decimal, "%s", text);
    number->value = strtod(decimal, NULL);
    if (suffix.base == 1024)
        number->value = ldexp(number->value, 10 * suffix.power);
    number->is_whole = multiply_whole(text, suffix, &number->whole);
    if (!number->is_whole && number->value == floor(number->value) &&
        fabs(number->value) < 0x1p63) {
        number->is_whole = true;
        number->whole = (int64_t)number->value;
    }
}

size_t dpk_number_read(const char *text, dpk_number *number)
{
    size_t length = mantissa_length(text);
    if (length == 0)
        return 0;
    size_t exponent = exponent_length(text + length);
    struct suffix suffix = { .length = 0, .base = 1, .power = 0 };
    if (exponent == 0)
        suffix = suffix_of(text + length);
    length += exponent;
    if (length > LONGEST)
        return 0;
    char copy[LONGEST + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    convert(copy, suffix, number);
    return length + suffix.length;
}

bool dpk_number_parse(const char *text, dpk_number *number)
{
    size_t length = dpk_number_read(text, number);
    return length > 0 && text[length] == '\0';
}

bool dpk_percent_parse(const char *text, double *share)
{
    dpk_number number;
    size_t length = dpk_number_read(text, &number);
    if (length == 0 || strcmp(text + length + (text[length] == '%'), "") != 0)
        return false;
    *share = number.value / 100;
    return true;
}

const char *dpk_number_text(double value, char *text, size_t size)
{
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, size, "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

const char *dpk_number_text_float(float value, char *text, size_t size)
{
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(text, size, "%.*g", precision, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return text;
}
