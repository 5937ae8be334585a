/* SPDX-License-Identifier: MIT */
/* lost.h: items that no worker survives, and that a run which keeps going leaves out. */
#ifndef DPK_LOST_H
#define DPK_LOST_H

#include <dpk/dpk.h>

typedef struct dpk_lost {
    const dpk_pass *pass;
    size_t item;
    int end;      /* of the worker that worked on it: its wait status */
    bool cleared; /* zeros are in place of the result, and nothing else depends on it */
} dpk_lost;

/* Inserts one at its place in a table that has room: in the order of passes, then of items. An
 * item that is in it already, from another repetition of its pass, stays there once. */
void dpk_lost_add(dpk_lost *table, size_t *count, dpk_lost one);

/* "items 7, 12 and 40 to 47 of pass 'rows' are left out, …" for the items of the pass of the first:
 * which ones, what is in their place, how their workers ended. Returns how many they are. */
size_t dpk_lost_text(const dpk_lost *table, size_t count, char *text, size_t size);

#endif
