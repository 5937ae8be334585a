/* SPDX-License-Identifier: MIT */
/* supervise: which spans are done again, which items fail, when a team gives up. There are no
 * processes here: workers "die" by a rule of each test. */
#include "workers/supervise.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS_MOST = 1000 };

struct play {
    size_t items, grain;
    unsigned workers;
    bool (*deadly)(struct play *play, dpk_span span); /* a worker that gets this span dies */
    size_t chances;                                   /* deaths still to come by chance */

    /* Results. */
    unsigned char *times; /* each item was done */
    size_t failed, failed_items[DPK_FAILED_MOST];
    bool given_up;
};

static dpk_loop job_of(const struct play *play)
{
    return (dpk_loop){ .extent = play->items,
                       .grain = play->grain,
                       .chunks = (play->items + play->grain - 1) / play->grain };
}

static void finish(struct play *play, dpk_supervision *supervision, unsigned worker, dpk_span span)
{
    size_t item = 0;
    if (!play->deadly(play, span)) {
        for (size_t i = span.begin; i < span.end; i++)
            play->times[i]++;
        dpk_supervision_done(supervision, worker);
        return;
    }
    switch (dpk_supervision_died(supervision, worker, &item)) {
    case DPK_DEATH_GIVE_UP:
        play->given_up = true;
        break;
    case DPK_DEATH_FAILED:
        cr_assert(play->failed < DPK_FAILED_MOST);
        cr_expect(span.begin == item && span.end == item + 1);
        play->failed_items[play->failed++] = item;
        break;
    case DPK_DEATH_AGAIN:
        break;
    }
}

/* All workers get something, then all of them end it, one after the other, until nobody gets any
 * more. */
static void perform(struct play *play)
{
    dpk_supervision *supervision = dpk_supervision_new(play->workers);
    play->times = calloc(play->items + 1, 1);
    cr_assert(supervision != NULL && play->times != NULL && play->workers <= WORKERS_MOST);
    const dpk_loop job = job_of(play);
    dpk_supervision_begin(supervision, &job);
    for (bool any = true; any && !play->given_up;) {
        dpk_span spans[WORKERS_MOST];
        bool given[WORKERS_MOST];
        any = false;
        for (unsigned w = 0; w < play->workers; w++)
            any |= given[w] = dpk_supervision_give(supervision, w, &spans[w]);
        for (unsigned w = 0; w < play->workers && !play->given_up; w++)
            if (given[w])
                finish(play, supervision, w, spans[w]);
    }
    dpk_supervision_free(supervision);
}

/* Every item was done exactly once, or has failed. */
static void expect_complete(const struct play *play)
{
    for (size_t i = 0, failed = 0; i < play->items; i++) {
        for (failed = 0; failed < play->failed && play->failed_items[failed] != i;)
            failed++;
        cr_expect(play->times[i] == (failed == play->failed), "item %zu: %d times", i,
                  play->times[i]);
    }
}

static bool nothing(struct play *play, dpk_span span)
{
    (void)play;
    (void)span;
    return false;
}

static bool everything(struct play *play, dpk_span span)
{
    (void)play;
    (void)span;
    return true;
}

static bool by_chance(struct play *play, dpk_span span)
{
    (void)span;
    return play->chances > 0 && play->chances-- > 0;
}

static bool contains(dpk_span span, size_t item)
{
    return span.begin <= item && item < span.end;
}

static bool some_items(struct play *play, dpk_span span)
{
    return contains(span, 0) || contains(span, 33) || contains(span, 34) ||
           contains(span, play->items - 1);
}

Test(supervise, all_chunks_are_given_once)
{
    for (unsigned workers = 1; workers <= 300; workers = workers * 3 + 1) {
        struct play play = { .items = 1000, .grain = 7, .workers = workers, .deadly = nothing };
        perform(&play);
        expect_complete(&play);
        cr_expect(play.failed == 0 && !play.given_up);
        free(play.times);
    }
}

Test(supervise, deadly_items_are_found)
{
    for (unsigned workers = 1; workers <= 30; workers += 7) {
        for (size_t grain = 1; grain <= 100; grain += 33) {
            struct play play = {
                .items = 100, .grain = grain, .workers = workers, .deadly = some_items
            };
            perform(&play);
            expect_complete(&play);
            cr_expect(play.failed == 4 && !play.given_up, "%zu items failed", play.failed);
            free(play.times);
        }
    }
}

Test(supervise, one_death_is_chance)
{
    for (size_t chances = 1; chances < 20; chances++) {
        struct play play = {
            .items = 100, .grain = 10, .workers = 20, .deadly = by_chance, .chances = chances
        };
        perform(&play);
        expect_complete(&play);
        cr_expect(!play.given_up);
        free(play.times);
    }
}

/* Whatever the number of workers, spans and deaths, tables are large enough. */
Test(supervise, everything_is_deadly)
{
    const unsigned workers[] = { 1, 2, 3, 4, 7, 250, 999, WORKERS_MOST };
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        for (size_t grain = 1; grain <= 4096; grain *= 8) {
            struct play play = {
                .items = 1000000, .grain = grain, .workers = workers[i], .deadly = everything
            };
            perform(&play);
            cr_expect(play.given_up);
            free(play.times);
        }
    }
}

Test(supervise, idle_workers_may_die)
{
    dpk_supervision *supervision = dpk_supervision_new(2);
    const dpk_loop job = { .extent = 1, .grain = 1, .chunks = 1 };
    dpk_span span;
    size_t item = 0;
    dpk_supervision_begin(supervision, &job);
    cr_expect(dpk_supervision_give(supervision, 0, &span) && span.begin == 0 && span.end == 1);
    cr_expect(!dpk_supervision_give(supervision, 1, &span));
    for (size_t i = 0; i < DPK_DEATHS_MOST; i++)
        cr_expect(dpk_supervision_died(supervision, 1, &item) == DPK_DEATH_AGAIN);
    cr_expect(dpk_supervision_deaths(supervision) == DPK_DEATHS_MOST);
    cr_expect(dpk_supervision_died(supervision, 1, &item) == DPK_DEATH_GIVE_UP);
    dpk_supervision_free(supervision);
}

/* A job after a job: what was left of the first one's pieces is nothing. */
Test(supervise, jobs_follow_each_other)
{
    dpk_supervision *supervision = dpk_supervision_new(1);
    const dpk_loop job = { .extent = 4, .grain = 2, .chunks = 2 };
    for (int round = 0; round < 3; round++) {
        dpk_span span;
        dpk_supervision_begin(supervision, &job);
        for (size_t i = 0; i < 2; i++) {
            cr_expect(dpk_supervision_give(supervision, 0, &span) && span.begin == 2 * i);
            dpk_supervision_done(supervision, 0);
        }
        cr_expect(!dpk_supervision_give(supervision, 0, &span));
    }
    dpk_supervision_free(supervision);
}
