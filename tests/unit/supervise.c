/* SPDX-License-Identifier: MIT */
/* supervise: which items are done again, which fail, when a team gives up. There are no processes
 * here: "workers" take chunks from a table one step at a time, and die by a rule of each test. */
#include "workers/supervise.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS_MOST = 1000 };

struct play {
    size_t items, grain;
    unsigned workers, retries;
    dpk_schedule schedule;
    bool (*deadly)(struct play *play, dpk_span span); /* a worker that gets this span dies */
    size_t chances;                                   /* deaths still to come by chance */
    bool unplaced; /* nobody takes the place of who dies, as long as others are left */

    /* Results. */
    unsigned char *times; /* each item was done */
    size_t failed, failed_items[DPK_FAILED_MOST];
    bool given_up;

    /* Meanwhile. */
    dpk_supervision *supervision;
    dpk_claims *claims;
    dpk_loop job;
    dpk_assignment given[WORKERS_MOST];
    bool busy[WORKERS_MOST], gone[WORKERS_MOST];
    size_t left; /* workers */
};

static void note_death(struct play *play, unsigned w)
{
    dpk_loss loss;
    play->busy[w] = false;
    switch (dpk_supervision_died(play->supervision, w, &loss)) {
    case DPK_DEATH_GIVE_UP:
        play->given_up = true;
        break;
    case DPK_DEATH_FAILED:
        cr_assert(play->failed < DPK_FAILED_MOST);
        cr_expect(loss.span.end == loss.span.begin + 1 && loss.deaths == play->retries + 1);
        play->failed_items[play->failed++] = loss.span.begin;
        break;
    case DPK_DEATH_AGAIN:
        break;
    }
    if (play->unplaced && play->left > 1) {
        play->gone[w] = true;
        play->left--;
        dpk_supervision_abandon(play->supervision, w);
    }
}

static bool take(struct play *play, unsigned w, size_t *i)
{
    const dpk_assignment *given = &play->given[w];
    size_t begin, end;
    if (play->schedule != DPK_STATIC)
        return dpk_claims_take_next(play->claims, w, i);
    dpk_static_share(play->job.chunks, play->workers, given->share, &begin, &end);
    for (*i = begin; *i < end; ++*i)
        if (dpk_claims_take(play->claims, *i, w))
            return true;
    return false;
}

static void count(struct play *play, dpk_span span)
{
    for (size_t i = span.begin; i < span.end; i++)
        play->times[i]++;
}

/* One chunk or one span. */
static void step(struct play *play, unsigned w)
{
    const dpk_assignment *given = &play->given[w];
    dpk_span span = given->span;
    size_t i = 0;
    if (given->takes && !take(play, w, &i)) {
        play->busy[w] = false;
        dpk_supervision_done(play->supervision, w);
        return;
    }
    if (given->takes)
        span = dpk_chunk_span(&play->job, i);
    if (play->deadly(play, span)) {
        note_death(play, w);
        return;
    }
    count(play, span);
    if (given->takes) {
        dpk_claims_done(play->claims, i);
        return;
    }
    play->busy[w] = false;
    dpk_supervision_done(play->supervision, w);
}

static void open_play(struct play *play)
{
    play->job = (dpk_loop){ .extent = play->items,
                            .grain = play->grain,
                            .schedule = play->schedule,
                            .chunks = (play->items + play->grain - 1) / play->grain };
    play->supervision = dpk_supervision_new(play->workers, play->retries, true);
    play->times = calloc(play->items + 1, 1);
    play->claims = aligned_alloc(64, (dpk_claims_bytes(play->job.chunks) + 63) / 64 * 64);
    cr_assert(play->supervision && play->times && play->claims && play->workers <= WORKERS_MOST);
    dpk_claims_reset(play->claims, play->job.chunks);
    dpk_supervision_begin(play->supervision, &play->job, play->claims, play->workers);
    play->left = play->workers;
}

static void close_play(struct play *play)
{
    dpk_supervision_free(play->supervision);
    free(play->claims);
    free(play->times);
}

