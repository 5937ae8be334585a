/* SPDX-License-Identifier: MIT */
/* intercept.h: puts functions in the place of the C library's, in this process and from now on. */
#ifndef DPK_INTERCEPT_H
#define DPK_INTERCEPT_H

#include <stdbool.h>
#include <stddef.h>

typedef void dpk_function(void);

/* Calls of `name` go to `replacement`, which reaches the real one by *original. */
typedef struct dpk_interception {
    const char *name;
    dpk_function *replacement;
    dpk_function **original;
} dpk_interception;

/* Changes the calls made by the program and by every library loaded so far. Calls inside one object
 * that its linker has resolved remain. False where this is not possible: with a C library or an
 * object format that this does not know. */
bool dpk_intercept(const dpk_interception *table, size_t count);

#endif
