/* SPDX-License-Identifier: MIT */
/* signal.h: names of signals. glibc has sigabbrev_np since 2.32, other C libraries do not. */
#ifndef DPK_SIGNAL_H
#define DPK_SIGNAL_H

#include <stddef.h>

/* "SIGSEGV", or "signal 35" for one without a name. Writes to text, for which 32 bytes are enough,
 * and returns it. */
const char *dpk_signal_name(int number, char *text, size_t size);

#endif
