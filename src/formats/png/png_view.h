/* SPDX-License-Identifier: MIT */
/* png_view.h: the part of a file that libpng sees: the chunks that the pixels depend on. libpng
 * limits the size and number of other chunks, and refuses files with errors in those that follow
 * the pixels. */
#ifndef DPK_PNG_VIEW_H
#define DPK_PNG_VIEW_H

#include "formats/png/png_chunks.h"

typedef struct dpk_png_view {
    const dpk_source *source;
    size_t position;         /* of the chunk after the one being read */
    const unsigned char *at; /* what is left of the one being read, or of a stand-in for it */
    size_t left;
    size_t place;      /* of `at` in the source; 0 for a stand-in */
    bool in_pixels;    /* the chunk being read is IDAT */
    bool pixels_seen;  /* an IDAT chunk has been read */
    size_t idat_count; /* IDAT chunks begun that are not empty */
} dpk_png_view;

dpk_png_view dpk_png_view_begin(const dpk_source *source);

/* Copies the next `count` bytes. Returns false if there are not that many. */
bool dpk_png_view_read(dpk_png_view *view, unsigned char *to, size_t count);

#endif
