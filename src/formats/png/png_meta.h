/* SPDX-License-Identifier: MIT */
/* png_meta.h: what ancillary chunks are, which of them travel to a PNG output, and what is said of
 * the others. */
#ifndef DPK_PNG_META_H
#define DPK_PNG_META_H

#include "formats/png/png_chunks.h"

typedef enum dpk_png_fate {
    DPK_PNG_CARRIED, /* copied byte for byte */
    DPK_PNG_BOUND,   /* true of the stored pixels only: left out, with a note */
    DPK_PNG_SILENT,  /* says how pixels are stored, or when they changed: left out */
} dpk_png_fate;

typedef struct dpk_png_rule {
    char type[5]; /* "" for a type that is not known */
    dpk_png_fate fate;
    bool once;          /* may occur once */
    bool early;         /* counts before the pixels only */
    unsigned char size; /* bytes of the body; 0: any */
    unsigned char most; /* greatest value of its last byte, if size is not 0 */
    bool (*is_valid)(const unsigned char *body, size_t size); /* more to check; NULL: nothing */
} dpk_png_rule;

/* How many rules there are, with the last two for types that are not known. */
enum { DPK_PNG_RULES = 26 };

/* Number of the rule for an ancillary chunk. */
int dpk_png_rule_of(const dpk_png_chunk *chunk);
const dpk_png_rule *dpk_png_rule_at(int number);

/* Whether the body is one that a decoder of PNG accepts. */
bool dpk_png_is_valid(const dpk_png_rule *rule, const dpk_png_chunk *chunk);

/* Adds "TYPE (reason)" to a list in a note of `size` bytes that begins with `lead`, unless it is
 * there already. */
void dpk_png_note(char *note, size_t size, const char *lead, const char *type, const char *reason);

#endif
