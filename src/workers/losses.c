/* SPDX-License-Identifier: MIT */
/* losses.c: a few sentences and a count. */
#include "workers/losses.h"

#include <stdio.h>

void dpk_losses_add(dpk_losses *losses, const char *sentence)
{
    if (losses->count < DPK_LOSSES_TOLD)
        snprintf(losses->told[losses->count], sizeof losses->told[0], "%s", sentence);
    snprintf(losses->last, sizeof losses->last, "%s", sentence);
    losses->count++;
}

const char *dpk_losses_line(const dpk_losses *losses, size_t i, char *text, size_t size)
{
    if (i < DPK_LOSSES_TOLD)
        return i < losses->count ? losses->told[i] : NULL;
    if (i > DPK_LOSSES_TOLD || losses->count <= DPK_LOSSES_TOLD)
        return NULL;
    size_t more = losses->count - DPK_LOSSES_TOLD;
    if (more == 1)
        return losses->last;
    snprintf(text, size, "%zu more workers died; the last one: %s", more, losses->last);
    return text;
}
