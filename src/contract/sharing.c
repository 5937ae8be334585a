/* SPDX-License-Identifier: MIT */
/* sharing.c: runs by the backend that is checked, which must make what the plain loop makes. */
#include "contract/sharing.h"

/* Workers' numbers: none besides the caller, one, more than this machine may have, and not a
 * divisor of much. */
static const unsigned many_jobs[] = { 1, 2, 3, 7 };

enum { MANY_JOBS = sizeof many_jobs / sizeof *many_jobs };

static dpk_status share(const dpk_check *check, dpk_isa isa, unsigned jobs, dpk_schedule schedule,
                        unsigned *workers, dpk_error *err)
{
    dpk_run_options options = { .backend = check->backend, .jobs = jobs, .schedule = schedule };
    return dpk_check_run(check, isa, options, "backend seq makes it", workers, err);
}

static dpk_status check_jobs(const dpk_check *check, dpk_error *err)
{
    unsigned workers = 0;
    for (size_t i = 0; i < MANY_JOBS; i++) {
        for (unsigned schedule = DPK_DYNAMIC; schedule <= DPK_STATIC; schedule++) {
            if (many_jobs[i] == 1 && schedule == DPK_STATIC)
                continue; /* the same again */
            dpk_status status =
                share(check, DPK_ISA_BASE, many_jobs[i], (dpk_schedule)schedule, &workers, err);
            if (status != DPK_OK)
                return status;
        }
        /* No more chunks than that: with more jobs it would be the same again. */
        if (workers < many_jobs[i])
            break;
    }
    return DPK_OK;
}

/* Workers that may be replaced share the work by other rules. */
static dpk_status check_keep_going(const dpk_check *check, dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < MANY_JOBS && check->backend->processes && status == DPK_OK; i++) {
        unsigned workers;
        dpk_run_options options = {
            .backend = check->backend, .jobs = many_jobs[i], .keep_going = true, .retries = 1
        };
        status = dpk_check_run(check, DPK_ISA_BASE, options, "backend seq makes it", &workers, err);
    }
    return status;
}

/* One cut is into chunks of few items, the others into chunks of any size. */
static dpk_status cut(const dpk_check *check, dpk_isa isa, unsigned n, dpk_error *err)
{
    size_t most = check->expected[isa].longest;
    uint64_t random = check->question->seed + n;
    unsigned workers;
    dpk_run_options options = { .backend = check->backend,
                                .jobs = many_jobs[1 + n % 3],
                                .schedule = n % 2 ? DPK_STATIC : DPK_DYNAMIC,
                                .grain = 1 + dpk_random(&random) % (n == 0 ? 4 : most + 1),
                                .shuffle = (unsigned)dpk_random(&random) | 1 };
    return dpk_check_run(check, isa, options, "backend seq makes it in the usual chunks", &workers,
                         err);
}

dpk_status dpk_check_cutting(const dpk_check *check, dpk_error *err)
{
    unsigned cuts = check->few || check->question->brief ? 1 : 3;
    dpk_status status = DPK_OK;
    for (unsigned n = 0; n < cuts && status == DPK_OK; n++)
        status = cut(check, dpk_check_level(check, check->question->seed + n), n, err);
    return status;
}

/* Bands and parts of random numbers of rows. */
static dpk_status stream(const dpk_check *check, dpk_isa isa, unsigned n, bool *streamed,
                         dpk_error *err)
{
    uint64_t random = check->question->seed + n;
    dpk_run_options options = { .backend = check->backend, .jobs = many_jobs[(2 + n) % MANY_JOBS] };
    dpk_trial trial = dpk_check_trial(check, isa, options);
    trial.band = 1 + dpk_random(&random) % 8;
    trial.part = dpk_random(&random) % 2 ? 1 + dpk_random(&random) % trial.band : 0;
    dpk_outputs outputs;
    dpk_status status = dpk_trial_run(&trial, &outputs, err);
    *streamed = !outputs.whole && !outputs.refused;
    if (status == DPK_OK && *streamed)
        status = dpk_check_same(check, &outputs, &check->expected[isa],
                                "backend seq makes it of the whole array", err);
    dpk_outputs_free(&outputs);
    return status;
}

dpk_status dpk_check_streaming(const dpk_check *check, dpk_error *err)
{
    unsigned most = check->few || check->question->brief ? 1 : 3;
    dpk_status status = DPK_OK;
    bool streamed = true;
    for (unsigned n = 0; n < most && streamed && status == DPK_OK; n++)
        status =
            stream(check, dpk_check_level(check, check->question->seed + n), n, &streamed, err);
    return status;
}

dpk_status dpk_check_backend(const dpk_check *check, dpk_error *err)
{
    dpk_status status = check_jobs(check, err);
    if (status == DPK_OK)
        status = check_keep_going(check, err);
    if (status == DPK_OK)
        status = dpk_check_cutting(check, err);
    return status == DPK_OK ? dpk_check_streaming(check, err) : status;
}

dpk_status dpk_check_pair(const dpk_check *check, dpk_error *err)
{
    dpk_isa isa = dpk_check_level(check, check->question->seed);
    unsigned n = (unsigned)(check->question->seed % MANY_JOBS), workers;
    bool streamed;
    dpk_status status = share(check, isa, 3, DPK_DYNAMIC, &workers, err);
    if (status == DPK_OK && !check->few)
        status = share(check, isa, 7, DPK_STATIC, &workers, err);
    if (status == DPK_OK)
        status = cut(check, isa, n, err);
    return status == DPK_OK ? stream(check, isa, n, &streamed, err) : status;
}
