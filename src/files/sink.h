/* SPDX-License-Identifier: MIT */
/* sink.h: where output bytes go. A file is written beside its target without touching it, and
 * takes the target's place, with its mode and attributes, only when it is complete: a run that
 * fails or is killed leaves the old file whole. As with any rename, it is the folder that must be
 * writable, and a second hard link keeps the old contents. What is no regular file under its own
 * name (a pipe, a device, an open file behind /dev/fd/N) is written to as it is. */
#ifndef DPK_SINK_H
#define DPK_SINK_H

#include "files/target.h"
#include "files/temporary.h"
#include <dpk/dpk.h>

/* How the name of what is lost is told. */
#define DPK_SINK_LOST "the old file's %s could not be kept (--in-place-write keeps all)"

typedef struct dpk_sink_options {
    bool force;    /* replaces even a file that is read-only */
    bool in_place; /* keeps the old file, with all its links and attributes, and copies the complete
                      output into it at the end: this last step is not safe from a crash */
    bool unsynced; /* does not wait until the bytes are on the disk */
    bool hints;    /* errors name the command-line options that these are */
    uint64_t temporary; /* what the name of a temporary file is made of, unlike any other's, so that
                           another process can remove it: dpk_sink_remove_temporary; 0: chance */
} dpk_sink_options;

typedef struct dpk_sink {
    const char *name;         /* as the user wrote it, for messages */
    int descriptor;           /* -1: closed */
    bool direct;              /* a pipe, a device, an open file: bytes go there as they come */
    bool synced;              /* the bytes are on the disk before the file is in its place */
    dpk_target target;        /* where the path leads */
    dpk_temporary *temporary; /* what will replace the target; else NULL */
    int overwritten;          /* the old file, if the output will be copied into it; else -1 */
    const char *lost;         /* attributes of the old file that could not be kept, or NULL */
    unsigned char *buffer;    /* small writes gather here; NULL: not open */
    size_t buffered;          /* bytes in it */
    uint64_t written;         /* bytes handed over in order so far */
    uint64_t written_back;    /* bytes the disk was asked to begin with */
} dpk_sink;

/* path "-" is standard output. path must outlive the sink. All errors here: DPK_OUTPUT_FAILED. */
dpk_status dpk_sink_open(dpk_sink *sink, const char *path, dpk_error *err);
dpk_status dpk_sink_open_as(dpk_sink *sink, const char *path, const dpk_sink_options *options,
                            dpk_error *err);
dpk_status dpk_sink_write(dpk_sink *sink, const void *data, size_t bytes, dpk_error *err);

/* The error that opening would give, and no trace: a file is not made, and nobody who reads a pipe
 * sees it open and end. */
dpk_status dpk_sink_check(const char *path, dpk_error *err);
dpk_status dpk_sink_check_as(const char *path, const dpk_sink_options *options, dpk_error *err);

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

/* Removes the temporary file that a process which is dead may have left beside the target. */
void dpk_sink_remove_temporary(const char *path, uint64_t temporary);

/* For signal handlers: removes the temporary files that have a name. Async-signal-safe. Not for
 * child processes, which inherit the list. */
void dpk_sink_unlink_temporary(void);

#endif
