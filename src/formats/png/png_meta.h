/* SPDX-License-Identifier: MIT */
/* png_meta.h: the types of ancillary chunks, how each is checked, and which are copied to an
 * output. */
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

/* Number of rules. The last two are for unknown types. */
enum { DPK_PNG_RULES = 26 };

/* Returns the number of the rule for an ancillary chunk. */
int dpk_png_rule_of(const dpk_png_chunk *chunk);
const dpk_png_rule *dpk_png_rule_at(int number);

/* Returns whether the body is one that PNG decoders accept. */
bool dpk_png_is_valid(const dpk_png_rule *rule, const dpk_png_chunk *chunk);

/* Adds "TYPE (reason)" to a list in `note`, which has `size` bytes, unless the list contains it.
 * `lead` introduces the list. */
void dpk_png_note(char *note, size_t size, const char *lead, const char *type, const char *reason);

#endif
