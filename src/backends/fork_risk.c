/* SPDX-License-Identifier: MIT */
/* fork_risk.c: the parent at work on what may kill whoever works on it. A worker that is lost is
 * told of by the parent; when it is the parent itself, there is nobody else to tell, so a fault of
 * its own leads back to where the work began. What the work left undone does not matter, as the run
 * is over. Whoever watches faults already, such as a sanitizer, goes on doing so. */
#include "fork_team.h"

#include <setjmp.h>
#include <signal.h>

static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };

enum { FAULTS = sizeof faults / sizeof *faults };

static sigjmp_buf way_back;

static void on_fault(int number)
{
    siglongjmp(way_back, number);
}

/* A stack of its own, as the usual one may be what has run out. */
static void set_stack(void)
{
    static unsigned char memory[64 * 1024];
    stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory }, before;
    if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE))
        sigaltstack(&stack, NULL);
}

int dpk_fork_risk(void (*work)(dpk_team *team), dpk_team *team)
{
    struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
    struct sigaction before[FAULTS];
    set_stack();
    for (size_t i = 0; i < FAULTS; i++) {
        sigaction(faults[i], NULL, &before[i]);
        if (before[i].sa_handler == SIG_DFL)
            sigaction(faults[i], &action, NULL);
    }
    int number = sigsetjmp(way_back, true);
    if (number == 0)
        work(team);
    for (size_t i = 0; i < FAULTS; i++)
        sigaction(faults[i], &before[i], NULL);
    return number;
}
