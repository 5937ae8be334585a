/* SPDX-License-Identifier: MIT */
/* compare_signals.h: signals that end a process end the measuring instead, while something is being
 * measured: what was measured so far is reported, and nothing that was made for it is left behind.
 */
#ifndef DPK_COMPARE_SIGNALS_H
#define DPK_COMPARE_SIGNALS_H

#include <dpk/dpk.h>

/* From now on such a signal is noted, and the processes that are measured are told to end; or it
 * does again what it did before. Signals that are ignored stay so, and those of the process's own
 * faults stay what they are. */
void dpk_session_listen(bool listen);

/* The signal that has ended measuring, 0 for none. */
int dpk_session_signal(void);

/* Dies of that signal, if there was one, so that the shell sees why; for a status other than DPK_OK
 * says err's sentence before. */
void dpk_session_obey_signal(dpk_status status, const dpk_error *err);

#endif
