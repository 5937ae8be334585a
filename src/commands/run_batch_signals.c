/* SPDX-License-Identifier: MIT */
/* run_batch_signals.c: worker processes inherit the handler; there it lets the signal have its way.
 */
#include "commands/run_batch_signals.h"

#include "base/signals.h"
#include "files/sink.h"
#include "workers/children.h"

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t signal_number;
static pid_t program;
static dpk_signals_saved before;

/* Of microseconds; 0 stops the timer. Its SIGALRM is such a signal, too. A handler may make this
 * call: to Linux it is a system call like any other. */
static void set_timer(long microseconds)
{
    const struct itimerval timer = { .it_value.tv_usec = microseconds };
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_signal(int number)
{
    bool own = getpid() == program;
    if (own && signal_number == 0) {
        signal_number = number;
        set_timer(100 * 1000);
        return;
    }
    if (own) {
        dpk_sink_unlink_temporary();
        dpk_children_end();
        number = signal_number;
    }
    dpk_signal_obey(number);
}

void dpk_batch_listen(void)
{
    program = getpid();
    dpk_signals_catch(&before, on_signal);
}

int dpk_batch_signal(void)
{
    if (signal_number != 0)
        set_timer(0);
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
