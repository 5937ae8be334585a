/* SPDX-License-Identifier: MIT */
/* host.c: starts a host process, sends it requests and reaps it. */
#include "measure/host.h"

#include "measure/protocol.h"
#include "workers/children.h"
#include "workers/isolate.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *dpk_program_path(void)
{
    return "/proc/self/exe";
}

/* The child expects its end of the socket and the inputs at fixed descriptors. Each of the two may
 * occupy the other's place here, so the inputs are first moved to a descriptor above both. */
static int spawn(pid_t *pid, const char *const *words, int socket, int inputs)
{
    int away = (socket > DPK_HOST_INPUTS ? socket : DPK_HOST_INPUTS) + 1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, inputs, away);
    posix_spawn_file_actions_adddup2(&actions, socket, DPK_HOST_SOCKET);
    posix_spawn_file_actions_adddup2(&actions, away, DPK_HOST_INPUTS);
    posix_spawn_file_actions_addclose(&actions, away);
    int error = posix_spawn(pid, dpk_program_path(), &actions, NULL,
                            (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Reaps a host that has closed its socket, and says how it ended. */
static dpk_status report_loss(dpk_host *host, dpk_error *err)
{
    int status = 0;
    while (waitpid(host->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    dpk_children_remove(host->pid);
    close(host->socket);
    *host = (dpk_host){ 0 };
    char end[96];
    return dpk_fail(err, DPK_WORKER_LOST, "the whole program %s",
                    dpk_wait_status_text(status, end, sizeof end));
}

static dpk_status receive(dpk_host *host, dpk_reply *reply, dpk_error *err)
{
    if (!dpk_receive_all(host->socket, reply, sizeof *reply))
        return report_loss(host, err);
    if (reply->status != DPK_OK)
        *err = reply->err;
    return reply->status;
}

dpk_status dpk_host_start(dpk_host *host, const char *const *words, int inputs, dpk_error *err)
{
    int pair[2];
    *host = (dpk_host){ 0 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return dpk_fail(err, DPK_FAILED, "cannot talk to another process: %s", strerror(errno));
    int error = spawn(&host->pid, words, pair[1], inputs);
    close(pair[1]);
    if (error != 0) {
        close(pair[0]);
        *host = (dpk_host){ 0 };
        return dpk_fail(err, DPK_FAILED, "cannot start a process to measure in: %s",
                        strerror(error));
    }
    dpk_children_add(host->pid);
    host->socket = pair[0];
    dpk_reply reply;
    dpk_status status = receive(host, &reply, err);
    if (status != DPK_OK)
        dpk_host_stop(host);
    return status;
}

static dpk_status ask(dpk_host *host, dpk_request request, dpk_reply *reply, dpk_error *err)
{
    if (!dpk_send_all(host->socket, &request, sizeof request))
        return report_loss(host, err);
    return receive(host, reply, err);
}

dpk_status dpk_host_check(dpk_host *host, dpk_variant *variant, dpk_error *err)
{
    dpk_reply reply;
    dpk_status status = ask(host, DPK_REQUEST_CHECK, &reply, err);
    if (status != DPK_OK)
        return status;
    dpk_mark *marks = calloc(reply.marks + 1, sizeof *marks);
    if (marks == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a timeline");
    free(variant->timeline.marks);
    variant->timeline =
        (dpk_timeline){ .marks = marks, .count = reply.marks, .lost = reply.marks_lost };
    variant->digest = reply.digest;
    variant->peak = reply.peak;
    memcpy(variant->note, reply.note, sizeof variant->note);
    if (!dpk_receive_all(host->socket, marks, reply.marks * sizeof *marks))
        return report_loss(host, err);
    return DPK_OK;
}

dpk_status dpk_host_sample(dpk_host *host, bool warm, dpk_sample *sample, dpk_error *err)
{
    dpk_reply reply;
    dpk_status status = ask(host, warm ? DPK_REQUEST_WARM : DPK_REQUEST_SAMPLE, &reply, err);
    if (status == DPK_OK)
        *sample = reply.sample;
    return status;
}

dpk_status dpk_host_keep_going(dpk_host *host, dpk_variant *variant, dpk_error *err)
{
    dpk_reply reply;
    dpk_status status = ask(host, DPK_REQUEST_KEEP_GOING, &reply, err);
    if (status == DPK_OK)
        variant->failure = reply.failure;
    return status;
}

void dpk_host_stop(dpk_host *host)
{
    if (host->pid == 0)
        return;
    close(host->socket);
    while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    dpk_children_remove(host->pid);
    *host = (dpk_host){ 0 };
}
