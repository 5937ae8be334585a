/* SPDX-License-Identifier: MIT */
/* crew.c: forking, and poll() over the streams to all workers. */
#include "workers/crew.h"

#include "base/error.h"
#include "machine/memory_kills.h"
#include "workers/children.h"
#include "workers/exchange.h"
#include "workers/fault.h"
#include "workers/isolate.h"
#include "workers/orders.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One descriptor for each worker, and some for files. */
static void raise_descriptor_limit(unsigned workers)
{
    struct rlimit limit;
    rlim_t wanted = workers + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Nothing is expected of a worker that is not there. */
static void forget_order(const dpk_crew *crew, unsigned worker)
{
    if (crew->orders != NULL)
        dpk_orders_bury(crew->orders, worker);
}

static void set_absent(dpk_crew *crew, unsigned worker)
{
    forget_order(crew, worker);
    crew->members[worker] = (dpk_crew_member){ .socket = -1 };
    crew->polls[worker] = (struct pollfd){ .fd = -1 }; /* poll() passes over it */
}

dpk_status dpk_crew_open(dpk_crew *crew, unsigned most, dpk_crew_serve *serve, void *context,
                         dpk_error *err)
{
    *crew = (dpk_crew){ .serve = serve, .context = context };
    crew->members = calloc(most, sizeof *crew->members);
    crew->polls = calloc(most, sizeof *crew->polls);
    if (crew->members == NULL || crew->polls == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u workers", most);
    crew->most = most;
    for (unsigned worker = 0; worker < most; worker++)
        set_absent(crew, worker);
    crew->memory_kills = dpk_memory_kills("");
    raise_descriptor_limit(most);
    dpk_fault_open();
    return DPK_OK;
}

dpk_status dpk_crew_share(dpk_crew *crew, dpk_error *err)
{
    crew->orders = dpk_orders_new(crew->most);
    return crew->orders != NULL
               ? DPK_OK
               : dpk_fail(err, DPK_LIMIT, "no memory to share with workers: %s", strerror(errno));
}

bool dpk_crew_start(dpk_crew *crew, unsigned worker)
{
    int socket;
    if (crew->orders != NULL)
        dpk_orders_begin(crew->orders, worker);
    pid_t pid = dpk_child_start(&socket, false);
    if (pid == 0) {
        dpk_memory_kill_me_first();
        crew->serve(crew->context, worker, socket);
        _exit(0);
    }
    if (pid < 0) {
        forget_order(crew, worker);
        return false;
    }
    crew->members[worker] = (dpk_crew_member){ .pid = pid, .socket = socket, .busy = true };
    crew->polls[worker] = (struct pollfd){ .fd = socket, .events = POLLIN };
    if (crew->reach <= worker)
        crew->reach = crew->looked_at = worker + 1;
    return true;
}

unsigned dpk_crew_start_missing(dpk_crew *crew, unsigned count)
{
    unsigned worker = 0;
    while (worker < count && (dpk_crew_is_there(crew, worker) || dpk_crew_start(crew, worker)))
        worker++;
    return worker;
}

dpk_status dpk_crew_tell(dpk_crew *crew, unsigned worker, const void *message, size_t bytes,
                         dpk_error *err)
{
    crew->members[worker].busy = true;
    if (crew->orders != NULL) {
        dpk_orders_tell(crew->orders, worker, message, bytes);
        return DPK_OK;
    }
    if (dpk_send_all(crew->members[worker].socket, message, bytes) || errno == EPIPE ||
        errno == ECONNRESET)
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED, "cannot send to worker %u: %s", worker, strerror(errno));
}

/* The stream has ended because the process ends. The signal is for one that has only closed its
 * descriptors; to a process that ends already it makes no difference. */
static void bury(dpk_crew *crew, unsigned worker, dpk_crew_news *news)
{
    const dpk_crew_member *member = &crew->members[worker];
    *news = (dpk_crew_news){ .worker = worker, .ended = true, .pid = member->pid };
    dpk_child_hang_up(member->pid, member->socket);
    kill(member->pid, SIGKILL);
    news->end = dpk_child_reap(member->pid);
    set_absent(crew, worker);
}

enum heard { NOTHING, NEWS, REFUSED };

static enum heard has_answered(dpk_crew *crew, unsigned worker, dpk_crew_news *news)
{
    dpk_crew_member *member = &crew->members[worker];
    member->busy = false;
    *news = (dpk_crew_news){ .worker = worker, .pid = member->pid };
    return NEWS;
}

static bool is_done(const dpk_crew *crew, unsigned worker)
{
    return crew->members[worker].busy && dpk_orders_answered(crew->orders, worker);
}

/* Where orders are in shared memory, a byte only says that it is worth looking there. */
static enum heard receive(dpk_crew *crew, unsigned worker, dpk_crew_news *news)
{
    char byte;
    ssize_t got = recv(crew->members[worker].socket, &byte, 1, MSG_DONTWAIT);
    if (got == 1)
        return crew->orders == NULL ? has_answered(crew, worker, news) : NOTHING;
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return NOTHING;
    if (got < 0 && errno != ECONNRESET)
        return REFUSED;
    if (crew->orders != NULL && is_done(crew, worker))
        return has_answered(crew, worker, news); /* its end is heard afterwards */
    bury(crew, worker, news);
    return NEWS;
}

/* A worker that has answered in shared memory, in turn; or crew->reach. */
static unsigned find_answer(dpk_crew *crew)
{
    for (unsigned i = 0; i < crew->reach; i++) {
        unsigned worker = (crew->answered + i) % crew->reach;
        if (is_done(crew, worker)) {
            crew->answered = worker + 1;
            return worker;
        }
    }
    return crew->reach;
}

/* Goes on where the last call has stopped, so that all workers are heard alike. */
static enum heard look(dpk_crew *crew, dpk_crew_news *news)
{
    while (crew->looked_at < crew->reach) {
        unsigned worker = crew->looked_at++;
        enum heard heard = crew->polls[worker].revents != 0 ? receive(crew, worker, news) : NOTHING;
        if (heard != NOTHING)
            return heard;
    }
    unsigned answered = crew->orders != NULL ? find_answer(crew) : crew->reach;
    return answered < crew->reach ? has_answered(crew, answered, news) : NOTHING;
}

static bool any_is_done(const dpk_crew *crew)
{
    for (unsigned worker = 0; worker < crew->reach && crew->orders != NULL; worker++)
        if (is_done(crew, worker))
            return true;
    return false;
}

/* Like poll(), which is only called when no worker answers soon. */
static int wait_for_news(dpk_crew *crew, int limit)
{
    if (crew->orders == NULL)
        return poll(crew->polls, crew->reach, limit);
    if (limit != 0)
        dpk_orders_look(crew->orders, crew->reach, crew->together);
    dpk_orders_sleep(crew->orders, crew->together);
    int ready = any_is_done(crew) ? 1 : poll(crew->polls, crew->reach, limit);
    dpk_orders_wake(crew->orders);
    return ready;
}

dpk_status dpk_crew_hear_within(dpk_crew *crew, int limit, dpk_crew_news *news, dpk_error *err)
{
    for (unsigned vain = 0; vain < DPK_PATIENCE; vain++) {
        enum heard heard = look(crew, news);
        if (heard == NEWS)
            return DPK_OK;
        if (heard == REFUSED)
            return dpk_fail(err, DPK_FAILED, "cannot receive from worker %u: %s",
                            crew->looked_at - 1, strerror(errno));
        int ready = wait_for_news(crew, limit);
        if (ready >= 0)
            crew->looked_at = 0;
        else if (errno != EINTR)
            break;
        if (limit >= 0 && ready <= 0 && !any_is_done(crew)) {
            *news = (dpk_crew_news){ .worker = DPK_CREW_NOBODY };
            return DPK_OK;
        }
    }
    return dpk_fail(err, DPK_FAILED, "cannot wait for workers: %s", strerror(errno));
}

dpk_status dpk_crew_hear(dpk_crew *crew, dpk_crew_news *news, dpk_error *err)
{
    return dpk_crew_hear_within(crew, -1, news, err);
}

void dpk_crew_kill(const dpk_crew *crew, unsigned worker)
{
    if (dpk_crew_is_there(crew, worker))
        kill(crew->members[worker].pid, SIGKILL);
}

bool dpk_crew_is_there(const dpk_crew *crew, unsigned worker)
{
    return crew->members[worker].socket >= 0;
}

bool dpk_crew_is_busy(const dpk_crew *crew, unsigned worker)
{
    return crew->members[worker].busy;
}

bool dpk_crew_any_busy(const dpk_crew *crew)
{
    for (unsigned worker = 0; worker < crew->reach; worker++)
        if (crew->members[worker].busy)
            return true;
    return false;
}

bool dpk_crew_any_there(const dpk_crew *crew, unsigned count)
{
    for (unsigned worker = 0; worker < count; worker++)
        if (dpk_crew_is_there(crew, worker))
            return true;
    return false;
}

bool dpk_crew_ran_out_of_memory(const dpk_crew *crew)
{
    return dpk_memory_kills("") > crew->memory_kills;
}

const char *dpk_crew_end_text(const dpk_crew *crew, int end, char *text, size_t size)
{
    dpk_wait_status_text(end, text, size);
    size_t length = strlen(text);
    if (end != DPK_END_UNKNOWN && WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL &&
        dpk_crew_ran_out_of_memory(crew))
        snprintf(text + length, size - length,
                 " (as it seems by the kernel, which has run out of memory)");
    return text;
}

void dpk_crew_end(dpk_crew *crew, bool kill_them)
{
    for (unsigned worker = 0; worker < crew->reach; worker++) {
        if (!dpk_crew_is_there(crew, worker))
            continue;
        if (kill_them)
            kill(crew->members[worker].pid, SIGKILL);
        else if (crew->orders != NULL)
            dpk_orders_dismiss(crew->orders, worker);
        /* Closing alone does not end the stream if another child of this process, which somebody
         * else has forked meanwhile, holds a copy. */
        shutdown(crew->members[worker].socket, SHUT_RDWR);
        dpk_child_hang_up(crew->members[worker].pid, crew->members[worker].socket);
    }
    for (unsigned worker = 0; worker < crew->reach; worker++) {
        if (!dpk_crew_is_there(crew, worker))
            continue;
        dpk_child_reap_told(crew->members[worker].pid);
        set_absent(crew, worker);
    }
}

/* The other direction stays open, and its end tells that a worker is gone. */
void dpk_crew_end_within(dpk_crew *crew, int limit)
{
    dpk_crew_news news = { .worker = 0 };
    for (unsigned worker = 0; worker < crew->reach; worker++) {
        if (!dpk_crew_is_there(crew, worker))
            continue;
        if (crew->orders != NULL)
            dpk_orders_dismiss(crew->orders, worker);
        shutdown(crew->members[worker].socket, SHUT_WR);
    }
    while (dpk_crew_any_there(crew, crew->reach) && news.worker != DPK_CREW_NOBODY)
        if (dpk_crew_hear_within(crew, limit, &news, NULL) != DPK_OK)
            break;
    dpk_crew_end(crew, true);
}

/* More ms than any worker takes that has nothing to do; but not one that is stopped. */
enum { GRACE = 10000 };

void dpk_crew_close(dpk_crew *crew)
{
    if (crew->members != NULL && crew->polls != NULL)
        dpk_crew_end_within(crew, GRACE);
    free(crew->members);
    free(crew->polls);
    dpk_orders_free(crew->orders, crew->most);
    *crew = (dpk_crew){ .most = 0 };
}

bool dpk_crew_answer(int socket)
{
    return dpk_send_all(socket, "", 1);
}
