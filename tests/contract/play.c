/* SPDX-License-Identifier: MIT */
/* play.c: what happens is told over shared memory of the test's own. */
#include "play.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------------------- a kernel to die in */

struct stage *stage;
void (*happens)(const struct work *work, size_t item, bool worker);
unsigned char *shared_memory;

void pause_briefly(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    nanosleep(&pause, NULL);
}

void await(const _Atomic size_t *value)
{
    for (int i = 0; i < SECONDS_MOST * 1000 && atomic_load(value) == 0; i++)
        pause_briefly();
}

static void execute(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct work *work = self;
    for (size_t item = span.begin; item < span.end; item++) {
        if (happens != NULL)
            happens(work, item, getpid() != work->caller);
        ((uint8_t *)work->out.data)[item] = (uint8_t)(item + span.step);
    }
}

static size_t items(const void *self)
{
    return ((const struct work *)self)->items;
}

static size_t repeats(const void *self)
{
    return ((const struct work *)self)->repeats;
}

static dpk_status shape(void *self, dpk_error *err)
{
    (void)err;
    struct work *work = self;
    dpk_array_shape(&work->out, DPK_U8, 1, (const size_t[DPK_MAX_RANK]){ work->items });
    work->caller = getpid();
    return DPK_OK;
}

static const dpk_port ports[] = { DPK_OUT(struct work, out), DPK_END };
static const dpk_pass passes[] = {
    { .name = "act", .extent = items, .grain = dpk_once, .work = execute, .repeat = repeats },
    DPK_END,
};
static const dpk_kernel kernel = { .abi = DPK_ABI,
                                   .descriptor = sizeof(dpk_kernel),
                                   .name = "play",
                                   .size = sizeof(struct work),
                                   .ports = ports,
                                   .shape = shape,
                                   .passes = passes };

static void look_at_output(struct play *play, const dpk_run *run)
{
    const struct work *work = run->self;
    const uint8_t *out = work->out.data;
    size_t failed = 0;
    play->right = true;
    play->failed_count = run->team.failed_count;
    for (size_t i = 0; i < play->items; i++) {
        if (failed < play->failed_count && run->team.failed[failed].item == i) {
            play->failed[failed % 8] = i;
            failed++;
        } else {
            play->right &= out[i] == (uint8_t)(i + work->repeats - 1);
        }
    }
}

static dpk_status act(struct play *play, dpk_arena *arena, dpk_error *err)
{
    const dpk_run_options options = { .backend = dpk_backend_find(play->backend),
                                      .jobs = play->jobs,
                                      .schedule = play->schedule,
                                      .grain = play->grain,
                                      .keep_going = play->keep_going,
                                      .retries = play->retries,
                                      .timeout = play->timeout };
    dpk_run *run;
    dpk_status status = dpk_run_begin(&run, &kernel, &options, arena, err);
    if (status != DPK_OK)
        return status;
    struct work *work = run->self;
    work->items = play->items;
    work->repeats = play->repeats != 0 ? play->repeats : 1;
    status = dpk_run_shape(run, err);
    if (status == DPK_OK)
        status = dpk_run_prepare(run, err);
    if (status == DPK_OK)
        status = dpk_run_execute(run, err);
    play->workers = run->team.jobs;
    snprintf(play->note, sizeof play->note, "%s", run->team.note);
    snprintf(play->death, sizeof play->death, "%s", run->team.deaths.last);
    play->deaths = run->team.deaths.count;
    if (status == DPK_OK)
        look_at_output(play, run);
    return status;
}

dpk_status perform(void *context, dpk_error *err)
{
    struct play *play = context;
    dpk_arena arena;
    dpk_status status = dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, err);
    if (status != DPK_OK)
        return status;
    shared_memory = arena.work.base;
    status = act(play, &arena, err);
    dpk_arena_close(&arena);
    return status;
}

/* ------------------------------------------------------------------------------------- helpers */

void set_up(void)
{
    stage = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(stage != MAP_FAILED);
    happens = NULL;
}

void expect_no_children(void)
{
    errno = 0;
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child process is left");
}

size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    cr_assert(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* The first worker to get an item does what `end` does. */
static void first_worker_ends(size_t item, bool worker, void (*end)(void))
{
    pid_t none = 0;
    if (!worker || !atomic_compare_exchange_strong(&stage->victim, &none, getpid()))
        return;
    atomic_store(&stage->item, item + 1);
    end();
}

static void killed(void)
{
    raise(SIGKILL);
}

static void ended(void)
{
    _exit(3);
}

static void ended_quietly(void)
{
    _exit(0);
}

void worker_is_killed(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, killed);
}

void worker_aborts(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, abort);
}

void worker_exits(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, ended);
}

void worker_exits_quietly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, ended_quietly);
}
