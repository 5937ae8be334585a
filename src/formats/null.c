/* SPDX-License-Identifier: MIT */
/* null.c: the target `null:`, which discards the result. It serves to measure a run without its
 * output. */
#include "files/format.h"

static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    (void)writer;
    (void)err;
    return DPK_OK;
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    (void)writer;
    (void)y0;
    (void)y1;
    (void)err;
    return DPK_OK;
}

const dpk_format dpk_format_null = {
    .name = "null",
    .summary = "nothing: the result is thrown away",
    .begin = begin,
    .write = write_rows,
    .finish = begin,
};
