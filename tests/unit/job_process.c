/* SPDX-License-Identifier: MIT */
/* job_process: jobs in a program that has handlers and threads of its own, and many of them, at the
 * same time and one after the other. */
#include "jobs.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

TestSuite(job_process, .init = enter_directory, .fini = remove_directory);

/* -------------------------------------------------------------------- the caller's own process */

static volatile sig_atomic_t *handled; /* shared with the workers */
static sigjmp_buf recovery;

static void recover(int number)
{
    (void)number;
    (*handled)++;
    siglongjmp(recovery, 1);
}

/* A program may recover from faults of its own. That must not lead a worker back into the program,
 * which would then go on twice. */
Test(job_process, handlers_of_the_program_are_its_own)
{
#ifdef DPK_SANITIZED
    cr_skip_test("sanitizers handle faults in workers, too");
#endif
    open_library();
    const pid_t program = getpid();
    handled =
        mmap(NULL, sizeof *handled, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(handled, MAP_FAILED);
    const struct sigaction action = { .sa_handler = recover };
    struct sigaction before[SIGSYS + 1], after;
    cr_assert_eq(sigaction(SIGSEGV, &action, NULL), 0);
    for (int number = 1; number <= SIGSYS; number++)
        cr_assert_eq(sigaction(number, NULL, &before[number]), 0);
    if (sigsetjmp(recovery, 1) == 0) {
        dpk_job *job = open_job("crash", "item=5 backend=fork jobs=2");
        cr_expect_eq(dpk_job_run(job, &err), DPK_WORKER_LOST, "%s", err.text);
        dpk_job_close(job);
    }
    if (getpid() != program)
        _exit(1);
    cr_expect_eq(*handled, 0);
    for (int number = 1; number <= SIGSYS; number++) {
        cr_assert_eq(sigaction(number, NULL, &after), 0);
        cr_expect_eq(after.sa_handler, before[number].sa_handler, "signal %d", number);
    }
    dpk_library_close(library);
}

/* What a process cannot do is a sentence, and ends neither the process nor the next job. */
Test(job_process, processes_after_threads_are_refused)
{
    open_library();
    unsigned char samples[COUNT];
    dpk_array in = picture(samples, 1);
    static const struct {
        const char *settings;
        dpk_status status;
    } jobs[] = { { "backend=fork jobs=2", DPK_OK },     { "backend=pool jobs=2", DPK_OK },
                 { "backend=omp jobs=2", DPK_OK },      { "backend=fork jobs=2", DPK_FAILED },
                 { "backend=pool jobs=2", DPK_FAILED }, { "backend=omp jobs=2", DPK_OK } };
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        dpk_job *job = open_job("invert", jobs[i].settings);
        cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK);
        err.text[0] = '\0';
        cr_expect_eq(dpk_job_run(job, &err), jobs[i].status, "%zu: %s", i, err.text);
        if (jobs[i].status != DPK_OK)
            cr_expect(strstr(err.text, "already used threads") != NULL, "%s", err.text);
        cr_expect_eq(dpk_job_output(job, 0) != NULL, jobs[i].status == DPK_OK);
        dpk_job_close(job);
    }
    dpk_library_close(library);
}

Test(job_process, items_that_kill_workers_are_told)
{
    open_library();
    dpk_job *job = open_job("crash", "item=5 backend=fork jobs=2 keep-going=yes");
    expect_refused(dpk_job_run(job, &err), DPK_WORKER_LOST, "item 5");
    const char *pass = NULL;
    size_t item = 0;
    cr_assert(dpk_job_skipped(job, 0, &pass, &item));
    cr_expect_eq(item, 5u);
    cr_expect_not_null(pass);
    cr_expect_not(dpk_job_skipped(job, 1, &pass, &item));
    cr_expect_not_null(dpk_job_output(job, 0));
    dpk_job_close(job);
    dpk_library_close(library);
}

/* ------------------------------------------------------------------------------- many of them */

struct usage {
    int descriptors, mappings;
};

