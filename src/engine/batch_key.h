/* SPDX-License-Identifier: MIT */
/* batch_key.h: what was done to a file, as a command line that does the same, and as a number by
 * which a later run sees whether it has been done already. */
#ifndef DPK_BATCH_KEY_H
#define DPK_BATCH_KEY_H

#include "engine/batch.h"

#include <sys/stat.h>

/* "dpk blur --sigma=4 --png=small", quoted for a shell: the kernel, and what differs from the
 * defaults among the settings that outputs depend on. To be freed; NULL without memory. */
char *dpk_batch_request(const dpk_job *model);

/* "REQUEST in.png out.png", the same way. */
char *dpk_batch_command(const char *request, const char *input, const char *output);

/* Digests this version of dpk, all those settings, both paths as seen from the root, and the size
 * and time of the input. `status` is the input's. */
uint64_t dpk_batch_key(const dpk_job *model, const dpk_batch_file *file, const struct stat *status);

/* The same with the input's bytes in place of its time. Errors: DPK_BAD_INPUT. */
dpk_status dpk_batch_content_key(const dpk_job *model, const dpk_batch_file *file, uint64_t *key,
                                 dpk_error *err);

#endif
