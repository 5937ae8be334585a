/* SPDX-License-Identifier: MIT */
/* png_deflate.h: compresses filtered rows into segments of a deflate stream. No block of a segment
 * is marked as the last; the segment ends on a byte boundary with an empty stored block, and refers
 * to nothing before itself. So segments made by different workers can be concatenated. */
#ifndef DPK_PNG_DEFLATE_H
#define DPK_PNG_DEFLATE_H

#include "formats/png/png_runs.h"

/* How hard to try. */
typedef enum dpk_png_effort {
    DPK_PNG_FAST,     /* at the speed of everything else */
    DPK_PNG_BALANCED, /* also looks for what is cheap to find */
    DPK_PNG_SMALL,    /* the fewest bytes, however long it takes */
} dpk_png_effort;

/* The libraries in use: "ISA-L 2.30.0, libdeflate 1.14, zlib 1.2.13". */
const char *dpk_png_engine(void);

/* Like zlib's functions crc32 and adler32. Initial values are 0 and 1. */
uint32_t dpk_png_crc(uint32_t crc, const void *data, size_t bytes);
uint32_t dpk_png_adler(uint32_t adler, const void *data, size_t bytes);

/* Largest size of a segment, including bytes beyond its end that may be overwritten. */
size_t dpk_png_deflate_bound(size_t bytes);

/* Bytes of scratch, 64-byte aligned, for segments of up to `bytes` of input. */
size_t dpk_png_deflate_scratch(dpk_png_effort effort, size_t bytes);

/* Compresses at most 2 GiB and returns the size of the segment. DPK_PNG_SMALL allocates memory, and
 * falls back to dpk_png_runs() if there is none. */
size_t dpk_png_deflate(dpk_png_effort effort, unsigned char *to, const unsigned char *from,
                       size_t bytes, void *scratch);

#endif
