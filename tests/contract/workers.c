/* SPDX-License-Identifier: MIT */
/* workers: processes die, are killed, cannot be started. What remains is a sentence, and neither
 * zombies nor orphans. Nothing here depends on how fast things happen: waiting ends when what is
 * waited for has come, or after a time that only a hang exceeds. */
#include "play.h"
#include "workers/isolate.h"
#include "workers/team.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* ------------------------------------------------------------- workers that write anywhere */

static const dpk_team *scribbled;

static size_t extent(const void *self)
{
    return ((const struct work *)self)->items;
}

static void write_anywhere(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    (void)self;
    if (span.begin > 20 || span.end <= 20)
        return;
    memset(scribbled->workers, 0xA7, scribbled->jobs * sizeof *scribbled->workers);
    _exit(0);
}

/* Nothing that workers write about themselves makes the caller crash when it reads it. */
Test(workers, scribbling_workers_harm_only_themselves, .init = set_up)
{
    static const dpk_pass pass = { .name = "scribble", .extent = extent, .work = write_anywhere };
    for (int keep_going = 0; keep_going <= 1; keep_going++) {
        dpk_error err = { .text = "" };
        dpk_arena arena;
        dpk_team team;
        cr_assert(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err) == DPK_OK);
        scribbled = &team;
        struct work *work = dpk_alloc(&arena, sizeof *work, &err);
        cr_assert(work != NULL);
        *work = (struct work){ .items = 100 };
        const dpk_team_plan plan = { .backend = dpk_backend_find("fork"),
                                     .jobs = 3,
                                     .keep_going = keep_going,
                                     .retries = keep_going,
                                     .max_chunks = 100,
                                     .events = 1000 };
        cr_assert(dpk_team_open(&team, &plan, &arena, &err) == DPK_OK, "%s", err.text);
        const dpk_loop loop = {
            .pass = &pass, .self = work, .extent = 100, .grain = 1, .chunks = 100
        };
        dpk_status status = dpk_team_each(&team, &loop, &err);
        cr_expect(status == (keep_going ? DPK_OK : DPK_WORKER_LOST), "%s", err.text);
        /* Others may die of what has been written over, too. */
        cr_expect(keep_going ? team.failed_count > 0 : team.failed_count == 0);
        dpk_team_close(&team);
        for (unsigned w = 0; w < team.jobs; w++) {
            const dpk_account *account = &team.workers[w].account;
            cr_expect((unsigned)account->phase < DPK_PHASES);
            for (size_t i = 0; i < account->event_count; i++) {
                const dpk_event *event = &account->events[i];
                cr_expect((unsigned)event->phase < DPK_PHASES);
                cr_expect(event->pass == NULL || event->pass == pass.name);
            }
        }
        dpk_arena_close(&arena);
        expect_no_children();
    }
}

/* All that there is of a small run. */
enum { SHARED_BYTES = 1 << 20 };

static void first_one_writes_everywhere(const struct work *work, size_t item, bool worker)
{
    pid_t none = 0;
    (void)work;
    (void)item;
    if (worker && atomic_compare_exchange_strong(&stage->victim, &none, getpid())) {
        memset(shared_memory, (int)atomic_load(&stage->finished), SHARED_BYTES);
        _exit(0);
    }
}

/* Not even if it is all that they share, the table of who has what and the other workers' orders
 * included. What comes of it is wrong or nothing, but the caller lives and no process is left. */
Test(workers, a_worker_that_writes_everywhere_harms_no_caller, .init = set_up, .timeout = 120)
{
    static const char *const backends[] = { "fork", "pool" };
    static const unsigned char bytes[] = { 0, 1, 0xA7, 0xFF };
    happens = first_one_writes_everywhere;
    for (size_t way = 0; way < 16; way++) {
        struct play play = { .backend = backends[way & 1],
                             .jobs = 3,
                             .schedule = way & 2 ? DPK_STATIC : DPK_DYNAMIC,
                             .items = 100,
                             .repeats = 3,
                             .retries = 2 };
        dpk_error err = { .text = "" };
        memset(stage, 0, sizeof *stage);
        atomic_store(&stage->finished, bytes[way / 4]);
        dpk_status status = perform(&play, &err);
        cr_expect(status == DPK_OK || status == DPK_WORKER_LOST, "%s: %s", play.backend, err.text);
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
