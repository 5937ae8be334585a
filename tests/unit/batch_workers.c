/* SPDX-License-Identifier: MIT */
/* batch_workers.c: many files by a team of workers, with real files, and with workers that die of
 * real signals: a kernel crashes the process it runs in as often as there are traps for a picture.
 */
#include "engine/batch.h"
#include "files.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

TestSuite(batch_workers, .init = enter_directory, .fini = remove_directory);

enum { ROWS = 64, COLUMNS = 48, FILES = 12 };

static dpk_error err;

/* ---------------------------------------------------------------------------- a kernel with traps
 */

struct trapped {
    dpk_array in, out;
};

static size_t rows_of(const void *self)
{
    return ((const struct trapped *)self)->in.shape[0];
}

/* "kill-7-1" is the first trap for the picture whose first sample is 7. Only one process can remove
 * it, and dies. "hang-7" stays. */
static void step_on(unsigned picture)
{
    char name[32];
    for (unsigned i = 1; i <= 9; i++) {
        snprintf(name, sizeof name, "kill-%u-%u", picture, i);
        if (unlink(name) == 0)
            raise(SIGABRT);
    }
    snprintf(name, sizeof name, "hang-%u", picture);
    while (access(name, F_OK) == 0)
        pause();
}

static void invert_rows(const void *self, dpk_span span, void *scratch)
{
    const struct trapped *trapped = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const unsigned char *in = dpk_row(&trapped->in, y);
        unsigned char *out = dpk_row(&trapped->out, y);
        for (size_t x = 0; x < trapped->in.shape[1] * trapped->in.shape[2]; x++)
            out[x] = (unsigned char)(255 - in[x]);
        if (y == 0)
            step_on(in[0]);
    }
}

static dpk_cost cost_of(const void *self)
{
    const struct trapped *trapped = self;
    return (dpk_cost){ .bytes = (double)dpk_array_bytes(&trapped->in), .operations = 1e9 };
}

static const dpk_port ports[] = {
    DPK_IN(struct trapped, in, .image = true, .types = DPK_U8),
    DPK_OUT(struct trapped, out, .image = true),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows_of, .work = invert_rows },
    DPK_END,
};

static dpk_kernel kernel = { .abi = DPK_ABI,
                             .descriptor = sizeof(dpk_kernel),
                             .name = "trapped",
                             .size = sizeof(struct trapped),
                             .ports = ports,
                             .passes = passes,
                             .cost = cost_of,
                             .param_bytes = sizeof(dpk_param),
                             .port_bytes = sizeof(dpk_port),
                             .pass_bytes = sizeof(dpk_pass) };

static const dpk_kernel_row row = { .variants = { &kernel } };

/* ------------------------------------------------------------------------------------- a batch */

struct seen {
    size_t finished, notes;
    char last_note[600];
    dpk_batch *batch;
    size_t stop_after; /* files; 0: none */
};

static char inputs[FILES][16], outputs[FILES][16];
static dpk_batch_file files[FILES];
static struct seen seen;

static void finished(void *context, const dpk_batch_file *file)
{
    struct seen *to = context;
    (void)file;
    if (++to->finished == to->stop_after)
        dpk_batch_stop(to->batch, DPK_HALT_SOON);
}

static void note(void *context, const char *text)
{
    struct seen *to = context;
    to->notes++;
    snprintf(to->last_note, sizeof to->last_note, "%s", text);
}

/* Picture i has i in its first sample, and as many rows as its number makes it costly. */
static void put_pictures(void)
{
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(inputs[i], sizeof inputs[i], "in%u.pgm", i);
        snprintf(outputs[i], sizeof outputs[i], "out%u.pgm", i);
        FILE *file = fopen(inputs[i], "wb");
        cr_assert_not_null(file);
        fprintf(file, "P5\n%d %d\n255\n", COLUMNS, ROWS + (int)i);
        for (unsigned k = 0; k < COLUMNS * (ROWS + i); k++)
            fputc(k == 0 ? (int)i : (int)(k * (i + 3) % 251), file);
        cr_assert_eq(fclose(file), 0);
        files[i] = (dpk_batch_file){ .input = inputs[i], .output = outputs[i] };
    }
}

static bool is_inverted(unsigned i)
{
    FILE *in = fopen(inputs[i], "rb"), *out = fopen(outputs[i], "rb");
    cr_assert_not_null(in);
    bool same = out != NULL;
    size_t head = (size_t)snprintf(NULL, 0, "P5\n%d %d\n255\n", COLUMNS, ROWS + (int)i);
    for (size_t k = 0; same && k < head + COLUMNS * (ROWS + i); k++) {
        int a = fgetc(in), b = fgetc(out);
        same = b != EOF && (k < head ? a == b : a + b == 255);
    }
    same = same && fgetc(out) == EOF;
    fclose(in);
    if (out != NULL)
        fclose(out);
    return same;
}

