/* SPDX-License-Identifier: MIT */
/* fork: processes over shared memory, made for one run and ended with it.
 *
 * Each worker hangs on one socket pair. A byte to the worker says "the job is posted", a byte
 * back says "I found no more chunks", and the end of the stream says that the other side is gone:
 * so a dead worker, like a dead parent, is noticed at once and without a clock. Which chunk a
 * worker has is written in a table of atomic cells. No one ever holds a lock, so a worker may be
 * killed at any instruction and everyone else still knows where things stand. */
#include "backends/fork_team.h"
#include "machine/place.h"
#include "workers/children.h"
#include "workers/fault.h"
#include "workers/isolate.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

/* The claim table's cell of a chunk: FREE, 1 + the worker that has it, or DONE. */
#define FREE 0u
#define DONE UINT32_MAX

struct dpk_fork_board {
    _Atomic unsigned jobs; /* workers there are in the end */
    _Atomic size_t next;   /* no chunk before this one is free */
    _Atomic uint32_t cells[];
};

/* Workers that were told of the job claim chunks by compare and swap. A worker that dies between
 * claiming and moving `next` on leaves no gap: whoever comes next moves it on. */
static bool claim(struct dpk_fork_board *board, size_t i, uint32_t owner)
{
    uint32_t expected = FREE;
    return atomic_compare_exchange_strong(&board->cells[i], &expected, owner);
}

static bool claim_next(struct dpk_fork_board *board, size_t chunks, uint32_t owner, size_t *i)
{
    *i = atomic_load(&board->next);
    while (*i < chunks) {
        bool mine = claim(board, *i, owner);
        size_t expected = *i;
        bool moved = atomic_compare_exchange_strong(&board->next, &expected, *i + 1);
        if (mine)
            return true;
        *i = moved ? *i + 1 : expected;
    }
    return false;
}

/* Executes chunks until none is left, or until go_on, asked after each, says no. */
static void take_chunks(dpk_team *team, unsigned w, bool (*go_on)(dpk_team *))
{
    struct dpk_fork_board *board = ((struct dpk_fork_state *)team->state)->board;
    const dpk_loop *job = team->job;
    size_t begin = 0, end = 0, i;
    bool fixed = job->schedule == DPK_STATIC;
    if (fixed)
        dpk_static_share(job->chunks, atomic_load(&board->jobs), w, &begin, &end);
    for (;;) {
        bool mine = fixed ? begin < end && claim(board, i = begin++, w + 1)
                          : claim_next(board, job->chunks, w + 1, &i);
        if (!mine)
            return;
        dpk_chunk(job, i, &team->workers[w]);
        atomic_store(&board->cells[i], DONE);
        if (go_on != NULL && !go_on(team))
            return;
    }
}

static void drain(dpk_team *team, unsigned w, bool (*go_on)(dpk_team *))
{
    dpk_loop_enter(team->job, &team->workers[w]);
    take_chunks(team, w, go_on);
    dpk_loop_leave(&team->workers[w]);
}

/* ------------------------------------------------------------------------------ in the worker */

static _Noreturn void end_worker(unsigned w)
{
    dpk_fault_stop(w);
    _exit(0);
}

static void do_span(dpk_team *team, unsigned w)
{
    const struct dpk_fork_state *state = team->state;
    dpk_loop_enter(team->job, &team->workers[w]);
    dpk_execute(team->job, state->spans[w], &team->workers[w]);
    dpk_loop_leave(&team->workers[w]);
}

static _Noreturn void serve(dpk_team *team, unsigned w, int socket)
{
    char byte;
    for (;;) {
        ssize_t got = read(socket, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1)
            end_worker(w); /* the team is closed, or the parent is gone */
        if (team->keep_going)
            do_span(team, w);
        else
            drain(team, w, NULL);
        if (send(socket, &byte, 1, MSG_NOSIGNAL) != 1)
            end_worker(w);
    }
}

/* A worker does not outlive its parent, and leaves signals from the terminal to it. */
static void become_worker(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(0);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
}

/* ------------------------------------------------------------------------------ in the parent */

int dpk_fork_bury(dpk_team *team, unsigned w)
{
    struct dpk_fork_state *state = team->state;
    struct dpk_fork_child *child = &state->children[w];
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    dpk_children_remove(child->pid);
    close(child->socket);
    child->socket = -1;
    child->busy = false;
    state->polls[w].fd = -1; /* which poll() passes over */
    return status;
}

/* The sentence about a worker that is lost: who ("process 123"), how (its wait status), and over
 * what. */
