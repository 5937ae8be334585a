/* SPDX-License-Identifier: MIT */
/* stream_losses: workers of a stream die, wherever they are, and the files are as if nobody had. */
#include "stream_play.h"

#include "play.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

TestSuite(stream_losses, .init = open_stage, .fini = close_stage, .timeout = 300);

/* Tall enough to have some bands, and of those that are decoded by parts enough parts. */
enum { ROWS = 3000, COLUMNS = 40, LAST = ROWS - 1 };

/* Of the second, which see the arena alone, nobody but the leader writes in place and decodes. */
static const char *const backends[] = { "fork", "pool" };
enum { BACKENDS = 2 };

static const size_t struck_rows[] = { 0, ROWS / 2, LAST };

static void expect_survival(const struct scene *scene, enum point point, size_t row, int times,
                            const char *what)
{
    char note[2048];
    dpk_error err = { .text = "" };
    size_t descriptors = open_descriptors(), files = count_files();
    strike->point = point;
    strike->row = row;
    atomic_store(&strike->left, times);
    atomic_store(&strike->hits, 0);
    dpk_status status = run_scene(scene, note, sizeof note, &err);
    cr_expect(status == DPK_OK, "%s, row %zu: %s", what, row, err.text);
    cr_expect(atomic_load(&strike->hits) == times, "%s, row %zu: %d of %d died", what, row,
              atomic_load(&strike->hits), times);
    cr_expect(outputs_are_right(scene), "%s, row %zu: other bytes", what, row);
    cr_expect(count_files() == files, "%s: a file is left", what);
    cr_expect(open_descriptors() == descriptors, "%s: a descriptor is left", what);
    expect_no_children();
}

static void expect_survivals(const struct scene *scene, enum point point, const char *what)
{
    run_undisturbed(scene);
    for (size_t i = 0; i < sizeof struck_rows / sizeof *struck_rows; i++)
        expect_survival(scene, point, struck_rows[i], 1, what);
}

/* ------------------------------------------------------------------------ wherever they are */

Test(stream_losses, in_the_kernel)
{
    static const char *const jobs[] = { "--jobs=1", "--jobs=2", "--jobs=5" };
    static const char *const schedules[] = { "--schedule=dynamic", "--schedule=static" };
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    for (size_t i = 0; i < BACKENDS * 3 * 2; i++) {
        const struct scene scene = { .kernel = &kernel_smooth,
                                     .inputs = { "in.ppm" },
                                     .outputs = { "out.ppm" },
                                     .backend = backends[i / 6],
                                     .words = { jobs[i % 3], schedules[i % 2] } };
        expect_survivals(&scene, AT_ROW, jobs[i % 3]);
    }
}

Test(stream_losses, while_they_encode)
{
    make_picture("in.pgm", DPK_U16, ROWS, 8 * COLUMNS, 1);
    for (size_t i = 0; i < BACKENDS; i++) {
        const struct scene scene = { .kernel = &kernel_smooth,
                                     .inputs = { "in.pgm" },
                                     .outputs = { "out.png" },
                                     .backend = backends[i],
                                     .words = { "--jobs=3" } };
        expect_survivals(&scene, BEFORE_ENCODING, "before encoding");
        expect_survivals(&scene, AFTER_ENCODING, "after encoding");
    }
}

Test(stream_losses, while_they_write)
{
    static const char *const outputs[] = { "out.ppm", "out.npy" };
    make_picture("in.png", DPK_U8, ROWS, COLUMNS, 3);
    for (size_t i = 0; i < 2; i++) {
        const struct scene scene = { .kernel = &kernel_smooth,
                                     .inputs = { "in.png" },
                                     .outputs = { outputs[i] },
                                     .backend = "fork",
                                     .words = { "--jobs=3" } };
        expect_survivals(&scene, BEFORE_WRITING, "before writing");
        expect_survivals(&scene, HALF_WRITTEN, "half written");
        expect_survivals(&scene, AFTER_WRITING, "after writing");
    }
}

Test(stream_losses, while_they_decode_parts)
{
    make_picture("in.png", DPK_U16, 2 * ROWS, 3 * COLUMNS, 3);
    static const char *const schedules[] = { "--schedule=dynamic", "--schedule=static" };
    for (size_t s = 0; s < 2; s++) {
        const struct scene scene = { .kernel = &kernel_smooth,
                                     .inputs = { "in.png" },
                                     .outputs = { "out.ppm" },
                                     .backend = "fork",
                                     .words = { "--jobs=2", schedules[s] } };
        expect_survivals(&scene, BEFORE_DECODING, "before decoding");
        expect_survivals(&scene, AFTER_DECODING, "after decoding");
        expect_survivals(&scene, AT_ROW, "in the kernel, of parts");
    }
}

Test(stream_losses, of_several_inputs_and_outputs)
{
    make_picture("a.png", DPK_U8, ROWS, 15 * COLUMNS, 1);
    make_picture("b.pgm", DPK_U8, ROWS, 15 * COLUMNS, 1);
    struct scene scene = { .kernel = &kernel_both,
                           .inputs = { "a.png", "b.pgm" },
                           .outputs = { "c.png", "d.png" },
                           .words = { "--jobs=3" } };
    for (size_t i = BACKENDS; i-- > 0;) {
        scene.backend = backends[i];
        expect_survivals(&scene, AT_ROW, "two to two");
        expect_survivals(&scene, AFTER_ENCODING, "two to two, after encoding");
    }
    scene.outputs[0] = "c.pgm";
    scene.outputs[1] = "d.pgm";
    expect_survivals(&scene, AT_ROW, "two to two, in place");
    expect_survivals(&scene, HALF_WRITTEN, "two to two, half written");
}