static struct usage usage_now(void)
{
    struct usage usage = { .descriptors = count_entries("/proc/self/fd") };
    FILE *maps = fopen("/proc/self/maps", "r");
    cr_assert_not_null(maps);
    for (int letter; (letter = fgetc(maps)) != EOF;)
        usage.mappings += letter == '\n';
    fclose(maps);
    return usage;
}

/* One picture from file to file, checked; and one that is refused on the way. */
static bool run_files(unsigned seed, const char *settings)
{
    unsigned char samples[COUNT];
    char in[32], out[32];
    dpk_error error;
    dpk_job *job, *refused;
    picture(samples, seed);
    snprintf(in, sizeof in, "in-%u.pgm", seed);
    snprintf(out, sizeof out, "out-%u.pgm", seed);
    put_picture(in, samples);
    bool right = dpk_job_open(&job, library, "invert", settings, NULL, &error) == DPK_OK &&
                 dpk_job_read(job, 0, in, &error) == DPK_OK &&
                 dpk_job_write(job, 0, out, &error) == DPK_OK && dpk_job_run(job, &error) == DPK_OK;
    dpk_job_close(job);
    right &= dpk_job_open(&refused, library, "matmul", settings, NULL, &error) == DPK_OK &&
             dpk_job_read(refused, 0, in, &error) == DPK_OK &&
             dpk_job_read(refused, 1, out, &error) == DPK_OK &&
             dpk_job_write(refused, 0, "never.npy", &error) == DPK_OK &&
             dpk_job_run(refused, &error) == DPK_BAD_INPUT;
    dpk_job_close(refused);
    struct bytes file = get_file(out);
    right &= file.size > COUNT && inverts(file.data + file.size - COUNT, samples, COUNT);
    free(file.data);
    return right && unlink(in) == 0 && unlink(out) == 0;
}

enum { THREADS = 4, JOBS_EACH = 60 };

static void *run_many(void *argument)
{
    const char *settings =
        *(const unsigned *)argument % 2 == 0 ? "backend=omp jobs=2" : "backend=seq";
    size_t wrong = 0;
    for (unsigned i = 0; i < JOBS_EACH; i++)
        wrong += !run_files(*(const unsigned *)argument * JOBS_EACH + i, settings);
    return (void *)wrong;
}

Test(job_process, several_at_the_same_time)
{
    open_library();
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, run_many, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong;
        cr_assert_eq(pthread_join(threads[i], &wrong), 0);
        cr_expect_eq((size_t)wrong, 0u, "thread %u: %zu wrong", i, (size_t)wrong);
    }
    cr_expect_eq(count_entries("."), 0);
    dpk_library_close(library);
}

/* stays: its workers are there until the library is closed. */
static void one_after_the_other(const char *settings, unsigned count, bool stays)
{
    open_library();
    for (unsigned i = 0; i < 20; i++)
        cr_assert(run_files(i, settings));
    struct usage before = usage_now();
    for (unsigned i = 0; i < count; i++)
        cr_assert(run_files(i, settings), "job %u", i);
    struct usage after = usage_now();
    cr_expect_eq(after.descriptors, before.descriptors);
    /* Allocators and sanitizers take a region now and then; a job that left one behind would leave
     * as many as there are jobs. */
    cr_expect(after.mappings <= before.mappings + (int)count / 10, "%d mappings, then %d",
              before.mappings, after.mappings);
    cr_expect_eq(count_entries("."), 0);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), stays ? 0 : -1, "children come or go");
    dpk_library_close(library);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

/* A leak that a sanitizer sees, it sees after a few. DPK_TEST_QUICK is set where another build has
 * been checked in full. */
static unsigned in_a_row(void)
{
#ifdef DPK_SANITIZED
    return 500;
#else
    return getenv("DPK_TEST_QUICK") != NULL ? 500 : 10000;
#endif
}

Test(job_process, ten_thousand_one_after_the_other)
{
    one_after_the_other("backend=seq", in_a_row(), false);
}