static dpk_status tell_loss(const dpk_team *team, unsigned w, const char *who, int end,
                            dpk_error *err)
{
    const dpk_loop *job = team->job;
    size_t current = atomic_load(&team->workers[w].current), total = team->workers[w].total;
    char how[96];
    dpk_wait_status_text(end, how, sizeof how);
    if (current == 0)
        return dpk_fail(err, DPK_WORKER_LOST, "worker %u (%s) %s %s", w, who, how,
                        job->stream ? "while it decoded, encoded or waited" : "between two chunks");
    if (job->stream)
        return dpk_fail(err, DPK_WORKER_LOST,
                        "worker %u (%s) %s while it worked on band %zu of %zu", w, who, how,
                        current - 1, total);
    size_t first = (current - 1) * job->grain, rest = job->extent - first;
    return dpk_fail(err, DPK_WORKER_LOST,
                    "worker %u (%s) %s while it worked on chunk %zu of %zu of pass '%s', items %zu "
                    "to %zu",
                    w, who, how, current - 1, total, job->pass->name, first,
                    first + (rest < job->grain ? rest : job->grain) - 1);
}

static dpk_status report_loss(dpk_team *team, unsigned w, dpk_error *err)
{
    const struct dpk_fork_state *state = team->state;
    char who[32];
    snprintf(who, sizeof who, "process %ld", (long)state->children[w].pid);
    return tell_loss(team, w, who, dpk_fork_bury(team, w), err);
}

enum dpk_fork_news dpk_fork_hear(dpk_team *team, unsigned w)
{
    struct dpk_fork_state *state = team->state;
    char byte;
    ssize_t got = recv(state->children[w].socket, &byte, 1, MSG_DONTWAIT);
    if (got == 1)
        state->children[w].busy = false;
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return DPK_FORK_NOTHING;
    return got == 1 ? DPK_FORK_READY : DPK_FORK_GONE;
}

/* Hears what workers say, and that they end; waits for it for timeout milliseconds, -1: as long
 * as it takes. */
static dpk_status listen_to_workers(dpk_team *team, int timeout, dpk_error *err)
{
    struct dpk_fork_state *state = team->state;
    int events = poll(state->polls, team->jobs, timeout);
    for (unsigned w = 0; w < team->jobs && events > 0; w++)
        if (state->polls[w].revents != 0 && dpk_fork_hear(team, w) == DPK_FORK_GONE)
            return report_loss(team, w, err);
    return DPK_OK;
}

static bool any_busy(const dpk_team *team)
{
    const struct dpk_fork_state *state = team->state;
    for (unsigned w = 0; w < team->jobs; w++)
        if (state->children[w].busy)
            return true;
    return false;
}

/* Between two of the parent's own chunks: false when someone died, so that the parent looks. */
static bool nobody_died(dpk_team *team)
{
    struct dpk_fork_state *state = team->state;
    if (team->jobs == 1 || poll(state->polls, team->jobs, 0) <= 0)
        return true;
    for (unsigned w = 0; w < team->jobs; w++)
        if (state->polls[w].revents & (POLLHUP | POLLERR))
            return false;
    return true;
}

void dpk_fork_end(dpk_team *team, bool kill_them)
{
    struct dpk_fork_state *state = team->state;
    for (unsigned w = 0; w < team->jobs; w++) {
        struct dpk_fork_child *child = &state->children[w];
        if (child->socket < 0)
            continue;
        if (kill_them)
            kill(child->pid, SIGKILL);
        close(child->socket);
    }
    for (unsigned w = 0; w < team->jobs; w++) {
        struct dpk_fork_child *child = &state->children[w];
        if (child->socket < 0)
            continue;
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        dpk_children_remove(child->pid);
        child->socket = -1;
    }
}

