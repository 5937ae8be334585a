/* SPDX-License-Identifier: MIT */
/* signals.h: which signals end a process, and how a handler ends it in the end. */
#ifndef DPK_SIGNALS_H
#define DPK_SIGNALS_H

#include <dpk/dpk.h>

#include <signal.h>

/* Signals are numbered from 1 to DPK_SIGNALS - 1. */
enum { DPK_SIGNALS = 65 };

/* Whether the signal comes from outside and ends a process that does not handle it; the system's
 * real-time signals do as well. SIGKILL is not among them, as no handler sees it. */
bool dpk_signal_ends(int number);

/* Whether the signal says that the process itself has made a mistake. */
bool dpk_signal_is_fault(int number);

/* How signals were handled before. */
typedef struct dpk_signals_saved {
    struct sigaction before[DPK_SIGNALS];
    bool caught[DPK_SIGNALS];
} dpk_signals_saved;

/* Installs a handler for all signals that end the process and are not ignored, and restores what
 * was there before. Calls that wait are interrupted. */
void dpk_signals_catch(dpk_signals_saved *saved, void (*handler)(int number));
void dpk_signals_restore(const dpk_signals_saved *saved);

/* Ends the process by the signal, also where it is blocked, so that whoever waits sees why. The
 * first process of a container does not die of signals: it exits with 128 + number.
 * Async-signal-safe. */
_Noreturn void dpk_signal_obey(int number);

#endif
