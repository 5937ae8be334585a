/* SPDX-License-Identifier: MIT */
/* source.h: the bytes of an input, in memory as a whole: a regular file is mapped, anything else
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

/* To be called while a source is read once from its beginning to its end: reading has moved on from
 * `before` to `now`. What is some megabytes behind is given back to the system, so that a large
 * file does not fill this process's memory; reading it again would bring it back. */
void dpk_source_move_on(const dpk_source *source, size_t before, size_t now);

/* To be called by whoever has read the bytes [begin, end) of a source that several workers read in
 * any order. Each gives back what it has read itself, as the memory may be a process's own. */
void dpk_source_done(const dpk_source *source, size_t begin, size_t end);

/* Harmless on a source that is closed or could not be opened. */
void dpk_source_close(dpk_source *source);

/* A mapped file may be cut short by another process, and its disk may fail: then reading it is not
 * an error but a signal, SIGBUS. For its handler: name of the source mapped at the address, NULL if
 * none is. Async-signal-safe. */
const char *dpk_source_at(const void *address);

/* Reads the last byte: if another process has been sent that signal, it is this one's turn. */
void dpk_source_touch_end(const dpk_source *source);

#endif
