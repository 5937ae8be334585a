/* SPDX-License-Identifier: MIT */
/* png_runs.h: compresses filtered rows with Huffman codes and runs of one byte. */
#ifndef DPK_PNG_RUNS_H
#define DPK_PNG_RUNS_H

#include <dpk/dpk.h>

/* Most bytes of input in one block, which is what a stored block can hold. */
#define DPK_PNG_RUNS_BLOCK ((size_t)65535)

/* Scratch memory of dpk_png_runs(). A run has at least 4 bytes. */
typedef struct dpk_png_runs_scratch {
    struct dpk_png_run {
        uint16_t literals; /* bytes before it, from the run before or the block's beginning on */
        uint16_t length;
    } runs[DPK_PNG_RUNS_BLOCK / 4];
} dpk_png_runs_scratch;

/* Largest output for `bytes` bytes of input, including bytes beyond its end that may be
 * overwritten. */
static inline size_t dpk_png_runs_bound(size_t bytes)
{
    /* A block is stored where that is shorter: with a head of 5 bytes. One more ends the segment,
     * and bits are written 8 bytes at a time. */
    return bytes + 5 * (bytes / DPK_PNG_RUNS_BLOCK + 2) + 8;
}

/* Compresses `from` into `to` and returns the size of the result: a raw deflate segment as
 * png_deflate.h describes it. */
size_t dpk_png_runs(unsigned char *to, const unsigned char *from, size_t bytes,
                    dpk_png_runs_scratch *scratch);

#endif
