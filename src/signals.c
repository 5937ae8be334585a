/* SPDX-License-Identifier: MIT */
/* signals.c: handlers for everything that ends a process. They leave no temporary file and no child
 * behind and then let the signal have its way. Handlers are inherited by worker processes, where
 * they do nothing of the kind: files and children are their parent's. */
#include "signals.h"

#include "base/error.h"
#include "base/signals.h"
#include "base/text.h"
#include "files/sink.h"
#include "files/source.h"
#include "workers/children.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* This process, of which workers are copies. */
static pid_t program;

static void clean_up(void)
{
    if (getpid() != program)
        return;
    dpk_sink_unlink_temporary();
    dpk_children_end();
}

static void on_signal(int number)
{
    clean_up();
    dpk_signal_obey(number);
}

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* nobody is left to be told */
}

/* SIGBUS in a mapped input means that another process has cut the file short: an error like any
 * other, but for how we learn of it. A worker process dies of it, and then its parent reads where
 * the worker did; of several threads, the first one speaks. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    static atomic_flag spoken = ATOMIC_FLAG_INIT;
    char safe[1024];
    const char *name = dpk_source_at(info->si_addr);
    if (name == NULL || getpid() != program) {
        on_signal(number);
        return;
    }
    while (atomic_flag_test_and_set(&spoken))
        pause();
    say("dpk: cannot read '");
    say(dpk_text_safe(name, safe, sizeof safe));
    say("': it has become shorter meanwhile, or its disk fails\n");
    clean_up();
    _exit(dpk_exit_code(DPK_BAD_INPUT));
}

/* A handler of faults needs a stack of its own, as the usual one may be what has run out. */
static void set_stack(void)
{
    static unsigned char memory[64 * 1024];
    const stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory };
    stack_t before;
    if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE))
        sigaltstack(&stack, NULL);
}

/* While one of them is handled the others wait, so that the process dies of the first one. Those
 * that the caller ignores stay ignored; those that a sanitizer handles stay with it. */
static void handle_all(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK }, before;
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < DPK_SIGNALS; number++)
        if (dpk_signal_ends(number))
            sigaddset(&action.sa_mask, number);
    for (int number = 1; number < DPK_SIGNALS; number++)
        if ((dpk_signal_ends(number) || dpk_signal_is_fault(number)) &&
            sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(number, &action, NULL);
}

void dpk_signals_install(void)
{
    program = getpid();
    set_stack();
    handle_all();
    const struct sigaction bus_error = { .sa_sigaction = on_bus_error,
                                         .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaction(SIGBUS, &bus_error, NULL);
    /* Who ignores the ends of its children may have told us to: then the system would not tell how
     * ours ended. */
    signal(SIGCHLD, SIG_DFL);
    /* A file-size limit is an error to report, not a reason to die. */
    signal(SIGXFSZ, SIG_IGN);
}
