/* SPDX-License-Identifier: MIT */
/* source.h: the bytes of an input, in memory as a whole: a regular file is mapped, anything else
 * (a pipe, standard input) is read to its end. */
#ifndef DPK_SOURCE_H
#define DPK_SOURCE_H

#include "dpk.h"

typedef struct dpk_source {
    const char *name;          /* as the user wrote it, for messages */
    const unsigned char *data; /* never NULL while open, not even for an empty input */
    size_t size;               /* bytes */
    bool mapped;
} dpk_source;

/* path "-" is standard input. path must outlive the source. Errors: DPK_BAD_INPUT (missing,
 * unreadable, a directory), DPK_LIMIT (a pipe with more in it than memory holds). */
dpk_status dpk_source_open(dpk_source *source, const char *path, dpk_error *err);

/* Harmless on a source that is closed or could not be opened. */
/* To be called while a source is read once from its beginning to its end: reading has moved on from
 * `before` to `now`. What is some megabytes behind is given back to the system, so that a large
 * file does not fill this process's memory; reading it again would bring it back. */
void dpk_source_move_on(const dpk_source *source, size_t before, size_t now);

void dpk_source_close(dpk_source *source);

#endif
