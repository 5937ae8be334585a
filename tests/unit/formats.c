/* SPDX-License-Identifier: MIT */
/* formats.c: formats as jobs use them: their options, the ISA level, and many at the same time. */
#include "engine/job.h"
#include "files.h"
#include "formats/png/png_deflate.h"
#include "formats/png/png_parts.h"
#include "formats/png/png_plain.h"

#include <pthread.h>

TestSuite(formats, .init = enter_directory, .fini = remove_directory);

static dpk_library *library;
static dpk_error err;

static void open_library(void)
{
    cr_assert_eq(dpk_library_open(&library, &err), DPK_OK, "%s", err.text);
}

/* Runs invert from file to file; the job is to be closed. */
static dpk_status invert(dpk_job **job, const char *settings, const char *in, const char *out,
                         dpk_error *error)
{
    dpk_status status = dpk_job_open(job, library, "invert", settings, NULL, error);
    if (status == DPK_OK)
        status = dpk_job_read(*job, 0, in, error);
    if (status == DPK_OK)
        status = dpk_job_write(*job, 0, out, error);
    return status == DPK_OK ? dpk_job_run(*job, error) : status;
}

static void put_picture(const char *path, size_t rows)
{
    extern const dpk_format dpk_format_png;
    dpk_array array = make_array(DPK_U8, 3, rows, 300, 3, 0);
    for (size_t i = 0; i < dpk_count(&array); i++)
        ((uint8_t *)array.data)[i] %= 4;
    cr_assert_eq(write_path(&dpk_format_png, path, &array, NULL, rows, NULL, &err), DPK_OK);
    free(array.data);
}

Test(formats, options_are_listed_with_those_of_jobs)
{
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    size_t found = 0;
    for (size_t i = 0; dpk_formats[i] != NULL; i++) {
        const dpk_format *format = dpk_formats[i];
        const char *options = dpk_job_format_options(&settings, format);
        cr_expect_eq(options != NULL, format->params != NULL, "%s", format->name);
        for (const dpk_param *own = format->params; own != NULL && own->name != NULL; own++) {
            const dpk_param *listed = settings.params;
            while (listed->name != NULL && strcmp(listed->name, own->name) != 0)
                listed++;
            cr_assert_not_null(listed->name, "--%s is not listed", own->name);
            cr_expect_eq((const char *)&settings + listed->offset, options + own->offset);
            cr_expect(strncmp(own->name, format->name, strlen(format->name)) == 0, "--%s",
                      own->name);
            found++;
        }
    }
    cr_expect_gt(found, 0u);
}

/* The same for a job: each has its own. */
Test(formats, options_reach_the_writer)
{
    static const char *const words[] = { "png=fast", "", "png=balanced", "png=small" };
    static const unsigned wanted[] = { DPK_PNG_FAST, DPK_PNG_BALANCED, DPK_PNG_BALANCED,
                                       DPK_PNG_SMALL };
    open_library();
    put_picture("in.png", 100);
    off_t sizes[4];
    for (size_t i = 0; i < 4; i++) {
        dpk_job *job;
        struct stat status;
        cr_assert_eq(invert(&job, words[i], "in.png", "out.png", &err), DPK_OK, "%s", err.text);
        const dpk_png_options *options = job->writers[0].options;
        cr_expect_eq(options->png, wanted[i], "%s", words[i]);
        dpk_job_close(job);
        cr_assert_eq(stat("out.png", &status), 0);
        sizes[i] = status.st_size;
    }
    cr_expect_eq(sizes[1], sizes[2]);
    cr_expect_lt(sizes[3], sizes[0]);
    dpk_library_close(library);
}

/* A fault that hides at one level would hide at all of them if files took the best one always. */
Test(formats, filters_follow_the_level)
{
    open_library();
    put_picture("in.png", 10);
    for (int isa = DPK_ISA_BASE; isa <= (int)dpk_isa_best(); isa++) {
        dpk_job *job;
        char settings[32];
        snprintf(settings, sizeof settings, "isa=%s backend=seq", dpk_isa_name((dpk_isa)isa));
        dpk_error error = { 0 };
        if (invert(&job, settings, "in.png", "out.png", &error) == DPK_OK) {
            const dpk_png_plain *plain = *dpk_png_plain_of(&job->readers[0]);
            cr_assert_not_null(plain);
            cr_expect_eq(plain->filter, dpk_png_filter_at((dpk_isa)isa), "%s", settings);
            cr_expect_eq(job->writers[0].isa, (dpk_isa)isa);
        } else {
            cr_expect_neq(isa, DPK_ISA_BASE, "%s", error.text);
        }
        dpk_job_close(job);
    }
    dpk_library_close(library);
}

/* ----------------------------------------------------------------------------- at the same time */

enum { THREADS = 4, ROUNDS = 25 };

static const char *const suffixes[] = { "png", "ppm", "pam", "npy" };

/* From each format to each, one after the other; the picture comes back as it was. */
static bool go_around(unsigned thread, unsigned round)
{
    char in[32], out[32];
    snprintf(in, sizeof in, "in.png");
    for (unsigned step = 0; step < 4; step++) {
        dpk_job *job;
        dpk_error error;
        snprintf(out, sizeof out, "%u-%u.%s", thread, step, suffixes[(round + step) % 4]);
        dpk_status status = invert(&job, "backend=seq", in, out, &error);
        dpk_job_close(job);
        if (status != DPK_OK)
            return false;
        strcpy(in, out);
    }
    struct session first, last;
    const dpk_format *format = dpk_format_find(suffixes[(round + 3) % 4]);
    bool same = read_path(&first, dpk_format_find("png"), "in.png", 10) == DPK_OK &&
                read_path(&last, format, in, 10) == DPK_OK &&
                same_array(&first.reader.array, &last.reader.array);
    end_session(&first);
    end_session(&last);
    return same;
}

static void *run_many(void *argument)
{
    size_t wrong = 0;
    for (unsigned round = 0; round < ROUNDS; round++)
        wrong += !go_around(*(const unsigned *)argument, round);
    return (void *)wrong;
}

Test(formats, several_at_the_same_time, .timeout = 120)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    open_library();
    put_picture("in.png", 61);
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, run_many, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong;
        cr_assert_eq(pthread_join(threads[i], &wrong), 0);
        cr_expect_null(wrong);
    }
    dpk_library_close(library);
}
