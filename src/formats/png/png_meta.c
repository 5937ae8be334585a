/* SPDX-License-Identifier: MIT */
/* png_meta.c: the ancillary chunks of PNG's third edition and its extensions. The output has new
 * pixels, so a chunk is copied only if it does not depend on sample values, palette or bit depth.
 * For unknown types, bit 5 of the last letter says whether the chunk is safe to copy. */
#include "formats/png/png_meta.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------------------------------- valid bodies */

/* Returns the length of the keyword that a text begins with: 1 to 79 characters of Latin-1 without
 * leading, trailing or repeated spaces, ended by a zero. Returns 0 if there is none. */
static size_t keyword(const unsigned char *body, size_t size)
{
    enum { LONGEST = 79 };
    size_t length = strnlen((const char *)body, size < LONGEST + 1 ? size : LONGEST + 1);
    if (length > LONGEST || length == size)
        return 0;
    for (size_t i = 0; i < length; i++) {
        bool space_due = i > 0 && i + 1 < length && body[i - 1] != ' ';
        if (body[i] < ' ' || (body[i] > 126 && body[i] < 161) || (body[i] == ' ' && !space_due))
            return 0;
    }
    return length;
}

static bool is_text(const unsigned char *body, size_t size)
{
    return keyword(body, size) > 0;
}

/* Checks for a keyword with its zero, compression method 0, and the head of a zlib stream. */
static bool is_compressed(const unsigned char *body, size_t size)
{
    size_t length = keyword(body, size);
    if (length == 0 || size - length < 4 || body[length + 1] != 0)
        return false;
    const unsigned char *stream = body + length + 2;
    return (stream[0] & 15) == 8 && dpk_load_be16(stream) % 31 == 0;
}

/* Checks for a keyword with its zero, a flag that says whether the text is compressed (0 or 1),
 * method 0, and two short texts that end with a zero: the language, and the keyword in that
 * language. */
static bool is_international(const unsigned char *body, size_t size)
{
    enum { LONGEST = 1024 };
    size_t at = keyword(body, size) + 3;
    if (at == 3 || size < at || body[at - 2] > 1 || body[at - 1] != 0)
        return false;
    for (int texts = 0; texts < 2; texts++) {
        size_t left = size - at < LONGEST ? size - at : LONGEST;
        size_t length = strnlen((const char *)body + at, left);
        if (length == left)
            return false;
        at += length + 1;
    }
    return true;
}

/* PNG's numbers of 4 bytes do not use the 32nd bit. */
static bool are_numbers(const unsigned char *body, size_t size)
{
    for (size_t i = 0; i < size; i += 4)
        if (body[i] > 0x7f)
            return false;
    return true;
}

static bool is_gamma(const unsigned char *body, size_t size)
{
    return are_numbers(body, size) && dpk_load_be32(body) > 0;
}

/* The bytes are colour primaries, transfer function, matrix (0 in PNG, which stores RGB), and
 * whether the range is full. */
static bool is_coding(const unsigned char *body, size_t size)
{
    (void)size;
    return body[2] == 0;
}

/* The size of a pixel on the subject: a unit (1 or 2), and two numbers in ASCII with a zero between
 * them. */
static bool is_scale(const unsigned char *body, size_t size)
{
    enum { LONGEST = 200 };
    size_t zeros = 0;
    if (size < 4 || size > LONGEST || body[0] < 1 || body[0] > 2)
        return false;
    for (size_t i = 1; i < size; i++) {
        bool edge = i == 1 || i + 1 == size;
        if (body[i] == 0 ? edge : strchr("0123456789+-.eE", body[i]) == NULL)
            return false;
        zeros += body[i] == 0;
    }
    return zeros == 1;
}

/* Exif data begin like a TIFF file. */
static bool is_exif(const unsigned char *body, size_t size)
{
    return size >= 4 && (memcmp(body, "II*\0", 4) == 0 || memcmp(body, "MM\0*", 4) == 0);
}

/* --------------------------------------------------------------------------------------- rules */

#define ANY 255

