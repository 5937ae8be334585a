/* SPDX-License-Identifier: MIT */
/* temporary.h: the file that is written beside its target until it takes the target's place. On
 * Linux it has no name at all until then (O_TMPFILE), so that not even SIGKILL or a crash leaves
 * one behind. Where that cannot be, it has a name from the start, and signal handlers remove it. */
#ifndef DPK_TEMPORARY_H
#define DPK_TEMPORARY_H

#include "files/target.h"

#include <sys/types.h>

typedef struct dpk_temporary dpk_temporary;

/* Opens a file for writing in the target's folder, whose descriptor must stay open until the
 * temporary file is closed. name: what its name is made of, should it get one; 0: chance. Returns
 * the descriptor, or -1 with errno set and *temporary NULL. */
int dpk_temporary_open(dpk_temporary **temporary, const dpk_target *target, mode_t mode,
                       uint64_t name);

/* Gives a file without a name its final one, where nothing has that name yet. Then it is temporary
 * no more. */
DPK_MUST_CHECK bool dpk_temporary_place(const dpk_temporary *temporary, int descriptor,
                                        const char *name);

/* Removes what another process, which is dead, may have left there under that name. */
void dpk_temporary_remove(int folder, uint64_t name);

/* Gives the file a name, if it has none yet. False with errno set. */
DPK_MUST_CHECK bool dpk_temporary_link(dpk_temporary *temporary, int descriptor);

/* Moves the linked file over the target. False with errno set. */
DPK_MUST_CHECK bool dpk_temporary_rename(dpk_temporary *temporary, const char *name);

/* Removes the name, if there is one, and forgets the file. NULL is ignored. */
void dpk_temporary_close(dpk_temporary *temporary);

bool dpk_temporary_is_named(const dpk_temporary *temporary);

/* Opens a file that never gets a name, for reading and writing, in that folder or wherever there
 * can be one. -1 with errno set. */
int dpk_temporary_spool(int folder);

/* For signal handlers that are about to end the process: removes all that have a name; from now on
 * no other gets one. Async-signal-safe. Not for child processes, which inherit the list. */
void dpk_temporary_remove_all(void);

#endif
