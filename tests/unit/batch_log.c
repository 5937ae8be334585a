/* SPDX-License-Identifier: MIT */
/* batch_log.c: the log of a batch against what may happen to it: runs at the same time, runs that
 * end in the midst, disks that are full, files that are no logs. */
#include "engine/batch_log.h"
#include "engine/batch_key.h"
#include "files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

TestSuite(batch_log, .init = enter_directory, .fini = remove_directory);

static const char header[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\t"
    "Command\tWorker\tAttempts\tBytes\tKey\n";

static dpk_error err;

static dpk_status open_log(dpk_batch_log *log)
{
    return dpk_batch_log_open(log, "log", false, &err);
}

static void add(const dpk_batch_log *log, uint64_t key, const char *command, int exit)
{
    const dpk_batch_entry entry = { .number = 3,
                                    .began = 1700000000.25,
                                    .took = 1.5,
                                    .bytes_in = 10,
                                    .bytes_out = 20,
                                    .exit = exit,
                                    .command = command,
                                    .worker = 1,
                                    .attempts = 2,
                                    .key = key };
    cr_assert_eq(dpk_batch_log_add(log, &entry, &err), DPK_OK, "%s", err.text);
}

Test(batch_log, a_line_is_that_of_gnu_parallel_with_more_behind)
{
    dpk_batch_log log;
    char expected[512];
    cr_assert_eq(open_log(&log), DPK_OK, "%s", err.text);
    add(&log, 0xabc, "dpk blur a b", 3);
    dpk_batch_log_close(&log);
    snprintf(expected, sizeof expected,
             "%s3\t:\t1700000000.250\t     1.500\t10\t20\t3\t0\tdpk blur a b\t1\t2\t30\t"
             "0000000000000abc\n",
             header);
    cr_expect(file_is("log", expected));
}

Test(batch_log, the_last_line_counts)
{
    dpk_batch_log log;
    cr_assert_eq(open_log(&log), DPK_OK);
    for (uint64_t key = 0; key < 100; key++)
        add(&log, key * 977 % 101, "x", 1);
    add(&log, 5, "x", 1);
    add(&log, 6, "y", 0);
    add(&log, 7, "z", 0);
    add(&log, 7, "z", 6);
    cr_expect_eq(dpk_batch_log_of_key(&log, 5), DPK_PAST_NONE, "read when it was opened");
    dpk_batch_log_close(&log);
    cr_assert_eq(open_log(&log), DPK_OK, "%s", err.text);
    cr_expect_eq(log.lines, 104);
    cr_expect_eq(dpk_batch_log_of_key(&log, 5), DPK_PAST_FAILED);
    cr_expect_eq(dpk_batch_log_of_key(&log, 6), DPK_PAST_DONE);
    cr_expect_eq(dpk_batch_log_of_key(&log, 7), DPK_PAST_FAILED);
    cr_expect_eq(dpk_batch_log_of_key(&log, 200), DPK_PAST_NONE);
    cr_expect_eq(dpk_batch_log_of_command(&log, "y", NULL), DPK_PAST_DONE);
    cr_expect_eq(dpk_batch_log_of_command(&log, "z", NULL), DPK_PAST_FAILED);
    uint64_t key = 1;
    cr_expect_eq(dpk_batch_log_of_command(&log, "w", &key), DPK_PAST_NONE);
    cr_expect_eq(key, 0);
    add(&log, 9, "w", DPK_BATCH_PLANNED);
    dpk_batch_log_close(&log);
    cr_assert_eq(open_log(&log), DPK_OK, "%s", err.text);
    cr_expect_eq(dpk_batch_log_of_command(&log, "w", &key), DPK_PAST_PLANNED);
    cr_expect_eq(key, 9);
    dpk_batch_log_close(&log);
}

/* Cut anywhere, a log says what its whole lines say, and takes more. */
Test(batch_log, a_log_that_ends_anywhere_is_continued)
{
    dpk_batch_log log;
    cr_assert_eq(open_log(&log), DPK_OK);
    add(&log, 1, "x", 0);
    add(&log, 2, "y", 0);
    dpk_batch_log_close(&log);
    struct bytes whole = get_file("log");
    size_t head = sizeof header - 1, line = (whole.size - head) / 2;
    for (size_t size = 0; size < whole.size; size++) {
        size_t lines = size < head ? 0 : (size - head) / line;
        bool half = size > head && (size - head) % line != 0;
        put_file("log", whole.data, size);
        cr_assert_eq(dpk_batch_log_open(&log, "log", true, &err), DPK_OK, "%s", err.text);
        cr_expect_eq(log.note[0] != '\0', half, "%zu: '%s'", size, log.note);
        dpk_batch_log_close(&log);
        cr_assert_eq(open_log(&log), DPK_OK, "%s", err.text);
        cr_expect_eq(log.note[0] != '\0', half, "%zu: '%s'", size, log.note);
        cr_expect_eq(log.lines, lines, "%zu", size);
        add(&log, 3, "z", 0);
        dpk_batch_log_close(&log);
        cr_assert_eq(open_log(&log), DPK_OK, "%s", err.text);
        cr_expect_eq(log.lines, lines + 1);
        cr_expect_eq(dpk_batch_log_of_key(&log, 3), DPK_PAST_DONE);
        dpk_batch_log_close(&log);
    }
    free(whole.data);
}

static void expect_refusal(const char *text, size_t size, const char *sentence)
{
    dpk_batch_log log;
    put_file("log", text, size);
    cr_expect_eq(open_log(&log), DPK_BAD_INPUT);
    cr_expect_str_eq(err.text, sentence);
    dpk_batch_log_close(&log);
    struct bytes now = get_file("log");
    cr_expect(now.size == size && memcmp(now.data, text, size) == 0, "it is as it was");
    free(now.data);
}

Test(batch_log, what_is_no_log_is_left_alone)
{
    static const char parallel[] =
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\t"
        "Signal\tCommand\n";
    char text[1024];
    expect_refusal("P5 1 1 255\n", 11,
                   "--joblog 'log': this file is not a log of dpk; give another one");
    expect_refusal(parallel, sizeof parallel - 1,
                   "--joblog 'log': its columns are those of another program or version; give "
                   "another file");
    const char *const lines[] = {
        "words",
        "1\t:\t0\t0\t0\t0\t0\t0\tx\t0\t1\t0",
        "1\t:\t0\t0\t0\t0\t0\t0\tx\t0\t1\t0\t1\t2",
        "1\t:\t0\t0\t0\t0\t-1\t0\tx\t0\t1\t0\t1",
        "1\t:\t0\t0\t0\t0\t0\t\tx\t0\t1\t0\t1",
        "1\t:\t0\t0\t0\t0\t0\t0\tx\t0\t1\t0\tkey",
        "",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t size = (size_t)snprintf(
            text, sizeof text, "%s1\t:\t0\t0\t0\t0\t0\t0\tx\t0\t1\t0\t1\n%s\n", header, lines[i]);
        expect_refusal(text, size,
                       "--joblog 'log': line 3 is no line of such a log; nothing was changed");
    }
    size_t size = (size_t)snprintf(text, sizeof text, "%s1\t:*\n", header);
    *strchr(text, '*') = '\0';
    expect_refusal(text, size, "--joblog 'log': there are zeros in it; give another file");
}

/* In a process of its own, as the lock is a process's. */
Test(batch_log, one_run_at_a_time_writes)
{
    dpk_batch_log log;
    char sentence[256];
    cr_assert_eq(open_log(&log), DPK_OK);
    snprintf(sentence, sizeof sentence,
             "--joblog 'log': another run, process %ld, is writing to it; give each run a log of "
             "its own",
             (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        dpk_batch_log other;
        bool refused = open_log(&other) == DPK_OUTPUT_FAILED && strcmp(err.text, sentence) == 0;
        dpk_batch_log looking;
        bool looks = dpk_batch_log_open(&looking, "log", true, &err) == DPK_OK;
        _exit(refused && looks ? 0 : 1);
    }
    int end = -1;
    cr_assert_eq(waitpid(child, &end, 0), child);
    cr_expect_eq(end, 0);
    dpk_batch_log_close(&log);
}

/* A worker that lives on for a moment does not keep the log. */
Test(batch_log, the_lock_ends_with_its_process)
{
    dpk_batch_log log;
    int hold[2], ready[2];
    char byte;
    cr_assert_eq(pipe(hold), 0);
    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (open_log(&log) == DPK_OK && fork() == 0) {
            close(hold[1]);
            ssize_t got = write(ready[1], "x", 1) + read(hold[0], &byte, 1);
            _exit(got < 0);
        }
        kill(getpid(), SIGKILL);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_expect_eq(open_log(&log), DPK_OK, "%s", err.text);
    dpk_batch_log_close(&log);
    close(hold[1]);
}

Test(batch_log, half_a_line_is_taken_back)
{
    dpk_batch_log log;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(open_log(&log), DPK_OK);
    add(&log, 1, "x", 0);
    struct bytes before = get_file("log");
    const struct rlimit limit = { before.size + 5, RLIM_INFINITY };
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const dpk_batch_entry entry = { .command = "y" };
    cr_expect_eq(dpk_batch_log_add(&log, &entry, &err), DPK_OUTPUT_FAILED);
    dpk_batch_log_close(&log);
    struct bytes after = get_file("log");
    cr_expect_eq(after.size, before.size);
    free(before.data);
    free(after.data);
}

Test(batch_log, looking_makes_nothing)
{
    dpk_batch_log log;
    cr_expect_eq(dpk_batch_log_open(&log, "log", true, &err), DPK_OK);
    cr_expect_eq(dpk_batch_log_of_key(&log, 1), DPK_PAST_NONE);
    dpk_batch_log_close(&log);
    cr_expect_eq(count_entries("."), 0);
    cr_expect_eq(dpk_batch_log_open(&log, "missing/log", false, &err), DPK_OUTPUT_FAILED);
    cr_expect_str_eq(err.text, "cannot open 'missing/log': there is no folder 'missing'");
    dpk_batch_log_close(&log);
    cr_expect_eq(dpk_batch_log_open(&log, "/dev/null", false, &err), DPK_OUTPUT_FAILED);
    dpk_batch_log_close(&log);
}

/* ----------------------------------------------------------------------------------------- keys */

static dpk_registry registry;

static dpk_job *make_job(const char *word)
{
    static const dpk_registry_host host = { .warn = NULL };
    dpk_job *job;
    char *words[] = { (char *)(uintptr_t)word };
    if (registry.count == 0)
        cr_assert_eq(dpk_registry_open(&registry, &host, &err), DPK_OK);
    cr_assert_eq(dpk_job_make(&job, dpk_registry_find(&registry, "blur"), &err), DPK_OK);
    cr_assert_eq(dpk_job_set(job, word != NULL, words, &err), DPK_OK, "%s", err.text);
    return job;
}

static uint64_t key_of(const char *word, const char *input, const char *output, long size, long ns)
{
    const struct stat status = { .st_size = size, .st_mtim.tv_nsec = ns };
    const dpk_batch_file file = { .input = input, .output = output };
    dpk_job *job = make_job(word);
    uint64_t key = dpk_batch_key(job, &file, &status);
    dpk_job_free(job);
    return key;
}

Test(batch_log, a_key_is_what_decides_the_output)
{
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/in.png", test_directory);
    uint64_t key = key_of(NULL, "in.png", "out.png", 9, 1);
    cr_expect_eq(key, key_of("--jobs=3", "in.png", "out.png", 9, 1));
    cr_expect_eq(key, key_of("--backend=seq", "in.png", "out.png", 9, 1));
    cr_expect_eq(key, key_of("--sigma=2", "./in.png", "out.png", 9, 1));
    cr_expect_eq(key, key_of(NULL, absolute, "out.png", 9, 1));
    cr_expect_neq(key, key_of("--sigma=3", "in.png", "out.png", 9, 1));
    cr_expect_neq(key, key_of("--png=small", "in.png", "out.png", 9, 1));
    cr_expect_neq(key, key_of("--out-format=ppm", "in.png", "out.png", 9, 1));
    cr_expect_neq(key, key_of(NULL, "in2.png", "out.png", 9, 1));
    cr_expect_neq(key, key_of(NULL, "in.png", "out2.png", 9, 1));
    cr_expect_neq(key, key_of(NULL, "in.png", "out.png", 8, 1));
    cr_expect_neq(key, key_of(NULL, "in.png", "out.png", 9, 2));
}

static uint64_t content_key(const char *text)
{
    const dpk_batch_file file = { .input = "in", .output = "out" };
    uint64_t key = 0;
    dpk_job *job = make_job(NULL);
    put_text("in", text);
    cr_expect_eq(dpk_batch_content_key(job, &file, &key, &err), DPK_OK, "%s", err.text);
    dpk_job_free(job);
    return key;
}

Test(batch_log, a_key_may_be_of_contents)
{
    cr_expect_eq(content_key("abc"), content_key("abc"));
    cr_expect_neq(content_key("abc"), content_key("abd"));
}

static void expect_command(const char *word, const char *input, const char *output,
                           const char *expected)
{
    dpk_job *job = make_job(word);
    char *settings = dpk_batch_request(job), *command = dpk_batch_command(settings, input, output);
    cr_expect_str_eq(command, expected);
    free(settings);
    free(command);
    dpk_job_free(job);
}

Test(batch_log, a_command_does_the_same)
{
    expect_command(NULL, "a", "b", "dpk blur a b");
    expect_command("--sigma=4", "a", "b", "dpk blur --sigma=4 a b");
    expect_command("--sigma=2", "two words", "-b", "dpk blur -- 'two words' -b");
    expect_command("--jobs=3", "a\nb", "b", "dpk blur $'a\\012b' b");
    expect_command("--png=small", "a", "b", "dpk blur --png=small a b");
}
