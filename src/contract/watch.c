/* SPDX-License-Identifier: MIT */
/* watch.c: some functions of the C library are replaced by ones that take notes; threads,
 * descriptors and output are counted before and after. What a kernel does by system calls of its
 * own, and a loop that waits for another worker, go unseen unless they leave one of these. */
#include "contract/watch.h"

#include "contract/intercept.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <threads.h>
#include <unistd.h>

/* What can be counted. */
struct count {
    size_t threads, descriptors;
};

static struct {
    const dpk_kernel *kernel;
    const char *pass;   /* that is running; NULL for none */
    bool balancing;     /* shape() or prepare() is running */
    long balance;       /* allocations that it made and did not free */
    const char *kept;   /* which of them kept memory */
    const char *caller; /* the pass that made the first call that is not allowed, */
    const char *called; /* and of what */
    struct count before, after;
    int output, error, file; /* copies of the descriptors, and what stands in their place */
    off_t written;
} watch = { .file = -1 };

/* --------------------------------------------------------------------------- replaced functions */

/* Taken by the thread that is watched. A thread that a pass started may come here, too; that it was
 * started is noted before. */
static void note(const char *function)
{
    if (watch.pass == NULL || watch.called != NULL)
        return;
    watch.caller = watch.pass;
    watch.called = function;
}

static void balance(bool allocated, bool freed)
{
    if (watch.balancing)
        watch.balance += (long)allocated - (long)freed;
}

