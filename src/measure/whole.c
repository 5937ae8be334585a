/* SPDX-License-Identifier: MIT */
/* whole.c: a command, spawned and waited for. */
#include "measure/whole.h"

#include "base/digest.h"
#include "base/error.h"
#include "engine/trace.h"
#include "files/source.h"
#include "measure/host.h"
#include "measure/message.h"
#include "measure/quota.h"
#include "measure/timeline.h"
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
#ifdef __linux__
#    include <signal.h>
#    include <sys/prctl.h>
#endif

extern char **environ;

/* Memory of a command that runs for milliseconds is looked at this often. */
enum { LOOK_EVERY_NS = 1000000 };

struct record {
    uint64_t begin, end;
    dpk_ledger ledger;
    dpk_throttling throttling;
    size_t marks, lost;
    char note[160];
};

/* ------------------------------------------------------------------------------ in the command */

static dpk_throttling quiet; /* when the command began */

static dpk_throttling throttling(void)
{
    return dpk_machine_cpus().quota > 0 ? dpk_machine_throttling("") : (dpk_throttling){ 0, 0 };
}

dpk_status dpk_record_begin(dpk_error *err)
{
    if (getenv(DPK_RECORD_VARIABLE) == NULL)
        return DPK_OK;
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    dpk_status status = dpk_quota_enter(err);
    quiet = throttling();
    return status;
}

size_t dpk_record_events(void)
{
    return getenv(DPK_RECORD_TIMELINE_VARIABLE) != NULL ? DPK_TRACE_EVENTS : 0;
}

void dpk_record_tell(const dpk_run *run, uint64_t begin, uint64_t end)
{
    const char *number = getenv(DPK_RECORD_VARIABLE);
    if (number == NULL)
        return;
    int descriptor = atoi(number);
    dpk_timeline timeline = { 0 };
    dpk_error err;
    if (dpk_record_events() > 0 && dpk_timeline_take(&timeline, run, &err) != DPK_OK)
        return;
    struct record record = { .begin = begin,
                             .end = end,
                             .ledger = dpk_run_ledger(run),
                             .throttling = dpk_throttling_since(&quiet, throttling()),
                             .marks = timeline.count,
                             .lost = timeline.lost };
    memcpy(record.note, run->team.note, sizeof record.note);
    if (dpk_send_all(descriptor, &record, sizeof record))
        dpk_send_all(descriptor, timeline.marks, timeline.count * sizeof *timeline.marks);
    free(timeline.marks);
}

/* ---------------------------------------------------------------------------------- outside it */

struct command {
    pid_t pid;
    int socket; /* its record comes here */
    uint64_t begin, end;
    struct rusage used;
    size_t peak;
};

/* The environment with two more variables. */
static char **extended_environment(char *record, char *timeline)
{
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **extended = calloc(count + 3, sizeof *extended);
    if (extended == NULL)
        return NULL;
    extended[0] = record;
    extended[1] = timeline;
    memcpy(extended + (timeline != NULL ? 2 : 1), environ, count * sizeof *extended);
    return extended;
}

static int spawn(struct command *command, const char *const *words, int socket, bool timeline)
{
    char record[] = DPK_RECORD_VARIABLE "=3", wish[] = DPK_RECORD_TIMELINE_VARIABLE "=1";
    char **environment = extended_environment(record, timeline ? wish : NULL);
    if (environment == NULL)
        return ENOMEM;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, DPK_HOST_SOCKET);
    command->begin = dpk_now();
    int error = posix_spawn(&command->pid, dpk_program_path(), &actions, NULL,
                            (char *const *)(uintptr_t)words, environment);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    return error;
}

static dpk_status start(struct command *command, const char *const *words, bool timeline,
                        dpk_error *err)
{
    int pair[2];
    *command = (struct command){ .socket = -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return dpk_fail(err, DPK_FAILED, "cannot talk to another process: %s", strerror(errno));
    int error = spawn(command, words, pair[1], timeline);
    close(pair[1]);
    if (error != 0) {
        close(pair[0]);
        return dpk_fail(err, DPK_FAILED, "cannot start a command: %s", strerror(error));
    }
    dpk_children_add(command->pid);
    command->socket = pair[0];
    return DPK_OK;
}

/* Until it is gone. watched: looks at its memory, which disturbs it. */
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

static dpk_status read_record(const struct command *command, struct record *record, dpk_error *err)
{
    if (dpk_receive_all(command->socket, record, sizeof *record))
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED, "the command that was measured did not tell its ledger");
}

dpk_status dpk_whole_sample(const char *const *words, dpk_sample *sample, dpk_error *err)
{
    struct command command;
    struct record record;
    dpk_status status = start(&command, words, false, err);
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

/* The memory and the timeline are of two executions: a timeline needs memory, looking takes time.
 */
static dpk_status take_timeline(const char *const *words, dpk_variant *variant, dpk_error *err)
{
    struct command command;
    struct record record;
    dpk_status status = start(&command, words, true, err);
    if (status != DPK_OK)
        return status;
    status = read_record(&command, &record, err);
    dpk_mark *marks = NULL;
    if (status == DPK_OK) {
        marks = calloc(record.marks + 1, sizeof *marks);
        if (marks == NULL || !dpk_receive_all(command.socket, marks, record.marks * sizeof *marks))
            status = dpk_fail(err, DPK_FAILED, "the timeline of a command got lost");
    }
    close(command.socket); /* it must not wait for someone to read the rest */
    dpk_status ended = finish(&command, false, status == DPK_OK ? err : &(dpk_error){ 0 });
    free(variant->timeline.marks);
    variant->timeline = (dpk_timeline){ .marks = marks };
    if (status != DPK_OK)
        return status;
    variant->timeline.count = record.marks;
    variant->timeline.lost = record.lost;
    memcpy(variant->note, record.note, sizeof variant->note);
    return ended;
}

dpk_status dpk_whole_check(const char *const *words, const char *output, dpk_variant *variant,
                           dpk_error *err)
{
    struct command command;
    dpk_status status = start(&command, words, false, err);
    if (status != DPK_OK)
        return status;
    status = finish(&command, true, err);
    close(command.socket);
    variant->peak = command.peak;
    if (status == DPK_OK)
        status = digest_file(output, &variant->digest, err);
    return status == DPK_OK ? take_timeline(words, variant, err) : status;
}
