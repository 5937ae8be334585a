/* SPDX-License-Identifier: MIT */
/* isolate.c: a child process, a stream for its answer, and its end told in words; and children that
 * owe no answer. */
#include "workers/isolate.h"

#include "base/signal.h"
#include "workers/children.h"
#include "workers/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
    dpk_status status;
    dpk_error err;
};

const char *dpk_wait_status_text(int status, char *text, size_t size)
{
    char name[32];
    if (status == DPK_END_UNKNOWN)
        snprintf(text, size, "ended, and the system does not tell how");
    else if (WIFSIGNALED(status))
        snprintf(text, size, "was killed by signal %d (%s, %s)", WTERMSIG(status),
                 dpk_signal_name(WTERMSIG(status), name, sizeof name), strsignal(WTERMSIG(status)));
    else
        snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
    return text;
}

dpk_status dpk_isolate(dpk_status (*function)(void *context, dpk_error *err), void *context,
                       void *result, size_t bytes, dpk_error *err)
{
    int channel;
    fflush(NULL); /* or both processes write what is buffered */
    pid_t pid = dpk_child_start(&channel, false);
    if (pid < 0)
        return dpk_fail(err, DPK_FAILED, "cannot start a process: %s", strerror(errno));
    struct answer answer = { .status = DPK_OK };
    if (pid == 0) {
        answer.status = function(context, &answer.err);
        fflush(NULL);
        bool sent = dpk_send_all(channel, &answer, sizeof answer) &&
                    dpk_send_all(channel, result, result != NULL ? bytes : 0);
        _exit(sent ? 0 : 1);
    }
    bool answered = dpk_receive_all(channel, &answer, sizeof answer) &&
                    dpk_receive_all(channel, result, result != NULL ? bytes : 0);
    dpk_child_hang_up(pid, channel);
    int status = dpk_child_reap(pid);
    char end[96];
    if (!answered || (status != 0 && status != DPK_END_UNKNOWN))
        return dpk_fail(err, DPK_FAILED, "the process %s",
                        dpk_wait_status_text(status, end, sizeof end));
    if (err != NULL)
        *err = answer.err;
    return answer.status;
}

pid_t dpk_start_beside(void (*function)(const void *context), const void *context, bool survives)
{
    fflush(NULL); /* or both processes write what is buffered */
    pid_t pid = dpk_child_start(NULL, survives);
    if (pid == 0) {
        function(context);
        _exit(0);
    }
    return pid;
}
