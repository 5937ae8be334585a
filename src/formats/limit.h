/* SPDX-License-Identifier: MIT */
/* limit.h: the pixel limit, for formats that hold pictures. A few bytes of header can claim any
 * size, so the claim is checked before memory is taken. How large an output becomes is the user's
 * own wish, and has no limit but memory. */
#ifndef DPK_LIMIT_H
#define DPK_LIMIT_H

#include "files/format.h"

/* DPK_LIMIT, with a sentence, when columns × rows is more than reader->limit_pixels. */
static inline dpk_status dpk_check_pixels(const dpk_reader *reader, size_t columns, size_t rows,
                                          dpk_error *err)
{
    if (rows == 0 || columns <= reader->limit_pixels / rows)
        return DPK_OK;
    return dpk_fail(err, DPK_LIMIT,
                    "'%s' claims to have %zu x %zu pixels, more than the limit of %zu "
                    "(--limit-pixels)",
                    reader->source.name, columns, rows, reader->limit_pixels);
}

#endif
