/* SPDX-License-Identifier: MIT */
/* supervise.c: shares of the table, and a stack of spans that are done again. */
#include "workers/supervise.h"

#include <stdlib.h>

/* Items to be done again. */
struct piece {
    dpk_span span;   /* empty: none */
    unsigned deaths; /* of workers that had this one item alone */
};

/* A death puts two pieces on the stack at most, and after the last one nothing is put there. */
enum { PIECES_MOST = 2 * DPK_DEATHS_MOST };

/* How often the table of claims may be found wrong. */
enum { DECEPTIONS_MOST = 3 };

/* Chunks of the table that are taken by one worker at a time; or, if the schedule is dynamic, all
 * of them, by any number of workers. */
struct share {
    bool open;      /* there may be chunks that nobody has */
    bool abandoned; /* whose share it was is not there any more */
};

struct worker {
    bool takes;     /* chunks from the table */
    unsigned share; /* while it takes */
    struct piece piece;
};

struct dpk_supervision {
    const dpk_loop *job;
    dpk_claims *claims;
    unsigned most, jobs, retries;
    bool narrows;
    unsigned deceptions;
    size_t deaths, idle_deaths;
    size_t count; /* of pieces to be done again */
    struct piece again[PIECES_MOST];
    struct share *shares; /* by worker; of a dynamic schedule, the first one is all */
    struct worker workers[];
};

dpk_supervision *dpk_supervision_new(unsigned workers, unsigned retries, bool narrows)
{
    dpk_supervision *supervision =
        calloc(1, sizeof(dpk_supervision) + workers * sizeof(struct worker));
    struct share *shares = calloc(workers + 1, sizeof *shares);
    if (supervision == NULL || shares == NULL) {
        free(supervision);
        free(shares);
        return NULL;
    }
    supervision->shares = shares;
    supervision->most = workers;
    supervision->retries = retries;
    supervision->narrows = narrows;
    return supervision;
}

void dpk_supervision_free(dpk_supervision *supervision)
{
    if (supervision != NULL)
        free(supervision->shares);
    free(supervision);
}

static unsigned share_count(const dpk_supervision *supervision)
{
    return supervision->job->schedule == DPK_STATIC ? supervision->jobs : 1;
}

static void open_shares(dpk_supervision *supervision)
{
    for (unsigned s = 0; s < share_count(supervision); s++)
        supervision->shares[s].open = true;
}

void dpk_supervision_begin(dpk_supervision *supervision, const dpk_loop *job, dpk_claims *claims,
                           unsigned jobs)
{
    supervision->job = job;
    supervision->claims = claims;
    supervision->jobs = jobs;
    supervision->count = 0;
    supervision->deceptions = 0;
    for (unsigned w = 0; w < supervision->most; w++)
        supervision->workers[w] = (struct worker){ .takes = false };
    open_shares(supervision);
}

/* A static share is its worker's; a dynamic one is everybody's. */
static bool find_share(const dpk_supervision *supervision, unsigned worker, unsigned *share)
{
    bool fixed = supervision->job->schedule == DPK_STATIC;
    *share = fixed ? worker : 0;
    if (supervision->shares[*share].open)
        return true;
    for (*share = 0; fixed && *share < supervision->jobs; ++*share)
        if (supervision->shares[*share].open && supervision->shares[*share].abandoned)
            return true;
    return false;
}

/* What has killed a worker goes first: it is narrowed early, while others do the rest. */
bool dpk_supervision_give(dpk_supervision *supervision, unsigned worker, dpk_assignment *assignment)
{
    struct worker *to = &supervision->workers[worker];
    *to = (struct worker){ .takes = false };
    if (supervision->count > 0) {
        to->piece = supervision->again[--supervision->count];
    } else if (find_share(supervision, worker, &to->share)) {
        to->takes = true;
        if (supervision->job->schedule == DPK_STATIC)
            supervision->shares[to->share].open = false;
    } else {
        return false;
    }
    *assignment =
        (dpk_assignment){ .takes = to->takes, .share = to->share, .span = to->piece.span };
    return true;
}

/* Whoever finds nothing to take any more has seen that all is taken. */
void dpk_supervision_done(dpk_supervision *supervision, unsigned worker)
{
    struct worker *of = &supervision->workers[worker];
    if (of->takes)
        supervision->shares[of->share].open = false;
    *of = (struct worker){ .takes = false };
    supervision->idle_deaths = 0;
}

static void put_back(dpk_supervision *supervision, struct piece of, size_t begin, size_t end)
{
    of.span.begin = begin;
    of.span.end = end;
    supervision->again[supervision->count++] = of;
}

/* The piece that a dead worker had, or the chunk it had taken from the table. */
static struct piece take_back(dpk_supervision *supervision, unsigned worker)
{
    struct worker *of = &supervision->workers[worker];
    struct piece had = of->piece;
    size_t chunk;
    if (of->takes) {
        bool fixed = supervision->job->schedule == DPK_STATIC;
        if (fixed)
            supervision->shares[of->share].open = true;
        if (dpk_claims_lose(supervision->claims, supervision->job->chunks, worker, &chunk))
            had.span = dpk_chunk_span(supervision->job, chunk);
    }
    *of = (struct worker){ .takes = false };
    return had;
}

bool dpk_supervision_counts(dpk_supervision *supervision, bool had_something)
{
    if (had_something)
        supervision->idle_deaths = 0;
    else
        supervision->idle_deaths++;
    return ++supervision->deaths > DPK_DEATHS_MOST ||
           supervision->idle_deaths > DPK_IDLE_DEATHS_MOST + 2 * supervision->most;
}

dpk_death dpk_supervision_died(dpk_supervision *supervision, unsigned worker, dpk_loss *loss)
{
    struct piece piece = take_back(supervision, worker);
    size_t begin = piece.span.begin, end = piece.span.end, items = end - begin;
    if (items == 1)
        piece.deaths++;
    *loss = (dpk_loss){ .span = piece.span, .deaths = piece.deaths };
    if (dpk_supervision_counts(supervision, items > 0))
        return DPK_DEATH_GIVE_UP;
    if ((items == 1 && piece.deaths > supervision->retries) ||
        (supervision->retries == 0 && !supervision->narrows))
        return DPK_DEATH_FAILED;
    if (items == 1) {
        put_back(supervision, piece, begin, end);
    } else if (items > 1) {
        put_back(supervision, piece, begin + items / 2, end);
        put_back(supervision, piece, begin, begin + items / 2);
    }
    return DPK_DEATH_AGAIN;
}

void dpk_supervision_abandon(dpk_supervision *supervision, unsigned worker)
{
    supervision->shares[worker].abandoned = true;
}

bool dpk_supervision_complete(dpk_supervision *supervision)
{
    if (dpk_claims_release(supervision->claims, supervision->job->chunks) == 0)
        return true;
    supervision->deceptions++;
    open_shares(supervision);
    return false;
}

bool dpk_supervision_is_deceived(const dpk_supervision *supervision)
{
    return supervision->deceptions > DECEPTIONS_MOST;
}

size_t dpk_supervision_deaths(const dpk_supervision *supervision)
{
    return supervision->deaths;
}
