/* SPDX-License-Identifier: MIT */
/* compare_signals.c: one handler for all signals that end a process and come from outside. */
#include "commands/compare_signals.h"

#include "commands/command.h"
#include "workers/children.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t signal_number;

/* What is being executed is over; what was measured will be reported. */
static void on_signal(int number)
{
    signal_number = number;
    dpk_children_signal(SIGTERM);
}

/* Does the signal, where nobody handles it, end a process that has done nothing wrong? Linux's real
 * ones do as well. */
static bool ends_process(int number)
{
    static const int others[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGURG,  SIGWINCH,
                                  SIGTSTP, SIGTTIN, SIGTTOU, SIGILL,  SIGTRAP, SIGABRT,
                                  SIGBUS,  SIGFPE,  SIGSEGV, SIGSYS,  SIGXFSZ };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (number == others[i])
            return false;
    return true;
}

void dpk_session_listen(bool listen)
{
    enum { SIGNALS = 65 }; /* Linux has numbers from 1 to 64 */
    static struct sigaction before[SIGNALS];
    static bool caught[SIGNALS];
    const struct sigaction action = { .sa_handler = on_signal };
    for (int i = 1; i < SIGNALS; i++) {
        if (listen)
            caught[i] = ends_process(i) && sigaction(i, NULL, &before[i]) == 0 &&
                        before[i].sa_handler != SIG_IGN && sigaction(i, &action, NULL) == 0;
        else if (caught[i])
            sigaction(i, &before[i], NULL);
    }
}

int dpk_session_signal(void)
{
    return signal_number;
}

void dpk_session_obey_signal(dpk_status status, const dpk_error *err)
{
    sigset_t one;
    if (signal_number == 0)
        return;
    if (status != DPK_OK)
        dpk_say("%s", err->text);
    fflush(stdout);
    signal(signal_number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, signal_number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    raise(signal_number);
    _exit(128 + signal_number); /* process 1 of a container does not die of it */
}
