/* SPDX-License-Identifier: MIT */
/* workers: processes die, are killed, cannot be started. What remains is a sentence, and neither
 * zombies nor orphans. Nothing here depends on how fast things happen: waiting ends when what is
 * waited for has come, or after a time that only a hang exceeds. */
#include "engine/registry.h"
#include "engine/run.h"
#include "workers/isolate.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_MOST = 60, WORKERS_MOST = 8 };

/* ---------------------------------------------------------------------- a kernel to die in */

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
static struct stage *stage;
static void (*happens)(const struct work *work, size_t item, bool worker);

static void pause_briefly(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    nanosleep(&pause, NULL);
}

/* Waits until it is no longer zero. */
static void await(const _Atomic size_t *value)
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

struct play {
    const char *backend;
    unsigned jobs;
    dpk_schedule schedule;
    size_t items, repeats, grain;
    bool keep_going;

    /* Results. */
    unsigned workers;
    char note[160];
    bool right;          /* the output is what it should be, where nothing is left out */
    size_t lost[8];      /* the first items that are left out, */
    size_t failed_count; /* and how many there are */
};

static void look_at_output(struct play *play, const dpk_run *run)
{
    const struct work *work = run->self;
    const uint8_t *out = work->out.data;
    size_t lost = 0;
    play->right = true;
    play->failed_count = run->team.failed_count;
    for (size_t i = 0; i < play->items; i++) {
        if (lost < play->failed_count && run->team.failed[lost].item == i) {
            play->lost[lost % 8] = i;
            lost++;
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
                                      .keep_going = play->keep_going };
    dpk_run run;
    dpk_status status = dpk_run_begin(&run, &kernel, &options, arena, err);
    if (status != DPK_OK)
        return status;
    struct work *work = run.self;
    work->items = play->items;
    work->repeats = play->repeats != 0 ? play->repeats : 1;
    status = dpk_run_shape(&run, err);
    if (status == DPK_OK)
        status = dpk_run_prepare(&run, err);
    if (status == DPK_OK)
        status = dpk_run_execute(&run, err);
    play->workers = run.team.jobs;
    snprintf(play->note, sizeof play->note, "%s", run.team.note);
    if (status == DPK_OK)
        look_at_output(play, &run);
    return status;
}

static dpk_status perform(void *context, dpk_error *err)
{
    struct play *play = context;
    dpk_arena arena;
    dpk_status status = dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, err);
    if (status != DPK_OK)
        return status;
    status = act(play, &arena, err);
    dpk_arena_close(&arena);
    return status;
}

/* ------------------------------------------------------------------------------------- helpers */

static void set_up(void)
{
    stage = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(stage != MAP_FAILED);
    happens = NULL;
}

static void expect_no_children(void)
{
    errno = 0;
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child process is left");
}

static size_t open_descriptors(void)
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

static void worker_is_killed(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, killed);
}

static void worker_aborts(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, abort);
}

static void worker_exits(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, ended);
}

static void worker_exits_quietly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    first_worker_ends(item, worker, ended_quietly);
}

