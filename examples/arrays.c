/* SPDX-License-Identifier: MIT */
/* arrays: a kernel on an array in memory. Prints one element of the result.
 *
 *     arrays [BACKEND] */
#include <dpk/run.h>
#include <stdio.h>

enum { ROWS = 480, COLUMNS = 640 };

/* A bright square on a dark ground. */
static void draw(float *pixels)
{
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++)
            pixels[y * COLUMNS + x] = y >= 100 && y < 300 && x >= 200 && x < 400 ? 1.0f : 0.0f;
}

int main(int count, char **words)
{
    static float pixels[ROWS * COLUMNS];
    const size_t shape[DPK_MAX_RANK] = { ROWS, COLUMNS };
    dpk_array in = dpk_array_over(pixels, DPK_F32, 2, shape);
    dpk_options options = dpk_options_default();
    if (count > 1)
        options.backend = words[1];
    draw(pixels);

    dpk_library *library = NULL;
    dpk_job *job = NULL;
    dpk_error err;
    bool done =
        dpk_library_open(&library, &err) == DPK_OK &&
        dpk_job_open(&job, library, "blur", "sigma=2 edge=mirror", &options, &err) == DPK_OK &&
        dpk_job_input(job, 0, &in, &err) == DPK_OK && dpk_job_run(job, &err) == DPK_OK;
    if (done) {
        const dpk_array *out = dpk_job_output(job, 0);
        const float *row = (const float *)dpk_row(out, 100);
        printf("%zu x %zu, at the edge of the square: %.4f\n", out->shape[0], out->shape[1],
               (double)row[300]);
    } else {
        fprintf(stderr, "arrays: %s\n", err.text);
    }
    dpk_job_close(job);
    dpk_library_close(library);
    return done ? 0 : 1;
}
