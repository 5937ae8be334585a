/* SPDX-License-Identifier: MIT */
/* losses.h: what a user is told of workers that have died and whose work was done again: a sentence
 * each for the first ones, then how many there were besides. */
#ifndef DPK_LOSSES_H
#define DPK_LOSSES_H

#include <stddef.h>

enum { DPK_LOSSES_TOLD = 3, DPK_LOSS_TEXT = 384 };

typedef struct dpk_losses {
    size_t count;
    char told[DPK_LOSSES_TOLD][DPK_LOSS_TEXT];
    char last[DPK_LOSS_TEXT];
} dpk_losses;

void dpk_losses_add(dpk_losses *losses, const char *sentence);

/* Sentence number i, from 0, which may be written to text; NULL after the last one. */
const char *dpk_losses_line(const dpk_losses *losses, size_t i, char *text, size_t size);

#endif
