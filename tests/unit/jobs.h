/* SPDX-License-Identifier: MIT */
/* jobs.h: what the tests of jobs share: a picture, and a job of a kernel by name. */
#ifndef DPK_TEST_JOBS_H
#define DPK_TEST_JOBS_H

#include "engine/job.h"
#include "files.h"

enum { ROWS = 48, COLUMNS = 40, COUNT = ROWS * COLUMNS };

static dpk_library *library;
static dpk_error err;

static inline void open_library(void)
{
    cr_assert_eq(dpk_library_open(&library, &err), DPK_OK, "%s", err.text);
}

/* A grey picture without an axis for its channel, another one for each seed. */
static inline dpk_array picture(unsigned char *samples, unsigned seed)
{
    dpk_array array = { .data = samples };
    dpk_array_shape(&array, DPK_U8, 2, (size_t[DPK_MAX_RANK]){ ROWS, COLUMNS });
    for (size_t i = 0; i < COUNT; i++)
        samples[i] = (unsigned char)(i * 7 + i / COLUMNS * seed);
    return array;
}

static inline void put_picture(const char *path, const unsigned char *samples)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    fprintf(file, "P5\n%d %d\n255\n", COLUMNS, ROWS);
    cr_assert_eq(fwrite(samples, 1, COUNT, file), (size_t)COUNT);
    cr_assert_eq(fclose(file), 0);
}

static inline dpk_job *open_job(const char *kernel, const char *settings)
{
    dpk_job *job;
    dpk_status status = dpk_job_open(&job, library, kernel, settings, NULL, &err);
    cr_assert_eq(status, DPK_OK, "%s", err.text);
    return job;
}

static bool inverts(const unsigned char *result, const unsigned char *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (result[i] != 255 - samples[i])
            return false;
    return true;
}

static inline void expect_refused(dpk_status status, dpk_status wanted, const char *words)
{
    cr_expect_eq(status, wanted, "%s: status %d", words, status);
    cr_expect(strstr(err.text, words) != NULL, "'%s' does not say '%s'", err.text, words);
}

#endif