/* Everyone gets something, then everyone takes a step, until nobody gets any more. */
static void perform(struct play *play)
{
    open_play(play);
    for (bool any = true; any && !play->given_up;) {
        any = false;
        for (unsigned w = 0; w < play->workers; w++) {
            if (!play->busy[w] && !play->gone[w])
                play->busy[w] = dpk_supervision_give(play->supervision, w, &play->given[w]);
            any |= play->busy[w];
        }
        for (unsigned w = 0; w < play->workers && !play->given_up; w++)
            if (play->busy[w])
                step(play, w);
    }
    if (!play->given_up)
        cr_expect(dpk_supervision_complete(play->supervision));
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
        for (unsigned schedule = DPK_DYNAMIC; schedule <= DPK_STATIC; schedule++) {
            struct play play = { .items = 1000,
                                 .grain = 7,
                                 .workers = workers,
                                 .schedule = (dpk_schedule)schedule,
                                 .deadly = nothing };
            perform(&play);
            expect_complete(&play);
            cr_expect(play.failed == 0 && !play.given_up);
            close_play(&play);
        }
    }
}

Test(supervise, deadly_items_are_found)
{
    for (unsigned workers = 1; workers <= 30; workers += 7) {
        for (size_t grain = 1; grain <= 100; grain += 33) {
            for (unsigned retries = 0; retries <= 4; retries += 2) {
                struct play play = { .items = 100,
                                     .grain = grain,
                                     .workers = workers,
                                     .retries = retries,
                                     .schedule = workers % 2 == 0 ? DPK_STATIC : DPK_DYNAMIC,
                                     .deadly = some_items };
                perform(&play);
                expect_complete(&play);
                cr_expect(play.failed == 4 && !play.given_up, "%zu items failed", play.failed);
                close_play(&play);
            }
        }
    }
}

/* Whoever dies by chance is replaced, or there are fewer and fewer workers: all is done once. */
Test(supervise, chance_costs_nothing)
{
    for (size_t chances = 1; chances < 20; chances++) {
        for (unsigned way = 0; way < 4; way++) {
            struct play play = { .items = 300,
                                 .grain = 10,
                                 .workers = 20,
                                 .retries = 20,
                                 .schedule = way & 1 ? DPK_STATIC : DPK_DYNAMIC,
                                 .unplaced = way & 2,
                                 .deadly = by_chance,
                                 .chances = chances };
            perform(&play);
            expect_complete(&play);
            cr_expect(!play.given_up && play.failed == 0);
            close_play(&play);
        }
    }
}

/* Whatever the number of workers, spans and deaths, tables are large enough. */
Test(supervise, everything_is_deadly)
{
    const unsigned workers[] = { 1, 2, 3, 4, 7, 250, 999, WORKERS_MOST };
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        for (size_t grain = 1; grain <= 4096; grain *= 8) {
            struct play play = { .items = 1000000,
                                 .grain = grain,
                                 .workers = workers[i],
                                 .retries = 2,
                                 .deadly = everything };
            perform(&play);
            cr_expect(play.given_up);
            close_play(&play);
        }
    }
}

/* Without retries, and if nothing is to be left out, the first death is the last. */
Test(supervise, without_retries_nothing_is_done_again)
{
    struct play play = { .items = 100, .grain = 10, .workers = 2 };
    open_play(&play);
    dpk_supervision *supervision = dpk_supervision_new(2, 0, false);
    dpk_loss loss;
    size_t i;
    dpk_supervision_begin(supervision, &play.job, play.claims, 2);
    cr_expect(dpk_supervision_died(supervision, 1, &loss) == DPK_DEATH_FAILED);
    cr_expect(loss.span.begin == loss.span.end);
    cr_expect(dpk_supervision_give(supervision, 0, &play.given[0]) && play.given[0].takes);
    cr_expect(dpk_claims_take_next(play.claims, 0, &i) && i == 0);
    cr_expect(dpk_claims_take_next(play.claims, 1, &i) && i == 1);
    cr_expect(dpk_supervision_died(supervision, 0, &loss) == DPK_DEATH_FAILED);
    cr_expect(loss.span.begin == 0 && loss.span.end == 10);
    dpk_supervision_free(supervision);
    close_play(&play);
}

/* Workers that die before they have had anything are replaced, but not for ever. */
Test(supervise, idle_workers_may_die)
{
    struct play play = { .items = 1, .grain = 1, .workers = 2, .retries = 2 };
    open_play(&play);
    dpk_loss loss;
    size_t most = DPK_IDLE_DEATHS_MOST + 4;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < most; i++)
            cr_expect(dpk_supervision_died(play.supervision, 1, &loss) == DPK_DEATH_AGAIN);
        dpk_supervision_done(play.supervision, 0); /* something was finished */
    }
    cr_expect(dpk_supervision_deaths(play.supervision) == 2 * most);
    for (size_t i = 0; i < most; i++)
        cr_expect(!dpk_supervision_counts(play.supervision, false));
    cr_expect(dpk_supervision_counts(play.supervision, false));
    close_play(&play);
}

