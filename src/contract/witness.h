/* SPDX-License-Identifier: MIT */
/* witness.h: what remains of a process that died: what it was doing, and which address it should
 * not have touched. A witness lies in memory shared with those who look at it afterwards. */
#ifndef DPK_WITNESS_H
#define DPK_WITNESS_H

#include <dpk/dpk.h>

/* Memory whose limits matter, by a name that a reader of the kernel knows. */
typedef struct dpk_witness_area {
    char name[160]; /* "input 'in'" */
    uintptr_t begin, end;
    uintptr_t reach; /* bytes beside it that belong to nothing else */
} dpk_witness_area;

enum { DPK_REGIONS = 16 };

typedef struct dpk_witness {
    char doing[320];             /* "blur: backend fork, …"; "" before the first run */
    bool finished;               /* the process came to its end by itself */
    volatile int signal;         /* what struck it, 0 for nothing */
    volatile uintptr_t address;  /* of a memory fault, */
    const char *volatile access; /* and what it was: "wrote to", "read"; "touched" where unknown */
    unsigned patience;           /* seconds that one run may take */
    dpk_witness_area regions[DPK_REGIONS];
    size_t region_count;
    size_t runs; /* begun so far */
} dpk_witness;

/* NULL, with *err filled, when there is no memory. */
dpk_witness *dpk_witness_open(unsigned patience, dpk_error *err);
void dpk_witness_close(dpk_witness *witness);

/* From now on this process, and those it forks, record what strikes them. */
void dpk_witness_watch(dpk_witness *witness);

/* A run begins: forgets the regions and what struck, and starts the clock. The run is over when the
 * next one begins, or dpk_witness_rest is called. */
void dpk_witness_start(dpk_witness *witness);
void dpk_witness_rest(dpk_witness *witness);

/* Names memory of so many bytes; a touch up to `reach` bytes beside it is told as one beside it. 0:
 * a page. */
void dpk_witness_region(dpk_witness *witness, const void *begin, size_t bytes, size_t reach,
                        const char *name, ...) DPK_PRINTF(5, 6);

/* "it wrote to input 'in', byte 5"; "" when there is nothing to tell. */
const char *dpk_witness_text(const dpk_witness *witness, char *text, size_t size);

/* Fails with DPK_MISMATCH and "what was being done: format". */
dpk_status dpk_witness_fail(const dpk_witness *witness, dpk_error *err, const char *format, ...)
    DPK_PRINTF(3, 4);

#endif
