/* SPDX-License-Identifier: MIT */
/* executors.c BACKEND WHAT JOBS [TASKS]: dpk's executor, for bench/executors.sh. Prints
 * microseconds per task, of opening until each worker has done a task, or of closing; with `soak`,
 * what there is before and after so many tasks by map and as many by submit + next. */
#define _POSIX_C_SOURCE 200809L
#include "executors.h"

#include <dirent.h>
#include <dpk/executor.h>
#include <unistd.h>

static dpk_error err;

static void must(dpk_status status)
{
    if (status != DPK_OK) {
        fprintf(stderr, "executors: %s\n", err.text);
        exit(1);
    }
}

static int empty(const void *argument, void *result, dpk_task *task)
{
    (void)task;
    *(size_t *)result = task_empty(*(const size_t *)argument);
    return 0;
}

static int busy(const void *argument, void *result, dpk_task *task)
{
    (void)task;
    *(size_t *)result = task_busy(*(const size_t *)argument);
    return 0;
}

struct plan {
    dpk_executor executor;
    dpk_task_function *function;
};

/* ------------------------------------------------------------------------- what is timed */

static bool run_map(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t *numbers = calloc(2 * count, sizeof *numbers), *results = numbers + count, right = 0;
    if (numbers == NULL)
        exit(1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = i;
    must(dpk_executor_map(plan->executor, plan->function, count, numbers, sizeof *numbers, results,
                          sizeof *results, &err));
    while (right < count && results[right] == right + 1)
        right++;
    free(numbers);
    return right == count;
}

/* All results together are those of 0 to count - 1, in whatever order. */
static bool run_submit(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t sum = 0, result;
    dpk_future future;
    for (size_t i = 0; i < count; i++)
        must(dpk_executor_submit(plan->executor, &future, plan->function, &i, sizeof i, &err));
    for (size_t i = 0; i < count; i++) {
        must(dpk_executor_next(plan->executor, &future, -1, &result, sizeof result, NULL, &err));
        sum += result;
    }
    return sum == count * (count + 1) / 2;
}

/* One after the other: what it takes to hand over a task and to hear that it is done. */
static bool run_trips(void *context, size_t count)
{
    const struct plan *plan = context;
    size_t right = 0, result;
    dpk_future future;
    for (size_t i = 0; i < count; i++) {
        must(dpk_executor_submit(plan->executor, &future, plan->function, &i, sizeof i, &err));
        must(dpk_executor_wait(plan->executor, future, -1, &result, sizeof result, NULL, &err));
        right += result == i + 1;
    }
    return right == count;
}

static dpk_executor open_executor(const char *backend, int jobs, size_t chunk)
{
    dpk_executor executor;
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = backend;
    options.workers = jobs;
    options.chunk = chunk;
    must(dpk_executor_open(&executor, &options, &err));
    return executor;
}

static void time_opening(const char *backend, int jobs, bool closing)
{
    uint64_t begin = now_ns();
    struct plan plan = { open_executor(backend, jobs, 1), empty };
    check(run_map(&plan, (size_t)jobs), backend);
    uint64_t opened = now_ns();
    must(dpk_executor_close(plan.executor, &err));
    uint64_t closed = now_ns();
    printf("%.1f\n", (double)(closing ? closed - opened : opened - begin) / 1e3);
}

static void measure(const char *backend, const char *what, int jobs)
{
    struct plan plan = { open_executor(backend, jobs, strcmp(what, "map") == 0 ? 1 : 0),
                         strncmp(what, "busy", 4) == 0 ? busy : empty };
    run_function *run = strcmp(what, "trip") == 0        ? run_trips
                        : strstr(what, "submit") != NULL ? run_submit
                                                         : run_map;
    print_per_task(run, &plan, what);
    must(dpk_executor_close(plan.executor, &err));
}

/* ------------------------------------------------------------------------ what is left */

struct left {
    size_t kib, descriptors, threads, processes; /* threads of this process alone */
};

/* The proportional set size of a process, in KiB: a page that n processes share counts 1/n. */
static size_t memory_of(long pid)
{
    char path[64], line[128];
    size_t kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && kib == 0 && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Pss: %zu", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return kib;
}

/* Without "." and "..". */
static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count > 2 ? count - 2 : 0;
}

/* This process and its children; children that have ended but were not joined count, too. */
static struct left look(void)
{
    struct left left = { memory_of((long)getpid()), count_entries("/proc/self/fd"),
                         count_entries("/proc/self/task"), 1 };
    char path[64];
    long child;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "r");
    while (file != NULL && fscanf(file, "%ld", &child) == 1) {
        left.kib += memory_of(child);
        left.processes++;
    }
    if (file != NULL)
        fclose(file);
    return left;
}

static bool are_alike(struct left a, struct left b)
{
    return a.descriptors == b.descriptors && a.threads == b.threads && a.processes == b.processes;
}

static void print_left(const char *moment, struct left left)
{
    printf("| %s | %zu | %zu | %zu | %zu |\n", moment, left.kib, left.descriptors, left.threads,
           left.processes);
}

/* By portions, as results that nobody has asked for yet are kept. */
static void execute(struct plan *plan, size_t tasks)
{
    const size_t portion = 1000;
    for (size_t i = 0; i < tasks; i += portion) {
        size_t count = tasks - i < portion ? tasks - i : portion;
        check(run_map(plan, count) && run_submit(plan, count), "soak");
    }
}

static void soak(const char *backend, int jobs, size_t tasks)
{
    char moment[64];
    size_t first = tasks / 100 > 2000 ? tasks / 100 : tasks < 4000 ? tasks / 2 : 2000;
    struct left before = look();
    struct plan plan = { open_executor(backend, jobs, 0), empty };
    execute(&plan, first);
    struct left early = look();
    execute(&plan, tasks - first);
    struct left late = look();
    must(dpk_executor_close(plan.executor, &err));
    struct left after = look();
    printf(
        "| %s | memory, KiB | descriptors | threads | processes |\n"
        "| --- | ---: | ---: | ---: | ---: |\n",
        backend);
    print_left("before it is opened", before);
    snprintf(moment, sizeof moment, "after 2 × %zu tasks", first);
    print_left(moment, early);
    snprintf(moment, sizeof moment, "after 2 × %zu tasks", tasks);
    print_left(moment, late);
    print_left("after it is closed", after);
    bool alike = are_alike(early, late) && are_alike(before, after);
    printf(
        "\n%s: descriptors, threads and processes %s; memory changed by %+ld KiB from the second "
        "line to the third\n\n",
        backend, alike ? "are as before" : "HAVE BECOME OTHERS", (long)late.kib - (long)early.kib);
}

int main(int count, char **words)
{
    if (count < 4) {
        fprintf(stderr, "usage: executors BACKEND WHAT JOBS [TASKS]\n");
        return 2;
    }
    const char *backend = words[1], *what = words[2];
    int jobs = atoi(words[3]);
    if (strcmp(what, "soak") == 0)
        soak(backend, jobs, count > 4 ? strtoull(words[4], NULL, 10) : 1000000);
    else if (strcmp(what, "open") == 0 || strcmp(what, "close") == 0)
        time_opening(backend, jobs, what[0] == 'c');
    else
        measure(backend, what, jobs);
    return 0;
}
