/* SPDX-License-Identifier: MIT */
/* compare_signals.h: signals that end a process end the measuring instead, while something is being
 * measured: what was measured so far is reported, and nothing that was made for it is left behind.
 */
#ifndef DPK_COMPARE_SIGNALS_H
#define DPK_COMPARE_SIGNALS_H

#include <dpk/dpk.h>

/* Installs handlers that note such a signal and end the measured processes; or restores the earlier
 * ones. Signals that are ignored stay ignored, and those of the process's own faults are not
 * touched.
 */
void dpk_session_listen(bool listen);

/* The signal that has ended measuring, 0 for none. */
int dpk_session_signal(void);

/* Ends this process by that signal, if there was one, so that the shell sees the reason. For a
 * status other than DPK_OK it prints err's sentence first. */
void dpk_session_obey_signal(dpk_status status, const dpk_error *err);

#endif
