/* SPDX-License-Identifier: MIT */
/* files: kernels on files and in between, with nothing decoded or encoded twice: a picture is
 * blurred in memory, and its edges go to a file.
 *
 *     files IN OUT [BACKEND] */
#include <dpk/run.h>
#include <stdio.h>

/* What the job had to say, and where its time went. */
static void report(const char *name, const dpk_job *job)
{
    dpk_stats stats;
    stats.size = sizeof stats;
    dpk_job_stats(job, &stats);
    for (size_t i = 0; dpk_job_note(job, i) != NULL; i++)
        fprintf(stderr, "%s: %s\n", name, dpk_job_note(job, i));
    fprintf(stderr, "%s: %.1f ms, %.1f ms of it work for each of %zu workers\n", name,
            stats.wall * 1e3, stats.work * 1e3 / (double)stats.workers, stats.workers);
}

static dpk_status blur(dpk_job *job, const char *path, dpk_error *err)
{
    dpk_status status = dpk_job_read(job, 0, path, err);
    return status == DPK_OK ? dpk_job_run(job, err) : status;
}

static dpk_status edges(dpk_job *job, const dpk_array *picture, const char *path, dpk_error *err)
{
    dpk_status status = dpk_job_input(job, 0, picture, err);
    if (status == DPK_OK)
        status = dpk_job_write(job, 0, path, err);
    return status == DPK_OK ? dpk_job_run(job, err) : status;
}

int main(int count, char **words)
{
    if (count < 3) {
        fprintf(stderr, "usage: files IN OUT [BACKEND]\n");
        return 2;
    }
    dpk_options options = dpk_options_default();
    options.backend = count > 3 ? words[3] : NULL;
    dpk_library *library = NULL;
    dpk_job *first = NULL, *second = NULL;
    dpk_error err;
    bool done = dpk_library_open(&library, &err) == DPK_OK &&
                dpk_job_open(&first, library, "blur", "sigma=1.5", &options, &err) == DPK_OK &&
                dpk_job_open(&second, library, "sobel", NULL, &options, &err) == DPK_OK &&
                blur(first, words[1], &err) == DPK_OK &&
                edges(second, dpk_job_output(first, 0), words[2], &err) == DPK_OK;
    if (done) {
        report("blur", first);
        report("sobel", second);
    } else {
        fprintf(stderr, "files: %s\n", err.text);
    }
    dpk_job_close(second);
    dpk_job_close(first);
    dpk_library_close(library);
    return done ? 0 : 1;
}
