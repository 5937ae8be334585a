/* SPDX-License-Identifier: MIT */
/* run_batch_signals.c: worker processes inherit the handler; there it lets the signal have its way.
 */
#include "commands/run_batch_signals.h"

#include "base/signals.h"
#include "files/sink.h"
#include "workers/children.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t signal_number;
static bool ends_at_once;
static pid_t program;
static dpk_signals_saved before;

static void on_signal(int number)
{
    bool own = getpid() == program;
    if (own && signal_number == 0 && !ends_at_once) {
        signal_number = number;
        return;
    }
    if (own) {
        dpk_sink_unlink_temporary();
        dpk_children_end();
    }
    dpk_signal_obey(number);
}

void dpk_batch_listen(bool at_once)
{
    program = getpid();
    ends_at_once = at_once;
    dpk_signals_catch(&before, on_signal);
}

int dpk_batch_signal(void)
{
    return signal_number;
}

void dpk_batch_obey_signal(void)
{
    if (signal_number == 0)
        return;
    fflush(stdout);
    dpk_sink_unlink_temporary();
    dpk_children_end();
    dpk_signal_obey(signal_number);
}
