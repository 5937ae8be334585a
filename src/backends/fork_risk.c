/* SPDX-License-Identifier: MIT */
/* fork_risk.c: the parent at work on what may kill whoever works on it. A worker that is lost is
 * told of by the parent; when it is the parent itself, there is nobody else to tell, so a fault of
 * its own leads back to where the work began. What it left undone, or locked, does not matter: the
 * run is over, and what follows is a sentence and an orderly end. Only SIGABRT has no way back, as
 * the C library often calls it while it holds the lock that any further step needs: then all is
 * told and ended where it happens. Faults that somebody handles already, as sanitizers do, are left
 * to them, but for SIGBUS, of which the program's own handler takes the way back if there is one.
 */
#include "backends/fork_team.h"
#include "base/error.h"
#include "files/sink.h"
#include "workers/children.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

enum { FAULTS = sizeof faults / sizeof *faults };

static sigjmp_buf way_back;
static volatile sig_atomic_t fault;
static struct sigaction before[FAULTS];

/* Once: if the way is lost, as where the stack was overwritten, the next fault ends the process. */
static void go_back(int number)
{
    dpk_way_back = NULL;
    fault = number;
    siglongjmp(way_back, 1);
}

static _Noreturn void end_here(void)
{
    static const char text[] =
        "dpk: worker 0 (this process) was killed by signal 6 (SIGABRT, "
        "Aborted) while it worked\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; /* nobody is left to be told */
    dpk_sink_unlink_temporary();
    dpk_children_end();
    _exit(dpk_exit_code(DPK_WORKER_LOST));
}

static void on_fault(int number)
{
    if (dpk_way_back != NULL && number == SIGABRT)
        end_here();
    if (dpk_way_back != NULL)
        dpk_way_back(number);
    signal(number, SIG_DFL);
    raise(number);
}

/* A stack of its own, as the usual one may be what has run out. */
static void set_stack(void)
{
    static unsigned char memory[64 * 1024];
    stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory }, there;
    if (sigaltstack(NULL, &there) == 0 && (there.ss_flags & SS_DISABLE))
        sigaltstack(&stack, NULL);
}

void dpk_fork_watch(void)
{
    struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
    set_stack();
    for (size_t i = 0; i < FAULTS; i++) {
        sigaction(faults[i], NULL, &before[i]);
        if (before[i].sa_handler == SIG_DFL)
            sigaction(faults[i], &action, NULL);
    }
}

void dpk_fork_unwatch(void)
{
    for (size_t i = 0; i < FAULTS; i++)
        sigaction(faults[i], &before[i], NULL);
}

int dpk_fork_at_own_risk(void (*work)(dpk_team *team), dpk_team *team)
{
    fault = 0;
    if (sigsetjmp(way_back, true) == 0) {
        dpk_way_back = go_back;
        work(team);
    }
    dpk_way_back = NULL;
    return fault;
}