static const dpk_png_rule rules[DPK_PNG_RULES] = {
    { "cICP", DPK_PNG_CARRIED, true, true, 4, 1, is_coding },
    { "iCCP", DPK_PNG_CARRIED, true, true, 0, ANY, is_compressed },
    { "sRGB", DPK_PNG_CARRIED, true, true, 1, 3, NULL },
    { "gAMA", DPK_PNG_CARRIED, true, true, 4, ANY, is_gamma },
    { "cHRM", DPK_PNG_CARRIED, true, true, 32, ANY, are_numbers },
    { "mDCV", DPK_PNG_CARRIED, true, true, 24, ANY, NULL },
    { "cLLI", DPK_PNG_CARRIED, true, true, 8, ANY, are_numbers },
    { "pHYs", DPK_PNG_CARRIED, true, true, 9, 1, NULL },
    { "oFFs", DPK_PNG_CARRIED, true, true, 9, 1, NULL },
    { "sCAL", DPK_PNG_CARRIED, true, true, 0, ANY, is_scale },
    { "sTER", DPK_PNG_CARRIED, true, true, 1, 1, NULL },
    { "eXIf", DPK_PNG_CARRIED, true, false, 0, ANY, is_exif },
    { "tEXt", DPK_PNG_CARRIED, false, false, 0, ANY, is_text },
    { "zTXt", DPK_PNG_CARRIED, false, false, 0, ANY, is_compressed },
    { "iTXt", DPK_PNG_CARRIED, false, false, 0, ANY, is_international },
    { "bKGD", DPK_PNG_CARRIED, true, true, 0, ANY, NULL }, /* see png_survey.c */
    { "sBIT", DPK_PNG_BOUND, true, true, 0, ANY, NULL },   /* see png_survey.c */
    { "pCAL", DPK_PNG_BOUND, true, true, 0, ANY, NULL },
    { "hIST", DPK_PNG_SILENT, true, true, 0, ANY, NULL },
    { "tIME", DPK_PNG_SILENT, true, false, 0, ANY, NULL },
    { "acTL", DPK_PNG_SILENT, false, false, 0, ANY, NULL },
    { "fcTL", DPK_PNG_SILENT, false, false, 0, ANY, NULL },
    { "fdAT", DPK_PNG_SILENT, false, false, 0, ANY, NULL },
    { "maRK", DPK_PNG_SILENT, false, false, 0, ANY, NULL }, /* see png_restart.h */
    { "", DPK_PNG_CARRIED, false, false, 0, ANY, NULL },
    { "", DPK_PNG_BOUND, false, false, 0, ANY, NULL },
};

enum { UNKNOWN_SAFE = DPK_PNG_RULES - 2, UNKNOWN_BOUND = DPK_PNG_RULES - 1 };

int dpk_png_rule_of(const dpk_png_chunk *chunk)
{
    for (int i = 0; i < UNKNOWN_SAFE; i++)
        if (dpk_png_is_type(chunk, rules[i].type))
            return i;
    bool reserved = chunk->type[2] & 0x20, safe = chunk->type[3] & 0x20;
    return safe && !reserved ? UNKNOWN_SAFE : UNKNOWN_BOUND;
}

const dpk_png_rule *dpk_png_rule_at(int number)
{
    return &rules[number];
}

bool dpk_png_is_valid(const dpk_png_rule *rule, const dpk_png_chunk *chunk)
{
    if (rule->size != 0 && (chunk->size != rule->size || chunk->body[chunk->size - 1] > rule->most))
        return false;
    return rule->is_valid == NULL || rule->is_valid(chunk->body, chunk->size);
}

void dpk_png_note(char *note, size_t size, const char *lead, const char *type, const char *reason)
{
    static const char more[] = ", …";
    char entry[64], text[96];
    size_t used = strlen(note);
    bool begun = strstr(note, lead) != NULL;
    snprintf(entry, sizeof entry, "%.4s (%s)", type, reason);
    if (begun && (strstr(note, entry) != NULL || strstr(note, more) != NULL))
        return;
    int length = snprintf(text, sizeof text, "%s%s%s",
                          begun      ? ", "
                          : used > 0 ? "; "
                                     : "",
                          begun ? "" : lead, entry);
    const char *added = used + (size_t)length + sizeof more <= size ? text : more;
    snprintf(note + used, size - used, "%s", added);
}