/* A static share goes to who takes the place of its worker, and its unfinished chunk goes first. */
Test(supervise, a_share_passes_to_the_next_worker_of_that_number)
{
    struct play play = {
        .items = 40, .grain = 10, .workers = 2, .retries = 1, .schedule = DPK_STATIC
    };
    open_play(&play);
    dpk_supervision *supervision = play.supervision;
    dpk_assignment given;
    dpk_loss loss;
    cr_expect(dpk_supervision_give(supervision, 0, &given) && given.takes && given.share == 0);
    cr_expect(dpk_supervision_give(supervision, 1, &given) && given.takes && given.share == 1);
    cr_expect(dpk_claims_take(play.claims, 2, 1));
    cr_expect(dpk_supervision_died(supervision, 1, &loss) == DPK_DEATH_AGAIN);
    cr_expect(loss.span.begin == 20 && loss.span.end == 30 && loss.deaths == 0);
    cr_expect(dpk_supervision_give(supervision, 1, &given) && !given.takes);
    cr_expect(given.span.begin == 20 && given.span.end == 25);
    dpk_supervision_done(supervision, 1);
    cr_expect(dpk_supervision_give(supervision, 1, &given) && given.span.end == 30);
    dpk_supervision_done(supervision, 1);
    cr_expect(dpk_supervision_give(supervision, 1, &given) && given.takes && given.share == 1);
    dpk_supervision_done(supervision, 0);
    cr_expect(!dpk_supervision_give(supervision, 0, &given));
    close_play(&play);
}

/* A table that says "taken" or "free" where nobody has anything is put right, a few times. */
Test(supervise, a_wrong_table_is_put_right)
{
    struct play play = { .items = 40, .grain = 10, .workers = 2, .retries = 1, .deadly = nothing };
    perform(&play);
    expect_complete(&play);
    dpk_assignment given;
    cr_expect(!dpk_supervision_give(play.supervision, 0, &given));
    unsigned times = 0;
    size_t i;
    for (; times < 10 && !dpk_supervision_is_deceived(play.supervision); times++) {
        play.claims->cells[3] = times % 2 == 0 ? 1 + 77 : 0;
        cr_expect(!dpk_supervision_complete(play.supervision));
        cr_expect(dpk_supervision_give(play.supervision, 0, &given) && given.takes);
        cr_expect(dpk_claims_take_next(play.claims, 0, &i) && i == 3);
        dpk_claims_done(play.claims, 3);
        cr_expect(!dpk_claims_take_next(play.claims, 0, &i));
        dpk_supervision_done(play.supervision, 0);
        cr_expect(dpk_supervision_complete(play.supervision));
    }
    cr_expect(times < 10);
    close_play(&play);
}

/* A job after a job: what was left of the first one's pieces is nothing. */
Test(supervise, jobs_follow_each_other)
{
    struct play play = { .items = 4, .grain = 2, .workers = 1, .retries = 1 };
    open_play(&play);
    dpk_supervision *supervision = play.supervision;
    dpk_assignment given;
    dpk_loss loss;
    size_t i;
    for (int round = 0; round < 3; round++) {
        dpk_claims_reset(play.claims, play.job.chunks);
        dpk_supervision_begin(supervision, &play.job, play.claims, 1);
        cr_expect(dpk_supervision_give(supervision, 0, &given) && given.takes);
        cr_expect(dpk_claims_take_next(play.claims, 0, &i) && i == 0);
        cr_expect(dpk_supervision_died(supervision, 0, &loss) == DPK_DEATH_AGAIN);
        for (size_t item = 0; item < 2; item++) {
            cr_expect(dpk_supervision_give(supervision, 0, &given) && given.span.begin == item);
            dpk_supervision_done(supervision, 0);
        }
        cr_expect(dpk_supervision_give(supervision, 0, &given) && given.takes);
        cr_expect(dpk_claims_take_next(play.claims, 0, &i) && i == 1);
        dpk_claims_done(play.claims, 1);
        dpk_supervision_done(supervision, 0);
        cr_expect(!dpk_supervision_give(supervision, 0, &given));
        cr_expect(dpk_supervision_complete(supervision));
    }
    close_play(&play);
}
