/* SPDX-License-Identifier: MIT */
/* batch_target.h: where the outputs of a batch go, before any is opened: to places of their own, in
 * folders that are there or can be made. */
#ifndef DPK_BATCH_TARGET_H
#define DPK_BATCH_TARGET_H

#include "engine/batch.h"
#include "engine/batch_list.h"

/* The folder for outputs is one, or can be made: the one that it is in is there. Errors:
 * DPK_OUTPUT_FAILED. */
dpk_status dpk_batch_check_folder(const char *folder, dpk_error *err);

/* Of file i: whether the folder of its output will have to be made; those below `folder`, and
 * itself, can be, where it is not NULL. Sets file->folder_later. Errors: DPK_OUTPUT_FAILED, for
 * others that are missing. */
dpk_status dpk_batch_plan_folder(dpk_batch_file *file, const char *folder, dpk_error *err);

/* Makes that folder, and those between. Errors: DPK_OUTPUT_FAILED. */
dpk_status dpk_batch_make_folder(const dpk_batch_file *file, const char *folder, dpk_error *err);

/* Refuses two files with one output, by whatever names, and an output that is an input; in_place:
 * unless it is its own file's. files are those of the list's inputs, in the same order. Errors:
 * DPK_USAGE, DPK_LIMIT. */
dpk_status dpk_batch_check_targets(const dpk_batch_list *list, const dpk_batch_file *files,
                                   bool in_place, dpk_error *err);

/* Whether the output is there; and, for `newer`, no older than the input. */
bool dpk_batch_is_there(const dpk_batch_file *file, const dpk_batch_input *input, bool newer);

#endif
