/* SPDX-License-Identifier: MIT */
/* reader.h: from a path to an array whose type and shape are known. */
#ifndef DPK_READER_H
#define DPK_READER_H

#include "engine/registry.h"

/* Opens the file, recognises its format, unless it is named, and reads its head. The reader has
 * its arena and limits already; path must outlive it. To be closed whatever this returns. Errors:
 * DPK_USAGE for a format of that name that cannot be read; DPK_BAD_INPUT, DPK_LIMIT. */
dpk_status dpk_reader_open(dpk_reader *reader, const char *path, const char *format,
                           dpk_error *err);

/* Harmless on a reader that was never opened (zeroed). */
void dpk_reader_close(dpk_reader *reader);

#endif