/* WATCHED(result, name, (parameters), (arguments)): a replacement that notes the call. */
#define WATCHED(result, name, parameters, arguments)                                               \
    static result(*real_##name) parameters;                                                        \
    static result watched_##name parameters                                                        \
    {                                                                                              \
        note(#name);                                                                               \
        return real_##name arguments;                                                              \
    }

/* ALLOCATING(…): the same for what returns memory. */
#define ALLOCATING(name, parameters, arguments)                                                    \
    static void *(*real_##name)parameters;                                                         \
    static void *watched_##name parameters                                                         \
    {                                                                                              \
        note(#name);                                                                               \
        void *memory = real_##name arguments;                                                      \
        balance(memory != NULL, false);                                                            \
        return memory;                                                                             \
    }

ALLOCATING(malloc, (size_t bytes), (bytes))
ALLOCATING(calloc, (size_t count, size_t bytes), (count, bytes))
ALLOCATING(aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes))
ALLOCATING(memalign, (size_t alignment, size_t bytes), (alignment, bytes))

static void *(*real_realloc)(void *memory, size_t bytes);
static void *watched_realloc(void *memory, size_t bytes)
{
    note("realloc");
    void *moved = real_realloc(memory, bytes);
    balance(moved != NULL, memory != NULL && (moved != NULL || bytes == 0));
    return moved;
}

static int (*real_posix_memalign)(void **memory, size_t alignment, size_t bytes);
static int watched_posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    note("posix_memalign");
    int failed = real_posix_memalign(memory, alignment, bytes);
    balance(failed == 0, false);
    return failed;
}

static void (*real_free)(void *memory);
static void watched_free(void *memory)
{
    balance(false, memory != NULL);
    real_free(memory);
}

WATCHED(int, pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
WATCHED(int, pthread_mutex_trylock, (pthread_mutex_t * lock), (lock))
WATCHED(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
WATCHED(int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
WATCHED(int, pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
WATCHED(int, pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t *lock),
        (condition, lock))
WATCHED(int, sem_wait, (sem_t * semaphore), (semaphore))
WATCHED(int, mtx_lock, (mtx_t * lock), (lock))
WATCHED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *),
         void *context),
        (thread, attributes, start, context))
WATCHED(int, thrd_create, (thrd_t * thread, thrd_start_t start, void *context),
        (thread, start, context))
WATCHED(pid_t, fork, (void), ())

#define REPLACED(name)                                                                             \
    {                                                                                              \
#        name, (dpk_function *)watched_##name, (dpk_function **)&real_##name                       \
    }

void dpk_watch_install(void)
{
    static const dpk_interception table[] = {
        REPLACED(malloc),
        REPLACED(calloc),
        REPLACED(aligned_alloc),
        REPLACED(memalign),
        REPLACED(realloc),
        REPLACED(posix_memalign),
        REPLACED(free),
        REPLACED(pthread_mutex_lock),
        REPLACED(pthread_mutex_trylock),
        REPLACED(pthread_rwlock_rdlock),
        REPLACED(pthread_rwlock_wrlock),
        REPLACED(pthread_spin_lock),
        REPLACED(pthread_cond_wait),
        REPLACED(sem_wait),
        REPLACED(mtx_lock),
        REPLACED(pthread_create),
        REPLACED(thrd_create),
        REPLACED(fork),
    };
    (void)dpk_intercept(table, sizeof table / sizeof *table);
    watch.file = memfd_create("dpk", MFD_CLOEXEC);
}

/* ------------------------------------------------------------------------------------- counting */

/* Entries of a folder; 0 where there is none. */
static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static struct count count_now(void)
{
    return (struct count){ .threads = entries("/proc/self/task"),
                           .descriptors = entries("/proc/self/fd") };
}

/* Sends standard output and standard error to the file, or back. */
static void divert(bool away)
{
    if (watch.file < 0)
        return;
    fflush(NULL);
    if (away) {
        watch.output = dup(STDOUT_FILENO);
        watch.error = dup(STDERR_FILENO);
        dup2(watch.file, STDOUT_FILENO);
        dup2(watch.file, STDERR_FILENO);
        return;
    }
    dup2(watch.output, STDOUT_FILENO);
    dup2(watch.error, STDERR_FILENO);
    close(watch.output);
    close(watch.error);
}

void dpk_watch_begin(void)
{
    watch.kept = watch.caller = watch.called = NULL;
    if (watch.file >= 0 && ftruncate(watch.file, 0) == 0)
        lseek(watch.file, 0, SEEK_SET);
    watch.before = count_now();
    divert(true);
}

void dpk_watch_end(void)
{
    divert(false);
    watch.after = count_now();
    watch.written = watch.file >= 0 ? lseek(watch.file, 0, SEEK_END) : 0;
}

void dpk_watch_pass(const char *name)
{
    watch.pass = name;
}

static dpk_status balanced(dpk_status (*function)(void *self, dpk_arena *arena, dpk_error *err),
                           void *self, dpk_arena *arena, const char *name, dpk_error *err)
{
    watch.balance = 0;
    watch.balancing = true;
    dpk_status status = function(self, arena, err);
    watch.balancing = false;
    if (watch.balance > 0)
        watch.kept = name;
    return status;
}

static dpk_status shape(void *self, dpk_arena *arena, dpk_error *err)
{
    (void)arena;
    return watch.kernel->shape(self, err);
}

static dpk_status watched_shape(void *self, dpk_error *err)
{
    return balanced(shape, self, NULL, "shape", err);
}

static dpk_status watched_prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    return balanced(watch.kernel->prepare, self, arena, "prepare", err);
}

dpk_kernel dpk_watch_kernel(const dpk_kernel *kernel)
{
    dpk_kernel watched = *kernel;
    watch.kernel = kernel;
    if (kernel->shape != NULL)
        watched.shape = watched_shape;
    if (kernel->prepare != NULL)
        watched.prepare = watched_prepare;
    return watched;
}

const char *dpk_watch_text(char *text, size_t size)
{
    text[0] = '\0';
    if (watch.written > 0)
        snprintf(text, size, "it wrote %lld bytes to standard output or standard error",
                 (long long)watch.written);
    else if (watch.called != NULL)
        snprintf(text, size, "pass '%s' called %s()", watch.caller, watch.called);
    else if (watch.after.threads > watch.before.threads)
        snprintf(text, size, "it left %zu threads running",
                 watch.after.threads - watch.before.threads);
    else if (watch.after.descriptors != watch.before.descriptors)
        snprintf(text, size, "it left %zu descriptors open where there were %zu",
                 watch.after.descriptors, watch.before.descriptors);
    else if (watch.kept != NULL)
        snprintf(text, size, "%s() kept memory that is not from dpk_alloc", watch.kept);
    return text;
}