/* A run in which one worker ends too soon is lost, and the sentence says who, how, over what. */
static void expect_loss(dpk_schedule schedule, unsigned jobs, const char *how)
{
    struct play play = { .backend = "fork", .jobs = jobs, .schedule = schedule, .items = 40 };
    dpk_error err = { .text = "" };
    memset(stage, 0, sizeof *stage);
    size_t descriptors = open_descriptors();
    cr_expect(perform(&play, &err) == DPK_WORKER_LOST, "%s", err.text);
    char who[40], what[40];
    snprintf(who, sizeof who, "(process %ld) ", (long)atomic_load(&stage->victim));
    snprintf(what, sizeof what, "chunk %zu of 40 of pass 'act'", atomic_load(&stage->item) - 1);
    cr_expect(strstr(err.text, who) && strstr(err.text, how) && strstr(err.text, what),
              "'%s', '%s', '%s' are not in: %s", who, how, what, err.text);
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

/* --------------------------------------------------------------------------------------- tests */

Test(workers, killed_worker_is_reported, .init = set_up)
{
    happens = worker_is_killed;
    for (unsigned jobs = 2; jobs <= 7; jobs++) {
        expect_loss(DPK_DYNAMIC, jobs, "was killed by signal 9 (SIGKILL");
        expect_loss(DPK_STATIC, jobs, "was killed by signal 9 (SIGKILL");
    }
}

Test(workers, every_end_is_told, .init = set_up)
{
    happens = worker_aborts;
    expect_loss(DPK_DYNAMIC, 3, "was killed by signal 6 (SIGABRT");
    happens = worker_exits;
    expect_loss(DPK_DYNAMIC, 3, "ended with exit code 3");
    happens = worker_exits_quietly;
    expect_loss(DPK_STATIC, 3, "ended with exit code 0");
}

/* Waits until a process sleeps in a system call. */
static void await_sleep(pid_t pid)
{
    char path[40], state = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    for (int i = 0; i < SECONDS_MOST * 1000 && state != 'S'; i++) {
        FILE *file = fopen(path, "r");
        cr_assert(file != NULL);
        cr_assert(fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
        fclose(file);
        pause_briefly();
    }
}

/* Worker 1 is through with its share of the first round, and worker 0, which is not, kills it. */
static void one_kills_an_idle_one(const struct work *work, size_t item, bool worker)
{
    (void)work;
    if (worker && item == 1) {
        atomic_store(&stage->victim, getpid());
        atomic_store(&stage->finished, 1);
    } else if (worker) {
        await(&stage->finished);
        await_sleep(atomic_load(&stage->victim));
        kill(atomic_load(&stage->victim), SIGKILL);
        for (;;)
            pause(); /* until the caller, which notices at once, ends this one, too */
    }
}

Test(workers, death_is_noticed_while_others_work, .init = set_up)
{
    happens = one_kills_an_idle_one;
    struct play play = { .backend = "fork", .jobs = 2, .schedule = DPK_STATIC, .items = 2 };
    dpk_error err = { .text = "" };
    cr_expect(perform(&play, &err) == DPK_WORKER_LOST, "%s", err.text);
    char who[40];
    snprintf(who, sizeof who, "(process %ld) ", (long)atomic_load(&stage->victim));
    cr_expect(strstr(err.text, who) && strstr(err.text, "SIGKILL") &&
                  strstr(err.text, "between two chunks"),
              "%s", err.text);
    expect_no_children();
}

/* Workers report and then stay for ever. */
static void nobody_ends(const struct work *work, size_t item, bool worker)
{
    (void)work;
    (void)item;
    if (worker)
        atomic_store(&stage->pids[atomic_fetch_add(&stage->count, 1)], getpid());
    for (;;)
        pause();
}

Test(workers, orphans_end, .init = set_up)
{
    /* Workers whose parent is gone become children of this process, which sees them end. */
    cr_assert(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    happens = nobody_ends;
    struct play play = { .backend = "fork", .jobs = 4, .schedule = DPK_STATIC, .items = 4 };
    pid_t caller = fork();
    if (caller == 0)
        _exit(perform(&play, NULL) == DPK_OK ? 0 : 1);
    for (int i = 0; i < SECONDS_MOST * 1000 && atomic_load(&stage->count) < 4; i++)
        pause_briefly();
    cr_assert(atomic_load(&stage->count) == 4);
    kill(caller, SIGKILL);
    cr_assert(waitpid(caller, NULL, 0) == caller);

    size_t ended_ones = 0;
    for (int i = 0; i < SECONDS_MOST * 1000 && ended_ones < 4; i++) {
        if (waitpid(-1, NULL, WNOHANG) > 0)
            ended_ones++;
        else
            pause_briefly();
    }
    for (size_t i = 0; i < 4 && ended_ones < 4; i++)
        kill(atomic_load(&stage->pids[i]), SIGKILL);
    cr_expect(ended_ones == 4, "%zu of 4 workers outlive their parent", 4 - ended_ones);
    expect_no_children();
}

Test(workers, more_jobs_than_chunks, .init = set_up)
{
    struct play play = { .backend = "fork", .jobs = 7, .items = 2, .repeats = 3 };
    dpk_error err = { .text = "" };
    cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
    cr_expect(play.right && play.workers == 2 && play.note[0] == '\0');
    play.items = 0;
    cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
    expect_no_children();
}

Test(workers, many_jobs, .init = set_up)
{
    size_t descriptors = open_descriptors();
    struct play play = { .backend = "fork", .jobs = 200, .items = 1000, .repeats = 3 };
    for (unsigned schedule = DPK_DYNAMIC; schedule <= DPK_STATIC; schedule++) {
        dpk_error err = { .text = "" };
        play.schedule = (dpk_schedule)schedule;
        cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
        cr_expect(play.right && play.workers == 200, "%u workers, %s", play.workers, play.note);
    }
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

/* ---------------------------------------------------------------------------------- keep going */

/* A worker that dies by chance costs nothing, whatever its end. */
static void expect_no_loss(void (*what_happens)(const struct work *, size_t, bool), unsigned jobs)
{
    struct play play = {
        .backend = "fork", .jobs = jobs, .items = 200, .grain = 7, .keep_going = true
    };
    dpk_error err = { .text = "" };
    memset(stage, 0, sizeof *stage);
    happens = what_happens;
    size_t descriptors = open_descriptors();
    cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
    cr_expect(play.right && play.failed_count == 0, "%zu items are left out", play.failed_count);
    cr_expect(strncmp(play.note, "1 worker process died", 21) == 0, "%s", play.note);
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

Test(workers, those_who_keep_going_survive_chance, .init = set_up)
{
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        expect_no_loss(worker_is_killed, jobs);
        expect_no_loss(worker_aborts, jobs);
        expect_no_loss(worker_exits_quietly, jobs);
    }
}

static void some_items_are_deadly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    if (worker && (item == 0 || item == 33 || item == 34 || item == 99))
        raise(SIGKILL);
}

Test(workers, deadly_items_are_left_out, .init = set_up)
{
    happens = some_items_are_deadly;
    for (size_t grain = 1; grain <= 100; grain += 33) {
        struct play play = { .backend = "fork",
                             .jobs = 3,
                             .items = 100,
                             .repeats = 2,
                             .grain = grain,
                             .keep_going = true };
        dpk_error err = { .text = "" };
        cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
        cr_expect(play.right && play.failed_count == 4, "%zu items", play.failed_count);
        cr_expect(play.lost[0] == 0 && play.lost[1] == 33 && play.lost[2] == 34 &&
                  play.lost[3] == 99);
    }
    expect_no_children();
}

static void every_item_is_deadly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    (void)item;
    if (worker)
        raise(SIGKILL);
}

Test(workers, too_many_deaths_are_too_many, .init = set_up)
{
    happens = every_item_is_deadly;
    for (unsigned jobs = 3; jobs <= 1000; jobs += 997) {
        struct play play = {
            .backend = "fork", .jobs = jobs, .items = 20000, .grain = 4, .keep_going = true
        };
        dpk_error err = { .text = "" };
        cr_expect(perform(&play, &err) == DPK_WORKER_LOST);
        cr_expect(strstr(err.text, "SIGKILL") && strstr(err.text, "given up"), "%s", err.text);
        expect_no_children();
    }
}

/* --------------------------------------------------------------- not as many as were asked for */

/* A user of no other process, so that this one's are all that count. */
enum { NOBODY_ELSE = 54321 };

static dpk_status perform_with_few_processes(void *context, dpk_error *err)
{
    const struct rlimit limit = { .rlim_cur = 3, .rlim_max = 3 };
    if (setrlimit(RLIMIT_NPROC, &limit) != 0 || (getuid() == 0 && setuid(NOBODY_ELSE) != 0))
        return dpk_fail(err, DPK_USAGE, "cannot limit processes: %s", strerror(errno));
    return perform(context, err);
}

static dpk_status perform_with_few_descriptors(void *context, dpk_error *err)
{
    const struct rlimit limit = { .rlim_cur = 32, .rlim_max = 32 };
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return dpk_fail(err, DPK_USAGE, "cannot limit descriptors: %s", strerror(errno));
    return perform(context, err);
}

Test(workers, too_few_processes_are_noted, .init = set_up)
{
    struct play play = { .backend = "fork", .jobs = 7, .schedule = DPK_STATIC, .items = 100 };
    dpk_error err = { .text = "" };
    dpk_status status = dpk_isolate(perform_with_few_processes, &play, &play, sizeof play, &err);
    if (status == DPK_USAGE || (status == DPK_OK && play.workers == 7))
        cr_skip_test("processes cannot be limited here: %s", err.text);
    cr_expect(status == DPK_OK && play.right, "%s", err.text);
    cr_expect(play.workers < 7 && strstr(play.note, "of 7 processes") != NULL, "%s", play.note);
}

Test(workers, too_few_descriptors_are_noted, .init = set_up)
{
    struct play play = { .backend = "fork", .jobs = 100, .items = 1000 };
    dpk_error err = { .text = "" };
    dpk_status status = dpk_isolate(perform_with_few_descriptors, &play, &play, sizeof play, &err);
    cr_expect(status == DPK_OK && play.right, "%s", err.text);
    cr_expect(play.workers < 32 && strstr(play.note, "of 100 processes") != NULL, "%s", play.note);
}

Test(workers, no_processes_after_threads, .init = set_up)
{
    const dpk_backend *threads = dpk_backend_find("omp");
    if (threads->unavailable() != NULL)
        cr_skip_test("%s", threads->unavailable());
    struct play play = { .backend = "omp", .jobs = 3, .items = 100 };
    dpk_error err = { .text = "" };
    cr_expect(perform(&play, &err) == DPK_OK && play.right, "%s", err.text);
    play.backend = "fork";
    cr_expect(perform(&play, &err) == DPK_FAILED);
    cr_expect(strstr(err.text, "already used threads") != NULL, "%s", err.text);
    expect_no_children();
}
