/* SPDX-License-Identifier: MIT */
/* signals.c: the kinds of signals. */
#include "base/signals.h"

#include <unistd.h>

static bool is_in(const int *numbers, int number)
{
    while (*numbers != 0 && *numbers != number)
        numbers++;
    return *numbers != 0;
}

bool dpk_signal_is_fault(int number)
{
    static const int faults[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, 0 };
    return is_in(faults, number);
}

/* All but faults, those that cannot be handled, those that do nothing or stop, and SIGXFSZ, which
 * is ignored in favour of an error. */
bool dpk_signal_ends(int number)
{
    static const int others[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
                                  SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ, 0 };
    return !is_in(others, number) && !dpk_signal_is_fault(number);
}

void dpk_signals_catch(dpk_signals_saved *saved, void (*handler)(int number))
{
    const struct sigaction action = { .sa_handler = handler };
    for (int i = 1; i < DPK_SIGNALS; i++)
        saved->caught[i] = dpk_signal_ends(i) && sigaction(i, NULL, &saved->before[i]) == 0 &&
                           saved->before[i].sa_handler != SIG_IGN &&
                           sigaction(i, &action, NULL) == 0;
}

void dpk_signals_restore(const dpk_signals_saved *saved)
{
    for (int i = 1; i < DPK_SIGNALS; i++)
        if (saved->caught[i])
            sigaction(i, &saved->before[i], NULL);
}

_Noreturn void dpk_signal_obey(int number)
{
    sigset_t one;
    signal(number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    _exit(128 + number);
}
