/* SPDX-License-Identifier: MIT */
/* run_batch_signals.h: a signal that ends the process first ends the batch, so that the log has all
 * that is done; the second one ends the process at once. */
#ifndef DPK_RUN_BATCH_SIGNALS_H
#define DPK_RUN_BATCH_SIGNALS_H

#include <stdbool.h>

/* Begins to note such signals. at_once: even the first one ends the process, where nobody looks
 * while this process computes. */
void dpk_batch_listen(bool at_once);

/* The signal that has come, 0 for none. */
int dpk_batch_signal(void);

/* Ends this process by that signal, if there was one. */
void dpk_batch_obey_signal(void);

#endif
