/* SPDX-License-Identifier: MIT */
/* batch_name.h: what the outputs of a batch are called: by a folder, by a pattern such as
 * '{stem}-{kernel}.{ext}', or as their inputs. */
#ifndef DPK_BATCH_NAME_H
#define DPK_BATCH_NAME_H

#include "engine/batch_list.h"

typedef struct dpk_batch_naming {
    bool in_place;       /* an output takes its input's place; then nothing else is set */
    const char *folder;  /* outputs lie in or below it; NULL: wherever the pattern says */
    const char *pattern; /* NULL: as the input, with `suffix` in place of its own */
    const char *kernel;  /* as users type it */
    const char *suffix;  /* of all outputs; NULL: as that of each input */
    size_t count;        /* of inputs: numbers are padded with zeros to have as many digits */
} dpk_batch_naming;

/* Refuses a pattern that is none. In a pattern, these stand for parts of the input's path, and {{
 * and }} for braces:
 *
 *     {name}    the file's name           {stem}   the same up to its last dot
 *     {ext}     what is behind that dot, or the suffix of all outputs
 *     {dir}     the folder of the input, "." where none is named
 *     {kernel}  the kernel's name         {number} of the input, from 1
 *
 * Errors: DPK_USAGE. */
dpk_status dpk_batch_check_naming(const dpk_batch_naming *naming, dpk_error *err);

/* Writes the path of the output for input number `number` (from 1). In a folder, inputs that were
 * found in folders keep their places below these, unless the pattern has {dir}. Errors: DPK_USAGE,
 * for a path that does not fit, is no file's or leads out of the folder. */
dpk_status dpk_batch_name(const dpk_batch_naming *naming, const dpk_batch_input *input,
                          size_t number, char *path, size_t size, dpk_error *err);

#endif