static dpk_status run(const char *words, dpk_batch_options options, dpk_batch_totals *totals)
{
    dpk_job *model;
    char copy[128], *list[8];
    int count = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        list[count++] = word;
    cr_assert_eq(dpk_job_make(&model, &row, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_set(model, count, list, &err), DPK_OK, "%s", err.text);
    options.context = &seen;
    options.finished = finished;
    options.note = note;
    cr_assert_eq(dpk_batch_make(&seen.batch, model, files, FILES, &options, &err), DPK_OK);
    dpk_status status = dpk_batch_check(seen.batch, &err);
    if (status == DPK_OK)
        status = dpk_batch_run(seen.batch, &err);
    *totals = dpk_batch_total(seen.batch);
    for (unsigned i = 0; i < FILES; i++)
        files[i].text = files[i].text != NULL ? strdup(files[i].text) : NULL;
    dpk_batch_free(seen.batch);
    dpk_job_free(model);
    return status;
}

static void expect_done(unsigned i)
{
    cr_expect_eq(files[i].state, DPK_BATCH_DONE, "%u: %s", i, files[i].text);
    cr_expect(is_inverted(i), "%u", i);
}

static void expect_no_children(void)
{
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

/* -------------------------------------------------------------------------------------- the tests
 */

static void expect_all_done(const char *words, unsigned workers)
{
    dpk_batch_totals totals;
    put_pictures();
    seen = (struct seen){ .finished = 0 };
    cr_assert_eq(run(words, (dpk_batch_options){ .halt = DPK_HALT_NEVER }, &totals), DPK_OK, "%s",
                 err.text);
    for (unsigned i = 0; i < FILES; i++) {
        expect_done(i);
        cr_expect_eq(files[i].attempts, 1);
        cr_expect_gt(files[i].bytes_out, (uint64_t)ROWS * COLUMNS);
        cr_expect_lt(files[i].worker, workers);
    }
    cr_expect_eq(totals.done, FILES);
    cr_expect_eq(seen.finished, FILES);
    cr_expect_eq(totals.workers, workers);
    cr_expect(totals.idle >= 0 && totals.idle <= 1, "%g", totals.idle);
    cr_expect_eq(count_entries("."), 2 * FILES);
    expect_no_children();
}

Test(batch_workers, all_backends_do_all_files)
{
    expect_all_done("--backend=fork -j3", 3);
    expect_all_done("--backend=pool -j2", 2);
    expect_all_done("--backend=seq", 1);
    if (dpk_backend_find("omp")->unavailable() == NULL)
        expect_all_done("--backend=omp -j3", 3);
}

static void set_trap(const char *format, unsigned picture, unsigned number)
{
    char name[32];
    snprintf(name, sizeof name, format, picture, number);
    put_text(name, "");
}

Test(batch_workers, what_dead_workers_had_is_done_again)
{
    dpk_batch_totals totals;
    put_pictures();
    set_trap("kill-%u-%u", 5, 1);
    set_trap("kill-%u-%u", 5, 2);
    set_trap("kill-%u-%u", 11, 1);
    cr_assert_eq(run("--backend=fork -j2", (dpk_batch_options){ .timeout = 0 }, &totals), DPK_OK);
    for (unsigned i = 0; i < FILES; i++)
        expect_done(i);
    cr_expect_eq(totals.deaths, 3);
    cr_expect_eq(seen.notes, 3);
    cr_expect(strstr(seen.last_note, "(SIGABRT, ") != NULL, "%s", seen.last_note);
    cr_expect_eq(count_entries("."), 2 * FILES);
    expect_no_children();
}

/* With helpers, some of the deaths are theirs. */
Test(batch_workers, a_file_that_kills_its_workers_fails_alone)
{
    dpk_batch_totals totals;
    put_pictures();
    for (unsigned i = 1; i <= 9; i++)
        set_trap("kill-%u-%u", 7, i);
    cr_assert_eq(
        run("--backend=pool -j2 --retries=1", (dpk_batch_options){ .timeout = 0 }, &totals),
        DPK_OK);
    for (unsigned i = 0; i < FILES; i++)
        if (i != 7)
            expect_done(i);
    cr_expect_eq(files[7].state, DPK_BATCH_LOST);
    cr_expect_eq(files[7].status, DPK_WORKER_LOST);
    cr_expect_eq(files[7].attempts, 2);
    cr_expect(strstr(files[7].text, "2 workers have died of it") != NULL, "%s", files[7].text);
    cr_expect_eq(access(outputs[7], F_OK), -1);
    cr_expect_eq(totals.lost, 1);
    expect_no_children();
}

Test(batch_workers, a_file_that_hangs_is_ended_and_the_others_are_done)
{
    dpk_batch_totals totals;
    put_pictures();
    set_trap("hang-%u", 3, 0);
    cr_assert_eq(
        run("--backend=fork -j2 --retries=1", (dpk_batch_options){ .timeout = 1.5 }, &totals),
        DPK_OK);
    for (unsigned i = 0; i < FILES; i++)
        if (i != 3)
            expect_done(i);
    cr_expect_eq(files[3].state, DPK_BATCH_TIMED_OUT);
    cr_expect(strstr(files[3].text, "longer than 1.5 s") != NULL, "%s", files[3].text);
    expect_no_children();
}

/* Another user than root, who may have as many processes as there are: none but those. */
static void allow_no_processes(struct rlimit *processes)
{
    cr_assert_eq(chmod(".", 0777), 0);
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        cr_skip_test("root may have any number of processes, and cannot become another user here");
    prctl(PR_SET_DUMPABLE, 1); /* who changes users cannot be looked at by leak detectors */
    cr_assert_eq(getrlimit(RLIMIT_NPROC, processes), 0);
    cr_assert_eq(setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, processes->rlim_max }), 0);
}

