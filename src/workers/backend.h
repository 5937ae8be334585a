/* SPDX-License-Identifier: MIT */
/* backend.h: the interface of backends. A file of backends/ is one backend; its descriptor is the
 * last thing in it: `const dpk_backend dpk_backend_NAME = { … };`. A backend executes numbered
 * chunks. It knows nothing of kernels, and decides neither how many chunks there are nor what is in
 * them. */
#ifndef DPK_BACKEND_H
#define DPK_BACKEND_H

#include "base/arena.h"
#include "workers/account.h"
#include "workers/failed.h"
#include "workers/limits.h"
#include "workers/losses.h"
#include <dpk/dpk.h>

typedef enum dpk_schedule {
    DPK_DYNAMIC, /* a worker takes the next chunk when it is done with one */
    DPK_STATIC,  /* a worker gets one contiguous share of the chunks beforehand */
} dpk_schedule;

typedef struct dpk_worker dpk_worker;

/* What a worker of a stream had in hand when it died. */
typedef struct dpk_lost {
    unsigned deaths; /* workers that have died of it so far, this one included */
    bool again;      /* it has been given back, and whoever is free does it again; false: too many
                        have died of it, and the leader of the stream finds out why and ends it */
    char text[112];  /* what it was: "band 5 of 9, rows 640 to 767"; "" if it had nothing */
} dpk_lost;

/* One repetition of one pass, cut into chunks. */
typedef struct dpk_loop {
    const dpk_pass *pass;
    const void *self;
    size_t extent; /* items */
    size_t grain;  /* items per chunk; the last chunk may have fewer */
    size_t chunks;
    size_t step;
    bool stream; /* the chunks are the workers themselves, which keep their own account: chunk w
                    is what worker w does, and chunk 0 leads */
    void (*stand_in)(const void *self, dpk_worker *worker); /* stream: dpk_team_stand_in */

    /* Stream: gives back what worker number `worker`, which is dead and reaped, had in hand, and
     * wakes those who wait. Reads and writes shared memory alone, so any process may call it, while
     * the others go on. Once more than `retries` workers have died of the same thing, nobody gets
     * it again. Returns how many things it had: 0 or 1. A new worker of the same number is told the
     * same job again, or, if there can be none, whoever is idle; worker 0 only stands in when the
     * leader says so. */
    size_t (*lost)(const void *self, unsigned worker, unsigned retries, dpk_lost *what);

    /* Stream: what worker number `worker` has in hand, as a number that is another one when it has
     * it once more; 0: nothing. NULL: nobody can tell. Reads shared memory alone. */
    uint64_t (*held)(const void *self, unsigned worker);

    /* Stream: dpk_team_redo. Computes items of the stream's pass that have been lost once more. */
    void (*redo)(const void *self, dpk_span items, dpk_worker *worker);

    /* Stream, for workers that come and go: how many bands nobody has begun; and an end of it all,
     * when its leader is dead: everyone else goes home. Both as `lost`: by any process. */
    size_t (*left)(const void *self);
    void (*stop)(const void *self);

    dpk_schedule schedule;
    const uint32_t *order; /* tests: chunk i is order[i]; NULL for the natural order */
    bool poison;           /* tests: fill scratch with garbage before each chunk */
} dpk_loop;

/* What a worker owns. In arena memory, each on cache lines of its own. */
struct dpk_worker {
    _Alignas(64) void *scratch;
    size_t scratch_bytes;
    size_t chunks; /* executed so far */
    dpk_account account;

    /* What it works on, for the sentence about its death: chunk `current` - 1 of `total`; 0 for
     * nothing. */
    _Atomic size_t current;
    size_t total;
};

typedef struct dpk_backend dpk_backend;

/* Items that a team which keeps going leaves out at most. Each costs at least one worker, and those
 * that it takes to find it. */
enum { DPK_FAILED_MOST = 500 };

/* Passes whose names a timeline can hold, where workers are processes. */
enum { DPK_PASSES_NAMED = 32 };

/* Most that can be asked for: deaths of workers that an item survives, and seconds. */
enum { DPK_RETRIES_MAX = 100, DPK_TIMEOUT_MAX = 1000000 };

