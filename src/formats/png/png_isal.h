/* SPDX-License-Identifier: MIT */
/* png_isal.h: ISA-L, where there is one, and what to do when it returns. Its vector code leaves the
 * upper halves of the vector registers in use. From then on each SSE instruction has to keep the
 * upper half of the register it writes, and so waits for whoever wrote that before: premultiplying
 * a band that had just been decoded took seven times as long. */
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
