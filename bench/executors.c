/* SPDX-License-Identifier: MIT */
/* executors: what executors of <dpk/executor.h> take for a task, on each backend.
 *
 *     executors [BACKEND…] [--workers=N] [--soak=TASKS]
 *
 * Prints a line for each backend: microseconds to open and close; per task of an empty map, in
 * chunks that the executor chooses and one by one; to submit empty tasks and ask for the next that
 * is completed, many in flight and one at a time; and what a map of tasks of 10 microseconds takes
 * beyond its share of them. With --soak, what this process has before and after that many tasks. */
#include <dirent.h>
#include <dpk/executor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 9 };

static int workers = 2;

static double now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec * 1e6 + (double)moment.tv_nsec * 1e-3;
}

static int nothing(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    return 0;
}

static int spin(const void *argument, void *result, dpk_task *task)
{
    (void)argument, (void)result, (void)task;
    for (double end = now() + 10; now() < end;)
        continue;
    return 0;
}

static void must(dpk_status status, const dpk_error *err)
{
    if (status == DPK_OK)
        return;
    fprintf(stderr, "executors: %s\n", err->text);
    exit(1);
}

static dpk_executor open_executor(const char *backend, size_t chunk)
{
    dpk_executor executor;
    dpk_error err;
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = backend;
    options.workers = workers;
    options.chunk = chunk;
    must(dpk_executor_open(&executor, &options, &err), &err);
    return executor;
}

static void close_executor(dpk_executor executor)
{
    dpk_error err;
    must(dpk_executor_close(executor, &err), &err);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double values[REPEATS])
{
    qsort(values, REPEATS, sizeof *values, compare);
    return values[REPEATS / 2];
}

static void open_and_close(const char *backend, double *open_us, double *close_us)
{
    double opening[REPEATS], closing[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        double begin = now();
        dpk_executor executor = open_executor(backend, 0);
        double middle = now();
        close_executor(executor);
        opening[i] = middle - begin;
        closing[i] = now() - middle;
    }
    *open_us = median(opening);
    *close_us = median(closing);
}

static double map(const char *backend, dpk_task_function *function, size_t count, size_t chunk)
{
    double took[REPEATS];
    dpk_error err;
    dpk_executor executor = open_executor(backend, chunk);
    for (int i = 0; i < REPEATS; i++) {
        double begin = now();
        must(dpk_executor_map(executor, function, count, NULL, 0, NULL, 0, &err), &err);
        took[i] = (now() - begin) / (double)count;
    }
    close_executor(executor);
    return median(took);
}

/* Keeps up to `flying` tasks in flight. */
static void submit_and_ask(dpk_executor executor, size_t count, size_t flying)
{
    dpk_error err;
    dpk_future future;
    dpk_outcome outcome = dpk_outcome_default();
    for (size_t submitted = 0, asked = 0; asked < count;) {
        for (; submitted < count && submitted - asked < flying; submitted++)
            must(dpk_executor_submit(executor, &future, nothing, NULL, 0, &err), &err);
        size_t least = flying == 1 ? submitted : submitted - flying / 2;
        for (size_t end = submitted == count ? count : least; asked < end; asked++) {
            must(dpk_executor_next(executor, &future, -1, NULL, 0, &outcome, &err), &err);
            if (outcome.state != DPK_TASK_DONE)
                exit(1);
        }
    }
}

static double submit(const char *backend, size_t count, size_t flying)
{
    double took[REPEATS];
    dpk_executor executor = open_executor(backend, 0);
    for (int i = 0; i < REPEATS; i++) {
        double begin = now();
        submit_and_ask(executor, count, flying);
        took[i] = (now() - begin) / (double)count;
    }
    close_executor(executor);
    return median(took);
}

static void measure(const char *backend)
{
    bool starts = strcmp(backend, "fork") == 0; /* a process for each task */
    size_t many = starts ? 500 : 1000000, some = starts ? 200 : 100000;
    double open_us, close_us;
    open_and_close(backend, &open_us, &close_us);
    printf("%-8s %8.0f %8.0f", backend, open_us, close_us);
    fflush(stdout);
    printf(" %10.4f", map(backend, nothing, many, 0));
    printf(" %10.4f", map(backend, nothing, some, 1));
    fflush(stdout);
    printf(" %10.3f", submit(backend, some, 512));
    printf(" %10.3f", submit(backend, some / 4, 1));
    fflush(stdout);
    printf(" %10.3f\n", map(backend, spin, some / 10, 0));
}

/* ---------------------------------------------------------------------------------------- soak */

static size_t descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static void print_process(const char *moment, const char *backend)
{
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    printf("%-8s %-6s %zu descriptors", backend, moment, descriptors());
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0 || strncmp(line, "Threads:", 8) == 0)
            printf(", %.*s", (int)strcspn(line, "\n"), line);
    if (file != NULL)
        fclose(file);
    printf("\n");
}

static void soak(const char *backend, size_t tasks)
{
    dpk_error err;
    dpk_executor executor = open_executor(backend, 0);
    submit_and_ask(executor, tasks / 100 + 1, 512);
    print_process("before", backend);
    submit_and_ask(executor, tasks, 512);
    for (size_t i = 0; i < 1000; i++)
        must(dpk_executor_map(executor, nothing, tasks / 1000, NULL, 0, NULL, 0, &err), &err);
    print_process("after", backend);
    close_executor(executor);
    print_process("closed", backend);
}

int main(int count, char **words)
{
    static const char *const all[] = { "seq", "threads", "fork", "pool" };
    const char *chosen[16];
    size_t backends = 0, tasks = 0;
    for (int i = 1; i < count; i++) {
        if (strncmp(words[i], "--workers=", 10) == 0)
            workers = atoi(words[i] + 10);
        else if (strncmp(words[i], "--soak=", 7) == 0)
            tasks = strtoul(words[i] + 7, NULL, 10);
        else if (backends < 16)
            chosen[backends++] = words[i];
    }
    if (tasks == 0)
        printf("%-8s %8s %8s %10s %10s %10s %10s %10s\n", "us", "open", "close", "map",
               "map,1 by 1", "submit", "round trip", "map,10 us");
    for (size_t i = 0; i < (backends > 0 ? backends : 4); i++) {
        const char *backend = backends > 0 ? chosen[i] : all[i];
        if (tasks > 0)
            soak(backend, tasks);
        else
            measure(backend);
    }
    return 0;
}
