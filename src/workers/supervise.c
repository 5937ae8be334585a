/* SPDX-License-Identifier: MIT */
/* supervise.c: chunks in their order, and a stack of spans that are done again. */
#include "workers/supervise.h"

#include <stdlib.h>

struct piece {
    dpk_span span; /* empty: none */
    bool suspect;  /* one item, on which one worker has died */
};

/* A death puts two pieces on the stack at most, and after the last one nothing is put there. */
enum { PIECES_MOST = 2 * DPK_DEATHS_MOST };

struct dpk_supervision {
    const dpk_loop *job;
    size_t next; /* chunk that nobody has had yet */
    size_t deaths;
    size_t count; /* of pieces to be done again */
    struct piece again[PIECES_MOST];
    struct piece given[]; /* by worker */
};

dpk_supervision *dpk_supervision_new(unsigned workers)
{
    return calloc(1, sizeof(dpk_supervision) + workers * sizeof(struct piece));
}

void dpk_supervision_free(dpk_supervision *supervision)
{
    free(supervision);
}

void dpk_supervision_begin(dpk_supervision *supervision, const dpk_loop *job)
{
    supervision->job = job;
    supervision->next = 0;
}

/* What has killed a worker goes first: it is narrowed early, while others do the rest. */
bool dpk_supervision_give(dpk_supervision *supervision, unsigned worker, dpk_span *span)
{
    struct piece *given = &supervision->given[worker];
    if (supervision->count > 0)
        *given = supervision->again[--supervision->count];
    else if (supervision->next < supervision->job->chunks)
        *given = (struct piece){ .span = dpk_chunk_span(supervision->job, supervision->next++) };
    else
        return false;
    *span = given->span;
    return true;
}

void dpk_supervision_done(dpk_supervision *supervision, unsigned worker)
{
    supervision->given[worker] = (struct piece){ .suspect = false };
}

static void put_back(dpk_supervision *supervision, struct piece of, size_t begin, size_t end)
{
    of.span.begin = begin;
    of.span.end = end;
    supervision->again[supervision->count++] = of;
}

dpk_death dpk_supervision_died(dpk_supervision *supervision, unsigned worker, size_t *item)
{
    struct piece piece = supervision->given[worker];
    dpk_supervision_done(supervision, worker);
    if (++supervision->deaths > DPK_DEATHS_MOST)
        return DPK_DEATH_GIVE_UP;
    size_t begin = piece.span.begin, end = piece.span.end, items = end - begin;
    if (items == 1 && piece.suspect) {
        *item = begin;
        return DPK_DEATH_FAILED;
    }
    if (items == 1) {
        piece.suspect = true;
        put_back(supervision, piece, begin, end);
    } else if (items > 1) {
        put_back(supervision, piece, begin + items / 2, end);
        put_back(supervision, piece, begin, begin + items / 2);
    }
    return DPK_DEATH_AGAIN;
}

size_t dpk_supervision_deaths(const dpk_supervision *supervision)
{
    return supervision->deaths;
}
