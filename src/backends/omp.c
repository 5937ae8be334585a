/* SPDX-License-Identifier: MIT */
/* omp: OpenMP threads, one parallel for over the chunks. The only file that speaks OpenMP. */
#include "machine/pin.h"
#include "workers/backend.h"
#include "workers/fault.h"

struct state {
    dpk_affinity caller; /* before the runtime may bind it to a processor */
    bool can_end;        /* threads */
};

#ifdef _OPENMP

#    include <ctype.h>
#    include <dlfcn.h>
#    include <errno.h>
#    include <fcntl.h>
#    include <limits.h>
#    include <omp.h>
#    include <pthread.h>
#    include <stdio.h>
#    include <stdlib.h>
#    include <string.h>
#    include <sys/mman.h>
#    include <sys/resource.h>
#    include <unistd.h>

/* A thread that waits lets go of its processor, unless the environment says otherwise. By default
 * threads would spin, some for milliseconds: where two share a processor, because the system put a
 * new one beside its creator or others want it, too, each waits for the other to give up. On two
 * processors that made start-up 6 ms instead of 0.05, and waking up takes only some 10 µs. gcc's
 * runtime takes this from the environment alone, which is main.c's to set: a library must not. */
#    ifdef DPK_HAVE_KMP_SET_BLOCKTIME
static void remove_registration(void)
{
    char name[64];
    snprintf(name, sizeof name, "/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
    shm_unlink(name);
}

/* clang's runtime, when first called, registers itself in shared memory under the process's number,
 * to find a second copy of it. The entry of a process that is killed stays; one that was created
 * but not yet filled is fatal, by SIGBUS, to a later process that is given the same number. */
static void start_runtime(void)
{
    static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
    static pid_t started;
    pthread_mutex_lock(&starting);
    if (started != getpid()) {
        started = getpid();
        remove_registration();
        if (getenv("OMP_WAIT_POLICY") == NULL && getenv("KMP_BLOCKTIME") == NULL)
            kmp_set_blocktime(0);
        else
            omp_get_max_threads();
        remove_registration();
    }
    pthread_mutex_unlock(&starting);
}
/* Where it cannot register itself, it aborts the program. */
static const char *unavailable(void)
{
    char name[64];
    snprintf(name, sizeof name, "/dpk-%d-%d", (int)getpid(), (int)getuid());
    int file = shm_open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return "OpenMP's runtime needs files in shared memory (/dev/shm), which cannot be made";
    close(file);
    shm_unlink(name);
    return NULL;
}
#    else
static void start_runtime(void) {}

static const char *unavailable(void)
{
    return NULL;
}
#    endif

/* The C library of GNU ends threads by code of libgcc_s, which it loads when the first thread ends,
 * and aborts the program if it cannot: the library is missing in a small container, or all
 * descriptors are in use. So it is loaded before there are threads, or threads are not ended. */
static bool threads_can_end(void)
{
#    ifdef __GLIBC__
    return dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL) != NULL;
#    else
    return true;
#    endif
}

static void *wait_for_all(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* The bytes that a variable tells the runtime to give each thread's stack, 0 for the usual size: a
 * number of kilobytes, or of what the letter behind it says. The runtime ignores what is none. */
static size_t stack_size(const char *variable)
{
    static const char units[] = "bkmg";
    const char *text = getenv(variable);
    char *end;
    errno = 0;
    unsigned long long number = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || end == text)
        return 0;
    if (errno != 0)
        return SIZE_MAX;
    const char *unit = *end != '\0' ? strchr(units, tolower((unsigned char)*end)) : units + 1;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units) : 0;
    return number <= SIZE_MAX >> shift ? (size_t)number << shift : SIZE_MAX;
}

/* Returns 0, or an error's number: a size that threads cannot have. The runtime ignores sizes that
 * are too small. */
static int set_stack_size(pthread_attr_t *attributes)
{
    size_t bytes = stack_size("OMP_STACKSIZE");
    if (bytes == 0)
        bytes = stack_size("GOMP_STACKSIZE");
    if (bytes < (size_t)PTHREAD_STACK_MIN)
        return 0;
    return pthread_attr_setstacksize(attributes, bytes);
}

/* Where addresses are limited, clang's runtime needs tens of megabytes for itself before it creates
 * threads: so many stacks must fit beside those of the threads. */
#    ifdef DPK_HAVE_KMP_SET_BLOCKTIME
enum { STACKS_OF_RUNTIME = 12 };
#    else
enum { STACKS_OF_RUNTIME = 0 };
#    endif

static unsigned stacks_to_spare(void)
{
    struct rlimit limit;
    bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited ? STACKS_OF_RUNTIME : 0;
}

