/* SPDX-License-Identifier: MIT */
/* compare_inputs.h: the inputs of a comparison: files, or generated arrays. */
#ifndef DPK_COMPARE_INPUTS_H
#define DPK_COMPARE_INPUTS_H

#include "measure/payload.h"

/* Decodes the files, one for each input of the run's kernel, binds them to the run and packs them
 * for `hosts` hosts. format: a name, or NULL. Errors: those of reading and packing. */
dpk_status dpk_compare_read(dpk_run *run, const char *const *paths, const char *format,
                            size_t limit_pixels, dpk_isa isa, size_t hosts, dpk_payload *payload,
                            dpk_error *err);

/* The same with generated inputs: images and matrices of size x size, vectors of size elements.
 * Errors: DPK_LIMIT. */
dpk_status dpk_compare_make_up(dpk_run *run, size_t size, size_t hosts, dpk_payload *payload,
                               dpk_error *err);

/* Checks that there is memory for that. Errors: DPK_LIMIT. */
dpk_status dpk_compare_check_size(const dpk_kernel *kernel, size_t size, size_t hosts,
                                  dpk_error *err);

#endif
