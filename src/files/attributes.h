/* SPDX-License-Identifier: MIT */
/* attributes.h: what a new file keeps of the one it replaces, besides its name. */
#ifndef DPK_ATTRIBUTES_H
#define DPK_ATTRIBUTES_H

#include "files/target.h"

/* Gives the open file the owner, mode, access control list and extended attributes of the file that
 * is at the target, if there is one. Whatever cannot be kept, nobody gets more rights than before.
 * Returns what could not be kept, for a note: "group", "access control list", …; NULL if all was,
 * or the file system has no such thing. */
const char *dpk_attributes_copy(const dpk_target *target, int to);

#endif
