/* SPDX-License-Identifier: MIT */
/* meta.h: what an image file says besides its pixels (colour space, resolution, text, …), carried
 * from input to output as the PNG chunks it was read from: type and body, uninterpreted. */
#ifndef DPK_META_H
#define DPK_META_H

#include "files/source.h"

typedef struct dpk_meta_item {
    char type[5]; /* "gAMA", "iCCP", "tEXt", … */
    bool bound;   /* true of the input's pixels only: to be told, not to be carried */
    bool late;    /* its place is behind the pixels */
    const unsigned char *body;
    size_t size; /* bytes */
    struct dpk_meta_item *next;
} dpk_meta_item;

/* In file order. Items live in the arena, bodies in the source's memory. */
typedef struct dpk_meta {
    dpk_meta_item *first, *last;
    size_t channels;            /* of the image they were read from, after expansion of a palette */
    const dpk_source *source;   /* of the bodies */
    const uint16_t *background; /* red, green and blue, 65535 is white; NULL: the file names none */
} dpk_meta;

/* Adds an item at the end; body is not copied. */
dpk_status dpk_meta_add(dpk_meta *meta, dpk_arena *arena, const dpk_meta_item *item,
                        dpk_error *err);

#endif
