/* SPDX-License-Identifier: MIT */
/* source.h: the bytes of an input, all of them in memory: a regular file is mapped, anything else
 * (a pipe, standard input) is read to its end. */
#ifndef DPK_SOURCE_H
#define DPK_SOURCE_H

#include <dpk/dpk.h>

typedef struct dpk_source {
    const char *name;            /* as the user wrote it, for messages */
    const unsigned char *data;   /* never NULL while open, not even for an empty input */
    size_t size;                 /* bytes */
    int descriptor;              /* of a source of which only the head was read; else -1 */
    struct dpk_mapping *mapping; /* of a mapped file; NULL if the bytes were read */
} dpk_source;

/* Opens and reads a whole input; path "-" is standard input. path must outlive the source. Errors:
 * DPK_BAD_INPUT (missing, unreadable, a directory), DPK_LIMIT (a pipe with more in it than half of
 * the available memory holds). */
dpk_status dpk_source_open(dpk_source *source, const char *path, dpk_error *err);

/* The same in two steps: what cannot be mapped is first read as far as it takes to recognise its
 * format, so that an endless device is refused before it fills the memory. read_rest may move data;
 * it does nothing for a source that is complete. */
dpk_status dpk_source_open_head(dpk_source *source, const char *path, dpk_error *err);
dpk_status dpk_source_read_rest(dpk_source *source, dpk_error *err);

/* For who reads a source once from its beginning to its end: says that reading has moved on from
 * offset `before` to `now`. Memory some megabytes behind is given back to the system, so that a
 * large file does not fill this process's memory; reading it again would bring it back. */
void dpk_source_move_on(const dpk_source *source, size_t before, size_t now);

/* For each of several workers that read a source in any order: says that this one has read the
 * bytes [begin, end). Each gives back what it has read itself, as a worker process has page tables
 * of its own. */
void dpk_source_done(const dpk_source *source, size_t begin, size_t end);

/* Harmless on a source that is closed or could not be opened. */
void dpk_source_close(dpk_source *source);

/* If another process cuts a mapped file short, or its disk fails, reading it raises SIGBUS. For the
 * handler: the name of the source that is mapped at the address, or NULL. Async-signal-safe. */
const char *dpk_source_at(const void *address);

/* Touches the last byte, so that this process gets the SIGBUS that a worker may have died of. */
void dpk_source_touch_end(const dpk_source *source);

#endif
