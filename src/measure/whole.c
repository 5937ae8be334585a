/* SPDX-License-Identifier: MIT */
/* whole.c: spawns a command, waits for it and reads its record. */
#include "measure/whole.h"

#include "base/digest.h"
#include "base/error.h"
#include "files/source.h"
#include "measure/host.h"
#include "measure/protocol.h"
#include "measure/record.h"
#include "observe/peak.h"
#include "workers/children.h"
#include "workers/isolate.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* How often the memory of a command is read, which may run only for milliseconds. */
enum { LOOK_EVERY_NS = 1000000 };

struct command {
    pid_t pid;
    int socket; /* its record comes here */
    uint64_t begin, end;
    struct rusage used;
    size_t peak;
};

static int spawn(struct command *command, const char *const *words, int socket)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, DPK_HOST_SOCKET);
    command->begin = dpk_now();
    int error = posix_spawn(&command->pid, dpk_program_path(), &actions, NULL,
                            (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The request is in the socket before the command starts, so the command never waits for it. */
static dpk_status start(struct command *command, const char *const *words, dpk_request request,
                        dpk_error *err)
{
    int pair[2];
    *command = (struct command){ .socket = -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return dpk_fail(err, DPK_FAILED, "cannot talk to another process: %s", strerror(errno));
    bool asked = dpk_send_all(pair[0], &request, sizeof request);
    int error = asked ? spawn(command, words, pair[1]) : errno;
    close(pair[1]);
    if (error != 0) {
        close(pair[0]);
        return dpk_fail(err, DPK_FAILED, "cannot start a command: %s", strerror(error));
    }
    dpk_children_add(command->pid);
    command->socket = pair[0];
    return DPK_OK;
}

/* Waits until the command is gone. watched: samples its memory meanwhile, which disturbs it. */
static dpk_status finish(struct command *command, bool watched, dpk_error *err)
{
    const struct timespec pause = { .tv_nsec = LOOK_EVERY_NS };
    int status = 0;
    pid_t ended;
    do {
        size_t bytes = watched ? dpk_memory_of_tree(command->pid) : 0;
        command->peak = bytes > command->peak ? bytes : command->peak;
        if (watched)
            nanosleep(&pause, NULL);
        ended = wait4(command->pid, &status, watched ? WNOHANG : 0, &command->used);
    } while (ended == 0 || (ended < 0 && errno == EINTR));
    command->end = dpk_now();
    dpk_children_remove(command->pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return DPK_OK;
    dpk_status meant =
        WIFEXITED(status) ? dpk_status_of_exit_code(WEXITSTATUS(status)) : DPK_WORKER_LOST;
    char text[96];
    return dpk_fail(err, meant, "the command that was measured %s",
                    dpk_wait_status_text(status, text, sizeof text));
}

static dpk_status read_record(const struct command *command, dpk_record *record, dpk_error *err)
{
    if (dpk_receive_all(command->socket, record, sizeof *record))
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED, "the command that was measured did not tell its ledger");
}

dpk_status dpk_whole_sample(const char *const *words, dpk_sample *sample, dpk_error *err)
{
    struct command command;
    dpk_record record;
    dpk_status status = start(&command, words, DPK_REQUEST_SAMPLE, err);
    if (status != DPK_OK)
        return status;
    status = finish(&command, false, err);
    if (status == DPK_OK)
        status = read_record(&command, &record, err);
    close(command.socket);
    if (status != DPK_OK)
        return status;
    *sample = (dpk_sample){ .wall = command.end - command.begin,
                            .ledger = record.ledger,
                            .used = dpk_usage_of_rusage(&command.used),
                            .throttling = record.throttling };
    unsigned workers = record.ledger.workers;
    sample->ledger.ns[DPK_START] += workers * (record.begin - command.begin);
    sample->ledger.ns[DPK_STOP] += workers * (command.end - record.end);
    return DPK_OK;
}

static dpk_status digest_file(const char *path, uint64_t *digest, dpk_error *err)
{
    dpk_source source;
    dpk_status status = dpk_source_open(&source, path, err);
    if (status != DPK_OK)
        return status;
    *digest = dpk_digest(source.data, source.size, 0);
    dpk_source_close(&source);
    return DPK_OK;
}

/* Memory and timeline come from two executions: a timeline needs memory, and sampling takes time.
 */
static dpk_status take_timeline(const char *const *words, dpk_variant *variant, dpk_error *err)
{
    struct command command;
    dpk_record record;
    dpk_status status = start(&command, words, DPK_REQUEST_CHECK, err);
    if (status != DPK_OK)
        return status;
    status = read_record(&command, &record, err);
    dpk_mark *marks = NULL;
    if (status == DPK_OK) {
        marks = calloc(record.marks + 1, sizeof *marks);
        if (marks == NULL || !dpk_receive_all(command.socket, marks, record.marks * sizeof *marks))
            status = dpk_fail(err, DPK_FAILED, "the timeline of a command got lost");
    }
    close(command.socket); /* otherwise it might wait for somebody to read the rest */
    dpk_status ended = finish(&command, false, err);
    free(variant->timeline.marks);
    variant->timeline = (dpk_timeline){ .marks = marks };
    if (ended != DPK_OK || status != DPK_OK)
        return ended != DPK_OK ? ended : status; /* how the command ended explains more */
    variant->timeline.count = record.marks;
    variant->timeline.lost = record.lost;
    memcpy(variant->note, record.note, sizeof variant->note);
    return DPK_OK;
}

dpk_status dpk_whole_check(const char *const *words, const char *output, dpk_variant *variant,
                           dpk_error *err)
{
    struct command command;
    dpk_status status = start(&command, words, DPK_REQUEST_SAMPLE, err);
    if (status != DPK_OK)
        return status;
    status = finish(&command, true, err);
    close(command.socket);
    variant->peak = command.peak;
    if (status == DPK_OK)
        status = digest_file(output, &variant->digest, err);
    return status == DPK_OK ? take_timeline(words, variant, err) : status;
}
