/* SPDX-License-Identifier: MIT */
/* signal.c: the signals of POSIX, and those of Linux that end a process. */
#include "base/signal.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#define NAME(name) [name] = #name

static const char *const names[] = {
    NAME(SIGABRT),   NAME(SIGALRM), NAME(SIGBUS),  NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGFPE),
    NAME(SIGHUP),    NAME(SIGILL),  NAME(SIGINT),  NAME(SIGKILL), NAME(SIGPIPE), NAME(SIGQUIT),
    NAME(SIGSEGV),   NAME(SIGSTOP), NAME(SIGTERM), NAME(SIGTSTP), NAME(SIGTTIN), NAME(SIGTTOU),
    NAME(SIGUSR1),   NAME(SIGUSR2), NAME(SIGSYS),  NAME(SIGTRAP), NAME(SIGURG),  NAME(SIGVTALRM),
    NAME(SIGXCPU),   NAME(SIGXFSZ), NAME(SIGPROF),
#ifdef SIGPOLL
    NAME(SIGPOLL),
#endif
#ifdef SIGSTKFLT
    NAME(SIGSTKFLT),
#endif
#ifdef SIGPWR
    NAME(SIGPWR),
#endif
#ifdef SIGWINCH
    NAME(SIGWINCH),
#endif
};

const char *dpk_signal_name(int number, char *text, size_t size)
{
    bool known = number > 0 && (size_t)number < sizeof names / sizeof *names && names[number];
    if (known)
        snprintf(text, size, "%s", names[number]);
    else
        snprintf(text, size, "signal %d", number);
    return text;
}
