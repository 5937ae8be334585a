/* SPDX-License-Identifier: MIT */
/* path.h: why a path could not be opened, in a sentence that says which part of it is missing. */
#ifndef DPK_PATH_H
#define DPK_PATH_H

#include <dpk/dpk.h>

/* Fails with status and "cannot VERB 'PATH': …", where number is the errno of the attempt. For
 * ENOENT and ENOTDIR the sentence names the folder that is missing or the link that leads nowhere;
 * for anything else it is the system's text. */
dpk_status dpk_path_fail(dpk_error *err, dpk_status status, const char *verb, const char *path,
                         int number);

#endif
