/* SPDX-License-Identifier: MIT */
/* sink.c: output is complete or not there, and an old file stays whole until then. */
#include "sinks.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(sink, .init = enter_directory, .fini = remove_directory);

Test(sink, new_file_has_usual_mode)
{
    dpk_error error;
    umask(027);
    cr_assert_eq(write_sink("x", "new", &error), DPK_OK);
    cr_expect(file_is("x", "new"));
    cr_expect_eq(mode_of("x"), 0640);
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, old_file_stays_until_commit)
{
    dpk_sink sink;
    dpk_error error;
    put_file("x", "old", 3);
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "new", 3, &error), DPK_OK);
    cr_expect(file_is("x", "old"));
    cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
    cr_expect(file_is("x", "new"));
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, abandoned_output_leaves_no_trace)
{
    dpk_sink sink;
    dpk_error error;
    put_file("x", "old", 3);
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "new", 3, &error), DPK_OK);
    dpk_sink_abandon(&sink);
    dpk_sink_abandon(&sink);
    cr_expect(file_is("x", "old"));
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, big_and_small_writes_keep_their_order)
{
    enum { SIZE = 300001 };
    static unsigned char data[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(i * 7 >> 2);
    dpk_sink sink;
    dpk_error error;
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    size_t done = 0;
    for (size_t size = 0; done < SIZE; size = size * 3 + 1) {
        size_t count = SIZE - done < size ? SIZE - done : size;
        cr_assert_eq(dpk_sink_write(&sink, data + done, count, &error), DPK_OK);
        done += count;
        if (size > 100000)
            size = 0;
    }
    cr_expect_eq(sink.written, SIZE);
    cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
    struct bytes bytes = get_file("x");
    cr_expect_eq(bytes.size, SIZE);
    cr_expect_eq(memcmp(bytes.data, data, SIZE), 0);
    free(bytes.data);
}

/* By this process, before and after what is written in order, and by one forked from it. */
Test(sink, places_are_filled_by_anyone_in_any_order)
{
    dpk_sink sink;
    dpk_error error;
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "head ", 5, &error), DPK_OK);
    cr_assert_eq(dpk_sink_write_at(&sink, 4, "three", 5, &error), DPK_OK);
    pid_t child = fork();
    if (child == 0)
        _exit(dpk_sink_write_at(&sink, 0, "two ", 4, &error) != DPK_OK);
    int status;
    waitpid(child, &status, 0);
    cr_expect_eq(status, 0);
    cr_expect_eq(sink.written, 5);
    cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
    cr_expect(file_is("x", "head two three"));
}

Test(sink, places_are_forgotten_with_the_rest)
{
    dpk_sink sink;
    dpk_error error;
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "head ", 5, &error), DPK_OK);
    cr_assert_eq(dpk_sink_write_at(&sink, 100, "far", 3, &error), DPK_OK);
    cr_assert_eq(dpk_sink_rewind(&sink, &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "new", 3, &error), DPK_OK);
    cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
    cr_expect(file_is("x", "new"));
}

Test(sink, pipes_know_no_places)
{
    dpk_sink sink;
    dpk_error error;
    char text[8] = "";
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    cr_assert_eq(dpk_sink_open(&sink, "fifo", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "a", 1, &error), DPK_OK);
    cr_assert_eq(dpk_sink_write_at(&sink, 0, "b", 1, &error), DPK_OK);
    cr_assert_eq(dpk_sink_write_at(&sink, 1, "c", 1, &error), DPK_OK);
    cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
    cr_expect_eq(read(reader, text, sizeof text), 3);
    cr_expect_str_eq(text, "abc");
}

static void expect_unwritable(const char *path, const char *sentence)
{
    dpk_error error = { 0 };
    expect_failure(write_sink(path, "new", &error), DPK_OUTPUT_FAILED, &error, path);
    cr_expect_str_eq(error.text, sentence);
}

Test(sink, is_checked_without_a_trace)
{
    dpk_error err;
    cr_expect_eq(dpk_sink_check("new.txt", &err), DPK_OK);
    cr_expect_neq(access("new.txt", F_OK), 0);
    cr_expect_eq(dpk_sink_check("-", &err), DPK_OK);
    cr_expect_eq(dpk_sink_check("/dev/null", &err), DPK_OK);
    cr_expect_eq(dpk_sink_check("missing/new.txt", &err), DPK_OUTPUT_FAILED);
    cr_expect_str_eq(err.text, "cannot write 'missing/new.txt': there is no folder 'missing'");
    cr_expect_eq(dpk_sink_check(".", &err), DPK_OUTPUT_FAILED);
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    cr_expect_eq(dpk_sink_check("pipe", &err), DPK_OK, "waits for no reader");
}

