/* SPDX-License-Identifier: MIT */
/* failed.h: items on which workers die, and which a run that keeps going leaves out. */
#ifndef DPK_FAILED_H
#define DPK_FAILED_H

#include <dpk/dpk.h>

typedef struct dpk_failed_item {
    const dpk_pass *pass;
    size_t item;
    int end;      /* wait status of the worker that died on it */
    bool cleared; /* zeros are in place of the result, and nothing else depends on it */
} dpk_failed_item;

/* Inserts one at its place in a table that has room: in the order of passes, then of items. An
 * item that is in it already, from another repetition of its pass, stays there once. */
void dpk_failed_add(dpk_failed_item *table, size_t *count, dpk_failed_item one);

/* Writes "items 7, 12 and 40 to 47 of pass 'rows' are left out, …" about the items of the first
 * pass in the table: which ones, what is in their place, how their workers ended. Returns how many
 * they are. */
size_t dpk_failed_text(const dpk_failed_item *table, size_t count, char *text, size_t size);

#endif
