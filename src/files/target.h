/* SPDX-License-Identifier: MIT */
/* target.h: where an output path leads: to a file that can be replaced, to one that can only be
 * written to, or to a descriptor of this process. */
#ifndef DPK_TARGET_H
#define DPK_TARGET_H

#include <dpk/dpk.h>

#include <sys/stat.h>

typedef enum dpk_target_kind {
    DPK_TARGET_NEW,        /* nothing is there yet */
    DPK_TARGET_FILE,       /* a regular file under its own name */
    DPK_TARGET_PINNED,     /* a regular file that no other can replace: a mount point, or one that
                              is reached by a link of /proc */
    DPK_TARGET_STREAM,     /* a pipe, a device, …: bytes go there as they come */
    DPK_TARGET_DESCRIPTOR, /* an open file of this process, at its present position */
} dpk_target_kind;

typedef struct dpk_target {
    dpk_target_kind kind;
    int folder;         /* held open, so that later steps work on the same folder */
    char name[256];     /* in that folder */
    int descriptor;     /* of kind DESCRIPTOR */
    struct stat status; /* of what is there; not of kind NEW */
    struct stat place;  /* of the folder; not of kind DESCRIPTOR */
} dpk_target;

/* Follows a path as opening it would, symbolic links included, also one that points at nothing yet.
 * "-" is standard output. False with errno set if nothing can be opened there for writing; then
 * nothing is to be closed. */
DPK_MUST_CHECK bool dpk_target_find(dpk_target *target, const char *path);
void dpk_target_close(dpk_target *target);

/* Opens what is there, for writing; -1 with errno set. Not for kind NEW. */
int dpk_target_open(const dpk_target *target);

/* Why a file could not be replaced by renaming, which else is up to the folder: in a sticky folder
 * only owners may; one that is marked as immutable or append-only stays. */
bool dpk_target_is_owners_only(const dpk_target *target);
bool dpk_target_is_unchangeable(const dpk_target *target);

/* Whether the file has no permission to be written. Root may write to any file; that of a file
 * without any such permission still means something. */
bool dpk_target_is_read_only(const dpk_target *target);

/* Whether writing to one path would spoil what the other one holds or is to hold: both are the same
 * file, pipe or descriptor. Devices, such as /dev/null and terminals, can be shared. */
bool dpk_target_same(const char *one, const char *other);

#endif