static dpk_status post_job(dpk_team *team, dpk_error *err)
{
    struct dpk_fork_state *state = team->state;
    atomic_store(&state->board->next, 0);
    for (size_t i = 0; i < team->job->chunks; i++)
        atomic_store_explicit(&state->board->cells[i], FREE, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (unsigned w = 1; w < team->jobs; w++) {
        state->children[w].busy = true;
        if (send(state->children[w].socket, "", 1, MSG_NOSIGNAL) != 1)
            return report_loss(team, w, err);
    }
    return DPK_OK;
}

/* Until all are ready for the next job. Afterwards, if one was lost, none is left. */
static dpk_status wait_for_workers(dpk_team *team, dpk_error *err)
{
    dpk_status status = DPK_OK;
    while (status == DPK_OK && any_busy(team))
        status = listen_to_workers(team, -1, err);
    if (status != DPK_OK)
        dpk_fork_end(team, true);
    return status;
}

/* Worker 0 is this process. */
static void do_own_part(dpk_team *team)
{
    drain(team, 0, nobody_died);
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    if (team->keep_going)
        return dpk_fork_supervise(team, err);
    dpk_status status = post_job(team, err);
    if (status != DPK_OK) {
        dpk_fork_end(team, true);
        return status;
    }
    int fault = dpk_fork_at_own_risk(do_own_part, team);
    if (fault == 0)
        return wait_for_workers(team, err);
    dpk_fork_end(team, true);
    /* The wait status of whoever ends by a signal is its number. */
    return tell_loss(team, 0, "this process", fault, err);
}

static dpk_status check(dpk_team *team, dpk_error *err)
{
    return team->jobs > 1 && !team->keep_going ? listen_to_workers(team, 0, err) : DPK_OK;
}

/* One descriptor for each worker, and a few for files: raise the soft limit if need be. */
static void raise_descriptor_limit(unsigned jobs)
{
    struct rlimit limit;
    rlim_t wanted = jobs + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The child keeps none of its siblings' sockets: a stream ends only when all who hold it are gone.
 */
bool dpk_fork_start(dpk_team *team, unsigned w, bool anew)
{
    struct dpk_fork_state *state = team->state;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;

    /* A signal that arrives before the child is a worker must not run the parent's handler. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t parent = getpid();
    int here = dpk_place_here();
    pid_t pid = fork();
    if (pid == 0) {
        become_worker(parent);
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(pair[0]);
        for (unsigned other = 0; other < team->jobs; other++)
            if (state->children[other].socket >= 0)
                close(state->children[other].socket);
        if (anew)
            setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
        dpk_fault_start(w);
        dpk_place_worker(w, here);
        if (!anew && dpk_arena_populate(team->arena, w, team->jobs, NULL) != DPK_OK)
            _exit(1);
        if (send(pair[1], "", 1, MSG_NOSIGNAL) != 1)
            _exit(1);
        serve(team, w, pair[1]);
    }
    if (pid > 0)
        dpk_children_add(pid);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return false;
    }
    state->children[w] = (struct dpk_fork_child){ .pid = pid, .socket = pair[0], .busy = true };
    state->polls[w] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
    return true;
}

static void close_team(dpk_team *team)
{
    struct dpk_fork_state *state = team->state;
    if (state->watched)
        dpk_fork_unwatch();
    if (state->children != NULL && state->polls != NULL)
        dpk_fork_end(team, false);
    free(state->children);
    free(state->polls);
}

/* A table of workers that are not there. */
static dpk_status make_children(dpk_team *team, dpk_error *err)
{
    struct dpk_fork_state *state = team->state;
    size_t cells = team->max_chunks * sizeof state->board->cells[0];
    state->board = dpk_alloc(team->arena, sizeof *state->board + cells, err);
    if (state->board == NULL)
        return DPK_LIMIT;
    if (team->keep_going) {
        state->spans = dpk_alloc(team->arena, team->jobs * sizeof *state->spans, err);
        if (state->spans == NULL)
            return DPK_LIMIT;
    }
    state->children = calloc(team->jobs, sizeof *state->children);
    state->polls = calloc(team->jobs, sizeof *state->polls);
    if (state->children == NULL || state->polls == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", team->jobs);
    for (unsigned w = 0; w < team->jobs; w++)
        state->children[w].socket = state->polls[w].fd = -1;
    return DPK_OK;
}

/* Worker 0 is this process, which a team that keeps going does not risk. */
static dpk_status start_all(dpk_team *team, dpk_error *err)
{
    struct dpk_fork_state *state = team->state;
    unsigned wanted = team->jobs, w = team->keep_going ? 0 : 1;
    raise_descriptor_limit(wanted);
    while (w < wanted && dpk_fork_start(team, w, false))
        w++;
    if (w == 0)
        return dpk_fail(err, DPK_LIMIT, "no process can be started: %s", strerror(errno));
    team->jobs = w;
    atomic_store(&state->board->jobs, w);
    if (team->jobs < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u processes can be started: %s",
                 team->jobs, wanted, strerror(errno));
    if (team->keep_going)
        return DPK_OK; /* that they are there is heard when there is work */
    dpk_fork_watch();
    state->watched = true;
    dpk_status status = dpk_arena_populate(team->arena, 0, wanted, err);
    return status == DPK_OK ? wait_for_workers(team, err) : status;
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    dpk_status status = make_children(team, err);
    if (status == DPK_OK)
        status = start_all(team, err);
    if (status != DPK_OK)
        close_team(team);
    return status;
}

const dpk_backend dpk_backend_fork = {
    .name = "fork",
    .summary = "forked processes over shared memory",
    .processes = true,
    .state_size = sizeof(struct dpk_fork_state),
    .open = open,
    .each = each,
    .check = check,
    .close = close_team,
};
