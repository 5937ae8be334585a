/* SPDX-License-Identifier: MIT */
/* flow_cell.h: who has a band, or a part of an input, in one word of shared memory. Everything that
 * becomes of it is one compare and swap, so that a worker may be killed at any instruction, and
 * what it had can be given back exactly. */
#ifndef DPK_FLOW_CELL_H
#define DPK_FLOW_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t dpk_cell;

typedef enum dpk_cell_state {
    DPK_CELL_FREE,
    DPK_CELL_TAKEN,
    DPK_CELL_DONE,
    DPK_CELL_DEADLY, /* too many workers have died of it: nobody takes it again */
} dpk_cell_state;

/* What a cell can hold: more workers than there can be, more deaths than there can be retries, and
 * numbers below this. */
#define DPK_CELL_NUMBERS ((size_t)1 << 38)
enum { DPK_CELL_WORKERS = 1 << 16, DPK_CELL_DEATHS = 255 };

typedef struct dpk_cell_view {
    size_t number;   /* of the band or part */
    unsigned worker; /* who has it, or had it last */
    unsigned deaths; /* workers that have died of it; no more than DPK_CELL_DEATHS are counted */
    dpk_cell_state state;
} dpk_cell_view;

dpk_cell_view dpk_cell_read(const dpk_cell *cell);

/* From now on the cell tells of this number, which is free. */
void dpk_cell_open(dpk_cell *cell, size_t number);

/* Takes the number for a worker. Returns false if the cell tells of another one, or somebody has
 * it. */
bool dpk_cell_take(dpk_cell *cell, size_t number, unsigned worker);

/* Worker `worker`, which has taken it, has done it. */
void dpk_cell_done(dpk_cell *cell, unsigned worker);

/* What worker `worker`, which is dead, has taken is free again, or deadly, if more than `retries`
 * workers have died of it. Returns whether it has had it; *view is what the cell holds then. */
bool dpk_cell_lose(dpk_cell *cell, unsigned worker, unsigned retries, dpk_cell_view *view);

/* The same for what is done, but wrongly: whoever did it counts as dead. */
void dpk_cell_spoil(dpk_cell *cell, unsigned retries, dpk_cell_view *view);

/* The number is done, whatever has become of it before. */
void dpk_cell_settle(dpk_cell *cell, size_t number);

#endif
