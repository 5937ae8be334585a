/* SPDX-License-Identifier: MIT */
/* isolate.c: a child process, a stream for its answer, and its end told in words; and children that
 * owe no answer. */
#include "workers/isolate.h"

#include "base/signal.h"

#include "workers/children.h"
#include "workers/exchange.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

struct answer {
    dpk_status status;
    dpk_error err;
};

const char *dpk_wait_status_text(int status, char *text, size_t size)
{
    char name[32];
    if (WIFSIGNALED(status))
        snprintf(text, size, "was killed by signal %d (%s, %s)", WTERMSIG(status),
                 dpk_signal_name(WTERMSIG(status), name, sizeof name), strsignal(WTERMSIG(status)));
    else
        snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
    return text;
}

dpk_status dpk_isolate(dpk_status (*function)(void *context, dpk_error *err), void *context,
                       void *result, size_t bytes, dpk_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return dpk_fail(err, DPK_FAILED, "cannot talk to another process: %s", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        close(ends[0]);
        struct answer answer = { .status = DPK_OK };
        answer.status = function(context, &answer.err);
        fflush(NULL);
        bool sent = dpk_send_all(ends[1], &answer, sizeof answer) &&
                    dpk_send_all(ends[1], result, result != NULL ? bytes : 0);
        _exit(sent ? 0 : 1);
    }
    if (pid > 0)
        dpk_children_add(pid);
    close(ends[1]);
    struct answer answer;
    bool answered = pid > 0 && dpk_receive_all(ends[0], &answer, sizeof answer) &&
                    dpk_receive_all(ends[0], result, result != NULL ? bytes : 0);
    int why = errno;
    close(ends[0]);
    if (pid < 0)
        return dpk_fail(err, DPK_FAILED, "cannot start a process: %s", strerror(why));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    dpk_children_remove(pid);
    char end[96];
    if (!answered || status != 0)
        return dpk_fail(err, DPK_FAILED, "the process %s",
                        dpk_wait_status_text(status, end, sizeof end));
    if (err != NULL)
        *err = answer.err;
    return answer.status;
}

/* In the child: whose handlers of signals, meant for the parent, must not run here. */
static void become_companion(pid_t parent, bool survives)
{
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            signal(number, SIG_DFL);
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, survives ? SIG_IGN : SIG_DFL);
    if (survives) {
        setsid(); /* out of reach of who kills the parent's whole group */
        return;
    }
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(0);
}

pid_t dpk_accompany(void (*function)(const void *context), const void *context, bool survives)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t parent = getpid();
    fflush(NULL); /* or the child has what is not written yet, too */
    pid_t pid = fork();
    if (pid == 0) {
        become_companion(parent, survives);
        sigprocmask(SIG_SETMASK, &before, NULL);
        function(context);
        _exit(0);
    }
    int why = errno;
    if (pid > 0 && !survives)
        dpk_children_add(pid);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return pid;
}
