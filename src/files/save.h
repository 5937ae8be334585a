/* SPDX-License-Identifier: MIT */
/* save.h: text to a file that is there as a whole, or not at all. */
#ifndef DPK_SAVE_H
#define DPK_SAVE_H

#include <dpk/dpk.h>

#include <stdio.h>

/* Calls write(stream, context) and puts what it has written into the file; "-" is standard output.
 * Errors: DPK_OUTPUT_FAILED, DPK_LIMIT. dpk_sink_check knows some of
 * them before. */
dpk_status dpk_save_text(const char *path, void (*write)(FILE *stream, const void *context),
                         const void *context, dpk_error *err);

#endif
