/* SPDX-License-Identifier: MIT */
/* crew.h: processes that work for this one, each at the other end of a socket pair. A crew starts,
 * tells, hears, replaces and ends them. What they are told, and what happens to the work of one
 * that dies, is the caller's business.
 *
 * The caller sends a message, and the worker answers with one byte when it has done what the
 * message says. The end of the stream says that the other process is gone. So a worker that dies is
 * noticed at once, as is a parent that dies, and without a clock. */
#ifndef DPK_CREW_H
#define DPK_CREW_H

#include <dpk/dpk.h>

#include <sys/types.h>

/* What a worker does, in its own process: it answers once when it is ready, then receives messages
 * and answers each, until a call fails. When it returns, the process ends. */
typedef void dpk_crew_serve(void *context, unsigned worker, int socket);

typedef struct dpk_crew_member {
    pid_t pid;
    int socket; /* -1: no such worker now */
    bool busy;  /* just started, or told something, and has not answered yet */
} dpk_crew_member;

struct pollfd;

typedef struct dpk_crew {
    unsigned most;            /* members there can be */
    dpk_crew_member *members; /* by the worker's number */
    dpk_crew_serve *serve;
    void *context;
    struct pollfd *polls;  /* by the worker's number */
    unsigned reach;        /* 1 + the highest number of a worker so far: poll() takes no more
                              than there may be descriptors */
    unsigned looked_at;    /* members whose part of the last poll() has been looked at */
    uint64_t memory_kills; /* by the kernel, before the crew was opened */

    struct dpk_orders *orders; /* dpk_crew_share; NULL: messages and answers go over the streams */
    unsigned answered;         /* where looking for answers goes on */
    bool together;             /* nobody wakes the caller who is not the last to answer */
} dpk_crew;

/* Makes room for `most` workers and starts none. Must be closed, even if it fails. Errors:
 * DPK_LIMIT. */
dpk_status dpk_crew_open(dpk_crew *crew, unsigned most, dpk_crew_serve *serve, void *context,
                         dpk_error *err);

/* Before any worker is started: messages, of DPK_ORDER_BYTES at most, and answers go over shared
 * memory (workers/orders.h), where workers await them with dpk_orders_next. Errors: DPK_LIMIT. */
dpk_status dpk_crew_share(dpk_crew *crew, dpk_error *err);

/* Starts worker number `worker`, of which there is none now. It inherits the memory and descriptors
 * of this process as they are now, without the streams to other workers, and is busy until it
 * answers for the first time. Returns false with errno set if that is not possible. */
bool dpk_crew_start(dpk_crew *crew, unsigned worker);

/* Sends a message to a worker, which is busy then. One that has just died makes no error: it is
 * heard to have ended. Errors: DPK_FAILED, when the system refuses to send. */
dpk_status dpk_crew_tell(dpk_crew *crew, unsigned worker, const void *message, size_t bytes,
                         dpk_error *err);

typedef struct dpk_crew_news {
    unsigned worker;
    bool ended; /* it is gone, and reaped; else it has answered, and is not busy any more */
    pid_t pid;
    int end; /* its wait status, or DPK_END_UNKNOWN; only if it ended */
} dpk_crew_news;

/* Waits until a worker has answered or ended. At least one must be there. Errors: DPK_FAILED, when
 * the system refuses to wait or to receive. */
dpk_status dpk_crew_hear(dpk_crew *crew, dpk_crew_news *news, dpk_error *err);

/* The same for so many milliseconds at most: if nothing has come until then, news->worker is
 * DPK_CREW_NOBODY. */
dpk_status dpk_crew_hear_within(dpk_crew *crew, int limit, dpk_crew_news *news, dpk_error *err);

enum { DPK_CREW_NOBODY = INT32_MAX };

/* Ends a worker by SIGKILL, which ends it even while it is stopped. That it has ended is heard. */
void dpk_crew_kill(const dpk_crew *crew, unsigned worker);

/* Starts those of the first `count` workers that are not there, in order. Returns how many are
 * there now without a gap; if not all, errno says why. */
unsigned dpk_crew_start_missing(dpk_crew *crew, unsigned count);

bool dpk_crew_is_there(const dpk_crew *crew, unsigned worker);
bool dpk_crew_is_busy(const dpk_crew *crew, unsigned worker);
bool dpk_crew_any_busy(const dpk_crew *crew);

/* Whether any of the first `count` workers is there. */
bool dpk_crew_any_there(const dpk_crew *crew, unsigned count);

/* Whether the kernel has killed processes for lack of memory since the crew was opened. */
bool dpk_crew_ran_out_of_memory(const dpk_crew *crew);

/* Describes how a worker ended: "was killed by signal 9 (SIGKILL, Killed)", and whether the kernel
 * has killed processes for lack of memory since the crew was opened. */
const char *dpk_crew_end_text(const dpk_crew *crew, int end, char *text, size_t size);

/* Ends and reaps all workers: by SIGKILL, or by closing their streams, so that each first finishes
 * what it is doing. Those that are stopped are killed. */
void dpk_crew_end(dpk_crew *crew, bool kill_them);

/* Ends and reaps all workers by closing their streams; by SIGKILL, if none of those that are left
 * ends for so many milliseconds. */
void dpk_crew_end_within(dpk_crew *crew, int limit);

/* Ends all workers, which have nothing to do, by closing their streams, and frees what open has
 * allocated. */
void dpk_crew_close(dpk_crew *crew);

/* In a worker: answers. Returns false when the parent is gone. */
bool dpk_crew_answer(int socket);

#endif