Test(job_process, many_on_threads_one_after_the_other)
{
    one_after_the_other("backend=omp jobs=2", 500, false);
}

Test(job_process, many_on_processes_one_after_the_other)
{
    one_after_the_other("backend=fork jobs=2", 500, false);
}

Test(job_process, ten_thousand_on_a_pool_one_after_the_other, .timeout = 300)
{
    one_after_the_other("backend=pool jobs=2", in_a_row(), true);
}

/* ------------------------------------------------------------------- what a library keeps */

enum { CHILDREN_MOST = 16 };

/* The children of all threads of this process. */
static size_t find_children(pid_t *pids)
{
    size_t count = 0;
    DIR *threads = opendir("/proc/self/task");
    cr_assert_not_null(threads);
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
        char path[300];
        snprintf(path, sizeof path, "/proc/self/task/%s/children", entry->d_name);
        FILE *file = fopen(path, "r");
        for (long pid; file != NULL && count < CHILDREN_MOST && fscanf(file, "%ld", &pid) == 1;)
            pids[count++] = (pid_t)pid;
        if (file != NULL)
            fclose(file);
    }
    closedir(threads);
    return count;
}

static dpk_job *run_on_pool(void)
{
    unsigned char samples[COUNT];
    dpk_array in = picture(samples, 1);
    dpk_job *job = open_job("invert", "backend=pool jobs=2");
    cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK);
    cr_expect_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    const dpk_array *out = dpk_job_output(job, 0);
    cr_expect(out != NULL && inverts(out->data, samples, COUNT));
    return job;
}

Test(job_process, a_pool_serves_jobs_that_follow_each_other)
{
    pid_t first[CHILDREN_MOST] = { 0 }, now[CHILDREN_MOST] = { 0 };
    open_library();
    dpk_job *job = run_on_pool();
    size_t count = find_children(first);
    if (count == 0)
        cr_skip_test("this system does not list children");
    cr_expect_eq(count, 2u);
    dpk_job_close(job);
    for (int i = 0; i < 5; i++) {
        dpk_job_close(run_on_pool());
        cr_expect(find_children(now) == 2 && memcmp(first, now, sizeof now) == 0);
    }
    /* Outputs belong to their jobs: while one is open, another has workers of its own. */
    dpk_job *one = run_on_pool(), *other = run_on_pool();
    const dpk_array *mine = dpk_job_output(one, 0), *its = dpk_job_output(other, 0);
    cr_expect(mine->data != its->data && memcmp(mine->data, its->data, COUNT) == 0);
    dpk_job_close(one);
    dpk_job_close(other);
    cr_expect(find_children(now) == 2 && memcmp(first, now, sizeof now) == 0);
    dpk_library_close(library);
    cr_expect_eq(find_children(now), 0u);
}

static void *run_once_on_pool(void *unused)
{
    (void)unused;
    dpk_job_close(run_on_pool());
    return NULL;
}

/* Workers die with the thread that has started them: another thread does not rely on them. */
Test(job_process, pools_do_not_outlive_their_thread)
{
    open_library();
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, run_once_on_pool, NULL), 0);
        pthread_join(thread, NULL);
        dpk_job_close(run_on_pool());
    }
    dpk_library_close(library);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

/* What a kernel prepares outside of the arena, older workers cannot have. */
Test(job_process, kernels_that_a_pool_cannot_execute_are_refused)
{
    open_library();
    dpk_job *job = open_job("memory_layout", "items=1 backend=pool jobs=2");
    expect_refused(dpk_job_run(job, &err), DPK_USAGE, "cannot run on backend pool: it maps memory");
    dpk_job_close(job);
    dpk_library_close(library);
}

/* A child that the program forks may close its copy of everything: the pool is the program's. */
Test(job_process, a_pool_is_its_own_process_s)
{
    open_library();
    dpk_job_close(run_on_pool());
    pid_t child = fork();
    if (child == 0) {
        dpk_library_close(library);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), 0);
    dpk_job_close(run_on_pool());
    dpk_library_close(library);
}
