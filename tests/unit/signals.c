/* SPDX-License-Identifier: MIT */
/* signals.c: a process that obeys a signal dies of it. */
#include "base/signals.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The number of the signal that the process dies of; 0 if it does not. */
static int obey_in_child(int number, bool blocked, void (*handler)(int number))
{
    pid_t child = fork();
    if (child == 0) {
        sigset_t all;
        sigfillset(&all);
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        signal(number, handler);
        if (blocked)
            sigprocmask(SIG_BLOCK, &all, NULL);
        dpk_signal_obey(number);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

Test(signals, are_obeyed_though_blocked_ignored_or_handled)
{
    for (int number = 1; number < DPK_SIGNALS; number++) {
        if (!dpk_signal_ends(number) && !dpk_signal_is_fault(number))
            continue;
        if (signal(number, SIG_DFL) == SIG_ERR)
            continue; /* the C library's own */
        cr_expect_eq(obey_in_child(number, false, SIG_DFL), number);
        cr_expect_eq(obey_in_child(number, true, SIG_DFL), number);
        cr_expect_eq(obey_in_child(number, true, SIG_IGN), number);
        cr_expect_eq(obey_in_child(number, true, dpk_signal_obey), number);
    }
}