Test(sink, unwritable_things_are_named)
{
    mkdir("folder", 0777);
    put_file("x", "old", 3);
    expect_unwritable("missing/x", "cannot write 'missing/x': there is no folder 'missing'");
    expect_unwritable("missing/", "cannot write 'missing/': there is no folder 'missing'");
    expect_unwritable("", "cannot write '': No such file or directory");
    expect_unwritable("folder", "cannot write 'folder': Is a directory");
    expect_unwritable("x/y", "cannot write 'x/y': 'x' is not a folder");
    expect_unwritable("/dev/full", "cannot write '/dev/full': No space left on device");
    int saved = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    expect_unwritable("-", "cannot write 'standard output': Bad file descriptor");
    dup2(saved, STDOUT_FILENO);
    cr_expect_eq(count_entries("."), 2);
}

Test(sink, broken_pipe_is_an_error)
{
    int ends[2], saved = dup(STDOUT_FILENO);
    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    expect_unwritable("-", "cannot write 'standard output': Broken pipe");
    dup2(saved, STDOUT_FILENO);
}

/* `ulimit -f 0`, once the old file exists. */
Test(sink, file_size_limit)
{
    put_file("x", "old", 3);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, 0 });
    expect_unwritable("x", "cannot write 'x': File too large");
    expect_unwritable("y", "cannot write 'y': File too large");
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
    cr_expect(file_is("x", "old"));
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, full_disk)
{
    mkdir("small", 0777);
    if (mount("none", "small", "tmpfs", 0, "size=64k") != 0)
        cr_skip_test("mounting a small file system needs root");
    put_file("small/x", "old", 3);
    dpk_sink sink;
    dpk_error error = { 0 };
    static char zeros[1000];
    dpk_status status = dpk_sink_open(&sink, "small/x", &error);
    for (int i = 0; i < 1000 && status == DPK_OK; i++)
        status = dpk_sink_write(&sink, zeros, sizeof zeros, &error);
    expect_failure(status, DPK_OUTPUT_FAILED, &error, "full disk");
    cr_expect_str_eq(error.text, "cannot write 'small/x': No space left on device");
    expect_failure(dpk_sink_write_at(&sink, 0, zeros, sizeof zeros, &error), DPK_OUTPUT_FAILED,
                   &error, "full disk");
    cr_expect_str_eq(error.text, "cannot write 'small/x': No space left on device");
    dpk_sink_abandon(&sink);
    cr_expect(file_is("small/x", "old"));
    cr_expect_eq(count_entries("small"), 1);
    umount("small");
}

Test(sink, read_only_file_system)
{
    mkdir("small", 0777);
    if (mount("none", "small", "tmpfs", MS_RDONLY, "size=64k") != 0)
        cr_skip_test("mounting a file system needs root");
    expect_unwritable("small/x", "cannot write 'small/x': Read-only file system");
    umount("small");
}

static void write_for_ever(const char *path)
{
    dpk_sink sink;
    dpk_error error;
    if (dpk_sink_open(&sink, path, &error) != DPK_OK)
        _exit(1);
    while (dpk_sink_write(&sink, "new", 3, &error) == DPK_OK && sink.written < 100000)
        continue;
    kill(getppid(), SIGUSR1);
    for (;;)
        pause();
}

static void ignore(int number)
{
    (void)number;
}

/* Where the file system knows files without a name, not even SIGKILL leaves one behind. */
Test(sink, killed_writer_leaves_no_trace)
{
    int nameless = open(".", O_TMPFILE | O_WRONLY, 0600);
    if (nameless < 0 || access("/proc/self/fd", X_OK) != 0)
        cr_skip_test("no files without a name on this system");
    close(nameless);
    put_file("x", "old", 3);
    signal(SIGUSR1, ignore);
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    pid_t child = fork();
    if (child == 0)
        write_for_ever("x");
    sigsuspend(&old);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    cr_expect(file_is("x", "old"));
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, failed_rename_leaves_no_trace)
{
    dpk_sink sink;
    dpk_error error = { 0 };
    cr_assert_eq(dpk_sink_open(&sink, "x", &error), DPK_OK);
    cr_assert_eq(dpk_sink_write(&sink, "new", 3, &error), DPK_OK);
    mkdir("x", 0777);
    expect_failure(dpk_sink_commit(&sink, &error), DPK_OUTPUT_FAILED, &error, "rename");
    cr_expect_eq(count_entries("."), 1);
}

