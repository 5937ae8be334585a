/* SPDX-License-Identifier: MIT */
/* sink.h: where output bytes go. A file is written beside its target without touching it, and
 * takes the target's place, with its mode, only when it is complete: a run that fails or is
 * killed leaves the old file whole. As with any rename, it is the directory that must be writable:
 * a read-only file is replaced, and a second hard link keeps the old contents. */
#ifndef DPK_SINK_H
#define DPK_SINK_H

#include <dpk/dpk.h>

typedef struct dpk_sink {
    const char *name;      /* as the user wrote it, for messages */
    int descriptor;        /* -1: closed */
    bool direct;           /* standard output, a pipe, a device: nothing to rename */
    char *target;          /* the file to replace, symbolic links followed */
    char *temporary;       /* its path until it is complete, once it has one (see sink.c) */
    bool named;            /* a file of that path exists */
    unsigned char *buffer; /* small writes gather here */
    size_t buffered;       /* bytes in it */
    uint64_t written;      /* bytes handed over in order so far */
} dpk_sink;

/* path "-" is standard output. path must outlive the sink. All errors here: DPK_OUTPUT_FAILED. */
dpk_status dpk_sink_open(dpk_sink *sink, const char *path, dpk_error *err);
dpk_status dpk_sink_write(dpk_sink *sink, const void *data, size_t bytes, dpk_error *err);

/* The error that opening would give, and no trace: a file is not made, and nobody who reads a pipe
 * sees it open and end. */
dpk_status dpk_sink_check(const char *path, dpk_error *err);

/* The same at a place: `offset` bytes behind the end of what dpk_sink_write has written. Anyone may
 * do so, threads and forked processes, in any order; but on a direct sink, which knows no places,
 * in the order of the bytes. */
dpk_status dpk_sink_write_at(dpk_sink *sink, uint64_t offset, const void *data, size_t bytes,
                             dpk_error *err);

/* Forgets all that was written, to begin again. Not for a direct sink. */
dpk_status dpk_sink_rewind(dpk_sink *sink, dpk_error *err);

/* Flushes and puts the file in its place. The sink is closed, whatever is returned. */
dpk_status dpk_sink_commit(dpk_sink *sink, dpk_error *err);

/* Closes, and leaves no trace. Harmless on a closed sink, and on one that could not be opened. */
void dpk_sink_abandon(dpk_sink *sink);

/* For signal handlers: removes the temporary files that have a name. Async-signal-safe. Not for
 * child processes, which inherit the list. */
void dpk_sink_unlink_temporary(void);

#endif
