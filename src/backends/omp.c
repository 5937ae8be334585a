/* SPDX-License-Identifier: MIT */
/* omp: OpenMP threads, one parallel for over the chunks. The only file that speaks OpenMP. */
#include "backend.h"

#ifdef _OPENMP

#    include <omp.h>
#    include <pthread.h>
#    include <stdio.h>
#    include <stdlib.h>

static const char *unavailable(void)
{
    return NULL;
}

static void *wait_for_all(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* How many of so many additional threads this process may have at the same time. The OpenMP
 * runtime of gcc ends the program when it cannot create one, so it is asked for no more. */
static unsigned probe_threads(unsigned wanted)
{
    pthread_t *threads = calloc(wanted, sizeof *threads);
    if (threads == NULL)
        return 0;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&gate);
    unsigned count = 0;
    while (count < wanted && pthread_create(&threads[count], NULL, wait_for_all, &gate) == 0)
        count++;
    pthread_mutex_unlock(&gate);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return count;
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    (void)err;
    unsigned wanted = team->jobs;
    int limit = omp_get_thread_limit();
    if (limit > 0 && (unsigned)limit < team->jobs)
        team->jobs = (unsigned)limit;
    team->jobs = 1 + probe_threads(team->jobs - 1);
    if (team->jobs < wanted)
        snprintf(team->note, sizeof team->note, "only %u of %u threads can be started", team->jobs,
                 wanted);

    /* The threads come into being in the first parallel region: that is start-up, not work. */
    omp_set_dynamic(0);
#    pragma omp parallel num_threads((int)team->jobs)
    {
    }
    return DPK_OK;
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    (void)err;
    const dpk_job *job = team->job;
    dpk_worker *workers = team->workers;
    if (job->schedule == DPK_STATIC)
        omp_set_schedule(omp_sched_static, 0);
    else
        omp_set_schedule(omp_sched_dynamic, 1);
#    pragma omp parallel for num_threads((int)team->jobs) schedule(runtime)
    for (size_t i = 0; i < job->chunks; i++)
        dpk_chunk(job, i, &workers[omp_get_thread_num()]);
    return DPK_OK;
}

#else

static const char *unavailable(void)
{
    return "this build has no OpenMP";
}

static dpk_status open(dpk_team *team, dpk_error *err)
{
    (void)team;
    return dpk_fail(err, DPK_USAGE, "%s", unavailable());
}

static dpk_status each(dpk_team *team, dpk_error *err)
{
    return open(team, err);
}

#endif

/* The runtime keeps its threads for the next region; they end with the process. */
static void close(dpk_team *team)
{
    (void)team;
}

const dpk_backend dpk_backend_omp = {
    .name = "omp",
    .summary = "OpenMP threads",
    .threads = true,
    .unavailable = unavailable,
    .open = open,
    .each = each,
    .close = close,
};
