/* SPDX-License-Identifier: MIT */
/* play.h: a kernel whose workers do what a test wants to happen to them, and a run of it. */
#ifndef DPK_TEST_PLAY_H
#define DPK_TEST_PLAY_H

#include "engine/registry.h"
#include "engine/run.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <sys/types.h>

enum { SECONDS_MOST = 60, WORKERS_MOST = 8 };

/* What workers and callers tell each other. */
struct stage {
    _Atomic pid_t victim; /* the first worker that got an item */
    _Atomic size_t item;  /* which one */
    _Atomic size_t finished;
    _Atomic size_t count; /* of pids */
    _Atomic pid_t pids[WORKERS_MOST];
};

struct work {
    dpk_array out;
    size_t items, repeats;
    pid_t caller;
};

/* Of the test: inherited by the workers. */
extern struct stage *stage;
extern void (*happens)(const struct work *work, size_t item, bool worker);

struct play {
    const char *backend;
    unsigned jobs;
    dpk_schedule schedule;
    size_t items, repeats, grain;
    bool keep_going;
    unsigned retries;
    double timeout; /* s */

    /* Results. */
    unsigned workers;
    char note[160];
    size_t deaths;       /* of workers that were replaced, */
    char death[384];     /* and what is said of the last one */
    bool right;          /* the output is what it should be, where nothing is left out */
    size_t failed[8];    /* the first items that are left out, */
    size_t failed_count; /* and how many there are */
};

/* Where what the last play shares with its workers begins. */
extern unsigned char *shared_memory;

/* Runs a struct play in an arena of its own. */
dpk_status perform(void *play, dpk_error *err);

/* Before each test. */
void set_up(void);

void pause_briefly(void);

/* Waits until it is no longer zero. */
void await(const _Atomic size_t *value);

void expect_no_children(void);
size_t open_descriptors(void);

/* Things that happen: the first worker that gets an item ends, in several ways. */
void worker_is_killed(const struct work *work, size_t item, bool worker);
void worker_aborts(const struct work *work, size_t item, bool worker);
void worker_exits(const struct work *work, size_t item, bool worker);
void worker_exits_quietly(const struct work *work, size_t item, bool worker);

#endif
