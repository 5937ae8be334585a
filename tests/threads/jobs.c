/* SPDX-License-Identifier: MIT */
/* jobs: several threads of one program run jobs at the same time, on threads and sequentially, on
 * arrays and files. For the thread sanitizer, which Criterion does not survive. */
#include <dpk/run.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, JOBS_EACH = 25, ROWS = 300, COLUMNS = 200 };

static dpk_library *library;
static float pixels[ROWS * COLUMNS];
static const size_t shape[DPK_MAX_RANK] = { ROWS, COLUMNS };

/* Through a file of the thread's own and back. */
static bool run_one(const char *settings, const char *path)
{
    const dpk_array in = dpk_array_over(pixels, DPK_F32, 2, shape);
    dpk_job *forth = NULL, *back = NULL;
    dpk_error err;
    bool done = dpk_job_open(&forth, library, "invert", settings, NULL, &err) == DPK_OK &&
                dpk_job_input(forth, 0, &in, &err) == DPK_OK &&
                dpk_job_write(forth, 0, path, &err) == DPK_OK &&
                dpk_job_run(forth, &err) == DPK_OK &&
                dpk_job_open(&back, library, "invert", settings, NULL, &err) == DPK_OK &&
                dpk_job_read(back, 0, path, &err) == DPK_OK && dpk_job_run(back, &err) == DPK_OK;
    if (!done)
        fprintf(stderr, "%s\n", err.text);
    done = done && memcmp(dpk_job_output(back, 0)->data, pixels, sizeof pixels) == 0;
    dpk_job_close(back);
    dpk_job_close(forth);
    return done;
}

static void *run_many(void *number)
{
    const unsigned *mine = number;
    const char *settings = *mine % 2 == 0 ? "backend=omp jobs=3" : "backend=seq";
    char path[64];
    size_t wrong = 0;
    snprintf(path, sizeof path, "jobs-%d-%u.npy", (int)getpid(), *mine);
    for (int i = 0; i < JOBS_EACH; i++)
        wrong += !run_one(settings, path);
    unlink(path);
    return (void *)wrong;
}

int main(void)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    dpk_error err;
    size_t wrong = 0;
    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i++)
        pixels[i] = (float)(i % 2);
    if (dpk_library_open(&library, &err) != DPK_OK)
        return 1;
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        wrong += pthread_create(&threads[i], NULL, run_many, &numbers[i]) != 0;
    }
    for (unsigned i = 0; i < THREADS && wrong == 0; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        wrong += (size_t)result;
    }
    dpk_library_close(library);
    printf("%zu wrong\n", wrong);
    return wrong == 0 ? 0 : 1;
}
