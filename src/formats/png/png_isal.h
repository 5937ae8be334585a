/* SPDX-License-Identifier: MIT */
/* png_isal.h: ISA-L, if it is there, and what to do after calling it. Its vector code leaves the
 * upper halves of the vector registers dirty. Then each SSE instruction must preserve the upper
 * half of its destination and depends on the last writer of that register: premultiplying a band
 * just after decoding it took seven times as long. */
#ifndef DPK_PNG_ISAL_H
#define DPK_PNG_ISAL_H

#ifdef DPK_HAVE_ISAL
#    include <isa-l.h>
#endif

#if defined(DPK_HAVE_ISAL) && defined(__x86_64__)

#    include <immintrin.h>

__attribute__((target("avx"))) static void dpk_png_zero_upper_halves(void)
{
    _mm256_zeroupper();
}

static inline void dpk_png_after_isal(void)
{
    if (__builtin_cpu_supports("avx"))
        dpk_png_zero_upper_halves();
}

#else

static inline void dpk_png_after_isal(void) {}

#endif

#endif
