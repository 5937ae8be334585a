/* SPDX-License-Identifier: MIT */
/* limit.h: the pixel limit, for formats that hold pictures. A header of a few bytes can claim any
 * size, so readers check the claim before they allocate memory. Outputs have no such limit: their
 * size is the user's choice. */
#ifndef DPK_LIMIT_H
#define DPK_LIMIT_H

#include "files/format.h"

/* Fails with DPK_LIMIT when columns × rows exceeds reader->limit_pixels. */
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
