/* SPDX-License-Identifier: MIT */
/* run_batch_signals.h: a signal that ends the process first ends the batch, so that the log has all
 * that is done. If nobody asks for it within a tenth of a second, or another one comes, the process
 * ends at once. */
#ifndef DPK_RUN_BATCH_SIGNALS_H
#define DPK_RUN_BATCH_SIGNALS_H

/* Begins to note such signals. */
void dpk_batch_listen(void);

/* The signal that has come, 0 for none. Who asks sees to it that the process ends. */
int dpk_batch_signal(void);

/* Ends this process by that signal, if there was one. */
void dpk_batch_obey_signal(void);

#endif
