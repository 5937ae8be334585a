/* SPDX-License-Identifier: MIT */
/* save.h: writes a text to a file, which is then complete or not there. */
#ifndef DPK_SAVE_H
#define DPK_SAVE_H

#include <dpk/dpk.h>

#include <stdio.h>

/* Calls write(stream, context) and saves what it has written to the file; "-" is standard output.
 * Errors: DPK_OUTPUT_FAILED, some of which dpk_sink_check finds beforehand; DPK_LIMIT. */
dpk_status dpk_save_text(const char *path, void (*write)(FILE *stream, const void *context),
                         const void *context, dpk_error *err);

#endif