typedef struct dpk_team {
    const dpk_backend *backend;
    unsigned jobs; /* workers; worker 0 of threads is the caller */
    bool keep_going;
    unsigned retries;  /* deaths of workers that an item survives */
    double timeout;    /* s that a worker may be busy with the same work; 0: any */
    dpk_limits limits; /* of each worker */
    size_t max_chunks;
    dpk_arena *arena;
    void *host;           /* whose workers the team borrows; NULL: it has its own */
    const dpk_loop *job;  /* the one being executed, NULL for none; the caller's */
    dpk_worker *workers;  /* jobs of them */
    void *state;          /* the backend's own, state_size bytes, zeroed, private to this process */
    char note[160];       /* what the user should know, such as fewer workers; "" if nothing */
    char last_death[224]; /* "worker 3 (process 4711) was killed by signal 9 (SIGKILL, Killed)";
                             "" if none has died */

    dpk_losses deaths; /* of workers that were replaced */

    /* What processes, which can write to it, must not change of their workers' descriptions, for
     * when these are read at the end: copies, and the names of all passes so far. */
    dpk_worker *copies;
    const char *passes[DPK_PASSES_NAMED];

    /* Of a team that keeps going: items that are left out, with room for DPK_FAILED_MOST, where
     * workers that are processes cannot write. Stays in the arena. */
    dpk_failed_item *failed;
    size_t failed_count;
} dpk_team;

struct dpk_backend {
    const char *name;
    const char *summary;

    /* Who its workers are. A backend that is none of these is treated as none of them. */
    bool sequential; /* the calling thread alone, whatever number is asked for */
    bool threads;    /* of this process, which must not fork workers afterwards */
    bool processes;  /* of this machine: memory must be shared, a crash is contained */
    bool arena_only; /* older than the run: see the arena, and nothing else that is made for it */

    size_t state_size;

    /* Why the backend cannot be used in this build or on this machine; NULL if it can. */
    const char *(*unavailable)(void);

    /* Optional, for workers that are arena_only, and stay until the arena is closed: starts up to
     * `jobs` of them, if there are not so many yet. Otherwise open does so. Errors: DPK_LIMIT,
     * DPK_FAILED. */
    dpk_status (*hire)(dpk_arena *arena, unsigned jobs, dpk_error *err);

    /* Starts workers, or takes those that stay; may lower team->jobs and say so in team->note. If
     * it fails, close is not called, and no worker is left that the arena does not keep. */
    dpk_status (*open)(dpk_team *team, dpk_error *err);

    /* Executes dpk_chunk(team->job, i, worker) for all i < team->job->chunks, then returns. Each
     * worker enters the job before its first chunk and leaves it after its last. A team that keeps
     * going, which only those of processes can, replaces workers that die and adds items that it
     * cannot have done to team->failed. Chunk 0 of a stream is executed by the calling process.
     * Errors: DPK_WORKER_LOST, or DPK_FAILED when the system refuses a call that is needed to
     * supervise workers; then no worker is left. */
    dpk_status (*each)(dpk_team *team, dpk_error *err);

    /* dpk_team_stand_in, where worker 0 is another process than the one that leads. NULL where they
     * are the same, and for a team that keeps going it is not called. Errors: as those of each. */
    dpk_status (*stand_in)(dpk_team *team, dpk_error *err);

    /* dpk_team_redo. NULL where workers are no processes. Errors: as those of each. */
    dpk_status (*redo)(dpk_team *team, dpk_span items, bool *survived, dpk_error *err);

    /* Ends and reaps all workers but those that stay. */
    void (*close)(dpk_team *team);
};

/* For backends: executes chunk number i of the job. Or, in two steps: says which items chunk i has,
 * and executes these or a part of them. */
void dpk_chunk(const dpk_loop *job, size_t i, dpk_worker *worker);
dpk_span dpk_chunk_span(const dpk_loop *job, size_t i);
void dpk_execute(const dpk_loop *job, dpk_span span, dpk_worker *worker);

/* For backends: called by the worker itself, before and after its chunks of a job, with what enter
 * has returned. */
dpk_usage dpk_loop_enter(const dpk_loop *job, dpk_worker *worker);
void dpk_loop_leave(dpk_worker *worker, const dpk_usage *before);

/* For backends whose workers are processes: a worker that writes where it should not may have
 * changed what others read of it. Numbers may be wrong afterwards, but no pointer and no index
 * leads out of what belongs to worker w. */
void dpk_worker_restore(const dpk_team *team, unsigned w);

/* The static share of worker w among jobs: chunks [*begin, *end). */
static inline void dpk_static_share(size_t chunks, unsigned jobs, unsigned w, size_t *begin,
                                    size_t *end)
{
    size_t each = chunks / jobs, rest = chunks % jobs;
    *begin = w * each + (w < rest ? w : rest);
    *end = *begin + each + (w < rest);
}

#endif
