/* SPDX-License-Identifier: MIT */
/* compare_signals.c: handles all signals by which others end a process. */
#include "commands/compare_signals.h"

#include "base/signals.h"
#include "commands/command.h"
#include "workers/children.h"

#include <stdio.h>

static volatile sig_atomic_t signal_number;

/* Ends what is being executed. What was measured so far will be reported. */
static void on_signal(int number)
{
    signal_number = number;
    dpk_children_signal(SIGTERM);
}

void dpk_session_listen(bool listen)
{
    static dpk_signals_saved before;
    if (listen)
        dpk_signals_catch(&before, on_signal);
    else
        dpk_signals_restore(&before);
}

int dpk_session_signal(void)
{
    return signal_number;
}

void dpk_session_obey_signal(dpk_status status, const dpk_error *err)
{
    if (signal_number == 0)
        return;
    if (status != DPK_OK)
        dpk_say("%s", err->text);
    fflush(stdout);
    dpk_signal_obey(signal_number);
}
