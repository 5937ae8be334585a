/* SPDX-License-Identifier: MIT */
/* signals.h: what this program does when a signal ends it. */
#ifndef DPK_PROGRAM_SIGNALS_H
#define DPK_PROGRAM_SIGNALS_H

/* To be called first of all. Signals that the caller ignores stay ignored. */
void dpk_signals_install(void);

#endif
