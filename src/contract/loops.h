/* SPDX-License-Identifier: MIT */
/* loops.h: backends of one worker that execute the chunks of a pass in ways no user asks for. */
#ifndef DPK_LOOPS_H
#define DPK_LOOPS_H

#include "workers/backend.h"

/* Executes every chunk, and then all of them again, last to first: as if workers had died after
 * their last instruction but one. */
extern const dpk_backend dpk_backend_twice;

/* Executes every chunk once, and watches what the passes do (watch.h). */
extern const dpk_backend dpk_backend_watched;

/* Executes the items `rows` of each pass and no others, as one chunk. */
typedef struct dpk_rows_backend {
    dpk_backend backend; /* first: the team knows no more than this */
    dpk_span rows;
} dpk_rows_backend;

dpk_rows_backend dpk_backend_of_rows(dpk_span rows);

#endif