/* Temporary files have names from the start where there is no /proc, as in this root. */
static bool enter_bare_root(void)
{
    return chroot(".") == 0 && chdir("/") == 0;
}

/* Returns the number of the first step that went wrong. */
static int steps_with_names(void)
{
    dpk_sink sink;
    dpk_error error;
    if (!enter_bare_root())
        return 1;
    if (dpk_sink_open(&sink, "/x", &error) != DPK_OK || !dpk_temporary_is_named(sink.temporary) ||
        count_entries("/") != 2)
        return 2;
    dpk_sink_abandon(&sink);
    if (count_entries("/") != 1)
        return 3;
    if (write_sink("x", "new", &error) != DPK_OK || write_sink("y", "new", &error) != DPK_OK ||
        count_entries("/") != 2)
        return 4;
    if (dpk_sink_open(&sink, "z", &error) != DPK_OK || count_entries("/") != 3)
        return 5;
    dpk_temporary_remove_all();
    return count_entries("/") == 2 ? 0 : 6;
}

/* More than any fixed table would hold; and after them, as if they were many jobs, more. */
static int steps_with_many_names(void)
{
    enum { SINKS = 40, JOBS = 10000 };
    static dpk_sink sinks[SINKS];
    dpk_error error;
    if (!enter_bare_root())
        return 1;
    for (int job = 0; job < JOBS; job++) {
        if (dpk_sink_open(&sinks[0], "x", &error) != DPK_OK)
            return 2;
        dpk_sink_abandon(&sinks[0]);
    }
    for (int i = 0; i < SINKS; i++)
        if (dpk_sink_open(&sinks[i], "x", &error) != DPK_OK)
            return 3;
    if (count_entries("/") != SINKS)
        return 4;
    for (int i = 0; i < SINKS / 2; i++)
        dpk_sink_abandon(&sinks[i]);
    dpk_temporary_remove_all();
    return count_entries("/") == 0 ? 0 : 5;
}

static void *write_many_times(void *path)
{
    while (write_sink(path, "new", NULL) == DPK_OK)
        continue;
    return NULL;
}

/* Threads that open, write and replace files all the time, of which one is told to end the process:
 * after that no temporary file appears. */
static int steps_with_threads(void)
{
    enum { THREADS = 4 };
    static char paths[THREADS][2] = { "a", "b", "c", "d" };
    pthread_t threads[THREADS];
    if (!enter_bare_root())
        return 1;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, write_many_times, paths[i]) != 0)
            return 2;
    for (int i = 0; i < THREADS; i++)
        while (access(paths[i], F_OK) != 0)
            sched_yield();
    dpk_temporary_remove_all();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return count_entries("/") == THREADS ? 0 : 3;
}

static void expect_steps(int (*steps)(void))
{
    if (geteuid() != 0)
        cr_skip_test("chroot needs root");
    pid_t child = fork();
    if (child == 0)
        _exit(steps());
    int status;
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
}

Test(sink, named_temporaries_leave_no_trace_either)
{
    put_file("x", "old", 3);
    chmod("x", 0600);
    umask(022);
    expect_steps(steps_with_names);
    cr_expect(file_is("x", "new"));
    cr_expect_eq(mode_of("x"), 0600);
    cr_expect_eq(mode_of("y"), 0644);
}

/* A file that has appeared meanwhile is replaced, as it would be had it been there before. */
Test(sink, a_new_file_takes_its_place_whatever_is_there_by_then)
{
    dpk_sink sink;
    dpk_error error;
    cr_assert_eq(dpk_sink_open(&sink, "new", &error), DPK_OK, "%s", error.text);
    put_text("new", "of somebody else");
    cr_assert_eq(write_to(&sink, "ours", &error), DPK_OK, "%s", error.text);
    cr_expect(file_is("new", "ours"));
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, the_temporary_file_of_a_dead_process_can_be_removed)
{
    put_text(".dpk-00000000000004d2", "");
    put_text("old", "");
    dpk_sink_remove_temporary("missing/new", 1234);
    dpk_sink_remove_temporary("old", 1235);
    cr_expect_eq(count_entries("."), 2);
    dpk_sink_remove_temporary("old", 1234);
    cr_expect_eq(count_entries("."), 1);
}

Test(sink, any_number_of_named_temporaries)
{
    expect_steps(steps_with_many_names);
}

Test(sink, threads_write_files_at_the_same_time)
{
    for (int i = 0; i < 20; i++) {
        expect_steps(steps_with_threads);
        for (char name[] = "a"; name[0] <= 'd'; name[0]++)
            remove(name);
    }
}