static void expect_done_alone(const char *backend)
{
    dpk_batch_totals totals;
    struct rlimit processes;
    put_pictures();
    allow_no_processes(&processes);
    cr_assert_eq(run(backend, (dpk_batch_options){ .timeout = 0 }, &totals), DPK_OK, "%s",
                 err.text);
    for (unsigned i = 0; i < FILES; i++)
        expect_done(i);
    cr_expect_eq(totals.workers, 1);
    cr_expect(strstr(seen.last_note, "this process does the files itself") != NULL, "%s",
              seen.last_note);
    cr_expect_eq(setrlimit(RLIMIT_NPROC, &processes), 0); /* leak detectors start one */
}

Test(batch_workers, without_processes_the_caller_does_all)
{
    expect_done_alone("--backend=fork -j2");
}

Test(batch_workers, without_threads_the_caller_does_all)
{
    if (dpk_backend_find("omp")->unavailable() != NULL)
        cr_skip_test("this build has no threads");
    expect_done_alone("--backend=omp -j2");
}

Test(batch_workers, a_time_out_needs_processes)
{
    dpk_batch_totals totals;
    put_pictures();
    cr_expect_eq(run("--backend=seq", (dpk_batch_options){ .timeout = 1 }, &totals), DPK_USAGE);
    cr_expect(strstr(err.text, "--timeout") != NULL, "%s", err.text);
}

/* Small files, too, though each of them is done by one thread alone. */
Test(batch_workers, what_must_not_run_on_threads_does_not)
{
    dpk_batch_totals totals;
    if (dpk_backend_find("omp")->unavailable() != NULL)
        cr_skip_test("this build has no threads");
    put_pictures();
    kernel.not_on_threads = "it counts";
    cr_expect_eq(run("--backend=omp -j2", (dpk_batch_options){ .timeout = 0 }, &totals), DPK_USAGE);
    cr_expect(strstr(err.text, "it counts") != NULL, "%s", err.text);
    cr_expect_eq(run("--backend=fork -j2", (dpk_batch_options){ .timeout = 0 }, &totals), DPK_OK);
    cr_expect_eq(totals.done, FILES);
}

Test(batch_workers, soon_leaves_what_is_not_begun)
{
    dpk_batch_totals totals;
    put_pictures();
    seen = (struct seen){ .stop_after = 1 };
    cr_assert_eq(run("--backend=seq", (dpk_batch_options){ .timeout = 0 }, &totals), DPK_OK);
    cr_expect_eq(totals.done, 1);
    cr_expect_eq(totals.waiting, FILES - 1);
    cr_expect_eq(files[FILES - 1].state, DPK_BATCH_DONE, "the most costly one comes first");
}

Test(batch_workers, files_that_do_not_fit_together_follow_each_other)
{
    dpk_batch_totals totals;
    put_pictures();
    cr_assert_eq(run("--backend=fork -j3", (dpk_batch_options){ .memory_limit = 1 }, &totals),
                 DPK_OK);
    size_t most = 0;
    for (unsigned i = 0; i < FILES; i++) {
        expect_done(i);
        most = files[i].memory > most ? files[i].memory : most;
    }
    cr_expect_leq(totals.memory_most, most, "two at a time");
}
