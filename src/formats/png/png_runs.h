/* SPDX-License-Identifier: MIT */
/* png_runs.h: deflate of filtered rows by Huffman codes and runs of one byte. */
#ifndef DPK_PNG_RUNS_H
#define DPK_PNG_RUNS_H

#include <dpk/dpk.h>

/* Input of one block of codes, at most: what a stored block can hold. */
#define DPK_PNG_RUNS_BLOCK ((size_t)65535)

/* What dpk_png_runs() works in: a run has 4 bytes or more. */
typedef struct dpk_png_runs_scratch {
    struct dpk_png_run {
        uint16_t literals; /* bytes before it, from the run before or the block's beginning on */
        uint16_t length;
    } runs[DPK_PNG_RUNS_BLOCK / 4];
} dpk_png_runs_scratch;

/* Most bytes that `bytes` of input become, with those beyond the end that may be overwritten. */
static inline size_t dpk_png_runs_bound(size_t bytes)
{
    /* A block is stored where that is shorter: with a head of 5 bytes. One more ends the segment,
     * and bits are written 8 bytes at a time. */
    return bytes + 5 * (bytes / DPK_PNG_RUNS_BLOCK + 2) + 8;
}

/* Compresses `from` into `to` and returns its bytes: a raw deflate segment of blocks of which none
 * is the last, ending on a byte boundary with an empty stored block, and referring to nothing
 * before it. */
size_t dpk_png_runs(unsigned char *to, const unsigned char *from, size_t bytes,
                    dpk_png_runs_scratch *scratch);

#endif
