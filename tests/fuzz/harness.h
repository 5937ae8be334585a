/* SPDX-License-Identifier: MIT */
/* harness.h: what the fuzz targets share: one input after the other in one process, in memory whose
 * ends are watched. */
#ifndef DPK_FUZZ_HARNESS_H
#define DPK_FUZZ_HARNESS_H

#include "files/format.h"

#include <stddef.h>

/* What libFuzzer calls with each input; returns 0. Anything wrong ends the process by abort(). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* One reading of the input. */
typedef struct fuzz_session {
    dpk_reader reader; /* reader.format is NULL until it has been opened */
    dpk_error error;
    dpk_status status;
} fuzz_session;

/* A copy of the input that ends where the memory does. */
dpk_source fuzz_begin(const unsigned char *data, size_t size);

/* At the end of every input: what dpk_alloc has handed out is void, and must not have been written
 * beyond. */
void fuzz_end(void);

/* Opens source with code of that level, with memory for reader.array where that succeeds. */
void fuzz_open(fuzz_session *session, const dpk_format *format, const dpk_source *source,
               dpk_isa isa);
void fuzz_close(fuzz_session *session);

/* A number that depends on the input and nothing else, to choose by. */
uint32_t fuzz_choice(const dpk_source *source);

/* Prints what is wrong with the two readings and ends the process. */
_Noreturn void fuzz_fail(const char *what, const fuzz_session *a, const fuzz_session *b);

/* Fails unless both have come to the same verdict with the same words. */
void fuzz_compare_words(const fuzz_session *a, const fuzz_session *b);

/* Fails unless rows [y0, y1) are the same, and the arrays alike. */
void fuzz_compare_rows(const fuzz_session *a, const fuzz_session *b, size_t y0, size_t y1);

#endif
