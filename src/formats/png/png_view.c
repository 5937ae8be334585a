/* SPDX-License-Identifier: MIT */
/* png_view.c: leaves out chunks while libpng reads a file. */
#include "formats/png/png_view.h"

#include <string.h>

dpk_png_view dpk_png_view_begin(const dpk_source *source)
{
    size_t left = source->size < DPK_PNG_FIRST_CHUNK ? source->size : DPK_PNG_FIRST_CHUNK;
    return (dpk_png_view){ .source = source, .position = left, .at = source->data, .left = left };
}

static void show(dpk_png_view *view, size_t place, size_t count)
{
    view->place = place;
    view->at = view->source->data + place;
    view->left = count;
}

static void show_instead(dpk_png_view *view, const unsigned char *bytes, size_t count)
{
    view->place = 0;
    view->at = bytes;
    view->left = count;
}

/* Hides ancillary chunks, except for tRNS before the pixels, and a palette after the pixels. */
static bool is_hidden(const dpk_png_view *view, const dpk_png_chunk *chunk)
{
    if (dpk_png_is_type(chunk, "PLTE") || dpk_png_is_type(chunk, "tRNS"))
        return view->pixels_seen;
    return dpk_png_is_ancillary(chunk);
}

/* Shows the chunk to libpng, or a substitute. An empty chunk stands for hidden ones between IDAT
 * chunks, so that libpng can see that these are not consecutive. IEND is shown without contents. */
static void show_chunk(dpk_png_view *view, const dpk_png_chunk *chunk)
{
    static const unsigned char separator[] = { 0,   0,   0,    0,    'd',  'p',
                                               'K', 's', 0x1b, 0x70, 0x61, 0x50 };
    static const unsigned char end[] = { 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };
    bool interrupts = view->in_pixels;
    view->in_pixels = dpk_png_is_type(chunk, "IDAT");
    view->pixels_seen = view->pixels_seen || view->in_pixels;
    view->idat_count += view->in_pixels && chunk->size > 0;
    if (is_hidden(view, chunk))
        show_instead(view, separator, interrupts ? sizeof separator : 0);
    else if (dpk_png_is_type(chunk, "IEND") && dpk_png_is_intact(view->source, chunk))
        show_instead(view, end, sizeof end);
    else
        show(view, (size_t)(chunk->type - 4 - view->source->data),
             DPK_PNG_CHUNK_HEAD + chunk->size + DPK_PNG_CHUNK_TAIL);
}

/* Shows the next chunk. Returns false at the end of the file. If the file is cut inside a chunk,
 * libpng sees the rest as it is. */
static bool show_next(dpk_png_view *view)
{
    dpk_png_chunk chunk;
    size_t rest = view->source->size - view->position;
    if (dpk_png_next_chunk(view->source, &view->position, &chunk)) {
        show_chunk(view, &chunk);
        return true;
    }
    show(view, view->position, rest);
    view->position = view->source->size;
    return rest > 0;
}

bool dpk_png_view_read(dpk_png_view *view, unsigned char *to, size_t count)
{
    while (count > 0) {
        if (view->left == 0) {
            if (!show_next(view))
                return false;
            continue;
        }
        size_t now = count < view->left ? count : view->left;
        memcpy(to, view->at, now);
        if (view->place != 0) {
            dpk_source_move_on(view->source, view->place, view->place + now);
            view->place += now;
        }
        view->at += now;
        view->left -= now;
        to += now;
        count -= now;
    }
    return true;
}