/* How many of so many additional threads this process may have at the same time. OpenMP runtimes
 * end the program when they cannot create one, so they are asked for no more. What has been
 * possible once is not tried again: it would be a cost that is not OpenMP's. */
static unsigned probe_threads(unsigned needed)
{
    static _Atomic unsigned proven;
    if (needed <= proven)
        return needed;
    unsigned spare = stacks_to_spare(), wanted = needed + spare;
    pthread_t *threads = calloc(wanted, sizeof *threads);
    if (threads == NULL)
        return 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&gate);
    unsigned count = 0;
    if (set_stack_size(&attributes) == 0)
        while (count < wanted &&
               pthread_create(&threads[count], &attributes, wait_for_all, &gate) == 0)
            count++;
    pthread_mutex_unlock(&gate);
    pthread_attr_destroy(&attributes);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    count = count > spare ? count - spare : 0;
    proven = count;
    return count;
}

/* Starts the threads, in a first parallel region: that is start-up, not work. Returns how many the
 * runtime gives, which is up to it. (A function of its own, as compilers ask the runtime for the
 * thread's number where the function with the region begins.) */
__attribute__((noinline)) static unsigned start_threads(unsigned jobs)
{
    unsigned there = 1;
    omp_set_dynamic(0);
    int here = dpk_pin_here();
#    pragma omp parallel num_threads((int)jobs)
    {
        unsigned w = (unsigned)omp_get_thread_num();
        dpk_fault_start(w);
        if (w > 0)
            dpk_pin_worker(w, here);
        else
            there = (unsigned)omp_get_num_threads();
    }
    return there;
}

static dpk_status open_threads(dpk_team *team, dpk_error *err)
{
    struct state *state = team->state;
    unsigned wanted = team->jobs;
    if (unavailable() != NULL) /* now, if it was not before */
        return dpk_fail(err, DPK_LIMIT, "%s", unavailable());
    state->caller = dpk_affinity_save();
    state->can_end = threads_can_end();
    start_runtime();
    int limit = omp_get_thread_limit();
    if (limit > 0 && (unsigned)limit < team->jobs)
        team->jobs = (unsigned)limit;
    team->jobs = start_threads(1 + probe_threads(team->jobs - 1));
    if (team->jobs < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u threads can be started", team->jobs,
                 wanted);
    return DPK_OK;
}

static dpk_status each_chunk(dpk_team *team, dpk_error *err)
{
    (void)err;
    const dpk_loop *job = team->job;
    dpk_worker *workers = team->workers;
    if (job->schedule == DPK_STATIC)
        omp_set_schedule(omp_sched_static, 0);
    else
        omp_set_schedule(omp_sched_dynamic, 1);
#    pragma omp parallel num_threads((int)team->jobs)
    {
        dpk_worker *worker = &workers[omp_get_thread_num()];
        dpk_usage before = dpk_loop_enter(job, worker);
#    pragma omp for schedule(runtime) nowait
        for (size_t i = 0; i < job->chunks; i++)
            dpk_chunk(job, i, worker);
        dpk_loop_leave(worker, &before);
    }
    return DPK_OK;
}

/* The runtime would keep its threads, which wait for the next region, at first without leaving
 * their processors. Ending them is part of what threads cost, and disturbs nobody later. (gcc's
 * runtime ends them; clang's sends them to sleep.) */
static void close_threads(dpk_team *team)
{
#    ifdef DPK_FAULTS
#        pragma omp parallel num_threads((int)team->jobs)
    dpk_fault_stop((unsigned)omp_get_thread_num());
#    endif
    const struct state *state = team->state;
#    ifdef DPK_HAVE_OMP_PAUSE_RESOURCE
    if (state->can_end)
        omp_pause_resource(omp_pause_soft, omp_get_initial_device());
#    endif
    dpk_affinity_restore(&state->caller);
}

#else

static const char *unavailable(void)
{
    return "this build has no OpenMP";
}

static dpk_status open_threads(dpk_team *team, dpk_error *err)
{
    (void)team;
    return dpk_fail(err, DPK_USAGE, "%s", unavailable());
}

static dpk_status each_chunk(dpk_team *team, dpk_error *err)
{
    return open_threads(team, err);
}

static void close_threads(dpk_team *team)
{
    (void)team;
}

#endif

const dpk_backend dpk_backend_omp = {
    .name = "omp",
    .summary = "OpenMP threads",
    .threads = true,
    .state_size = sizeof(struct state),
    .unavailable = unavailable,
    .open = open_threads,
    .each = each_chunk,
    .close = close_threads,
};
