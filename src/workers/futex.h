/* SPDX-License-Identifier: MIT */
/* futex.h: sleeping until a word of memory changes, between threads and between processes alike;
 * where the system has nothing for that, or a sandbox refuses it, by short sleeps. */
#ifndef DPK_FUTEX_H
#define DPK_FUTEX_H

#include <stdint.h>

/* Wakes all who sleep on the word. It has been changed before. */
void dpk_futex_wake(_Atomic uint32_t *word);

/* Sleeps until it is woken, for about most_ns nanoseconds, less than a second, at most; not at all
 * if the word is not `seen` any more. */
void dpk_futex_sleep(_Atomic uint32_t *word, uint32_t seen, uint64_t most_ns);

#endif