/* ------------------------------------------------------------------------------- however they end
 */

static void ends_quietly(void)
{
    _exit(0);
}

static const struct scene plain = { .kernel = &kernel_smooth,
                                    .inputs = { "in.ppm" },
                                    .outputs = { "out.ppm" },
                                    .backend = "fork",
                                    .words = { "--jobs=2" } };

Test(stream_losses, however_they_end)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGTERM, SIGPIPE };
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    run_undisturbed(&plain);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        strike->signal = signals[i];
        expect_survival(&plain, AT_ROW, ROWS / 2, 1, strsignal(signals[i]));
    }
    strike->instead = ends_quietly;
    expect_survival(&plain, AT_ROW, ROWS / 2, 1, "exit");
}

/* Stops all other workers that have had something to do, whatever they are doing now. */
static void stops_the_others(void)
{
    for (size_t i = 0; i < sizeof strike->workers / sizeof *strike->workers; i++) {
        pid_t worker = atomic_load(&strike->workers[i]);
        if (worker != 0 && worker != getpid())
            kill(worker, SIGSTOP);
    }
}

static void expect_hung_ones_to_be_ended(const struct scene *scene)
{
    run_undisturbed(scene);
    strike->signal = SIGSTOP;
    expect_survival(scene, AT_ROW, ROWS / 2, 1, "stopped in the kernel");
    strike->instead = stops_the_others;
    for (size_t row = ROWS / 3; row < ROWS; row += ROWS / 3) {
        memset(strike->workers, 0, sizeof strike->workers);
        expect_survival(scene, AT_ROW, row - 1, 1, "others stopped");
    }
    strike->instead = NULL;
}

Test(stream_losses, hung_ones_are_ended)
{
    static const char *const schedules[] = { "--schedule=dynamic", "--schedule=static" };
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    for (size_t i = 0; i < BACKENDS * 2; i++) {
        struct scene scene = plain;
        scene.backend = backends[i / 2];
        scene.words[1] = "--timeout=0.2";
        scene.words[2] = schedules[i % 2];
        scene.words[3] = "--retries=20"; /* of slow machines, which make workers look hung */
        expect_hung_ones_to_be_ended(&scene);
    }
}

Test(stream_losses, as_often_as_there_are_retries)
{
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    struct scene scene = plain;
    scene.words[1] = "--retries=5";
    run_undisturbed(&scene);
    expect_survival(&scene, AT_ROW, ROWS / 2, 5, "five times");
}

/* Of the band too many have died, but of no row alone: it is done in halves. */
Test(stream_losses, a_band_that_is_unlucky)
{
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    run_undisturbed(&plain);
    expect_survival(&plain, AT_ROW, ROWS / 2, 4, "four times");
    struct scene scene = plain;
    scene.outputs[0] = "out.png";
    run_undisturbed(&scene);
    expect_survival(&scene, AFTER_ENCODING, ROWS / 2, 4, "four times, encoding");
}

/* --------------------------------------------------------------------------- what is deadly */

static void expect_blame(const struct scene *scene, enum point point, size_t row, const char *words)
{
    char note[2048];
    dpk_error err = { .text = "" };
    size_t files = count_files();
    strike->point = point;
    strike->row = row;
    atomic_store(&strike->left, 1000);
    cr_expect(run_scene(scene, note, sizeof note, &err) == DPK_WORKER_LOST, "%s", err.text);
    cr_expect(strstr(err.text, words) != NULL, "'%s' does not say '%s'", err.text, words);
    cr_expect(strstr(err.text, "SIGKILL") != NULL, "%s", err.text);
    cr_expect(count_files() == files, "a file is left");
    expect_no_children();
}

Test(stream_losses, a_deadly_row_is_named)
{
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    for (size_t i = 0; i < BACKENDS * 3; i++) {
        char words[32];
        size_t row = struck_rows[i % 3];
        snprintf(words, sizeof words, "row %zu, of band ", row);
        struct scene scene = plain;
        scene.backend = backends[i / 3];
        expect_blame(&scene, AT_ROW, row, words);
        scene.outputs[0] = "out.png";
        scene.words[1] = "--schedule=static";
        expect_blame(&scene, AT_ROW, row, words);
    }
}

Test(stream_losses, the_first_death_is_the_last_without_retries)
{
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    struct scene scene = plain;
    scene.words[1] = "--retries=0";
    expect_blame(&scene, AT_ROW, 0, "while it worked on band 0 of ");
    cr_expect(atomic_load(&strike->left) == 999);
}

Test(stream_losses, deadly_encoding_is_told_from_computing)
{
    make_picture("in.ppm", DPK_U8, ROWS, COLUMNS, 3);
    struct scene scene = plain;
    expect_blame(&scene, HALF_WRITTEN, 0, ", to be encoded or written");
    scene.outputs[0] = "out.png";
    expect_blame(&scene, BEFORE_ENCODING, LAST, ", to be encoded or written");
}

Test(stream_losses, a_deadly_part_is_named)
{
    make_picture("in.png", DPK_U16, 2 * ROWS, 3 * COLUMNS, 3);
    struct scene scene = plain;
    scene.inputs[0] = "in.png";
    expect_blame(&scene, BEFORE_DECODING, 0, "part 0 of ");
}
